"""A project's own way of carrying out operations, the engine's among them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema import op
from flask_schema.alembic_compat.operations import ops
from flask_schema.errors import SchemaError, UsageError
from flask_schema.operations import extending
from flask_schema.operations.tables import CreateTable, DropTable
from tests.runtime.sites import Site


@pytest.fixture(autouse=True)
def _forget_implementations() -> Iterator[None]:
    before = dict(extending._IMPLEMENTATIONS)
    yield
    extending._IMPLEMENTATIONS.clear()
    extending._IMPLEMENTATIONS.update(before)


def test_what_is_built_in_is_replaced_on_request_only() -> None:
    with pytest.raises(UsageError, match="CreateTable has an implementation already"):
        op.implementation_for(CreateTable)(lambda directives, operation: None)


def test_a_replacement_may_use_what_it_replaces(tmp_path: Path) -> None:
    @op.implementation_for(CreateTable, replace=True)
    def noted(directives: Any, operation: CreateTable) -> None:
        directives.invoke(operation)
        directives.execute(f"INSERT INTO log VALUES ('{operation.table.name}')")

    @op.implementation_for(DropTable, replace=True)
    def kept(directives: Any, operation: DropTable) -> None:
        directives.execute(f"INSERT INTO log VALUES ('kept {operation.name}')")

    site = Site(tmp_path, f"sqlite:///{tmp_path / 'app.db'}")
    site.add("op.execute('CREATE TABLE log (line TEXT)')")
    site.add("op.create_table('a', sa.Column('id', sa.Integer()))\n    op.drop_table('a')")
    site.upgrade()
    with sa.create_engine(site.url).connect() as connection:
        assert connection.exec_driver_sql("SELECT line FROM log").scalars().all() == ["a", "kept a"]
        assert sa.inspect(connection).has_table("a")


def test_run_async_says_what_it_needs(tmp_path: Path) -> None:
    site = Site(tmp_path, f"sqlite:///{tmp_path / 'app.db'}")
    site.add("op.run_async(print)")
    with pytest.raises(SchemaError, match="run_async needs an engine of an asynchronous driver"):
        site.upgrade()


def test_a_directive_as_a_value_cannot_be_replaced() -> None:
    with pytest.raises(UsageError, match=r"CreateTableOp stands for a call") as refused:
        op.implementation_for(ops.CreateTableOp, replace=True)(lambda directives, operation: None)
    assert "flask_schema.operations.tables.CreateTable" in (refused.value.hint or "")
