"""Revisions run through the cockroachdb dialect and driver, on PostgreSQL, with the errors that CockroachDB answers.

Each statement is looked at as it goes to the driver: whether it commits itself, and whether it is to fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema import ensure_version, stamp
from flask_schema.errors import MigrationFailed, OperationRefused
from flask_schema.operations.facade import Directives
from flask_schema.runtime.context import MigrationContext
from tests.runtime.sites import Site

psycopg = pytest.importorskip("psycopg")

SCRIPT = """op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer))
    op.execute("INSERT INTO t (id, a) VALUES (1, 1)")
    op.add_column("t", sa.Column("b", sa.Integer))
    op.add_column("t", sa.Column("c", sa.Integer))
    op.backfill("t", {"b": 5}, "b IS NULL")
    op.create_index("ix_b", "t", ["b"])
    with op.get_context().autocommit_block():
        op.create_index("ix_c", "t", ["c"])
    op.alter_column("t", "b", nullable=False)
    op.bulk_insert(sa.table("t", sa.column("id"), sa.column("b")), [{"id": 5, "b": 1}, {"id": 6, "b": 1}])
    op.get_bind().execute(sa.text("UPDATE t SET a = 3"))
    op.create_index("ix_a", "t", ["a"])"""
SAID = (
    "CREATE TABLE t (",
    "INSERT INTO t (id, a) VALUES (1, 1)",
    "ADD COLUMN b INTEGER, ADD COLUMN c INTEGER",
    "(1 rows)",
    "CREATE INDEX ix_b",
    "CREATE INDEX ix_c",
    "ALTER COLUMN b SET NOT NULL",
    "INSERT INTO t (id, b)",
    "UPDATE t SET a = 3",
    "CREATE INDEX ix_a",
)
"""How each statement of the script is told of."""
_DDL = re.compile(r"create|alter|drop|comment|truncate", re.IGNORECASE)
_VERSIONS = re.compile(r"alembic_version|schema_history")


@dataclass
class Wire:
    """What goes to the driver. ``fails`` is asked before each statement of a script, counted from 0."""

    fails: Callable[[int, str], Exception | None] = lambda place, statement: None
    sent: list[tuple[bool, str]] = field(default_factory=list)
    scripted: list[str] = field(default_factory=list)
    seen: int = 0

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any) -> None:
        text = " ".join(statement.split())
        if text.upper().startswith(("SELECT", "SHOW", "DROP TABLE IF EXISTS")):
            return
        is_scripted = not _VERSIONS.search(text) and "timeout" not in text
        if is_scripted:
            self.seen += 1
        error = self.fails(self.seen - 1 if is_scripted else -1, text)
        if error is not None:
            raise error
        self.sent.append((bool(cursor.connection.autocommit), text))
        if is_scripted:
            self.scripted.append(text)

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any) -> None:
        self.do_execute(cursor, statement, None, context)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any) -> None:
        self.do_execute(cursor, statement, parameters, context)


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    names = ("do_execute", "do_execute_no_params", "do_executemany")
    for name in names:
        sa.event.listen(sa.Engine, name, getattr(made, name))
    yield made
    for name in names:
        sa.event.remove(sa.Engine, name, getattr(made, name))


@pytest.fixture
def make_site(behind_the_dialect: sa.Engine, tmp_path: Path) -> Callable[..., Site]:
    """Sites on the same database, which each empties first."""

    def make(script: str = SCRIPT, driver: str = "psycopg") -> Site:
        url = behind_the_dialect.url.set(drivername=f"cockroachdb+{driver}").render_as_string(hide_password=False)
        with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS t, alembic_version, schema_history")
        site = Site(tmp_path / str(len(list(tmp_path.iterdir()))), url)
        site.add(script, 'op.drop_table("t")')
        return site

    return make


def schema(engine: sa.Engine) -> tuple[object, ...]:
    """What there is of the table, and the rows of the version table."""
    with engine.connect() as connection:
        columns = "SELECT attname, attnotnull FROM pg_attribute WHERE attnum > 0 AND attrelid = to_regclass('t')"
        indexes = "SELECT indexname FROM pg_indexes WHERE tablename = 't'"
        found = [set(map(tuple, connection.exec_driver_sql(one))) for one in (columns, indexes)]
        there = sa.inspect(connection).get_table_names()
        rows = [
            sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}")), key=str) if name in there else []
            for name in ("t", "alembic_version")
        ]
    return (*found, *rows)


def refusal(state: str) -> Exception:
    """An error of the driver with a SQLSTATE, as CockroachDB answers it."""
    error: Exception = type("Recorded", (psycopg.errors.InternalError,), {"sqlstate": state})("recorded")
    return error


@pytest.mark.parametrize("journal", [False, True])
def test_schema_changes_stand_alone_and_the_version_row_comes_last(
    make_site: Callable[..., Site], wire: Wire, *, journal: bool
) -> None:
    site = make_site()
    site.app.config["SCHEMA_JOURNAL"] = journal
    with site.app.app_context():
        ensure_version()
        stamp(revision="base")
    site.upgrade()
    assert {alone for alone, text in wire.sent if _DDL.match(text)} == {True}
    assert ("CREATE TABLE schema_history" in " ".join(text for _, text in wire.sent)) == journal
    versions = [place for place, (_, text) in enumerate(wire.sent) if text.startswith("INSERT INTO alembic_version")]
    assert versions == [len(wire.sent) - (2 if journal else 1)]
    assert not wire.sent[versions[0]][0]
    site.downgrade("base")
    assert {alone for alone, text in wire.sent if _DDL.match(text)} == {True}
    assert len(wire.scripted) == 11


def test_rows_that_one_directive_brings_come_together(make_site: Callable[..., Site], wire: Wire) -> None:
    make_site().upgrade()
    [(alone, _)] = [one for one in wire.sent if one[1].startswith("INSERT INTO t (id, b)")]
    assert not alone


@pytest.mark.parametrize("state", ["XXA00", "55000", "42601"])
def test_a_failure_anywhere_says_what_took_effect(
    make_site: Callable[..., Site], wire: Wire, behind_the_dialect: sa.Engine, state: str
) -> None:
    for place in range(len(SAID)):
        site = make_site()
        wire.scripted.clear()
        wire.seen = 0
        wire.fails = lambda now, _, place=place: refusal(state) if now == place else None  # type: ignore[misc]
        with pytest.raises(MigrationFailed) as failed:
            site.upgrade()
        assert len(wire.scripted) == place
        said = failed.value.hint or ""
        assert failed.value.line
        if place:
            assert f"{place} statements had taken effect" in said
            assert [one for one in SAID if one in " ".join(said.split())] == list(SAID[:place])
        else:
            assert "as before" in said
        assert schema(behind_the_dialect)[3] == []


def test_a_conflict_anywhere_is_tried_again(
    make_site: Callable[..., Site], wire: Wire, behind_the_dialect: sa.Engine
) -> None:
    make_site().upgrade()
    undisturbed = schema(behind_the_dialect)
    for place in range(len(SAID)):
        met: list[str] = []

        def fails(now: int, text: str, place: int = place, met: list[str] = met) -> Exception | None:
            if now != place or met or text.startswith("UPDATE t SET a = 3"):  # the script's own connection is its own
                return None
            met.append(text)
            wire.seen -= 1
            return refusal("40001")

        site = make_site()
        wire.seen, wire.fails = 0, fails
        site.upgrade()
        assert schema(behind_the_dialect) == undisturbed


def test_the_version_row_is_tried_again(
    make_site: Callable[..., Site], wire: Wire, behind_the_dialect: sa.Engine
) -> None:
    site, left = make_site(), [3]

    def fails(now: int, text: str) -> Exception | None:
        if not text.startswith("INSERT INTO alembic_version") or not left[0]:
            return None
        left[0] -= 1
        return refusal("40001")

    wire.fails = fails
    site.upgrade()
    assert left == [0]
    assert schema(behind_the_dialect)[3] == [("a1",)]


NESTED = """op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer))
    connection = op.get_bind()
    with connection.begin_nested():
        connection.execute(sa.text("INSERT INTO t VALUES (1, 1)"))
        with connection.begin_nested() as inner:
            connection.execute(sa.text("INSERT INTO t VALUES (2, 2)"))
            inner.rollback()
    op.add_column("t", sa.Column("b", sa.Integer))
    with connection.begin_nested():
        connection.execute(sa.text("UPDATE t SET b = 1"))
        {}
    op.create_index("ix_a", "t", ["a"])"""


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_savepoints_of_a_script_are_in_a_transaction(
    make_site: Callable[..., Site], wire: Wire, behind_the_dialect: sa.Engine, driver: str
) -> None:
    site = make_site(NESTED.format("pass"), driver)
    site.upgrade()
    assert schema(behind_the_dialect)[2] == [(1, 1, 1)]
    assert {alone for alone, text in wire.sent if _DDL.match(text)} == {True}
    failing = make_site(NESTED.format("1 / 0"), driver)
    with pytest.raises(MigrationFailed, match="division by zero") as failed:
        failing.upgrade()
    assert schema(behind_the_dialect)[2] == [(1, 1, None)]
    said = failed.value.hint or ""
    assert "VALUES (1, 1)" in said
    assert "VALUES (2, 2)" not in said
    assert "UPDATE" not in said


def test_a_lost_connection_says_what_took_effect(
    make_site: Callable[..., Site], wire: Wire, behind_the_dialect: sa.Engine, postgresql_engine: sa.Engine
) -> None:
    site = make_site()

    def fails(now: int, text: str) -> Exception | None:
        if now == 3:
            with behind_the_dialect.connect() as connection:
                connection.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
        return None

    wire.fails = fails
    with pytest.raises(MigrationFailed, match=r"terminat|closed") as failed:
        site.upgrade()
    assert "3 statements had taken effect" in (failed.value.hint or "")


def test_a_transaction_of_the_caller_is_refused(behind_the_dialect: sa.Engine, make_site: Callable[..., Site]) -> None:
    site = make_site()
    (site.folder / "env.py").write_text(
        "import sqlalchemy as sa\nfrom flask_schema import context\n"
        f"engine = sa.create_engine({site.url!r}, poolclass=sa.NullPool)\n"
        "with engine.begin() as connection:\n    context.configure(connection=connection)\n    context.run_migrations()\n"
    )
    with pytest.raises(OperationRefused, match="transaction") as refused:
        site.upgrade()
    assert "context.configure()" in (refused.value.hint or "")
    assert schema(behind_the_dialect) == (set(), set(), [], [])


def test_a_program_speaks_in_autocommit_too(behind_the_dialect: sa.Engine, wire: Wire) -> None:
    with behind_the_dialect.connect() as connection:
        context = MigrationContext.configure(connection)
        op = Directives(context)
        op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
        op.add_column("t", sa.Column("a", sa.Integer))
    assert [alone for alone, _ in wire.sent] == [True, True]


def test_time_limits_end_with_the_run(make_site: Callable[..., Site], wire: Wire) -> None:
    site = make_site()
    site.app.config.update(SCHEMA_LOCK_TIMEOUT_SECONDS=2, SCHEMA_STATEMENT_TIMEOUT_SECONDS=30)
    site.upgrade()
    limits = [text for _, text in wire.sent if text.startswith(("SET", "RESET"))]
    assert limits == [
        "SET lock_timeout = '2000ms'",
        "SET statement_timeout = '30000ms'",
        "RESET lock_timeout",
        "RESET statement_timeout",
    ]
