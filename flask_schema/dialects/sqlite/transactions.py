"""One real transaction for a revision: SQLite's DDL rolls back, if only the driver is made to begin.

Python's driver begins by itself before INSERT, UPDATE and DELETE only (https://docs.python.org/3/library/sqlite3.html,
"Transaction control"), so that DDL would run outside any transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from flask_schema.dialects.dialect import Surroundings, TransactionRestart
from flask_schema.errors import MigrationFailed

_LEGACY: Final = -1
"""``sqlite3.LEGACY_TRANSACTION_CONTROL`` of Python 3.12 and later."""

_LISTED_ROWS: Final = 10


@dataclass(slots=True)
class _Taken:
    """What was taken from the driver, to be given back."""

    settings: dict[str, Any] = field(default_factory=dict)


class SqliteTransactions:
    """Begins, checks and ends transactions, and switches the enforcement of foreign keys around a rebuild.

    That can only be switched outside a transaction (https://sqlite.org/pragma.html#pragma_foreign_keys):
    when a rebuild meets it on, the transaction is begun again without.
    """

    def __init__(self) -> None:
        self._without_foreign_keys = False
        self._switched_off = False
        self._violations: frozenset[tuple[Any, ...]] | None = None
        self._taken: dict[str, Any] = {}

    def begin(self, connection: sa.Connection) -> None:
        """Begin for writing. An application's own BEGIN, sent by an event listener, is left to it."""
        driver = driver_connection(connection)
        if not _in_transaction(driver):
            self._take_control(driver)
            if self._without_foreign_keys:
                _execute(connection, "PRAGMA foreign_keys = OFF")
                self._switched_off = True
        if not connection.in_transaction():
            connection.begin()
        if not _in_transaction(driver):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        if self._switched_off:
            self._violations = _violations(connection)

    def prepare_rebuild(self, surroundings: Surroundings) -> None:
        """Called before a rebuild. Raises TransactionRestart when foreign keys are enforced now."""
        if surroundings.query("PRAGMA foreign_keys")[0][0]:
            self._without_foreign_keys = True
            raise TransactionRestart
        if self._violations is None:
            self._violations = frozenset(surroundings.query("PRAGMA foreign_key_check"))

    def before_commit(self, connection: sa.Connection) -> None:
        """Raise MigrationFailed for rows that lost their parent in this transaction."""
        if self._violations is None:
            return
        fresh = sorted(_violations(connection) - self._violations, key=repr)
        if not fresh:
            return
        listed = "; ".join(
            f"{table} {f'row {rowid}' if rowid is not None else 'a row'} has no parent in {parent}"
            for table, rowid, parent, _ in fresh[:_LISTED_ROWS]
        )
        more = f"; and {len(fresh) - _LISTED_ROWS} more" if len(fresh) > _LISTED_ROWS else ""
        raise MigrationFailed(
            f"foreign keys are violated, so nothing was changed: {listed}{more}",
            hint="mend or delete these rows in the revision before the foreign key is created",
        )

    def after_transaction(self, connection: sa.Connection) -> None:
        """Give back to the driver and to the connection what was taken."""
        self._violations = None
        if self._switched_off:
            _execute(connection, "PRAGMA foreign_keys = ON")
            self._switched_off = self._without_foreign_keys = False
        driver = driver_connection(connection)
        for name, value in self._taken.items():
            setattr(driver, name, value)
        self._taken = {}

    def _take_control(self, driver: Any) -> None:
        """Make the driver leave BEGIN to us, while its ``commit`` and ``rollback`` still work."""
        taken: dict[str, Any] = {}
        if getattr(driver, "autocommit", _LEGACY) != _LEGACY:
            taken["autocommit"] = driver.autocommit
            driver.autocommit = _LEGACY
        if driver.isolation_level is not None:
            taken["isolation_level"] = driver.isolation_level
            driver.isolation_level = None
        self._taken = {**taken, **self._taken}


def driver_connection(connection: sa.Connection) -> Any:
    """The connection of the driver itself."""
    return connection.connection.dbapi_connection


def _in_transaction(driver: Any) -> bool:
    return bool(getattr(driver, "in_transaction", False))


def _execute(connection: sa.Connection, sql: str) -> None:
    """Execute beside SQLAlchemy, which would begin a transaction for it."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql)
    finally:
        cursor.close()


def _violations(connection: sa.Connection) -> frozenset[tuple[Any, ...]]:
    return frozenset(tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check"))
