"""A project's own directives: compared, written, carried out, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.alembic_compat.autogenerate import comparators, compare_metadata, renderers
from flask_schema.alembic_compat.operations import MigrateOperation, Operations, ops
from flask_schema.alembic_compat.runtime.plugins import Plugin
from flask_schema.alembic_compat.util import DispatchPriority
from flask_schema.errors import ConfigurationError
from flask_schema.operations.facade import Directives
from flask_schema.runtime.context import MigrationContext
from tests.autogenerate.conftest import body, source
from tests.scenarios.projects import Place

MakePlace = Callable[..., Place]


class SetLabelOp(MigrateOperation):
    """Keeps a label in a table of its own."""

    def __init__(self, label: str | None, before: str | None) -> None:
        self.label = label
        self.before = before

    @classmethod
    def set_label(cls, operations: Any, label: str | None, before: str | None) -> Any:
        return operations.invoke(cls(label, before))

    def reverse(self) -> SetLabelOp:
        return SetLabelOp(self.before, self.label)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return ("set_label", self.before, self.label)


@pytest.fixture
def labels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a project would write into a module of its own."""
    Operations.register_operation("set_label")(SetLabelOp)

    @Operations.implementation_for(SetLabelOp)
    def set_label(operations: Any, operation: SetLabelOp) -> None:
        operations.execute(f"DELETE FROM label; -- {operation.before}".partition(";")[0])
        if operation.label:
            operations.execute(f"INSERT INTO label VALUES ('{operation.label}')")

    @comparators.dispatch_for("schema")
    def compare_label(autogen_context: Any, upgrade_ops: Any, schemas: Any) -> None:
        assert None in schemas
        wanted = autogen_context.metadata.info.get("label")
        there = None
        if autogen_context.inspector.has_table("label"):
            there = autogen_context.connection.execute(sa.text("SELECT text FROM label")).scalar()
        if wanted != there:
            upgrade_ops.ops.append(SetLabelOp(wanted, there))

    @renderers.dispatch_for(SetLabelOp)
    def render_label(autogen_context: Any, op: SetLabelOp) -> list[str]:
        autogen_context.imports.add("import textwrap  # noqa: F401")
        return ["# the label", f"op.set_label({op.label!r}, {op.before!r})"]

    yield
    delattr(Directives, "set_label")


@pytest.fixture
def models() -> sa.MetaData:
    metadata = sa.MetaData(info={"label": "blue"})
    sa.Table("label", metadata, sa.Column("text", sa.Text))
    return metadata


@pytest.mark.usefixtures("labels")
def test_the_whole_way(make_place: MakePlace, models: sa.MetaData, connection: sa.Connection) -> None:
    place = make_place(models)
    place.fine("migrate", "-m", "label")
    assert body(place).splitlines() == [
        'op.create_table("label", sa.Column("text", sa.Text()))',
        "    # the label",
        "    op.set_label('blue', None)",
    ]
    assert body(place, "downgrade").splitlines() == [
        "# the label",
        "    op.set_label(None, 'blue')",
        '    # drops data: table "label"',
        '    op.drop_table("label")',
    ]
    assert "import textwrap  # noqa: F401" in source(place)
    place.fine("upgrade")
    assert connection.exec_driver_sql("SELECT text FROM label").scalar() == "blue"
    connection.rollback()
    place.fine("check")
    models.info["label"] = "red"
    assert "set_label blue red" in place.wrong("check").text
    place.fine("downgrade")


@pytest.mark.usefixtures("labels")
def test_the_tuples_hold_own_ones_too(connection: sa.Connection, models: sa.MetaData) -> None:
    context = MigrationContext.configure(connection=connection)
    assert compare_metadata(context, models)[1:] == [("set_label", None, "blue")]


