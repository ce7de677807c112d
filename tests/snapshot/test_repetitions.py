"""Columns that repeat themselves are translated once, and each comes out as if it had been translated alone."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from flask_schema.snapshot.elements import Column
from flask_schema.snapshot.from_metadata import snapshot_of
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation, writing_dialect
from flask_schema.snapshot.repetitions import Repetitions

DIALECTS = (sqlite.dialect, postgresql.dialect, mysql.dialect)


class Measured(sa.types.UserDefinedType[Any]):
    """A user's type that writes what it was given."""

    cache_ok = True

    def __init__(self, length: object) -> None:
        self.length = length

    def get_col_spec(self, **_: Any) -> str:
        return f"MEASURED({self.length})"


class Sometimes(Measured):
    """One that has other attributes from time to time."""

    def __init__(self, length: object, unit: str | None = None) -> None:
        if unit is None:
            self.length = length
        else:
            self.unit = unit

    def get_col_spec(self, **_: Any) -> str:
        return f"SOMETIMES({vars(self)})".replace("'", "").replace("{", "").replace("}", "").replace(": ", " ")


class Wrapped(sa.types.TypeDecorator[Any]):
    """A decorator, whose attributes are objects."""

    impl = sa.String
    cache_ok = True


def columns(name: str) -> list[sa.Column[Any]]:
    """Columns of one name that are alike in something, but in nothing that matters to all of them."""
    listened = sa.Boolean()
    sa.event.listen(listened, "before_parent_attach", lambda *_: None)
    return [
        sa.Column(name, sa.String(50)),
        sa.Column(name, sa.String(50)),
        sa.Column(name, sa.String(50, collation="C")),
        sa.Column(name, sa.String(5)),
        sa.Column(name, sa.String(50), nullable=False),
        sa.Column(name, sa.String(50), comment="said"),
        sa.Column(name, sa.String(50), server_default="a"),
        sa.Column(name, sa.String(50), server_default="b"),
        sa.Column(name, sa.String(50), server_default=sa.text("a")),
        sa.Column(name, sa.String(50), server_default=sa.text("upper(:x)").bindparams(x="a")),
        sa.Column(name, sa.String(50), server_default=sa.text("upper(:x)").bindparams(x="b")),
        sa.Column(name, sa.String(50), server_default=sa.func.lower("A")),
        sa.Column(name, sa.String(50), server_default=sa.func.lower("B")),
        sa.Column(name, sa.String(50), server_default=sa.func.version()),
        sa.Column(name, sa.String(50), server_default=sa.func.user()),
        sa.Column(name, sa.String(50), server_default=sa.func.pg_catalog.version()),
        sa.Column(name, sa.String(50), server_default=sa.func.now()),
        sa.Column(name, sa.String(50), server_default=sa.func.current_timestamp()),
        sa.Column(name, sa.String(50), server_default=sa.literal("a") + sa.literal("b")),
        sa.Column(name, sa.String(50), server_default=sa.literal("a") + sa.literal("c")),
        sa.Column(name, sa.Boolean, server_default=sa.true()),
        sa.Column(name, sa.Boolean, server_default=sa.false()),
        sa.Column(name, sa.Boolean, server_default=sa.null()),
        sa.Column(name, listened),
        sa.Column(name, sa.Integer, default=1),
        sa.Column(name, sa.Integer, default=True),
        sa.Column(name, sa.Integer, default=1.0),
        sa.Column(name, sa.Integer, default=lambda: 1),
        sa.Column(name, sa.Integer, default=sa.func.random()),
        sa.Column(name, sa.JSON, default={}),
        sa.Column(name, sa.JSON(none_as_null=True)),
        sa.Column(name, sa.Integer, info={"renamed_from": "y"}),
        sa.Column(name, sa.Integer, info={"renamed_from": "z"}),
        sa.Column(name, sa.Integer, info={"else": 1}),
        sa.Column(name, sa.Integer, sa.Computed("1 + 1")),
        sa.Column(name, sa.Integer, sa.Computed("1 + 2")),
        sa.Column(name, sa.Integer, sa.Identity(start=3)),
        sa.Column(name, sa.Integer, sa.Identity(start=4)),
        sa.Column(name, sa.Integer, sa.Sequence("numbers")),
        sa.Column(name, sa.Integer, autoincrement=True),
        sa.Column(name, sa.Integer, sqlite_on_conflict_not_null="FAIL"),
        sa.Column(name, sa.Enum("a", "b", name="e")),
        sa.Column(name, sa.Enum("a", "c", name="e")),
        sa.Column(name, sa.Enum("a", "c", name="f", schema="app")),
        sa.Column(name, sa.Enum("a", "c", name="f", native_enum=False, length=9)),
        sa.Column(name, sa.String(50).with_variant(sa.Text(), "mysql")),
        sa.Column(name, sa.String(50).with_variant(sa.Text(), "sqlite")),
        sa.Column(name, Measured(1)),
        sa.Column(name, Measured(True)),
        sa.Column(name, Measured(1.0)),
        sa.Column(name, Measured([1])),
        sa.Column(name, Measured([2])),
        sa.Column(name, Measured({3})),
        sa.Column(name, Sometimes(1)),
        sa.Column(name, Sometimes(None, "m")),
        sa.Column(name, Sometimes(None, "km")),
        sa.Column(name, Wrapped(3)),
        sa.Column(name, Wrapped(4)),
        sa.Column(name, sa.Interval(second_precision=3)),
        sa.Column(name, sa.Interval(second_precision=4)),
        sa.Column("y", sa.String(50)),
    ]


