"""What single operations look like in a file."""

from __future__ import annotations

import enum
import re
import subprocess
import sys
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.errors import OperationRefused
from flask_schema.operations import (
    columns,
    constraints,
    enums,
    indexes,
    placement,
    renames,
    sequences,
    statements,
    tables,
)
from flask_schema.operations.facade import Directives
from flask_schema.operations.operation import CATALOGUE, UNSET, Operation
from flask_schema.scripts.page import Rendering
from flask_schema.scripts.renderers import RENDERERS, renders
from flask_schema.scripts.source import Source, render_operations
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    Enum,
    ExcludeConstraint,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    PrimaryKey,
    QualifiedName,
    Sequence,
    Table,
    UniqueConstraint,
)
from tests.laws.strategies import TRANSLATION

T = QualifiedName("accounts")
S = QualifiedName("accounts", "bank")
INTEGER = TRANSLATION.data_type(sa.Integer())
RUFF = Path(sys.executable).parent / "ruff"


def rendering(**settings: Any) -> Rendering:
    return Rendering(python_type=lambda sql: sa.types.NullType(), **settings)


def render(*operations: Operation, **settings: Any) -> Source:
    source = render_operations(operations, rendering(**settings))
    text = f"def upgrade() -> None:\n    {source.body}\n"
    command = [str(RUFF), "format", "--isolated", "-"]
    assert subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout == text
    return source


def squeezed(body: str) -> str:
    """The source on one line; that it is laid out well has been checked by then."""
    body = re.sub(r"([(\[{])\n\s+", r"\1", body)
    body = re.sub(r",?\n\s+([)\]}])", r"\1", body)
    return re.sub(r",\n\s+", ", ", body)


