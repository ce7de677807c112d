"""Where a revision's transaction begins and ends on a live connection."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from flask_schema.errors import OperationRefused
from flask_schema.runtime.destinations import usual_isolation_level

if TYPE_CHECKING:
    from flask_schema.dialects.dialect import Dialect

_RETRIES = 8
_FIRST_PAUSE_SECONDS = 0.05
_SERIALIZATION_FAILURE = "40001"


class Transactions:
    """Begins and ends a revision's transaction.

    ``external``: the caller had begun one already; then it is the caller's to end, and nothing is done here.
    """

    def __init__(self, dialect: Dialect, connection: sa.Connection, *, external: bool = False) -> None:
        self.dialect = dialect
        self.connection = connection
        self.external = external
        self.autocommit = dialect.capabilities.ddl_in_autocommit and not external

    def begin(self) -> None:
        """Begin one real transaction, or, where DDL must stand alone, switch to autocommit."""
        if self.external:
            return
        if self.autocommit:
            if self.connection.in_transaction():
                self.connection.commit()
            self.connection.execution_options(isolation_level="AUTOCOMMIT")
        else:
            if self.connection.in_transaction():
                self.connection.commit()  # what reading began, or what env.py did: SET search_path has to last
            self.dialect.begin(self.connection)

    def finish(self, write_version: Callable[[], None]) -> None:
        """Write the version rows and commit; where DDL stands alone they have a transaction of their own, the last."""
        if self.autocommit:
            self._end_autocommit()
            retried(self.connection, write_version)
            return
        write_version()
        if self.external:
            return
        self.dialect.before_commit(self.connection)
        if self.connection.in_transaction():
            self.connection.commit()
        self.dialect.after_transaction(self.connection)

    def abandon(self) -> None:
        """Roll back what can be rolled back."""
        if self.external:
            return
        if self.autocommit:
            self._end_autocommit()
            return
        if self.connection.in_transaction():
            self.connection.rollback()
        self.dialect.after_transaction(self.connection)

    def restart(self) -> None:
        """Roll back, so that it can be begun in another way. Raises OperationRefused where it is the caller's."""
        if self.external:
            raise OperationRefused(
                "this needs a transaction begun in another way, and env.py holds the one that is open",
                hint="begin none in env.py: 'with context.begin_transaction(): context.run_migrations()'",
            )
        self.abandon()

    def _end_autocommit(self) -> None:
        if self.connection.in_transaction():
            self.connection.commit()
        self.connection.execution_options(isolation_level=usual_isolation_level(self.connection))


def retried(connection: sa.Connection, work: Callable[[], None]) -> None:
    """Run ``work`` in a transaction; again, with growing pauses, while the server answers SQLSTATE 40001."""
    for attempt in range(_RETRIES + 1):
        try:
            work()
            connection.commit()
            return
        except DBAPIError as error:
            connection.rollback()
            if sqlstate(error) != _SERIALIZATION_FAILURE or attempt == _RETRIES:
                raise
            time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries


def sqlstate(error: DBAPIError) -> str | None:
    """The five characters of an error's SQLSTATE, where the driver tells it."""
    original = error.orig
    for name in ("sqlstate", "pgcode"):
        value = getattr(original, name, None)
        if isinstance(value, str):
            return value
    return None
