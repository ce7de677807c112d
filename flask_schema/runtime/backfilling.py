"""Carries out ``op.backfill`` on a live connection: one UPDATE a batch, each committed by itself."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import Grouping

from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.statement import Statement
from flask_schema.errors import ObjectMissing, OperationRefused
from flask_schema.operations.backfill import Backfill
from flask_schema.runtime.destinations import Live, failure
from flask_schema.runtime.retrying import retried
from flask_schema.snapshot.elements import Table

_Key = tuple[Any, ...]


class Backfilling:
    """One backfill. The connection is in autocommit mode already: between two statements no transaction is open."""

    def __init__(self, operation: Backfill, live: Live, surroundings: Surroundings) -> None:
        self.operation = operation
        self.live = live
        table = surroundings.table(operation.table)
        if table is None:
            raise ObjectMissing(f"cannot {operation.describe()}: there is no table {operation.table}")
        self.key_names = operation.key or (table.primary_key.columns if table.primary_key is not None else ())
        if not self.key_names:
            raise OperationRefused(
                f"cannot {operation.describe()}: the table has no primary key to cut batches by",
                hint="name columns that are unique and never NULL with 'key'",
            )
        self.table = self._construct(table)
        self.key = [self.table.c[name] for name in self.key_names]
        where = operation.where
        # a text is not put in parentheses by SQLAlchemy, and an OR in it would swallow the bounds of the batch
        self.left: Any = Grouping(sa.text(where) if isinstance(where, str) else where)
        self.done = 0

    def run(self) -> int:
        """Fill; the number of rows that were changed is returned. Raises MigrationFailed with the statement."""
        operation = self.operation
        total = self._count() if operation.progress is not None else 0
        last: _Key | None = None
        try:
            while keys := self._next_keys(last):
                last = keys[-1]
                self._fill(keys)
                if operation.progress is not None:
                    operation.progress(self.done, total)
                if len(keys) < operation.batch_size:
                    break
                if operation.pause_seconds:
                    time.sleep(operation.pause_seconds)
        finally:
            if self.done:
                self.live.sent.append(f"{operation.describe()} ({self.done} rows)")
        return self.done

    def _construct(self, table: Table) -> sa.TableClause:
        """The table with typed columns to set, and untyped ones to cut by: these go back as the driver gave them."""
        source = self.operation.source
        given = {column.name: column.type for column in source.c} if source is not None else {}
        columns: dict[str, sa.ColumnClause[Any]] = {name: sa.column(name) for name in self.key_names}
        for name, _ in self.operation.values:
            known = table.column(name)
            if known is None:
                raise ObjectMissing(f"cannot {self.operation.describe()}: there is no column {table.name}.{name}")
            python = given.get(name) or known.type.python or self.live.dialect.python_type(known.type.sql)
            columns[name] = sa.column(name, python)
        return sa.table(self.operation.table.name, *columns.values(), schema=self.operation.table.schema)

    def _next_keys(self, last: _Key | None) -> Sequence[_Key]:
        """The keys of the next batch in order; none when nothing is left behind ``last``."""
        query = sa.select(*self.key).select_from(self.table).where(self.left)
        if last is not None:
            query = query.where(self._tuple() > self._bounds(last))
        query = query.order_by(*self.key).limit(self.operation.batch_size)
        return [tuple(row) for row in self._send(query)]

    def _count(self) -> int:
        [(count,)] = self._send(sa.select(sa.func.count()).select_from(self.table).where(self.left))
        return int(count)

    def _fill(self, keys: Sequence[_Key]) -> None:
        update = (
            sa.update(self.table)
            .where(self.left, self._tuple() >= self._bounds(keys[0]), self._tuple() <= self._bounds(keys[-1]))
            .values(dict(self.operation.values))
        )
        changed = 0

        def work() -> None:
            nonlocal changed
            with self.live.at_work():  # told of once, in one line, at the end
                result: Any = self.live.connection.execute(update)
            changed = result.rowcount

        try:
            retried(self.live.connection, work)
        except DBAPIError as error:
            raise failure(self.live.dialect, error, Statement(update, operation=self.operation)) from error
        self.done += changed if changed >= 0 else len(keys)

    def _send(self, query: Any) -> Sequence[Any]:
        """The rows of a query; whatever it opened is closed again."""
        connection = self.live.connection
        try:
            rows = connection.execute(query).all()
        except DBAPIError as error:
            raise failure(self.live.dialect, error, Statement(query, operation=self.operation)) from error
        connection.commit()
        return rows

    def _tuple(self) -> Any:
        return self.key[0] if len(self.key) == 1 else sa.tuple_(*self.key)

    def _bounds(self, key: _Key) -> Any:
        return key[0] if len(key) == 1 else sa.tuple_(*(sa.literal(value) for value in key))