CASES: list[tuple[Operation, str]] = [
    (tables.DropTable(T), '# drops data: table "accounts"\n    op.drop_table("accounts")'),
    (
        tables.DropTable(S, if_exists=True),
        '# drops data: table "bank.accounts"\n    op.drop_table("accounts", schema="bank", if_exists=True)',
    ),
    (tables.RenameTable(S, "x"), 'op.rename_table("accounts", "x", schema="bank")'),
    (
        tables.CreateTableComment(T, "new", before="old"),
        'op.create_table_comment("accounts", "new", existing_comment="old")',
    ),
    (tables.DropTableComment(T), 'op.drop_table_comment("accounts")'),
    (columns.AddColumn(T, Column("x", INTEGER)), 'op.add_column("accounts", sa.Column("x", sa.Integer()))'),
    (
        columns.AddColumn(T, Column("x", INTEGER, nullable=False, default="0", comment="c")),
        (
            'op.add_column("accounts", sa.Column("x", sa.Integer(), server_default=sa.text("0"), '
            'nullable=False, comment="c"))'
        ),
    ),
    (
        columns.AddColumn(T, Column("x", INTEGER, identity=Identity(always=True, start=3), nullable=False)),
        'op.add_column("accounts", sa.Column("x", sa.Integer(), sa.Identity(always=True, start=3), nullable=False))',
    ),
    (columns.DropColumn(T, "x"), '# drops data: column "x" of table "accounts"\n    op.drop_column("accounts", "x")'),
    (
        columns.AlterColumn(
            T, "x", columns.ColumnFacets(type=INTEGER, nullable=True), columns.ColumnFacets(nullable=False)
        ),
        (
            "# fails while a row holds NULL\n"
            '    op.alter_column("accounts", "x", existing_type=sa.Integer(), nullable=False)'
        ),
    ),
    (
        columns.AlterColumn(T, "x", columns.ColumnFacets(default="'a'"), columns.ColumnFacets(default=None, name="y")),
        'op.alter_column("accounts", "x", new_column_name="y", server_default=None, existing_server_default="a")',
    ),
    (
        constraints.CreatePrimaryKey(T, PrimaryKey(("a", "b"), "pk")),
        'op.create_primary_key(op.f("pk"), "accounts", ["a", "b"])',
    ),
    (
        constraints.CreateUniqueConstraint(S, UniqueConstraint(("a",), None, nulls_not_distinct=True)),
        'op.create_unique_constraint(None, "accounts", ["a"], schema="bank", postgresql_nulls_not_distinct=True)',
    ),
    (
        constraints.CreateForeignKey(S, ForeignKey(("a",), QualifiedName("o", "s"), ("id",), "fk", ondelete="CASCADE")),
        (
            'op.create_foreign_key(op.f("fk"), "accounts", "o", ["a"], ["id"], source_schema="bank", '
            'referent_schema="s", ondelete="CASCADE")'
        ),
    ),
    (
        constraints.CreateCheckConstraint(T, CheckConstraint("a <> ' :x'", "ck")),
        'op.create_check_constraint(op.f("ck"), "accounts", sa.text("a <> \' \\\\:x\'"))',
    ),
    (
        constraints.CreateExcludeConstraint(T, ExcludeConstraint((("room", "="), ("during", "&&")), "ex")),
        (
            'op.create_exclude_constraint(op.f("ex"), "accounts", (sa.text("room"), "="), '
            '(sa.text("during"), "&&"), using="gist")'
        ),
    ),
    (constraints.DropConstraint(T, "u", "unique"), 'op.drop_constraint(op.f("u"), "accounts", type_="unique")'),
    (
        indexes.CreateIndex(T, Index("ix", (IndexElement("a", descending=True, nulls="last"),), unique=True)),
        'op.create_index(op.f("ix"), "accounts", [sa.column("a").desc().nulls_last()], unique=True)',
    ),
    (
        indexes.CreateIndex(
            T,
            Index(
                "ix",
                (IndexElement("lower(a)", is_column=False, opclass="text_pattern_ops"),),
                method="btree",
                include=("b",),
            ),
            concurrently=True,
        ),
        (
            'op.create_index(op.f("ix"), "accounts", [sa.literal_column("lower(a)").label("key_0")], '
            'postgresql_concurrently=True, postgresql_using="btree", postgresql_include=["b"], '
            'postgresql_ops={"key_0": "text_pattern_ops"})'
        ),
    ),
    (indexes.DropIndex(T, "ix"), 'op.drop_index(op.f("ix"), table_name="accounts")'),
    (renames.RenameIndex("a", "b", S), 'op.rename_index("a", "b", "accounts", schema="bank")'),
    (renames.RenameIndex("a", "b", None, "s"), 'op.rename_index("a", "b", schema="s")'),
    (renames.RenameConstraint(T, "a", "b"), 'op.rename_constraint("a", "b", "accounts")'),
    (enums.CreateEnum(Enum(S, ("a", "it's"))), 'op.create_enum("accounts", ["a", "it\'s"], schema="bank")'),
    (enums.DropEnum(T), 'op.drop_enum("accounts")'),
    (
        enums.AlterEnum(Enum(T, ("a", "b")), Enum(T, ("A", "c")), (("a", "A"),)),
        (
            '# fails while a row holds one of the values that go: "b"\n'
            '    op.alter_enum(\n        "accounts", ["A", "c"], existing_values=["a", "b"], renames={"a": "A"}\n    )'
        ),
    ),
    (enums.RenameEnumValue(T, "a", "b"), 'op.rename_enum_value("accounts", "a", "b")'),
    (
        sequences.CreateSequence(Sequence(S, start=2, owned_by=(S, "id"))),
        'op.create_sequence("accounts", schema="bank", start=2, owned_by=("bank", "accounts", "id"))',
    ),
    (sequences.AlterSequence(Sequence(T, start=2), Sequence(T)), 'op.alter_sequence("accounts", existing_start=2)'),
    (sequences.DropSequence(T, if_exists=True), 'op.drop_sequence("accounts", if_exists=True)'),
    (indexes.DropIndex(None, "ix", schema="s"), 'op.drop_index(op.f("ix"), schema="s")'),
    (statements.Execute("UPDATE a SET x = ':y'"), "op.execute(\"UPDATE a SET x = ':y'\")"),
    (statements.Execute("SELECT 1\nFROM a"), 'op.execute("""SELECT 1\nFROM a""")'),
    (statements.Execute(sa.text("SELECT 1")), 'op.execute(sa.text("SELECT 1"))'),
    (
        statements.BulkInsert(sa.table("t", sa.column("a", sa.Integer())), ({"a": 1}, {"a": 2})),
        'op.bulk_insert(sa.table("t", sa.column("a", sa.Integer())), [{"a": 1}, {"a": 2}])',
    ),
    (
        constraints.ValidateConstraint(S, "ck"),
        'op.validate_constraint(op.f("ck"), "accounts", schema="bank")',
    ),
    (
        constraints.AlterPrimaryKey(T, PrimaryKey(("a", "b"), "pk"), PrimaryKey(("a",), "old")),
        'op.alter_primary_key("accounts", ["a", "b"], constraint_name=op.f("pk"), existing_columns=["a"], '
        'existing_name=op.f("old"))',
    ),
    (enums.AddEnumValue(T, "b", after="a"), 'op.add_enum_value("accounts", "b", after="a")'),
    (
        enums.RemoveEnumValue(S, "b", "a", leading="c"),
        'op.remove_enum_value("accounts", "b", replacement="a", before="c", schema="bank")',
    ),
    (
        placement.SetRowTtl(S, (("ttl_delete_batch_size", 50), ("ttl_expire_after", "3 days")), ()),
        "# drops data: set row-level TTL on bank.accounts (ttl_delete_batch_size 50, ttl_expire_after 3 days)\n"
        "    op.set_row_ttl(\n"
        '        "accounts",\n'
        '        expire_after="3 days",\n'
        "        delete_batch_size=50,\n"
        '        schema="bank",\n'
        "        existing={},\n"
        "    )",
    ),
    (
        placement.RemoveRowTtl(T, (("ttl_expire_after", "3 days"),)),
        'op.remove_row_ttl("accounts", existing={"expire_after": "3 days"})',
    ),
    (
        placement.SetLocality(T, "GLOBAL", None),
        'op.set_locality("accounts", "GLOBAL", existing_locality=None)',
    ),
]


