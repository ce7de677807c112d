"""A file is written by the command, run and undone: faults that random pairs of models found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tests.autogenerate.conftest import body, source
from tests.databases import Database
from tests.scenarios.projects import Place, plain_app

MakePlace = Callable[..., Place]


def table(*items: Any, name: str = "t", **options: Any) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True), *items, **options)
    return metadata


def after_models(place: Place, metadata: sa.MetaData, url: str, **options: Any) -> Place:
    """The same project with other models."""
    return Place(place.folder, plain_app(metadata, url, **options))


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        result = connection.exec_driver_sql(query)
        return [tuple(row) for row in result] if result.returns_rows else []


@pytest.mark.databases("sqlite", "postgresql", "mysql")
def test_a_downgrade_brings_not_null_columns_back_to_a_table_with_rows(
    make_place: MakePlace, database: Database
) -> None:
    lost = [
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("amount", sa.Numeric(10, 2), nullable=False),
        sa.Column("born", sa.Date, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("mood", sa.Enum("fine", "bad", name="mood"), nullable=False),
        sa.Column("end", sa.Enum("x", "y", native_enum=False, create_constraint=True, name="ends"), nullable=False),
    ]
    before = table(*lost)
    place = make_place(before, database.url)
    place.fine("migrate", "-m", "one")
    place.fine("upgrade")
    values = "1, 'x', 2.5, '2020-01-01', '2020-01-01 10:00:00', '[]', 'bad', 'y'"
    rows(database.url, f"INSERT INTO t VALUES ({values})")
    place = after_models(place, table(), database.url)
    place.fine("migrate", "-m", "two")
    place.fine("upgrade")
    place.fine("downgrade")
    assert rows(database.url, "SELECT id, name FROM t") == [(1, "")]
    place = after_models(place, before, database.url)
    next(place.versions.glob("*_two.py")).unlink()
    place.fine("check")


def test_the_values_of_a_column_that_comes_back_are_told_in_the_file(make_place: MakePlace, sqlite_url: str) -> None:
    table(sa.Column("name", sa.String(20), nullable=False)).create_all(
        sa.create_engine(sqlite_url, poolclass=sa.NullPool)
    )
    place = make_place(table(), sqlite_url)
    place.fine("migrate", "-m", "drop")
    way_back = body(place, "downgrade")
    assert "# the values that rows had are lost: they get this default, which then goes\n" in way_back
    assert (
        'op.add_column(\n        "t", sa.Column("name", sa.String(length=20), server_default="", nullable=False)'
        in way_back
    )
    assert "server_default=None" in way_back


def test_a_constraint_of_an_unknown_class_is_said_aloud(make_place: MakePlace, sqlite_url: str) -> None:
    class Mine(sa.Constraint):
        __visit_name__ = "mine"

    for hook in ({}, {"process_revision_directives": lambda *_: None}):
        place = make_place(table(Mine(name="odd")), sqlite_url, **hook)
        said = place.fine("migrate", "-m", "one").text
        assert "note: constraint odd of t is of the class Mine, which is not known here" in said
        next(place.versions.glob("*_one.py")).unlink()


def test_members_of_one_module_are_imported_together(make_place: MakePlace, sqlite_url: str) -> None:
    from sqlalchemy.dialects import mysql

    kind = sa.Integer().with_variant(mysql.TINYINT(), "mysql").with_variant(postgresql.OID(), "postgresql")
    place = make_place(table(sa.Column("kind", kind)), sqlite_url)
    place.fine("migrate", "-m", "one")
    assert "from sqlalchemy.dialects import mysql, postgresql\n" in source(place)


def test_what_render_item_returns_is_laid_out(make_place: MakePlace, sqlite_url: str) -> None:
    class Shape(sa.types.UserDefinedType[Any]):
        cache_ok = True

        def get_col_spec(self, **_: Any) -> str:
            return "SHAPE"

    def render_item(kind: str, thing: Any, context: Any) -> Any:
        if kind == "type" and isinstance(thing, Shape):
            return "sa.types.Shape(geometry_type='POINT', srid=4326, from_text='from_text', name='geometry', z=[1, -2])"
        return False

    place = make_place(table(sa.Column("place", Shape())), sqlite_url, render_item=render_item)
    place.fine("migrate", "-m", "one")
    assert """            sa.types.Shape(
                geometry_type="POINT",
                srid=4326,
                from_text="from_text",
                name="geometry",
                z=[1, -2],
            ),
