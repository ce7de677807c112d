"""``compare_metadata``, ``produce_migrations``, ``render_python_code``, for programs."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from flask_schema.alembic_compat.autogenerate import (
    AutogenContext,
    compare_metadata,
    produce_migrations,
    render,
    render_python_code,
)
from flask_schema.alembic_compat.operations import Operations, ops
from flask_schema.errors import ConfigurationError, ModelsInvalid, OfflineRefused
from flask_schema.operations.facade import Directives
from flask_schema.runtime.context import MigrationContext


@pytest.fixture
def context(connection: sa.Connection) -> MigrationContext:
    return MigrationContext.configure(connection=connection)


@pytest.fixture
def before(connection: sa.Connection) -> None:
    for statement in (
        "CREATE TABLE customer (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL, nick TEXT DEFAULT 'n')",
        "CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER, number INTEGER,"
        " placed DATETIME, CONSTRAINT twice UNIQUE (number, placed))",
        "CREATE INDEX orders_number ON orders (number)",
        "CREATE TABLE gone (id INTEGER NOT NULL PRIMARY KEY)",
    ):
        connection.exec_driver_sql(statement)
    connection.commit()


def test_a_fresh_database_differs_in_nothing(
    context: MigrationContext, connection: sa.Connection, shop: sa.MetaData
) -> None:
    shop.create_all(connection)
    assert compare_metadata(context, shop) == []
    assert produce_migrations(context, shop).upgrade_ops.is_empty()


@pytest.mark.usefixtures("before")
def test_differences_are_tuples(context: MigrationContext, shop: sa.MetaData) -> None:
    found = compare_metadata(context, shop)
    kinds = [one[0][0] if isinstance(one, list) else one[0] for one in found]
    assert sorted(kinds) == sorted(
        [
            "remove_table", "remove_index", "remove_constraint", "modify_type", "remove_column", "modify_nullable",
            "modify_default", "add_constraint", "add_constraint", "add_index", "add_fk",
        ]
    )  # fmt: skip
    by_kind: dict[str, Any] = {
        kind: one[0] if isinstance(one, list) else one for kind, one in zip(kinds, found, strict=True)
    }
    assert by_kind["remove_table"][1].name == "gone"
    assert by_kind["remove_column"][1:3] == (None, "customer")
    assert by_kind["remove_column"][3].name == "nick"
    assert str(by_kind["remove_column"][3].server_default.arg) == "'n'"
    _, schema, table, column, existing, old, new = by_kind["modify_type"]
    assert (schema, table, column) == (None, "customer", "name")
    assert existing == {"existing_nullable": False, "existing_server_default": False, "existing_comment": None}
    assert (old.length, new.length) == (20, 50)
    assert by_kind["modify_nullable"][5:] == (True, False)
    assert [column.name for column in by_kind["add_fk"][1].columns] == ["customer_id"]
    assert [element.target_fullname for element in by_kind["add_fk"][1].elements] == ["customer.id"]
    assert by_kind["add_index"][1].name == "ix_orders_placed"


@pytest.mark.usefixtures("before")
def test_changes_of_a_column_are_a_list(context: MigrationContext, shop: sa.MetaData) -> None:
    found = [one for one in compare_metadata(context, shop) if isinstance(one, list)]
    named = next(one for one in found if one[0][3] == "name")
    assert [one[0] for one in named] == ["modify_type", "modify_nullable"]


@pytest.mark.usefixtures("before")
def test_what_is_produced_can_be_run(context: MigrationContext, connection: sa.Connection, shop: sa.MetaData) -> None:
    script = produce_migrations(context, shop)
    op = Directives(context)
    for one in script.upgrade_ops.ops:
        op.invoke(one)
    assert compare_metadata(context, shop) == []
    for one in script.downgrade_ops.ops:
        op.invoke(one)
    columns = {column["name"] for column in sa.inspect(connection).get_columns("customer")}
    assert columns == {"id", "name", "nick"}
    assert sa.inspect(connection).has_table("gone")


@pytest.mark.usefixtures("before")
def test_the_way_back_of_what_is_produced(context: MigrationContext, shop: sa.MetaData) -> None:
    script = produce_migrations(context, shop)
    back = script.upgrade_ops.reverse()
    assert isinstance(back, ops.DowngradeOps)
    kinds = sorted(type(one).__name__ for container in back.ops for one in getattr(container, "ops", [container]))
    assert kinds.count("AddColumnOp") == 1
    assert kinds.count("CreateTableOp") == 1
    assert sorted(
        type(one).__name__ for container in back.reverse().ops for one in getattr(container, "ops", [container])
    ) == sorted(
        type(one).__name__ for container in script.upgrade_ops.ops for one in getattr(container, "ops", [container])
    )


def test_code_for_no_database_in_particular() -> None:
    imports: set[str] = set()
    code = render_python_code(
        ops.UpgradeOps(
            [
                ops.CreateTableOp("t", [sa.Column("id", sa.Integer, primary_key=True)], mysql_engine="InnoDB"),
                ops.ModifyTableOps("t", [ops.AddColumnOp("t", sa.Column("x", mysql.TINYINT(display_width=1)))]),
                ops.DropTableOp("u"),
            ]
        ),
        imports=imports,  # type: ignore[arg-type]
    )
    assert code.splitlines() == [
        "op.create_table(",
        '        "t",',
        '        sa.Column("id", sa.Integer(), nullable=False),',
        '        sa.PrimaryKeyConstraint("id"),',
        '        mysql_engine="InnoDB",',
        "    )",
        '    op.add_column("t", sa.Column("x", mysql.TINYINT(display_width=1)))',
        '    # drops data: table "u"',
        '    op.drop_table("u")',
    ]
    assert imports == {"import sqlalchemy as sa", "from sqlalchemy.dialects import mysql"}
    assert render_python_code(ops.UpgradeOps()) == "pass"


def test_code_in_batches_with_prefixes() -> None:
    container = ops.UpgradeOps([ops.ModifyTableOps("t", [ops.DropColumnOp("t", "x"), ops.DropColumnOp("t", "y")])])
    code = render_python_code(container, alembic_module_prefix="a.", render_as_batch=True)
    assert code.splitlines() == [
        'with a.batch_alter_table("t") as batch_op:',
        '        # drops data: column "x" of table "t"',
        '        batch_op.drop_column("x")',
        '        # drops data: column "y" of table "t"',
        '        batch_op.drop_column("y")',
    ]


def test_metadata_is_needed_and_a_connection(context: MigrationContext) -> None:
    with pytest.raises(ConfigurationError):
        compare_metadata(context, [])
    offline = MigrationContext.configure(dialect_name="sqlite")
    with pytest.raises(OfflineRefused):
        compare_metadata(offline, sa.MetaData())


def test_a_table_in_two_metadata_is_refused(context: MigrationContext, shop: sa.MetaData) -> None:
    other = sa.MetaData()
    sa.Table("orders", other, sa.Column("id", sa.Integer, primary_key=True))
    with pytest.raises(ModelsInvalid, match="orders"):
        compare_metadata(context, [shop, other])


def test_the_context_tells_what_extensions_ask(connection: sa.Connection, shop: sa.MetaData) -> None:
    context = MigrationContext.configure(
        connection=connection,
        opts={
            "target_metadata": shop,
            "include_name": lambda name, type_, parents: name != "hidden",
            "include_object": lambda thing, name, type_, reflected, compare_to: not reflected,
        },
    )
    autogen = AutogenContext(context)
    assert autogen.connection is connection
    assert autogen.dialect.name == "sqlite"
    assert [table.name for table in autogen.sorted_tables] == ["customer", "orders"]
    assert set(autogen.table_key_to_table) == {"customer", "orders"}
    assert autogen.inspector.get_table_names() == []
    assert not autogen.run_name_filters("hidden", "table", {"schema_name": None})
    assert autogen.run_filters(None, "x", "table", False, None)
    assert not autogen.run_object_filters(None, "x", "table", True, None)


def test_models_may_call_columns_by_another_key(context: MigrationContext, connection: sa.Connection) -> None:
    metadata = sa.MetaData()
    sa.Table("a", metadata, sa.Column("id", sa.Integer, key="other", primary_key=True))
    sa.Table("b", metadata, sa.Column("a_id", sa.Integer, sa.ForeignKey("a.other"), key="parent"))
    code = render_python_code(produce_migrations(context, metadata).upgrade_ops)
    assert 'sa.ForeignKeyConstraint(["a_id"], ["a.id"])' in code
    metadata.create_all(connection)
    assert compare_metadata(context, metadata) == []


def test_the_front_door_has_the_functions() -> None:
    import flask_schema

    assert flask_schema.compare_metadata is compare_metadata
    assert flask_schema.produce_migrations is produce_migrations
    assert flask_schema.render_python_code is render_python_code


def test_a_number_with_a_default_is_created_and_compared_as_sqlalchemy_means_it(engine: sa.Engine) -> None:
    """PostgreSQL's compiler writes SERIAL in its place, MySQL's and SQLite's write the default."""
    meant = sa.MetaData()
    columns = [sa.Column("id", sa.Integer, primary_key=True, autoincrement=True, server_default=sa.text("7"))]
    sa.Table("meant", meant, *columns)
    with engine.begin() as connection:
        meant.create_all(connection)
        context = MigrationContext.configure(connection=connection)
        with Operations.context(context) as op:
            op.create_table("made", *[column._copy() for column in columns])
        sa.Table("made", meant, *[column._copy() for column in columns])
        columns_of = sa.inspect(connection).get_columns
        default_meant, default_made = (columns_of(name)[0]["default"] for name in ("meant", "made"))
        assert str(default_made).replace("made", "meant") == str(default_meant)
        assert compare_metadata(context, meant) == []


def test_a_revision_may_render_and_execute_what_the_models_say(connection: sa.Connection, shop: sa.MetaData) -> None:
    """MindsDB's first revision does."""
    context = MigrationContext.configure(connection=connection)
    arguments: dict[str, Any] = {}
    render._render_python_into_templatevars(
        AutogenContext(context, autogenerate=True), produce_migrations(context, shop), arguments
    )
    with Operations.context(context) as op:
        exec(arguments["upgrades"].replace("\n    ", "\n"), {"op": op, "sa": sa})
    assert set(sa.inspect(connection).get_table_names()) == {table.name for table in shop.sorted_tables}