@pytest.mark.parametrize(("operation", "expected"), CASES, ids=lambda one: getattr(one, "directive", None))
def test_source(operation: Operation, expected: str) -> None:
    body = render(operation).body
    assert (body if expected.count("\n") else squeezed(body)) == expected


def test_every_operation_has_a_renderer_of_its_name() -> None:
    ours = {name for name, cls in CATALOGUE.items() if cls.__module__.startswith("flask_schema.")}
    assert ours - RENDERERS.keys() == set()
    assert ours - set(dir(Directives)) == set()


def test_a_whole_table() -> None:
    table = Table(
        T,
        (
            Column("id", TRANSLATION.data_type(sa.Uuid()), nullable=False),
            Column("overdrawn", TRANSLATION.data_type(sa.Boolean()), computed=Computed("balance < 0", True)),
        ),
        PrimaryKey(("id",)),
        foreign_keys=(ForeignKey(("id",), S, ("id",), "fk"),),
        indexes=(Index("ix", (IndexElement("overdrawn"),)),),
        options=(("partition_by", "RANGE (id)"),),
    )
    source = render(tables.CreateTable(table))
    assert source.body.splitlines() == [
        "op.create_table(",
        '        "accounts",',
        '        sa.Column("id", sa.Uuid(), nullable=False),',
        "        sa.Column(",
        '            "overdrawn", sa.Boolean(), sa.Computed("balance < 0", persisted=True)',
        "        ),",
        '        sa.ForeignKeyConstraint(["id"], ["bank.accounts.id"], name=op.f("fk")),',
        '        sa.PrimaryKeyConstraint("id"),',
        '        postgresql_partition_by="RANGE (id)",',
        "    )",
        '    op.create_index(op.f("ix"), "accounts", ["overdrawn"])',
    ]
    assert source.imports == ("import sqlalchemy as sa",)


