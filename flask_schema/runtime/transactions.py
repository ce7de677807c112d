"""Where a revision's transaction begins and ends on a live connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from flask_schema.errors import OperationRefused
from flask_schema.runtime.destinations import AUTOCOMMIT, usual_isolation_level
from flask_schema.runtime.retrying import retried

if TYPE_CHECKING:
    from flask_schema.dialects.dialect import Dialect


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
        """Begin one real transaction, or, where DDL must stand alone, switch to autocommit.

        Raises OperationRefused where the caller's transaction could be committed in part.
        """
        if self.external:
            self._refuse_partial_commits()
            return
        if self.autocommit:
            if self.connection.in_transaction():
                self.connection.commit()
            self.connection.execution_options(isolation_level=AUTOCOMMIT)
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
