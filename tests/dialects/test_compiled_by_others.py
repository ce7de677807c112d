"""What an application compiles in its own way by ``@compiles``."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from flask_schema.alembic_compat.operations import Operations
from flask_schema.runtime.context import MigrationContext


def test_a_constraint_is_created_in_its_words(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nova's first revision leaves out the names of foreign keys on PostgreSQL like that."""
    of: Any = sa.ForeignKeyConstraint
    monkeypatch.setattr(of, "_compiler_dispatch", of._compiler_dispatch)
    monkeypatch.setattr(of, "_compiler_dispatcher", None, raising=False)

    @compiles(of)
    def write(element: Any, compiler: Any, **_: Any) -> str:
        element.name = "of_our_own"
        return str(compiler.visit_foreign_key_constraint(element))

    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)) as op:
        identity = sa.Column("id", sa.Integer, primary_key=True)
        op.create_table("p", identity)
        op.create_table("t", identity._copy(), sa.Column("p_id", sa.Integer, sa.ForeignKey("p.id", name="to_p")))
        assert [one["name"] for one in sa.inspect(connection).get_foreign_keys("t")] == ["of_our_own"]
