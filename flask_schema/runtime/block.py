"""The block ``with context.begin_transaction():`` of an ``env.py``.

Each revision has a transaction of its own, and the block begins none. There are two cases in which it does:
``with context.begin_transaction() as transaction`` is written by those who may roll back what was run, to try it out;
and what was executed in the block before ``run_migrations()``, such as ``SET LOCAL`` or a lock that ends with the
transaction, is meant for the whole run.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from flask_schema.errors import MigrationFailed, OperationRefused
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.transactions import Transactions

_KEPT = re.compile(rb"begin_transaction\(\s*\)\s+as\s")


def keeps_transaction(env_file: Path) -> bool:
    """Whether ``env.py`` takes what ``context.begin_transaction()`` gives."""
    return env_file.is_file() and _KEPT.search(env_file.read_bytes()) is not None


class Block(AbstractContextManager["Block"]):
    """The block; a transaction that it has is committed at its end, unless it was rolled back."""

    def __init__(self, context: MigrationContext, *, is_kept: bool) -> None:
        self._context = context
        self._is_kept = is_kept
        self._transactions: Transactions | None = None
        self._connection = context.live_connection

    @property
    def is_active(self) -> bool:
        """Whether there is a transaction around the run."""
        return self._transactions is not None

    def __enter__(self) -> Block:
        if self._is_kept:
            self._begin()
        return self

    def join(self) -> None:
        """Revisions are about to run: what was executed before them stays in one transaction with them."""
        if self._connection is not None and self._connection.in_transaction() and not self.is_active:
            self._begin()

    def _begin(self) -> None:
        context, connection = self._context, self._connection
        if connection is None or self._is_external():
            return
        if context.native.capabilities.transactional_ddl:
            self._transactions = Transactions(context.native, connection)
            context.native.begin(connection)
            context.opts["transaction_is_external"] = True

    def _is_external(self) -> bool:
        """Whether the connection came with a transaction, which is env.py's to end."""
        return bool(self._context.opts.get("transaction_is_external"))

    def commit(self) -> None:
        """Commit what was run."""
        transactions, self._transactions = self._transactions, None
        if transactions is not None:
            _finish(transactions)
        elif self._connection is not None and not self._is_external() and self._connection.in_transaction():
            self._connection.commit()  # what was executed after the revisions

    def rollback(self) -> None:
        """Take back what was run. Raises OperationRefused where that cannot be."""
        transactions, self._transactions = self._transactions, None
        if transactions is not None:
            transactions.abandon()
        elif self._connection is not None:
            raise OperationRefused(
                "what was run cannot be rolled back: there is no transaction around it",
                hint="this database commits schema changes by itself, or the connection had a transaction already",
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        elif self.is_active:
            self.rollback()


def _finish(transactions: Transactions) -> None:
    from flask_schema.dialects.dialect import TransactionRestart

    try:
        transactions.finish(lambda: None)
    except TransactionRestart:
        transactions.abandon()
        raise MigrationFailed(
            "rows have no parent after the run, and in the transaction of env.py it is not known which had one before",
            hint="begin none in env.py: 'with context.begin_transaction(): context.run_migrations()'",
        ) from None
