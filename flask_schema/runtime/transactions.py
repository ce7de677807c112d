"""Where a revision's transaction begins and ends on a live connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from flask_schema.errors import OperationRefused
from flask_schema.runtime.destinations import AUTOCOMMIT, usual_isolation_level
from flask_schema.runtime.retrying import retried

if TYPE_CHECKING:
    from flask_schema.dialects.dialect import Dialect

_SHARED_SECONDS = 1.0


class Transactions:
    """Begins and ends a revision's transaction.

    ``external``: the caller had begun one already; then it is the caller's to end, and nothing is done here.

    Where the dialect allows it, revisions that ``may_share`` are parts of one transaction, each of which can be undone
    alone; it is committed after a second, before a revision that may not, and by ``close`` or ``abandon``.
    """

    def __init__(self, dialect: Dialect, connection: sa.Connection, *, external: bool = False) -> None:
        self.dialect = dialect
        self.connection = connection
        self.external = external
        self.autocommit = dialect.capabilities.ddl_in_autocommit and not external
        self._began_seconds = 0.0
        self._is_open = False  # with finished revisions and nothing else, unless
        self._in_part = False  # another one is on its way
        self._waiting: list[Callable[[], None]] = []

    def begin(self, *, may_share: bool = False) -> None:
        """Begin one real transaction, or, where DDL must stand alone, switch to autocommit.

        Raises OperationRefused where the caller's transaction could be committed in part.
        """
        if self.external:
            self._refuse_partial_commits()
            return
        if may_share and self._is_open:
            self.dialect.begin_part(self.connection)
            self._in_part = True
            return
        self.close()
        if self.connection.in_transaction():
            self.connection.commit()  # what reading began, or what env.py did: SET search_path has to last
        if self.autocommit:
            self.connection.execution_options(isolation_level=AUTOCOMMIT)
        else:
            self.dialect.begin(self.connection)
        self._began_seconds = time.monotonic()

    def finish(self, write_version: Callable[[], None], *, may_share: bool = False) -> None:
        """Write the version rows and commit; where DDL stands alone they have a transaction of their own, the last.

        With ``may_share`` the transaction may stay open for the next revision.
        """
        if self.autocommit:
            self._end_autocommit()
            retried(self.connection, write_version)
            return
        write_version()
        if self.external:
            return
        if may_share and self._may_stay_open():
            self._is_open = True
            return
        self._commit()

    def when_committed(self, work: Callable[[], None]) -> None:
        """Do ``work`` once that is committed which has been finished: at once, or when an open transaction is."""
        if self._is_open:
            self._waiting.append(work)
        else:
            work()

    def close(self) -> None:
        """Commit what is open still."""
        if self._is_open:
            self._commit()

    def abandon(self) -> bool:
        """Roll back what can be rolled back of the revision on its way; finished ones are committed.

        False when the database itself ended the transaction, and finished revisions may have gone with it.
        """
        if self.external:
            return True
        if self.autocommit:
            self._without_loss(self._end_autocommit)
            return True
        is_known = not self._in_part or self.dialect.undo_part(self.connection)
        self._in_part = False
        if self._is_open and is_known:
            self._commit()
            return True
        if self.connection.in_transaction():
            self._without_loss(self.connection.rollback)
        self._is_open = False
        self._waiting.clear()
        self.dialect.after_transaction(self.connection)
        return is_known

    def _without_loss(self, ending: Callable[[], None]) -> None:
        """Do ``ending``; a connection that does not answer any more is let go: what failed first is what matters."""
        try:
            ending()
        except DBAPIError:
            self.connection.invalidate()
            if self.connection.in_transaction():
                self.connection.rollback()

    def _may_stay_open(self) -> bool:
        if self._in_part:
            self._in_part = False
            if not self.dialect.end_part(self.connection):
                return False
        lasted_seconds = time.monotonic() - self._began_seconds
        return lasted_seconds < _SHARED_SECONDS and self.dialect.may_stay_open(self.connection)

    def _commit(self) -> None:
        self.dialect.before_commit(self.connection)
        if self.connection.in_transaction():
            self.connection.commit()
        self._is_open = self._in_part = False
        self.dialect.after_transaction(self.connection)
        self._tell()

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            work()

    def run(self, work: Callable[[], None]) -> None:
        """Do ``work``, which has nothing to do with a revision, between a beginning and an end of its own."""
        self.begin()
        try:
            work()
            self.finish(lambda: None)
        except BaseException:
            self.abandon()
            raise

    def _refuse_partial_commits(self) -> None:
        if self.dialect.capabilities.partial_commits:
            raise OperationRefused(
                "schema changes cannot run in a transaction here, and the connection of env.py has one open: "
                "the database may commit a part of it",
                hint="begin none in env.py, and commit what was executed before context.configure()",
            )

    def restart(self) -> None:
        """Roll back, so that it can be begun in another way. Raises OperationRefused where it is the caller's."""
        if self.external:
            raise OperationRefused(
                "this needs a transaction begun in another way, and env.py holds the one that is open",
                hint="begin none in env.py: 'with context.begin_transaction(): context.run_migrations()'",
            )
        self.abandon()

    def _end_autocommit(self) -> None:
        if self.connection.invalidated:
            self.connection.rollback()  # there is no server to talk to any more
            return
        if self.connection.in_transaction():
            self.connection.commit()
        self.connection.execution_options(isolation_level=usual_isolation_level(self.connection))