def test_comparators_of_tables_and_columns(connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, x INTEGER)")
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer))
    sa.Table("new", metadata, sa.Column("id", sa.Integer, primary_key=True))
    seen: list[Any] = []

    @comparators.dispatch_for("table")
    def table(context: Any, container: Any, schema: Any, name: str, conn: Any, model: Any) -> None:
        seen.append(("table", schema, name, conn is not None, model is metadata.tables[name]))
        if name == "new":
            container.ops.append(ops.ExecuteSQLOp("SELECT 1"))

    @comparators.dispatch_for("column")
    def column(context: Any, op: Any, schema: Any, table: str, name: str, conn: Any, model: Any) -> None:
        seen.append(("column", table, name, type(conn.type).__name__, type(model.type).__name__))
        if name == "x":
            op.modify_comment = "said"

    found = compare_metadata(MigrationContext.configure(connection=connection), metadata)
    assert seen == [
        ("table", None, "new", False, True),
        ("column", "t", "id", "Integer", "Integer"),
        ("column", "t", "x", "Integer", "Integer"),
        ("table", None, "t", True, True),
    ]
    assert [one[0][0] if isinstance(one, list) else one[0] for one in found] == [
        "add_table",
        "execute",
        "modify_comment",
    ]


def test_a_renderer_takes_the_place_of_the_engines(make_place: MakePlace, models: sa.MetaData) -> None:
    @renderers.dispatch_for(ops.CreateTableOp, replace=True)
    def create(autogen_context: Any, op: ops.CreateTableOp) -> str:
        return f"op.execute(\n    '''CREATE TABLE {op.table_name}\n(text TEXT)'''\n)"

    place = make_place(models)
    place.fine("migrate", "-m", "own words")
    assert "op.execute(\n        '''CREATE TABLE label\n(text TEXT)'''\n    )" in body(place)
    with pytest.raises(ValueError, match="replace=True"):
        renderers.dispatch_for(ops.CreateTableOp)(create)


def test_an_operation_that_nobody_can_write(make_place: MakePlace, models: sa.MetaData) -> None:
    def add(context: Any, revision: Any, directives: list[Any]) -> None:
        directives[0].upgrade_ops.ops.append(SetLabelOp("x", None))

    place = make_place(models, process_revision_directives=add)
    answer = place.wrong("migrate", "-m", "x")
    assert "no renderer for SetLabelOp" in answer.error()
    assert "renderers.dispatch_for(SetLabelOp)" in answer.hint()


# -- plugins ----------------------------------------------------------------------------------


@pytest.fixture
def plugin() -> Iterator[Plugin]:
    made = Plugin("shop.audit")
    yield made
    made.remove()


def test_a_plugin_is_used_when_it_is_named(plugin: Plugin, connection: sa.Connection) -> None:
    metadata = sa.MetaData()
    calls: list[str] = []
    plugin.add_autogenerate_comparator(lambda *_: calls.append("last"), "schema", priority=DispatchPriority.LAST)
    plugin.add_autogenerate_comparator(lambda *_: calls.append("first"), "schema", priority=DispatchPriority.FIRST)
    plugin.add_autogenerate_comparator(lambda *_: calls.append("mysql"), "schema", qualifier="mysql")
    compare_metadata(MigrationContext.configure(connection=connection), metadata)
    assert calls == []
    opts = {"autogenerate_plugins": ["alembic.autogenerate.*", "shop.*"]}
    compare_metadata(MigrationContext.configure(connection=connection, opts=opts), metadata)
    assert calls == ["first", "last"]


def test_parts_of_the_comparison_can_be_switched_off(connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, x INTEGER DEFAULT 1, y TEXT)")
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("x", sa.BigInteger, index=True),
        sa.Column("y", sa.Text, sa.CheckConstraint("y > ''", name="filled"), nullable=False),
    )

    def kinds(*plugins: str) -> set[str]:
        opts = {"autogenerate_plugins": ["alembic.autogenerate.*", *plugins]}
        found = compare_metadata(MigrationContext.configure(connection=connection, opts=opts), metadata)
        return {one[0] for each in found for one in (each if isinstance(each, list) else [each])}

    everything = {"modify_type", "modify_default", "modify_nullable", "add_index", "add_constraint"}
    assert kinds() == everything
    assert kinds("~alembic.autogenerate.types") == everything - {"modify_type"}
    assert kinds("~alembic.autogenerate.defaults") == everything - {"modify_default"}
    assert kinds("~alembic.autogenerate.constraints") == {"modify_type", "modify_default"}
    assert kinds("~alembic.ext.checkconstraint_byname") == everything - {"add_constraint"}
    assert kinds("~alembic.autogenerate.tables") == set()
    with pytest.raises(ConfigurationError, match=r"nobody\.there"):
        kinds("nobody.there")
