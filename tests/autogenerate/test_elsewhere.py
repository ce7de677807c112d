"""Packages that registered with a real Alembic, which the application had imported before a command ran."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.alembic_compat.util import Dispatcher
from tests.autogenerate.conftest import body
from tests.scenarios.projects import Place


class RealOperation:
    """Stands for ``alembic.operations.ops.MigrateOperation``."""

    def to_diff_tuple(self) -> tuple[Any, ...]:
        return (type(self).__name__,)


class ExecuteSQLOp(RealOperation):
    """Stands for Alembic's own class of that name."""

    def __init__(self, sqltext: str) -> None:
        self.sqltext = sqltext
        self.execution_options = None


class WarmUpOp(RealOperation):
    def reverse(self) -> RealOperation:
        return self


@pytest.fixture
def real_alembic(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """As much of the modules of Alembic as a package registers with."""
    for name in ("alembic", "alembic.operations", "alembic.operations.base", "alembic.operations.ops"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    for name in ("alembic.autogenerate", "alembic.autogenerate.compare", "alembic.autogenerate.render"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setattr(ExecuteSQLOp, "__module__", "alembic.operations.ops")
    registry: dict[Any, Any] = {}
    operations = type("Operations", (), {"_to_impl": Dispatcher()})
    sys.modules["alembic.operations.base"].Operations = operations  # type: ignore[attr-defined]
    sys.modules["alembic.operations.ops"].MigrateOperation = RealOperation  # type: ignore[attr-defined]
    sys.modules["alembic.autogenerate.compare"].comparators = SimpleNamespace(  # type: ignore[attr-defined]
        _registry=registry
    )
    renderers = Dispatcher()
    sys.modules["alembic.autogenerate.render"].renderers = renderers  # type: ignore[attr-defined]
    return SimpleNamespace(operations=operations, comparators=registry, renderers=renderers)


def test_a_package_of_theirs_works(
    make_place: Callable[..., Place], real_alembic: SimpleNamespace, connection: sa.Connection
) -> None:
    def compare(autogen_context: Any, upgrade_ops: Any, schemas: Any) -> None:
        if not autogen_context.inspector.has_table("warm"):
            upgrade_ops.ops.append(ExecuteSQLOp("SELECT 1"))
            upgrade_ops.ops.append(WarmUpOp())

    def alembics_own(*_: Any) -> None:
        raise AssertionError("the engine compares by itself")

    def warm_up(operations: Any) -> Any:
        return operations.invoke(WarmUpOp())

    alembics_own.__module__ = "alembic.autogenerate.compare.schema"
    real_alembic.comparators[("schema", "default")] = compare
    real_alembic.comparators[("autogenerate", "default", 25)] = [(alembics_own, None)]
    real_alembic.renderers.dispatch_for(WarmUpOp)(lambda context, op: "op.warm_up()")
    real_alembic.operations.warm_up = warm_up

    @real_alembic.operations._to_impl.dispatch_for(WarmUpOp)
    def implementation(operations: Any, operation: WarmUpOp) -> None:
        operations.execute("CREATE TABLE IF NOT EXISTS warm (id INTEGER)")

    place = make_place(sa.MetaData(), include_name=lambda name, kind, parents: name != "warm")
    assert "ExecuteSQLOp has no reverse()" in place.fine("migrate", "-m", "warm").text
    assert body(place).splitlines() == ['op.execute("SELECT 1")', "    op.warm_up()"]
    place.fine("upgrade")
    assert sa.inspect(connection).has_table("warm")
    connection.rollback()
    assert "No changes" in place.fine("migrate", "-m", "warm").out


def test_a_directive_of_theirs_works_inside_a_batch_block(
    make_place: Callable[..., Place], real_alembic: SimpleNamespace, connection: sa.Connection
) -> None:
    class WarmColumnOp(RealOperation):
        def __init__(self, table_name: str, column: str) -> None:
            self.words = (table_name, column)

    def warm_column(operations: Any, column: str) -> Any:
        return operations.invoke(WarmColumnOp(operations.impl.table_name, column))

    def carry_out(operations: Any, operation: WarmColumnOp) -> None:
        operations.execute(f"INSERT INTO warm VALUES ('{' '.join(operation.words)}')")

    batch = type("BatchOperations", (), {"warm_column": warm_column})
    sys.modules["alembic.operations.base"].BatchOperations = batch  # type: ignore[attr-defined]
    real_alembic.operations._to_impl.dispatch_for(WarmColumnOp)(carry_out)
    place = make_place(sa.MetaData())
    place.fine("revision", "-m", "warm")
    (file,) = place.versions.glob("*.py")
    text = file.read_text(encoding="utf-8")
    script = "op.execute('CREATE TABLE warm (word TEXT)')\n    with op.batch_alter_table('warm') as batch_op:\n        "
    file.write_text(text.replace("    pass", f"    {script}batch_op.warm_column('word')", 1), encoding="utf-8")
    place.fine("upgrade")
    assert connection.exec_driver_sql("SELECT word FROM warm").scalar() == "warm word"