""" in source(place)


def test_a_schema_that_leaves_the_models_loses_what_our_files_made(make_place: MakePlace, postgresql_url: str) -> None:
    """A table of somebody else's in that schema stays."""
    rows(postgresql_url, "CREATE SCHEMA crm")
    rows(postgresql_url, "CREATE TABLE crm.theirs (id INTEGER)")
    ours = table(name="ours")
    kind = sa.Enum("a", "b", name="kind", schema="crm")
    sa.Table("lead", ours, sa.Column("id", sa.ForeignKey("ours.id")), sa.Column("kind", kind), schema="crm")
    place = make_place(ours, postgresql_url, include_name=lambda name, kind, _: kind != "table" or name != "theirs")
    place.fine("migrate", "-m", "one")
    place.fine("upgrade")
    place = after_models(place, table(name="ours"), postgresql_url)
    said = place.fine("migrate", "-m", "two").text
    assert "drop table crm.lead" in said
    assert "theirs" not in said
    place.fine("upgrade")
    place.fine("check")
    place.fine("downgrade")
    place.fine("upgrade")
    assert (
        "drop table crm.theirs"
        in after_models(place, table(name="ours"), postgresql_url, include_schemas=True)
        .fine("migrate", "-m", "all")
        .text
    )


def test_two_checks_that_say_the_same_are_no_difference(make_place: MakePlace, postgresql_url: str) -> None:
    metadata = table(
        sa.Column("kind", sa.Integer),
        sa.CheckConstraint(sa.column("kind") > 0, name="one"),
        sa.CheckConstraint('"kind" > 0', name="two"),
    )
    metadata.create_all(sa.create_engine(postgresql_url, poolclass=sa.NullPool))
    assert "No changes" in make_place(metadata, postgresql_url).fine("migrate").text


def test_a_check_follows_a_column_whose_new_name_needs_no_quotes(make_place: MakePlace, postgresql_url: str) -> None:
    def models(column: str, **options: Any) -> sa.MetaData:
        allowed = sa.Enum("x", "y", native_enum=False, create_constraint=True, name="allowed")
        twice = sa.Computed(sa.func.upper(sa.column(column)))
        return table(sa.Column(column, allowed, **options), sa.Column("loud", sa.String(9), twice))

    models("T.y").create_all(sa.create_engine(postgresql_url, poolclass=sa.NullPool))
    renamed = models("index", info={"renamed_from": "T.y"})
    place = make_place(renamed, postgresql_url)
    place.fine("migrate", "-m", "rename")
    assert body(place).count("op.") == 1
    place.fine("upgrade")
    place.fine("check")


def test_between_comes_back_with_its_parentheses(make_place: MakePlace, postgresql_url: str) -> None:
    """The server joins ``(a AND b) AND c`` to one AND, but keeps a BETWEEN apart."""
    checks = ("n BETWEEN 0 AND 9 AND n <> 5", "n NOT BETWEEN 3 AND 4 OR n IS NULL", "n >= 0 AND n <= 9 AND n <> 5")
    before = table(
        sa.Column("n", sa.Integer), *(sa.CheckConstraint(one, name=f"ck{place}") for place, one in enumerate(checks))
    )
    before.create_all(sa.create_engine(postgresql_url, poolclass=sa.NullPool))
    query = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0 ORDER BY conname"
    expected = rows(postgresql_url, query)
    assert "No changes" in make_place(before, postgresql_url).fine("migrate").text
    place = make_place(table(sa.Column("n", sa.Integer)), postgresql_url)
    place.fine("migrate", "-m", "one")
    place.fine("upgrade")
    assert rows(postgresql_url, query) == []
    place.fine("downgrade")
    assert rows(postgresql_url, query) == expected


def test_a_type_name_that_nobody_knows_comes_back(make_place: MakePlace, sqlite_url: str) -> None:
    """SQLite takes any name for a type; by its affinity POINT would be an integer."""
    rows(sqlite_url, "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, place POINT)")
    place = make_place(table(), sqlite_url)
    place.fine("migrate", "-m", "drop")
    assert 'TypeText("POINT")' in body(place, "downgrade")
    place.fine("upgrade")
    place.fine("downgrade")
    assert rows(sqlite_url, "SELECT type FROM pragma_table_info('t') WHERE name = 'place'") == [("POINT",)]


def test_a_check_without_a_name_is_older_than_the_naming_convention(make_place: MakePlace, sqlite_url: str) -> None:
    rows(sqlite_url, "CREATE TABLE gone (id INTEGER NOT NULL PRIMARY KEY, CHECK (id > 5))")
    rows(sqlite_url, "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, CHECK (id < 9))")
    before = rows(sqlite_url, "SELECT name FROM sqlite_master WHERE sql LIKE '%CHECK%' ORDER BY name")
    metadata = sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"})
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
    place = make_place(metadata, sqlite_url)
    place.fine("migrate", "-m", "drop")
    place.fine("upgrade")
    place.fine("downgrade")
    assert rows(sqlite_url, "SELECT name FROM sqlite_master WHERE sql LIKE '%CHECK%' ORDER BY name") == before


def test_a_schema_that_is_gone_from_the_database_is_not_looked_at(make_place: MakePlace, sqlite_url: str) -> None:
    """On SQLite it is a database that may be attached or not."""
    place = make_place(table(), sqlite_url)
    place.write("aaa", None, up='op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))')
    place.fine("upgrade")
    place.write("bbb", "aaa", up='False and op.create_table("x", sa.Column("id", sa.Integer), schema="crm")')
    place.fine("upgrade")
    place.fine("check")
