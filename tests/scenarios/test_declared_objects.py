"""Views, functions and triggers declared beside the models, through ``flask db`` and on real databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from flask_schema import Extension, Function, Trigger, View, ViewIndex, declare
from tests.databases import Database
from tests.scenarios.projects import Place, plain_app

pytestmark = pytest.mark.databases("sqlite", "postgresql", "mysql")

TOUCH = """
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.note := 'it''s {0}%';
        RETURN NEW;
    END $$;
"""
SHOUT = {
    "postgresql": "CREATE FUNCTION shout(a text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(a) || '{0}' $$",
    "mysql": "CREATE FUNCTION shout(a varchar(20)) RETURNS varchar(20) DETERMINISTIC NO SQL RETURN concat(a, '{0}')",
}
TOUCHING = {
    "sqlite": "create trigger touching after insert on account begin update account set note = 'v{0}'; end;",
    "postgresql": "create trigger touching before insert on account for each row when (new.id > {0}) "
    "execute procedure touch()",
    "mysql": "create trigger touching before insert on account for each row begin set new.note = 'v{0}'; end",
}


def written(texts: dict[str, str], version: int) -> dict[str, str]:
    return {name: text.replace("{0}", str(version)) for name, text in texts.items()}


def models(version: int) -> sa.MetaData:
    """Four weeks of a project: what stands on the table changes with it, and some of it goes at the end."""
    metadata = sa.MetaData()
    columns: list[sa.Column[Any]] = [
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(50 if version < 2 else 80), nullable=version != 1),
        sa.Column("note", sa.String(20)),
    ]
    if version == 1:
        columns.append(sa.Column("extra", sa.Integer()))
    table = sa.Table("account", metadata, *columns)
    chosen = [table.c.id, table.c.name, *([table.c.extra] if version == 1 else [])]
    declare(
        metadata,
        View("named", sa.select(*chosen).where(table.c.name != "o'x%")),
        View("everything", "SELECT * FROM account"),
        Function("shout", written(SHOUT, version)),
        Function("touch", {"postgresql": TOUCH.replace("{0}", str(version))}),
    )
    if version < 3:
        counting = "select count(*) as n from named"
        declare(
            metadata, View("counted", counting, columns=["c"]), Trigger("touching", table, written(TOUCHING, version))
        )
        declare(
            metadata,
            View(
                "kept",
                {"postgresql": "select name, count(*) n from counted, named group by name"},
                materialized=True,
                indexes=[ViewIndex("uq_kept", ["name"], unique=True)],
            ),
        )
    return metadata


def catalog(database: Database) -> set[tuple[str, ...]]:
    """Tables, views, functions and triggers as plain SQL tells them."""
    queries = {
        "sqlite": ["SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'"],
        "postgresql": [
            "SELECT c.relkind::text, c.relname, CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END "
            "FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace",
            "SELECT table_name::text, column_name::text, data_type::text, character_maximum_length::text "
            "FROM information_schema.columns WHERE table_schema = 'public'",
            "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        ],
        "mysql": [
            "SELECT table_name, column_name, column_type FROM information_schema.columns WHERE table_schema = DATABASE()",
            "SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = DATABASE()",
            "SELECT routine_name, routine_definition FROM information_schema.routines WHERE routine_schema = DATABASE()",
            "SELECT trigger_name, action_statement FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
        ],
    }
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return {
            tuple(" ".join(str(one).replace('"', "").split()) for one in row)
            for query in queries[database.name]
            for row in connection.exec_driver_sql(query, execution_options={"no_parameters": True})
        }


def test_they_are_created_changed_dropped_and_brought_back(folder: Path, database: Database) -> None:
    states = [set[tuple[str, ...]]()]
    for version in range(4):
        place = Place(folder, plain_app(models(version), database.url))
        if version == 0:
            place.fine("init")
        answer = place.fine("migrate", "-m", f"version {version}")
        assert "left alone" not in answer.text
        place.fine("upgrade")
        place.fine("check")
        states.append(catalog(database))
        if version:
            place.fine("downgrade")
            assert catalog(database) == states[-2]
            place.fine("upgrade")
            assert catalog(database) == states[-1]
    assert not any("counted" in text or "touching" in text for row in states[-1] for text in row)
    written_sql = place.fine("upgrade", "--sql", "base:head").out
    assert "CREATE VIEW" in written_sql
    place.fine("downgrade", "base")
    assert not any("account" in text or "named" in text for row in catalog(database) for text in row)


def test_what_nobody_declared_is_left_alone_and_said(folder: Path, database: Database) -> None:
    place = Place(folder, plain_app(models(0), database.url))
    place.fine("init")
    place.fine("migrate", "-m", "first")
    place.fine("upgrade")
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW strange AS SELECT id FROM account")
    before = catalog(database)
    answer = place.fine("check")
    assert "view strange: in the database, but neither declared nor made by a revision file" in answer.text
    assert "No changes" in place.fine("migrate", "-m", "nothing").text
    assert catalog(database) == before


def test_models_that_declare_nothing_are_compared_without_them(folder: Path, database: Database) -> None:
    metadata = sa.MetaData()
    sa.Table("account", metadata, sa.Column("id", sa.Integer(), primary_key=True))
    place = Place(folder, plain_app(metadata, database.url))
    place.fine("init")
    place.write("a1", None, "op.create_table('account', sa.Column('id', sa.Integer(), primary_key=True))")
    place.write("b2", "a1", "op.create_view('mine', 'SELECT id FROM account')")
    place.fine("upgrade")
    assert "mine" not in place.fine("check").text
    declare(metadata)
    assert "drop view mine" in place.wrong("check").text


def test_what_a_database_does_not_have_is_said(folder: Path, database: Database) -> None:
    metadata = sa.MetaData()
    sa.Table("account", metadata, sa.Column("id", sa.Integer(), primary_key=True))
    declare(metadata, View("kept", "SELECT id FROM account", materialized=True), Extension("hstore"))
    place = Place(folder, plain_app(metadata, database.url))
    place.fine("init")
    answer = place.fine("migrate", "-m", "first")
    noted = "materialized view kept, extension hstore: declared, and not compared on" in answer.text
    assert noted is (database.name != "postgresql")
    if database.name != "postgresql":
        place.fine("upgrade")
        place.fine("check")


@pytest.mark.databases("postgresql")
def test_an_extension_comes_before_what_uses_it_and_goes_after(folder: Path, database: Database) -> None:
    def project(*, used: bool) -> Place:
        metadata = sa.MetaData()
        sa.Table("account", metadata, sa.Column("id", sa.Integer(), primary_key=True))
        declare(metadata, *([Extension("citext"), Extension("hstore")] if used else []))
        if used:
            table = metadata.tables["account"]
            table.append_column(sa.Column("email", postgresql.CITEXT(), unique=True))
            declare(metadata, View("emails", sa.select(table.c.email)))
        return Place(folder, plain_app(metadata, database.url))

    def extensions() -> list[str]:
        engine = sa.create_engine(database.url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1")
            return [str(row[0]) for row in found]

    place = project(used=True)
    place.fine("init")
    place.fine("migrate", "-m", "first")
    place.fine("upgrade")
    place.fine("check")
    assert extensions() == ["citext", "hstore"]
    place = project(used=False)
    place.fine("migrate", "-m", "second")
    place.fine("upgrade")
    place.fine("check")
    assert extensions() == []
    place.fine("downgrade")
    assert extensions() == ["citext", "hstore"]
    place.fine("downgrade", "base")
    assert extensions() == []
