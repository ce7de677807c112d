"""SQL files: they run as they stand in psql, and do what the same operations do on a connection."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.dialect import Dialect
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import OfflineRefused
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.runtime.destinations import SqlFile
from flask_schema.snapshot.snapshot import Snapshot
from tests.postgresql_server import find_program

from .live_database import LiveDatabase
from .test_matrix import ONE_WAY, REVERSIBLE, SETUP


def offline() -> Dialect:
    return dialect_for(sa.create_engine("postgresql+psycopg://").dialect)


def recorded(dialect: Dialect, script: Any) -> list[Operation]:
    recorder = Recorder(dialect.translation)
    script(Directives(recorder))
    return list(recorder.operations)


def written(dialect: Dialect, operations: list[Operation], snapshot: Snapshot | None = None) -> str:
    text = io.StringIO()
    file = SqlFile(dialect, text)
    surroundings = ReplayedSurroundings(dialect, snapshot)
    file.begin()
    for operation in operations:
        for statement in dialect.statements([operation], surroundings):
            file.send(statement)
        surroundings.replay(operation)
    file.commit()
    return text.getvalue()


def psql(live: LiveDatabase, sql: str, folder: Path) -> None:
    path = folder / "migration.sql"
    path.write_text(sql, encoding="utf-8")
    url = live.engine.url
    command = [find_program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", path]
    command += ["-h", str(url.query.get("host") or url.host), "-U", str(url.username), str(url.database)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stderr}\n{sql}"


def test_psql_runs_what_is_written(live: LiveDatabase, tmp_path: Path) -> None:
    cases = {**REVERSIBLE, **ONE_WAY}
    live.sql(SETUP)
    snapshot = live.read()
    for name, (script, by_hand) in cases.items():
        live.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        live.sql(SETUP)
        if by_hand:
            live.sql(by_hand)
        wanted = live.catalog()
        live.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        live.sql(SETUP)
        dialect = offline()
        known = snapshot if "if_not_exists" not in name else None  # what exists is then not to be replayed
        sql = written(dialect, recorded(dialect, script), known)
        if name == "create_table":
            sql = sql.replace("CREATE TYPE mood AS ENUM ('sad', 'happy');", "")  # as Alembic: offline nobody looks
        psql(live, sql, tmp_path)
        assert live.catalog() == wanted, name


def test_a_type_is_created_once_in_a_file() -> None:
    dialect = offline()
    mood = sa.Enum("a", "b", name="mood")

    def script(op: Any) -> None:
        op.create_table("one", sa.Column("m", mood))
        op.create_table("two", sa.Column("m", mood))
        op.add_column("one", sa.Column("n", mood))

    assert written(dialect, recorded(dialect, script)).count("CREATE TYPE") == 1
    assert written(dialect, recorded(dialect, script)).count("CREATE TYPE") == 1  # another file


def test_a_statement_outside_the_transaction() -> None:
    dialect = offline()
    sql = written(
        dialect, recorded(dialect, lambda op: op.create_index("ix", "t", ["a"], postgresql_concurrently=True))
    )
    assert [one for one in sql.splitlines() if one] == [
        "BEGIN;", "COMMIT;", "CREATE INDEX CONCURRENTLY ix ON t (a);", "BEGIN;", "COMMIT;",
    ]  # fmt: skip


def test_a_new_enum_value_is_committed_before_it_is_used(live: LiveDatabase, tmp_path: Path) -> None:
    def script(op: Any) -> None:
        op.alter_enum("mood", existing_values=["sad"], values=["sad", "it's 'new'"])
        op.add_column("t", sa.Column("x", sa.Integer))
        op.alter_column("t", "mood", server_default="it's 'new'")
        op.bulk_insert(sa.table("t", sa.column("mood")), [{"mood": "it's 'new'"}])

    dialect = offline()
    sql = written(dialect, recorded(dialect, script))
    assert sql.index("ADD COLUMN x") < sql.index("COMMIT") < sql.index("SET DEFAULT")
    live.sql("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (mood mood)")
    psql(live, sql, tmp_path)
    assert live.rows("SELECT mood::text FROM t") == [("it's 'new'",)]


def test_strings_have_their_backslashes_once() -> None:
    dialect = offline()
    sql = written(dialect, recorded(dialect, lambda op: op.alter_column("t", "c", server_default="a\\b 50%")))
    assert "SET DEFAULT 'a\\b 50%'" in sql


def test_a_constraint_without_a_name_goes_by_the_name_that_the_server_makes_up() -> None:
    dialect = offline()
    sql = written(
        dialect,
        recorded(dialect, lambda op: op.drop_constraint(None, "t", "unique", existing=sa.UniqueConstraint("a", "b"))),
    )
    assert "DROP CONSTRAINT t_a_b_key;" in sql


def test_what_needs_a_database_is_refused() -> None:
    dialect = offline()
    operations = recorded(dialect, lambda op: op.alter_enum("mood", existing_values=["a", "b"], values=["a"]))
    with pytest.raises(OfflineRefused):
        written(dialect, operations)
