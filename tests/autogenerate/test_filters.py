"""``include_object``, ``include_name`` and the ``compare_`` callables, with the arguments that Alembic gives them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.alembic_compat.autogenerate import compare_metadata
from flask_schema.runtime.context import MigrationContext
from tests.databases import DatabaseMaker


def difference(connection: sa.Connection, metadata: sa.MetaData, **opts: Any) -> list[Any]:
    context = MigrationContext.configure(connection=connection, opts={**opts, "target_metadata": metadata})
    return compare_metadata(context, metadata)


@pytest.fixture(autouse=True)
def before(connection: sa.Connection) -> None:
    for statement in (
        "CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY, number TEXT, extra TEXT)",
        "CREATE INDEX mine ON orders (number)",
        "CREATE TABLE foreign_thing (id INTEGER NOT NULL PRIMARY KEY)",
    ):
        connection.exec_driver_sql(statement)
    connection.commit()


@pytest.fixture
def models() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "orders",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, info={"skip": True}),
        sa.Index("mine", "number", "id"),
    )
    return metadata


def test_each_pair_is_asked_once(connection: sa.Connection, models: sa.MetaData) -> None:
    asked: list[tuple[Any, ...]] = []

    def include(thing: Any, name: str, kind: str, reflected: bool, compare_to: Any) -> bool:
        asked.append((kind, name, reflected, type(thing).__name__, type(compare_to).__name__))
        return True

    difference(connection, models, include_object=include)
    assert sorted(asked) == sorted(
        [
            ("table", "orders", False, "Table", "Table"),
            ("table", "foreign_thing", True, "Table", "NoneType"),
            ("column", "id", False, "Column", "Column"),
            ("column", "number", False, "Column", "Column"),
            ("column", "extra", True, "Column", "NoneType"),
            ("index", "mine", False, "Index", "Index"),
        ]
    )


def test_a_column_that_is_left_out_is_not_dropped(connection: sa.Connection, models: sa.MetaData) -> None:
    def include(thing: Any, name: str, kind: str, reflected: bool, compare_to: Any) -> bool:
        return not (kind == "column" and not reflected and thing.info.get("skip"))

    found = difference(connection, models, include_object=include)
    touched = [one[3].name for one in found if one[0] == "remove_column"]
    assert touched == ["extra"]
    assert not [one for one in found if isinstance(one, list)]


def test_only_tables_that_exist_are_compared(connection: sa.Connection, models: sa.MetaData) -> None:
    """A filter on ``compare_to`` must not turn the tables that it keeps into dropped ones."""
    sa.Table("brand_new", models, sa.Column("id", sa.Integer, primary_key=True))

    def include(thing: Any, name: str, kind: str, reflected: bool, compare_to: Any) -> bool:
        return not (kind == "table" and compare_to is None)

    found = difference(connection, models, include_object=include)
    assert {one[0] for one in found if isinstance(one, tuple)} == {"remove_index", "remove_column", "add_index"}


def test_names_are_asked_with_their_parents(connection: sa.Connection, models: sa.MetaData) -> None:
    asked: set[tuple[Any, ...]] = set()

    def include(name: str | None, kind: str, parents: dict[str, Any]) -> bool:
        asked.add((kind, name, parents.get("table_name"), parents.get("schema_qualified_table_name")))
        return name not in ("foreign_thing", "extra")

    found = difference(connection, models, include_name=include)
    assert {one[0] for one in found if isinstance(one, tuple)} == {"remove_index", "add_index"}
    assert ("schema", None, None, None) in asked
    assert ("table", "foreign_thing", None, "foreign_thing") in asked
    assert ("column", "extra", "orders", "orders") in asked
    assert ("index", "mine", "orders", "orders") in asked


def test_types_are_compared_by_the_user(connection: sa.Connection, models: sa.MetaData) -> None:
    asked: list[tuple[Any, ...]] = []

    def compare(context: Any, inspected: Any, model: Any, inspected_type: Any, model_type: Any) -> bool | None:
        asked.append((inspected.name, type(inspected_type).__name__, model.info, type(model_type).__name__))
        return False if inspected.name == "number" else None

    found = difference(connection, models, compare_type=compare)
    assert not [one for one in found if isinstance(one, list)]
    assert ("number", "Text", {"skip": True}, "Integer") in asked


def test_defaults_are_compared_by_the_user(connection: sa.Connection, models: sa.MetaData) -> None:
    def compare(context: Any, inspected: Any, model: Any, there: Any, wanted: Any, rendered: Any) -> bool | None:
        return True if inspected.name == "id" else None

    found = difference(connection, models, compare_server_default=compare, compare_type=False)
    assert [one[0][3] for one in found if isinstance(one, list)] == ["id"]


def test_types_of_tables_that_are_not_looked_at_stay(make_database: DatabaseMaker) -> None:
    engine = sa.create_engine(make_database("postgresql").url, poolclass=sa.NullPool)
    metadata = sa.MetaData()
    sa.Table("mine", metadata, sa.Column("id", sa.Integer, primary_key=True))
    with engine.connect() as opened:
        opened.exec_driver_sql("CREATE TYPE colour AS ENUM ('a')")
        opened.exec_driver_sql("CREATE SEQUENCE numbers")
        opened.exec_driver_sql("CREATE TABLE theirs (c colour, n integer DEFAULT nextval('numbers'))")
        metadata.create_all(opened)

        def named(name: str | None, kind: str, parents: dict[str, Any]) -> bool:
            return name != "theirs"

        def included(thing: Any, name: str, kind: str, reflected: bool, compare_to: Any) -> bool:
            return name != "theirs"

        assert difference(opened, metadata, include_name=named) == []
        found = difference(opened, metadata, include_object=included)
        assert [one[0] for one in found] == ["drop_sequence"]


def test_a_partial_index_on_an_expression_is_the_same_in_other_words(make_database: DatabaseMaker) -> None:
    engine = sa.create_engine(make_database("postgresql").url, poolclass=sa.NullPool)
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, sa.Column("email", sa.String(50)))
    sa.Index("lowered", sa.func.lower(table.c.email), postgresql_where=sa.text("email is not null"))
    with engine.connect() as opened:
        metadata.create_all(opened)
        assert difference(opened, metadata) == []


def test_an_empty_comment_is_none(make_database: DatabaseMaker) -> None:
    engine = sa.create_engine(make_database("postgresql").url, poolclass=sa.NullPool)
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("x", sa.Integer, comment=""), comment="")
    with engine.connect() as opened:
        metadata.create_all(opened)
        assert difference(opened, metadata) == []