@pytest.mark.parametrize(
    ("python", "key", "autoincrement", "said"),
    [
        (sa.Integer(), ("id",), True, None),
        (sa.Integer(), ("id",), False, "autoincrement=False"),
        (sa.Integer(), ("id", "x"), True, "autoincrement=True"),
        (sa.Integer(), ("id", "x"), False, None),
        (sa.String(5), ("id",), False, None),
    ],
)
def test_autoincrement_is_said_where_sqlalchemy_would_decide_otherwise(
    python: sa.types.TypeEngine[Any], key: tuple[str, ...], autoincrement: bool, said: str | None
) -> None:
    column = Column("id", TRANSLATION.data_type(python), nullable=False, autoincrement=autoincrement)
    table = Table(T, (column, Column("x", INTEGER, nullable=False)), PrimaryKey(key))
    body = render(tables.CreateTable(table)).body
    assert ("autoincrement" in body) == (said is not None)
    assert said is None or said in body


class Color(enum.Enum):
    RED = "r"
    BLUE = "b"


@pytest.mark.parametrize(
    ("python", "value", "written"),
    [
        (sa.Boolean(), True, "True"),
        (sa.Numeric(10, 2), Decimal("1.50"), 'Decimal("1.50")'),
        (sa.Uuid(), uuid.UUID(int=1), 'uuid.UUID("00000000-0000-0000-0000-000000000001")'),
        (sa.Enum(Color), Color.BLUE, '"BLUE"'),
        (sa.Enum(Color, values_callable=lambda kind: [one.value for one in kind]), Color.BLUE, '"b"'),
    ],
)
def test_not_null_is_added_in_three_steps(python: Any, value: object, written: str) -> None:
    column = Column("x", TRANSLATION.data_type(python), nullable=False, python_default=value)
    source = render(columns.AddColumn(T, column))
    assert f'op.execute(accounts.update().values({{"x": {written}}}))' in squeezed(source.body)


def test_prefixes_are_the_projects_choice() -> None:
    source = render(
        columns.AddColumn(T, Column("x", INTEGER)), op_prefix="migrate.", sqlalchemy_module_prefix="sqlalchemy."
    )
    assert source.body == 'migrate.add_column("accounts", sqlalchemy.Column("x", sqlalchemy.Integer()))'
    assert source.imports == ("import sqlalchemy",)


def test_render_item_has_the_first_word() -> None:
    def render_item(kind: str, item: Any, imports: Any) -> Any:
        if kind == "type" and isinstance(item, sa.Integer):
            imports.module("my_types")
            return "my_types.Number()"
        return False

    source = render(columns.AddColumn(T, Column("x", INTEGER, default="0")), render_item=render_item)
    assert 'sa.Column("x", my_types.Number(), server_default=sa.text("0"))' in source.body
    assert "import my_types" in source.imports


def test_an_operation_of_somebody_else_needs_a_renderer() -> None:
    class Sing(Operation):
        directive = "sing"

        def describe(self) -> str:
            return "sing"

    with pytest.raises(OperationRefused) as caught:
        render_operations([Sing()], rendering())
    assert "op.sing" in str(caught.value)
    renders("sing")(lambda operation, page: ["op.sing()"])
    try:
        assert render_operations([Sing()], rendering()).body == "op.sing()"
    finally:
        del RENDERERS["sing"]


def test_unset_is_not_said() -> None:
    body = render(columns.AlterColumn(T, "x", after=columns.ColumnFacets(comment=None))).body
    assert body == 'op.alter_column("accounts", "x", comment=None)'
    assert repr(UNSET) not in body


def test_a_type_that_only_the_database_knows() -> None:
    source = render_operations(
        [columns.AddColumn(T, Column("x", DataType("VARCHAR(50)")))],
        Rendering(lambda sql: sa.VARCHAR(50), lambda python: TRANSLATION.data_type(python).sql),
    )
    assert source.body == 'op.add_column("accounts", sa.Column("x", sa.String(length=50)))'
