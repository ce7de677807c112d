"""Views, functions, triggers, schemas and extensions on real databases: there, as plain SQL sees it, and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import OperationRefused
from flask_schema.operations import programs, schemas, views
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Function, Index, IndexElement, QualifiedName, Trigger, View
from flask_schema.snapshot.snapshot import Snapshot
from tests.operations.objects import CREATIONS, FULL
from tests.runtime.sites import Site

ACCOUNTS = QualifiedName("accounts")
RICH, SUMS, FRESH = QualifiedName("rich"), QualifiedName("sums"), QualifiedName("fre sh")
Catalog = set[tuple[Any, ...]]
Look = Callable[[], Catalog]

SETUP = (
    "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER, note VARCHAR(20))",
    "CREATE VIEW rich AS SELECT id, balance FROM accounts WHERE balance > 100",
    "INSERT INTO accounts VALUES (1, 50, 'a'), (2, 500, 'b')",
)
RICH_VIEW = View(RICH, "SELECT id, balance FROM accounts WHERE balance > 100")
NEW_VIEW = View(FRESH, "SELECT id, 'a:b 50%' FROM accounts", options=(("columns", ("key", "and text")),))

# -- SQLite -------------------------------------------------------------------------------------

SQLITE_INSTEAD = Trigger(
    "instead",
    RICH,
    "CREATE TRIGGER instead INSTEAD OF INSERT ON rich BEGIN INSERT INTO accounts (id) VALUES (new.id); END",
)
SQLITE_TRIGGER = Trigger(
    "noted", ACCOUNTS, "CREATE TRIGGER noted AFTER INSERT ON accounts BEGIN\n  UPDATE accounts SET note = 'x;y';\nEND"
)
SQLITE_CASES: list[Operation] = [
    views.CreateView(NEW_VIEW),
    views.CreateView(NEW_VIEW, if_not_exists=True),
    views.DropView(RICH, before=RICH_VIEW),
    views.ReplaceView(View(RICH, "SELECT id FROM accounts"), RICH_VIEW),
    programs.CreateTrigger(SQLITE_TRIGGER),
    programs.CreateTrigger(SQLITE_INSTEAD),
]
SQLITE_REFUSED: list[Operation] = [
    views.CreateView(View(SUMS, "SELECT 1", materialized=True)),
    views.CreateView(View(RICH, "SELECT 1", options=(("with", (("security_barrier", True),)),))),
    views.DropView(RICH, cascade=True),
    *(
        one
        for one in CREATIONS
        if isinstance(one, (programs.CreateFunction, schemas.CreateSchema, schemas.CreateExtension))
    ),
    programs.DropFunction(SUMS),
    programs.ReplaceFunction(Function(SUMS, "CREATE FUNCTION")),
    schemas.DropSchema("bank"),
    schemas.DropExtension("citext"),
]


def sqlite_catalog(engine: sa.Engine) -> Catalog:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master")
        return {tuple(row) for row in rows if "version" not in row[1] and not row[1].startswith("sqlite_")}


@pytest.fixture
def sqlite_site(tmp_path: Path, sqlite_url: str, sqlite_engine: sa.Engine) -> Site:
    setup(sqlite_engine)
    return Site(tmp_path, sqlite_url)


def setup(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for statement in SETUP:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("operation", SQLITE_CASES, ids=lambda one: one.describe())
def test_sqlite_there_and_back(sqlite_site: Site, sqlite_engine: sa.Engine, operation: Operation) -> None:
    before = sqlite_catalog(sqlite_engine)
    sqlite_site.add_operations([operation], [operation.invert()])
    sqlite_site.upgrade()
    assert sqlite_catalog(sqlite_engine) != before
    sqlite_site.downgrade()
    assert sqlite_catalog(sqlite_engine) == before


def test_sqlite_keeps_the_triggers_of_a_view_that_is_replaced(sqlite_site: Site, sqlite_engine: sa.Engine) -> None:
    sqlite_site.add_operations([programs.CreateTrigger(SQLITE_INSTEAD)], [])
    after = View(RICH, "SELECT id FROM accounts")
    sqlite_site.add_operations([views.ReplaceView(after, RICH_VIEW)], [])
    sqlite_site.upgrade()
    with sqlite_engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO rich (id) VALUES (77)")
        assert connection.exec_driver_sql("SELECT count(*) FROM rich WHERE id = 77").scalar() == 1


def test_sqlite_text_runs_as_it_stands(sqlite_url: str, sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    """The file that is written leads where the upgrade leads, the trigger of the replaced view included."""
    site = Site(tmp_path, sqlite_url)
    site.add('op.create_table("accounts", sa.Column("id", sa.Integer, primary_key=True), sa.Column("note", sa.Text))')
    instead = Trigger("i", FRESH, 'CREATE TRIGGER i INSTEAD OF DELETE ON "fre sh" BEGIN SELECT 1; END')
    for one in (
        views.CreateView(NEW_VIEW),
        programs.CreateTrigger(SQLITE_TRIGGER),
        programs.CreateTrigger(instead),
        views.ReplaceView(View(FRESH, "SELECT 1"), NEW_VIEW),
    ):
        site.add_operations([one], [])
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.executescript(site.sql())
    written = other.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE '%version%'").fetchall()
    other.close()
    site.upgrade()
    assert set(written) == {row[:2] for row in sqlite_catalog(sqlite_engine)}
    assert ("trigger", "i") in written


@pytest.mark.parametrize("operation", SQLITE_REFUSED, ids=lambda one: one.describe())
def test_sqlite_refuses_with_the_reason(operation: Operation) -> None:
    dialect = dialect_for(sa.create_engine("sqlite://").dialect)
    with pytest.raises(OperationRefused, match=r"SQLite (has|keeps) no"):
        list(dialect.statements([operation], ReplayedSurroundings(dialect, Snapshot("sqlite"))))


# -- PostgreSQL ---------------------------------------------------------------------------------

TWICE = QualifiedName("twice")
TWICE_FUNCTION = Function(
    TWICE, "CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS $$ SELECT n * 2 -- 50% $$", "integer"
)
THRICE_FUNCTION = Function(
    TWICE, "create or  replace function twice(n integer) RETURNS integer LANGUAGE sql AS $$ SELECT n * 3 $$", "integer"
)
TOUCH = Function(
    QualifiedName("touch"),
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  NEW.note := 'x';\n  RETURN NEW;\nEND $$",
)
MATERIALIZED = View(
    SUMS, "SELECT id, balance FROM accounts", True, (Index("ix_sums", (IndexElement("id"),), unique=True),)
)
ROW_TRIGGER = Trigger(
    "touched", ACCOUNTS, "CREATE TRIGGER touched BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION touch()"
)
POSTGRESQL_INSTEAD = Trigger(
    "instead", RICH, "CREATE TRIGGER instead INSTEAD OF INSERT ON rich FOR EACH ROW EXECUTE FUNCTION touch()"
)
BARRIER = View(RICH, RICH_VIEW.definition, options=(("with", (("security_barrier", True),)),))
WIDER = View(RICH, "SELECT id, balance, note FROM accounts WHERE balance > 100")
POSTGRESQL_CASES: list[tuple[Operation, ...]] = [
    (views.CreateView(NEW_VIEW),),
    (views.DropView(RICH, before=RICH_VIEW),),
    (views.DropView(RICH, before=RICH_VIEW), views.CreateView(BARRIER)),
    (views.ReplaceView(WIDER, RICH_VIEW),),
    (views.ReplaceView(View(RICH, "SELECT note AS id FROM accounts"), RICH_VIEW, recreate=True),),
    (views.CreateView(MATERIALIZED),),
    (programs.CreateFunction(TWICE_FUNCTION),),
    (programs.CreateFunction(Function(TWICE, "CREATE PROCEDURE twice() LANGUAGE sql AS 'SELECT 1'", procedure=True)),),
    (programs.CreateFunction(TOUCH), programs.CreateTrigger(ROW_TRIGGER)),
    (programs.CreateFunction(TOUCH), programs.CreateTrigger(POSTGRESQL_INSTEAD)),
    (schemas.CreateSchema("Bank"), views.CreateView(View(QualifiedName("v", "Bank"), "SELECT 1 AS one"))),
    (schemas.CreateExtension("pg_trgm"),),
    (schemas.CreateSchema("ext"), schemas.CreateExtension("hstore", schema="ext")),
]
POSTGRESQL_CATALOG = (
    "SELECT 'view', viewname, definition FROM pg_views WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    "SELECT 'options', relname, array_to_string(reloptions, ',') FROM pg_class WHERE relkind = 'v' AND reloptions IS NOT NULL",
    "SELECT 'materialized', matviewname, definition FROM pg_matviews",
    "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '%version%'",
    """SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a' AND probin IS NULL""",
    "SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT 'schema', nspname, '' FROM pg_namespace WHERE nspname NOT LIKE 'pg_t%'",
    "SELECT 'extension', extname, extnamespace::regnamespace::text FROM pg_extension",
)