def content(column: Column) -> tuple[object, ...]:
    """All that a column says, what is not compared included."""
    python: Any = column.type.python
    default = column.python_default
    return column, repr(column), type(python), repr(python), type(default), default, column.renamed_from


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_column_comes_out_as_if_translated_alone(dialect: Any) -> None:
    translation = SqlalchemyTranslation(writing_dialect(dialect()))
    repetitions = Repetitions(translation)
    for name in ("x", "x", "z"):
        for column in columns(name):
            table = sa.Table("t", sa.MetaData(), column)
            (found,) = repetitions.columns(table)
            assert content(found) == content(translation.column(column, table))


def test_a_column_under_another_name_is_the_same_in_all_else() -> None:
    values = {name: object() for name in Column.__dataclass_fields__}
    column = Column(**values)  # type: ignore[arg-type]
    renamed = column.called("other")
    assert {name: getattr(renamed, name) for name in values} == {**values, "name": "other"}


def test_columns_that_say_the_same_are_one() -> None:
    repetitions = Repetitions(SqlalchemyTranslation(writing_dialect(sqlite.dialect())))  # type: ignore[no-untyped-call]
    metadata = sa.MetaData()  # SQLAlchemy 2.1 notes it on types

    def translated(column: sa.Column[Any]) -> Column:
        return repetitions.columns(sa.Table(f"t{len(metadata.tables)}", metadata, column))[0]

    for make in (
        lambda: sa.Column("a", sa.String(50), server_default="x"),
        lambda: sa.Column("a", sa.Boolean, nullable=False, server_default=sa.true()),
        lambda: sa.Column("a", sa.Enum("a", "b", name="e"), server_default=sa.text("'a'")),
        lambda: sa.Column("a", sa.DateTime, server_default=sa.func.now(), default=3),
    ):
        assert translated(make()) is translated(make())


def test_which_column_numbers_itself_is_for_the_table_to_say() -> None:
    metadata = sa.MetaData()
    sa.Table("one", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table("two", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("b", sa.Text, primary_key=True))
    translation = SqlalchemyTranslation(writing_dialect(postgresql.dialect()))  # type: ignore[no-untyped-call]
    tables = snapshot_of([metadata], translation).tables.values()
    assert [table.columns[0].autoincrement for table in tables] == [True, False]


def test_enums_of_equal_types_are_found_with_the_values_that_each_column_renames() -> None:
    metadata = sa.MetaData()
    kind = {"renamed_values": {"c": "b"}}
    sa.Table("one", metadata, sa.Column("a", sa.Enum("a", "b", name="e")))
    sa.Table("two", metadata, sa.Column("a", sa.Enum("a", "b", name="e"), info=kind))
    sa.Table("three", metadata, sa.Column("a", sa.Enum("a", "b", name="f")))
    translation = SqlalchemyTranslation(writing_dialect(postgresql.dialect()))  # type: ignore[no-untyped-call]
    enums = snapshot_of([metadata], translation).enums
    assert {str(name): (one.values, one.renamed_values) for name, one in enums.items()} == {
        "e": (("a", "b"), (("c", "b"),)),
        "f": (("a", "b"), ()),
    }
