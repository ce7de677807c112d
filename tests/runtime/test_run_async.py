"""``op.run_async``: coroutines on the migration's own connection, where its engine is an asynchronous one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from flask_schema.errors import OfflineRefused
from flask_schema.operations.facade import Directives
from flask_schema.runtime.context import MigrationContext


async def fill(connection: AsyncConnection, number: int, *, times: int) -> int:
    for _ in range(times):
        await connection.execute(sa.text("INSERT INTO t VALUES (:number)"), {"number": number})
    found = await connection.execute(sa.text("SELECT sum(a) FROM t"))
    return int(found.scalar_one())


def migrate(connection: sa.Connection) -> int:
    context = MigrationContext.configure(connection)
    op = Directives(context)
    with context.begin_transaction():
        op.create_table("t", sa.Column("a", sa.Integer()))
        total: int = op.run_async(fill, 3, times=2)
        op.execute("INSERT INTO t VALUES (1)")
    return total


def test_a_coroutine_sees_and_joins_the_transaction(postgresql_url: str) -> None:
    async def run() -> tuple[int, Any]:
        engine = create_async_engine(sa.make_url(postgresql_url).set(drivername="postgresql+psycopg"))
        async with engine.connect() as connection:
            total = await connection.run_sync(migrate)
        async with engine.connect() as connection:
            rows = await connection.execute(sa.text("SELECT a FROM t ORDER BY a"))
            found = rows.scalars().all()
        await engine.dispose()
        return total, found

    assert asyncio.run(run()) == (6, [1, 3, 3])


def test_what_a_failed_revision_did_by_a_coroutine_is_undone(postgresql_url: str) -> None:
    def fail(connection: sa.Connection) -> None:
        context = MigrationContext.configure(connection)
        op = Directives(context)
        with context.begin_transaction():
            op.create_table("u", sa.Column("a", sa.Integer()))
            op.run_async(fill, 1, times=1)  # there is no table t

    async def run() -> bool:
        engine = create_async_engine(sa.make_url(postgresql_url).set(drivername="postgresql+psycopg"))
        async with engine.connect() as connection:
            with pytest.raises(sa.exc.ProgrammingError):
                await connection.run_sync(fail)
        async with engine.connect() as connection:
            there = await connection.run_sync(lambda one: sa.inspect(one).has_table("u"))
        await engine.dispose()
        return there

    assert asyncio.run(run()) is False


def test_without_a_database_there_is_nothing_to_run_on() -> None:
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True})
    with pytest.raises(OfflineRefused):
        Directives(context).run_async(fill)