def postgresql_catalog(engine: sa.Engine) -> Catalog:
    with engine.connect() as connection:
        options = {"no_parameters": True}
        found = [connection.exec_driver_sql(one, execution_options=options).all() for one in POSTGRESQL_CATALOG]
    return {tuple(row) for rows in found for row in rows}


@pytest.fixture
def postgresql_site(tmp_path: Path, postgresql_url: str, postgresql_engine: sa.Engine) -> Site:
    setup(postgresql_engine)
    return Site(tmp_path, postgresql_url)


@pytest.mark.parametrize("up", POSTGRESQL_CASES, ids=lambda up: ", ".join(one.describe() for one in up))
def test_postgresql_there_and_back(
    postgresql_site: Site, postgresql_engine: sa.Engine, up: tuple[Operation, ...]
) -> None:
    before = postgresql_catalog(postgresql_engine)
    postgresql_site.add_operations(up, [one.invert() for one in reversed(up)])
    postgresql_site.upgrade()
    assert postgresql_catalog(postgresql_engine) != before
    postgresql_site.downgrade()
    assert postgresql_catalog(postgresql_engine) == before


def test_postgresql_replaces_a_function_that_is_in_use(postgresql_site: Site, postgresql_engine: sa.Engine) -> None:
    user = View(QualifiedName("user_of_it"), "SELECT twice(5) AS n")
    postgresql_site.add_operations([programs.CreateFunction(TWICE_FUNCTION), views.CreateView(user)], [])
    change = programs.ReplaceFunction(THRICE_FUNCTION, TWICE_FUNCTION)
    postgresql_site.add_operations([change], [change.invert()])
    postgresql_site.upgrade()
    with postgresql_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT n FROM user_of_it").scalar() == 15
    postgresql_site.downgrade()
    with postgresql_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT n FROM user_of_it").scalar() == 10


