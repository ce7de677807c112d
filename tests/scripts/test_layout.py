"""Long lines, long chains, wide characters and strings of several lines: ruff finds nothing to format."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

from flask_schema.operations import columns, constraints, indexes, statements
from flask_schema.operations.operation import Operation
from flask_schema.scripts.layout import block, text
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    IndexElement,
    QualifiedName,
)
from tests.laws.strategies import TRANSLATION
from tests.scripts.test_source import INTEGER, S, T, render

LONG_QUERY = "SELECT " + ", ".join(f"column_{number}" for number in range(20))
MANY = tuple(f"column_number_{number}" for number in range(6))
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NESTED = {"a": 1, "b": [1, 2, 3, "x" * 30], "c": {"deep": "y" * 60}}
OPERATIONS: list[Operation] = [
    statements.Execute(f"{LONG_QUERY}\nFROM x"),
    statements.Execute(sa.text(f"{LONG_QUERY}\nFROM x")),
    statements.Execute("SELECT 1\nFROM x", (("autocommit", True),)),
    statements.Execute(LONG_QUERY),
    statements.Execute(f"short\n{LONG_QUERY}\n"),
    columns.AddColumn(
        T, Column("x", TRANSLATION.data_type(JSON.with_variant(mysql.LONGTEXT(charset="utf8mb4"), "mysql", "mariadb")))
    ),
    columns.AddColumn(T, Column("x", TRANSLATION.data_type(JSON), default="'" + "y" * 60 + "'", comment="z" * 60)),
    columns.AddColumn(
        T, Column("x" * 60, TRANSLATION.data_type(sa.Enum(*MANY, name="e")), default=f"'{'y' * 90}'", comment="z" * 100)
    ),
    columns.AddColumn(
        T, Column("a_long_name_of_a_json", TRANSLATION.data_type(JSON), nullable=False, python_default=NESTED)
    ),
    indexes.CreateIndex(
        T,
        Index(
            "ix" * 20,
            (
                IndexElement(f"lower({'n' * 80})", is_column=False, descending=True, opclass="text_pattern_ops"),
                IndexElement(f"upper({'n' * 80})", is_column=False, descending=True),
                IndexElement("b" * 60, collation="C", nulls="first"),
            ),
            where="w" * 90,
            options=(("with", (("fillfactor", 50),)),),
        ),
    ),
    constraints.CreateForeignKey(S, ForeignKey(MANY, QualifiedName("o", "s"), MANY, "fk" * 40, ondelete="CASCADE")),
    constraints.CreateCheckConstraint(T, CheckConstraint(f"a <> ' :x' AND {'b' * 80}", "ck")),
    constraints.DropConstraint(
        T, None, "foreignkey", before=ForeignKey(("a",), QualifiedName("o", "s"), ("id",), ondelete="CASCADE")
    ),
    statements.BulkInsert(
        sa.table("t", sa.column("a", sa.Integer()), sa.column("a_much_longer_name", sa.String(50)), schema="bank"),
        tuple({"a": number, "a_much_longer_name": "x" * number} for number in range(0, 60, 20)),
    ),
    columns.AddColumn(QualifiedName("日本語の表" * 6), Column("列" * 20, INTEGER, comment="コメント")),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.directive)
@pytest.mark.parametrize("batch", [False, True])
def test_long_things(operation: Operation, batch: bool) -> None:
    assert render(operation, render_as_batch=batch).body


@pytest.mark.parametrize(
    "value", ["", "a", "it's", 'say "x"', 'it\'s "x"', "a\\b", "tab\t", "é", "\x00", "two\nlines", "\u2028"]
)
def test_strings_say_what_they_say(value: str) -> None:
    assert eval(text(value)) == value
    assert eval(block(value)) == value


def test_blocks_only_where_they_read_well() -> None:
    assert block("a\nb") == '"""a\nb"""'
    assert block("a \nb") == text("a \nb")
    assert block('a\n"') == text('a\n"')
    assert block("a\nb\\") == text("a\nb\\")
