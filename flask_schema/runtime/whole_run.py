"""One transaction around a whole run, for an ``env.py`` that keeps it in its own hands.

``with context.begin_transaction() as transaction`` is written by those who may roll back what was run, to try it out.
A transaction for each revision would be committed by then.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from flask_schema.errors import OperationRefused
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.destinations import Live
from flask_schema.runtime.transactions import Transactions

_KEPT = re.compile(rb"begin_transaction\(\s*\)\s+as\s")


def keeps_transaction(env_file: Path) -> bool:
    """Whether ``env.py`` takes what ``context.begin_transaction()`` gives."""
    return env_file.is_file() and _KEPT.search(env_file.read_bytes()) is not None


class WholeRun(AbstractContextManager["WholeRun"]):
    """The transaction; it is committed at the end of the block, unless it was rolled back."""

    def __init__(self, context: MigrationContext) -> None:
        self._context = context
        self._transactions: Transactions | None = None

    @property
    def is_active(self) -> bool:
        """Whether it is open."""
        return self._transactions is not None

    def __enter__(self) -> WholeRun:
        context = self._context
        is_ours = isinstance(context.destination, Live) and not context.opts.get("transaction_is_external")
        if is_ours and context.impl.capabilities.transactional_ddl:
            assert isinstance(context.destination, Live)
            self._transactions = Transactions(context.impl, context.destination.connection)
            self._transactions.begin()
            context.opts["transaction_is_external"] = True
        return self

    def commit(self) -> None:
        """Commit what was run."""
        transactions, self._transactions = self._transactions, None
        if transactions is not None:
            transactions.finish(lambda: None)

    def rollback(self) -> None:
        """Take back what was run. Raises OperationRefused where that cannot be."""
        transactions, self._transactions = self._transactions, None
        if transactions is not None:
            transactions.abandon()
        elif isinstance(self._context.destination, Live):
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