def test_postgresql_keeps_triggers_and_indexes_of_views(postgresql_site: Site, postgresql_engine: sa.Engine) -> None:
    start = [programs.CreateFunction(TOUCH), programs.CreateTrigger(POSTGRESQL_INSTEAD), views.CreateView(MATERIALIZED)]
    postgresql_site.add_operations(start, [])
    changed = View(SUMS, "SELECT id FROM accounts", True, MATERIALIZED.indexes)
    postgresql_site.add_operations(
        [
            views.ReplaceView(View(RICH, "SELECT id FROM accounts"), RICH_VIEW, recreate=True),
            views.ReplaceView(changed),
        ],
        [],
    )
    postgresql_site.upgrade()
    names = {row[:2] for row in postgresql_catalog(postgresql_engine)}
    assert {("trigger", "instead"), ("index", "ix_sums"), ("materialized", "sums")} <= names


def test_postgresql_text_runs_as_it_stands(postgresql_site: Site, postgresql_engine: sa.Engine) -> None:
    for up in POSTGRESQL_CASES[5:9]:
        postgresql_site.add_operations(up, [])
    text = postgresql_site.sql()
    with postgresql_engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.autocommit = True
        driver.cursor().execute(text)
    names = {row[:2] for row in postgresql_catalog(postgresql_engine)}
    assert {("materialized", "sums"), ("function", "twice"), ("trigger", "touched")} <= names


@pytest.mark.parametrize(
    "operation",
    [
        views.CreateView(RICH_VIEW, if_not_exists=True),
        views.CreateView(View(RICH, "SELECT 1", options=(("security", "x"),))),
        programs.ReplaceFunction(Function(TWICE, "FUNCTION twice")),
    ],
    ids=lambda one: one.describe(),
)
def test_postgresql_refuses_with_the_reason(operation: Operation) -> None:
    dialect = dialect_for(sa.create_engine("postgresql://").dialect)
    with pytest.raises(OperationRefused, match=r"cannot|has no"):
        list(dialect.statements([operation], ReplayedSurroundings(dialect, FULL)))
