"""Where statements go: to a live connection, or into a SQL file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from flask_schema.errors import MigrationFailed, OfflineRefused
from flask_schema.runtime.retrying import retried

if TYPE_CHECKING:
    from flask_schema.dialects.dialect import Dialect
    from flask_schema.dialects.statement import Statement


AUTOCOMMIT = "AUTOCOMMIT"
"""What SQLAlchemy calls the isolation level of a connection on which each statement commits itself."""


class Live:
    """Executes statements on a connection.

    ``sent`` are the texts of those that have taken effect and cannot be rolled back; ``left`` is what failed ones may
    have left behind.
    """

    def __init__(self, dialect: Dialect, connection: sa.Connection, *, commits_itself: bool) -> None:
        self.dialect = dialect
        self.connection = connection
        self.commits_itself = commits_itself
        self.sent: list[str] = []
        self.left: list[str] = []
        self._uncommitted: list[Statement] = []
        self._overhears = False
        self._is_at_work = False
        self._left_autocommit = False
        self._marks: list[int] = []  # how many statements were uncommitted at each savepoint

    def forget(self) -> None:
        """A transaction begins from which nothing has been sent."""
        self.sent.clear()
        self.left.clear()
        self._uncommitted.clear()

    def committed(self) -> None:
        """The open transaction was committed before its revision's end: what it held cannot be rolled back any more."""
        self.sent += [text_of(one, self.dialect) for one in self._uncommitted]
        self._uncommitted.clear()

    # -- what a script executes by itself -----------------------------------------------------

    def overhear(self) -> None:
        """From now on what a script executes on the connection counts as sent too."""
        if not self._overhears:
            self._overhears = True
            self._marks.clear()
            for name, listener in self._listeners:
                sa.event.listen(self.connection, name, listener)

    def turn_away(self, *, failed: bool = False) -> None:
        """The script is over, or ``failed``."""
        self._return_to_autocommit(failed=failed)
        if self._overhears:
            self._overhears = False
            for name, listener in self._listeners:
                sa.event.remove(self.connection, name, listener)

    @property
    def _listeners(self) -> tuple[tuple[str, Callable[..., None]], ...]:
        return (
            ("after_cursor_execute", self._overheard),
            ("savepoint", self._savepoint),
            ("release_savepoint", self._released),
            ("rollback_savepoint", self._rolled_back),
        )

    def _savepoint(self, connection: sa.Connection, name: str | None) -> None:
        """A savepoint is one in a transaction; SQLAlchemy has one open already, of which the driver knows nothing."""
        if stands_alone(connection) and self.dialect.capabilities.ddl_in_autocommit and not self._left_autocommit:
            self._left_autocommit = True
            self._set_level(usual_isolation_level(connection))
        self._marks.append(len(self._uncommitted))

    def _released(self, connection: sa.Connection, name: str, context: Any) -> None:
        if self._marks:
            self._marks.pop()

    def _rolled_back(self, connection: sa.Connection, name: str, context: Any) -> None:
        if self._marks:  # else the savepoint is older than the script
            del self._uncommitted[self._marks.pop() :]

    def _return_to_autocommit(self, *, failed: bool = False) -> None:
        if not self._left_autocommit or self.connection.invalidated:
            return
        self._left_autocommit = False
        if failed:
            self._uncommitted.clear()
            with suppress(DBAPIError):  # what failed first is what matters
                self.connection.rollback()
                self._set_level(AUTOCOMMIT)
            return
        self.connection.commit()
        self.committed()
        self._set_level(AUTOCOMMIT)

    def _set_level(self, level: Any) -> None:
        driver: Any = self.connection.connection.dbapi_connection
        self.connection.dialect.set_isolation_level(driver, level)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """In this block the engine speaks on the connection, not the script."""
        before, self._is_at_work = self._is_at_work, True
        try:
            yield
        finally:
            self._is_at_work = before

    def _overheard(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        text = " ".join(statement.split())
        if self._is_at_work or _MARKS.match(text) or (cursor.description is not None and not _CHANGES.match(text)):
            return
        self._uncommitted.append(_statement(text))
        if self.commits_itself and not self._left_autocommit:
            self.committed()

    # -- what directives send -----------------------------------------------------------------

    def send(self, statement: Statement) -> Any:
        """Execute; a statement that must stand outside a transaction gets the one that is open committed first.

        What the database refuses is raised as SQLAlchemy's DBAPIError, which scripts catch; :func:`failure` makes an
        error of ours of it, with the statement that is noted here.
        """
        if self._left_autocommit and not _changes_rows(statement):
            self._return_to_autocommit()
        outside = not statement.transactional and self.connection.in_transaction() and not self.commits_itself
        try:
            if outside:
                return self._outside(statement)
            if stands_alone(self.connection) and not self._left_autocommit:
                return self._alone(statement)
            return self._noted(statement, self._execute(statement))
        except DBAPIError as error:
            vars(error).setdefault(_REFUSED, statement)
            if statement.leaves is not None:
                self.left.append(statement.leaves)
            raise

    def _alone(self, statement: Statement) -> Any:
        """In autocommit; rows that one statement brings come together or not at all."""
        connection = self.connection
        if not self.dialect.capabilities.ddl_in_autocommit:
            return self._noted(statement, self._execute(statement))
        if not isinstance(statement.parameters, list) or len(statement.parameters) < 2:
            return self._noted(statement, retried(connection, lambda: self._execute(statement), commits=False))
        if connection.in_transaction():
            connection.commit()
        connection.execution_options(isolation_level=usual_isolation_level(connection))
        try:
            result = retried(connection, lambda: self._execute(statement))
        finally:
            if connection.in_transaction():
                connection.rollback()
            if not connection.invalidated:
                connection.execution_options(isolation_level=AUTOCOMMIT)
        return self._noted(statement, result)

    def _outside(self, statement: Statement) -> Any:
        connection = self.connection
        self.dialect.before_commit(connection)
        connection.commit()
        self.committed()
        self.dialect.after_transaction(connection)
        level = usual_isolation_level(connection)
        connection.execution_options(isolation_level=AUTOCOMMIT)
        try:
            result = self._noted(statement, self._execute(statement))
            self.committed()
        finally:
            back_in_transaction(self.dialect, connection, level)
        return result

    def _execute(self, statement: Statement) -> Any:
        if not self._overhears:
            return self._executed(statement)
        with self.at_work():
            return self._executed(statement)

    def _executed(self, statement: Statement) -> Any:
        connection, options = self.connection, dict(statement.execution_options)
        if isinstance(statement.sql, str):
            result = connection.exec_driver_sql(statement.sql, execution_options={**options, "no_parameters": True})
        elif statement.parameters is not None:
            result = connection.execute(statement.sql, statement.parameters, execution_options=options)
        else:
            result = connection.execute(statement.sql, execution_options=options)
        if statement.must_be_empty:
            rows = result.fetchmany(5)
            if rows:
                raise MigrationFailed(
                    f"{statement.failure or 'a check failed'}: {', '.join(str(tuple(row)) for row in rows)}",
                    statement=statement.sql,
                )
        return result

    def _noted(self, statement: Statement, result: Any) -> Any:
        if not result.returns_rows:
            self._uncommitted.append(statement)
            if self.commits_itself and not self._left_autocommit:
                self.committed()
        return result


def usual_isolation_level(connection: sa.Connection) -> Any:
    """The level that the connection has outside AUTOCOMMIT; asking the server would open a transaction."""
    level = connection.get_execution_options().get("isolation_level")
    return connection.default_isolation_level if level in (None, AUTOCOMMIT) else level


def stands_alone(connection: sa.Connection) -> bool:
    """Whether the connection was switched to autocommit, so that each statement commits itself."""
    return bool(connection.get_execution_options().get("isolation_level") == AUTOCOMMIT)


def back_in_transaction(dialect: Dialect, connection: sa.Connection, level: Any) -> None:
    """End a time in autocommit; ``level`` is the usual one. A connection that is lost stays so."""
    if connection.invalidated:
        connection.rollback()
        return
    if connection.in_transaction():
        connection.commit()
    connection.execution_options(isolation_level=level)
    dialect.begin(connection)


class SqlFile:
    """Writes statements as SQL text that a database's own client runs as it stands."""

    def __init__(self, dialect: Dialect, output: TextIO) -> None:
        self.dialect = dialect
        self.output = output
        self.in_transaction = False

    def send(self, statement: Statement) -> None:
        """Write one statement; a script's parameters become literals."""
        if statement.online_only:
            return
        if statement.comment:
            self.comment(statement.comment)
        reopen = not statement.transactional and self.in_transaction
        if reopen:
            self.commit()
        for text in texts_of(statement, self.dialect):
            self.write(text)
        if reopen:
            self.begin()

    def write(self, text: str) -> None:
        """Write a statement with its separator and an empty line."""
        self.output.write(f"{self.dialect.terminated(text)}\n\n")

    def comment(self, text: str) -> None:
        """Write a comment line."""
        self.output.write(f"-- {text}\n\n")

    def begin(self) -> None:
        """Write the beginning of a transaction."""
        for line in self.dialect.write_begin():
            self.write(line)
        self.in_transaction = True

    def commit(self) -> None:
        """Write the end of a transaction."""
        for line in self.dialect.write_commit():
            self.write(line)
        self.in_transaction = False


class Nowhere(SqlFile):
    """Takes what a revision would write where only the schema that it leads to is asked for."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(dialect, io.StringIO())


def texts_of(statement: Statement, dialect: Dialect) -> Iterable[str]:
    """A statement as SQL text with literal values; several where it has several sets of parameters.

    Raises OfflineRefused for a value that cannot be written as a literal.
    """
    if isinstance(statement.sql, str):
        return [statement.sql]
    sets: list[Mapping[str, Any]] = []
    if isinstance(statement.parameters, list):
        sets = statement.parameters
    elif statement.parameters is not None:
        sets = [statement.parameters]
    try:
        if not sets:
            return [_compiled(statement.sql, dialect)]
        if isinstance(statement.sql, sa.Insert):
            return [_compiled(_with_values(statement.sql, values), dialect) for values in sets]
        return [_compiled(statement.sql.bindparams(**values), dialect) for values in sets]
    except sa.exc.CompileError as error:
        raise OfflineRefused(
            f"a value cannot be written as SQL text: {str(error).splitlines()[0]}",
            hint="give the value's type, or write the SQL yourself with op.execute",
        ) from error


def text_of(statement: Statement, dialect: Dialect) -> str:
    """A statement as one text, for messages."""
    try:
        return "; ".join(texts_of(statement, dialect))
    except OfflineRefused:
        return str(statement.sql)


def _with_values(insert: sa.Insert, values: Mapping[str, Any]) -> sa.Insert:
    table: Any = insert.table
    bare = {
        key: sa.literal(value, None if isinstance(table.c[key].type, sa.types.NullType) else table.c[key].type)
        if value is not None and not isinstance(value, sa.ClauseElement) and key in table.c
        else (sa.null() if value is None else value)
        for key, value in values.items()
    }
    return insert.values(**bare)


def _compiled(construct: Any, dialect: Dialect) -> str:
    compiled = construct.compile(dialect=dialect.sqlalchemy, compile_kwargs={"literal_binds": True})
    return str(compiled)


def writes_file(destination: object) -> bool:
    """Whether SQL goes into a file, and is not only replayed."""
    return isinstance(destination, SqlFile) and not isinstance(destination, Nowhere)


_REFUSED = "_flask_schema_statement"
_MARKS = re.compile(r"savepoint|release|rollback", re.IGNORECASE)
_CHANGES = re.compile(r"insert|update|delete|merge|replace|upsert|with\b", re.IGNORECASE)


def _changes_rows(statement: Statement) -> bool:
    """Whether it may be part of a transaction where schema changes may not."""
    sql = statement.sql
    text = sql.text if isinstance(sql, sa.TextClause) else sql
    return isinstance(sql, sa.UpdateBase) or (isinstance(text, str) and _CHANGES.match(text.lstrip()) is not None)


def _statement(sql: str) -> Statement:
    from flask_schema.dialects.statement import Statement

    return Statement(sql)


def failure(dialect: Dialect, error: DBAPIError, statement: Statement | None = None) -> MigrationFailed:
    """A driver's error as one of ours: its first line, the statement, and what the dialect knows about it."""
    if statement is None:
        statement = vars(error).get(_REFUSED) or _statement(error.statement or "")
    explained = dialect.explain(error)
    original: BaseException = error.orig if error.orig is not None else error
    said = next((line for line in str(original).splitlines() if line.strip()), type(original).__name__)
    doing = f"{statement.operation.describe()}: " if statement.operation is not None else ""
    message = f"{doing}{said.strip()}"
    if explained is not None:
        message = f"{message} ({explained[0]})"
    failed = MigrationFailed(
        message,
        hint=explained[1] if explained is not None else None,
        statement=text_of(statement, dialect),
    )
    failed.details = _details(original)
    return failed


def _details(original: BaseException) -> tuple[str, ...]:
    """What the server says beside the error: which key is there twice, what stands on what (PostgreSQL's drivers)."""
    told = getattr(original, "diag", None)
    said = (("detail", "message_detail"), ("the server's hint", "message_hint"))
    return tuple(f"{word}: {' '.join(text.split())}" for word, name in said if (text := getattr(told, name, None)))
