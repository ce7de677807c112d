"""Views, functions, triggers and schemas on a real server; what it has not is refused with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import MigrationFailed, OperationRefused
from flask_schema.operations import programs, schemas, views
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Function, QualifiedName, Trigger, View
from flask_schema.snapshot.snapshot import Snapshot
from tests.runtime.sites import Site

from .conftest import Database

SETUP = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER, note VARCHAR(20));
CREATE VIEW rich AS SELECT id, balance FROM accounts WHERE balance > 100;
"""
RICH, TWICE, ACCOUNTS = QualifiedName("rich"), QualifiedName("twice"), QualifiedName("accounts")
RICH_VIEW = View(RICH, "SELECT id, balance FROM accounts WHERE balance > 100")
TWICE_FUNCTION = Function(TWICE, "CREATE FUNCTION twice(n INTEGER) RETURNS INTEGER DETERMINISTIC RETURN n * 2")
BLOCK = Function(
    TWICE, "CREATE FUNCTION twice(n INTEGER) RETURNS INTEGER DETERMINISTIC\nBEGIN\n  SET n = n * 3;\n  RETURN n;\nEND"
)
PROCEDURE = Function(QualifiedName("p"), "CREATE PROCEDURE p() SELECT 1", procedure=True)
TRIGGER = Trigger(
    "noted", ACCOUNTS, "CREATE TRIGGER noted BEFORE INSERT ON accounts FOR EACH ROW BEGIN SET NEW.note = 'x;%'; END"
)
CASES: list[tuple[Operation, ...]] = [
    (views.CreateView(View(QualifiedName("fre sh"), "SELECT id, 'a:b 50%' FROM accounts", options=(("columns", ("k", "l")),))),),
    (views.DropView(RICH, before=RICH_VIEW),),
    (views.ReplaceView(View(RICH, "SELECT note FROM accounts"), RICH_VIEW),),
    (programs.CreateFunction(TWICE_FUNCTION),),
    (programs.CreateFunction(BLOCK), programs.ReplaceFunction(TWICE_FUNCTION, BLOCK)),
    (programs.CreateFunction(PROCEDURE),),
    (programs.CreateTrigger(TRIGGER),),
]  # fmt: skip


def catalog(server: Database) -> set[tuple[Any, ...]]:
    return {
        *server.rows(
            "SELECT 'view', table_name, view_definition FROM information_schema.views WHERE table_schema = database()"
        ),
        *server.rows(
            "SELECT routine_type, routine_name, routine_definition FROM information_schema.routines "
            "WHERE routine_schema = database()"
        ),
        *server.rows(
            "SELECT event_object_table, trigger_name, action_statement FROM information_schema.triggers "
            "WHERE trigger_schema = database()"
        ),
    }


@pytest.mark.parametrize("up", CASES, ids=lambda up: ", ".join(one.describe() for one in up))
def test_there_and_back(server: Database, mysql_url: str, tmp_path: Path, up: tuple[Operation, ...]) -> None:
    server.sql(SETUP)
    before = catalog(server)
    site = Site(tmp_path, mysql_url)
    site.add_operations(up, [one.invert() for one in reversed(up)])
    site.upgrade()
    assert catalog(server) != before
    site.downgrade()
    assert catalog(server) == before


def test_a_schema_with_tables_is_not_dropped_unasked(server: Database, mysql_url: str, tmp_path: Path) -> None:
    """DROP SCHEMA would take them with it, where other databases refuse."""
    name = f"{server.engine.url.database}_more"
    site = Site(tmp_path, mysql_url)
    site.add(f'op.create_schema("{name}")', f'op.drop_schema("{name}")')
    site.upgrade()
    try:
        server.sql(f"CREATE TABLE {name}.t (x INTEGER)")
        with pytest.raises(MigrationFailed, match="it is not empty"):
            site.downgrade()
        assert server.rows(f"SELECT count(*) FROM {name}.t") == [(0,)]
        server.sql(f"DROP TABLE {name}.t")
        site.downgrade()
        assert server.rows(f"SHOW DATABASES LIKE '{name}'") == []
    finally:
        server.sql(f"DROP DATABASE IF EXISTS {name}")


@pytest.mark.parametrize(
    "operation",
    [
        views.CreateView(View(RICH, "SELECT 1", materialized=True)),
        views.DropView(RICH, cascade=True),
        views.CreateView(RICH_VIEW, if_not_exists=True),
        schemas.CreateExtension("citext"),
        schemas.DropExtension("citext"),
    ],
    ids=lambda one: one.describe(),
)
def test_refused_with_the_reason(operation: Operation) -> None:
    dialect = dialect_for(sa.create_engine("mysql+pymysql://").dialect)
    with pytest.raises(OperationRefused, match=r"cannot .*: ?.*MySQL (has no|reads CASCADE)|MySQL reads CASCADE"):
        list(dialect.statements([operation], ReplayedSurroundings(dialect, Snapshot("mysql"))))


def test_mysql_replaces_a_function_by_dropping_it() -> None:
    dialect = dialect_for(sa.create_engine("mysql+pymysql://").dialect)
    made = dialect.statements([programs.ReplaceFunction(TWICE_FUNCTION)], ReplayedSurroundings(dialect, None))
    assert [one.sql for one in made] == ["DROP FUNCTION twice", TWICE_FUNCTION.definition]
