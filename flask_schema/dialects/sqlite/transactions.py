"""One real transaction for a revision: SQLite's DDL rolls back, if only the driver is made to begin.

Python's driver begins by itself before INSERT, UPDATE and DELETE only (https://docs.python.org/3/library/sqlite3.html,
"Transaction control"), so that DDL would run outside any transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from flask_schema.dialects.dialect import Surroundings, TransactionRestart
from flask_schema.dialects.sqlite.tokens import literal
from flask_schema.errors import MigrationFailed, OperationRefused

_LEGACY: Final = -1
"""``sqlite3.LEGACY_TRANSACTION_CONTROL`` of Python 3.12 and later."""

_LISTED: Final = 10
_SMALL_BYTES: Final = 32 * 1024**2
_PART: Final = "flask_schema_revision"

Query = Callable[[str], list[tuple[Any, ...]]]


class Violation(NamedTuple):
    """A row without its parent; ``problem`` says what else is wrong with a whole foreign key, then ``row`` is None."""

    table: str
    row: int | None
    parent: str
    columns: str
    problem: str = ""

    def __str__(self) -> str:
        if self.problem:
            return self.problem
        row = f"row {self.row}" if self.row is not None else "a row"
        return f"{self.table} {row} has no parent in {self.parent}"


class SqliteTransactions:
    """Begins, checks and ends transactions, and switches the enforcement of foreign keys around a rebuild.

    That can only be switched outside a transaction (https://sqlite.org/pragma.html#pragma_foreign_keys):
    when a rebuild meets it on, the transaction is begun again without. Rows without parent are looked for
    once, at the end; only when there are some is the transaction begun again to see which were there before.
    """

    def __init__(self) -> None:
        self._begun = False
        self._without_foreign_keys = False
        self._switched_off = False
        self._rebuilt = False
        self._looks_before = False
        self._before: frozenset[Violation] | None = None
        self._taken: dict[str, Any] = {}

    def begin(self, connection: sa.Connection) -> None:
        """Begin for writing. An application's own BEGIN, sent by an event listener, is left to it."""
        self._begun = True
        driver = driver_connection(connection)
        joined = _in_transaction(driver)
        if not joined:
            self._take_control(driver)
            if self._without_foreign_keys:
                _execute(connection, "PRAGMA foreign_keys = OFF")
                self._switched_off = True
        if not connection.in_transaction():
            connection.begin()
        if not _in_transaction(driver):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        if self._looks_before or joined:
            self._before = violations(_query(connection))

    def prepare_rebuild(self, surroundings: Surroundings) -> None:
        """Called before a rebuild. Raises TransactionRestart when foreign keys are enforced now."""
        self._rebuilt = self._begun
        if not surroundings.query("PRAGMA foreign_keys")[0][0]:
            return
        if self._without_foreign_keys or not self._begun:
            raise OperationRefused(
                "a table must be rebuilt while foreign keys are not enforced, and they cannot be switched off "
                "inside the transaction that is open already",
                hint="run the migration on a connection without an open transaction",
            )
        self._without_foreign_keys = True
        raise TransactionRestart

    def before_commit(self, connection: sa.Connection) -> None:
        """Raise MigrationFailed for rows that lost their parent in this transaction.

        Raises TransactionRestart when some have none, and it is not known which had none before.
        """
        if not (self._rebuilt or self._switched_off):
            return
        found = violations(_query(connection))
        if found and self._before is None:
            self._looks_before = True
            raise TransactionRestart
        fresh = sorted(found - (self._before or frozenset()), key=repr)
        if not fresh:
            return
        more = f"; and {len(fresh) - _LISTED} more" if len(fresh) > _LISTED else ""
        raise MigrationFailed(
            f"foreign keys are violated, so nothing was changed: {'; '.join(map(str, fresh[:_LISTED]))}{more}",
            hint="mend or delete these rows in the revision; ON DELETE and ON UPDATE do nothing in one that rebuilds",
        )

    def may_stay_open(self, connection: sa.Connection) -> bool:
        """Whether nothing is to be checked at the commit, or to be switched on again after it.

        And whether the database is so small that no revision takes long: nobody would see then what is done already.
        """
        if not self._begun or self._rebuilt or self._switched_off or self._before is not None:
            return False
        pages, page_bytes = (int(_query(connection)(f"PRAGMA {name}")[0][0]) for name in ("page_count", "page_size"))
        return pages * page_bytes <= _SMALL_BYTES

    def begin_part(self, connection: sa.Connection) -> None:
        """A savepoint of our own: SQLAlchemy knows nothing of it, so that scripts see the same as without it."""
        _execute(connection, f"SAVEPOINT {_PART}")

    def end_part(self, connection: sa.Connection) -> bool:
        """Release the savepoint; False when a script's own commit has taken it away."""
        return _found(connection, f"RELEASE {_PART}")

    def undo_part(self, connection: sa.Connection) -> bool:
        """Roll back to the savepoint and release it; False when it is not there."""
        self._rebuilt = False
        return _found(connection, f"ROLLBACK TO {_PART}") and _found(connection, f"RELEASE {_PART}")

    def after_transaction(self, connection: sa.Connection) -> None:
        """Give back to the driver and to the connection what was taken."""
        if self._before is not None:
            self._looks_before = False
        self._before = None
        self._begun = self._rebuilt = False
        if self._switched_off:
            _execute(connection, "PRAGMA foreign_keys = ON")
            self._switched_off = False
            self._without_foreign_keys = self._looks_before
        driver = driver_connection(connection)
        for name, value in self._taken.items():
            setattr(driver, name, value)
        self._taken = {}

    def _take_control(self, driver: Any) -> None:
        """Make the driver leave BEGIN to us, while its ``commit`` and ``rollback`` still work."""
        if getattr(driver, "autocommit", _LEGACY) != _LEGACY:
            self._taken.setdefault("autocommit", driver.autocommit)
            driver.autocommit = True  # ends the transaction that the driver keeps open all the time
            driver.autocommit = _LEGACY
        if driver.isolation_level is not None:
            self._taken.setdefault("isolation_level", driver.isolation_level)
            driver.isolation_level = None


def driver_connection(connection: sa.Connection) -> Any:
    """The connection of the driver, or SQLAlchemy's adapter around an asynchronous one."""
    return connection.connection.dbapi_connection


def violations(query: Query) -> frozenset[Violation]:
    """All rows without parent, and all foreign keys whose parent has no fitting key."""
    try:
        rows = query("PRAGMA foreign_key_check")
    except sa.exc.OperationalError:  # "foreign key mismatch" ends the whole check, so ask table by table
        tables = query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^'")
        return frozenset().union(*(_violations_of(query, str(table)) for (table,) in tables))
    return _named(query, rows)


def _violations_of(query: Query, table: str) -> frozenset[Violation]:
    try:
        rows = query(f"PRAGMA foreign_key_check({literal(table)})")
    except sa.exc.OperationalError as problem:
        return frozenset({Violation(table, None, "", "", str(problem.orig))})
    return _named(query, rows)


def _named(query: Query, rows: list[tuple[Any, ...]]) -> frozenset[Violation]:
    """The rows of ``foreign_key_check`` with the columns of each key: keys are numbered anew by a rebuild."""
    columns: dict[tuple[str, int], str] = {}
    for table in {str(row[0]) for row in rows}:
        for key in query(f"PRAGMA foreign_key_list({literal(table)})"):
            place = (table, int(key[0]))
            columns[place] = f"{columns[place]}, {key[3]}" if place in columns else str(key[3])
    return frozenset(Violation(table, row, parent, columns.get((table, key), "")) for table, row, parent, key in rows)


def _in_transaction(driver: Any) -> bool:
    return bool(getattr(driver, "in_transaction", False))


def _execute(connection: sa.Connection, sql: str) -> None:
    """Execute beside SQLAlchemy, which would begin a transaction for it."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql)
    finally:
        cursor.close()


def _found(connection: sa.Connection, sql: str) -> bool:
    """Execute what needs a savepoint; False without one."""
    try:
        _execute(connection, sql)
    except connection.dialect.loaded_dbapi.OperationalError as error:
        if "no such savepoint" not in str(error):
            raise
        return False
    return True


def _query(connection: sa.Connection) -> Query:
    return lambda sql: [tuple(row) for row in connection.exec_driver_sql(sql)]
