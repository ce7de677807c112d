"""A small executor: what the runner does with a dialect's statements, on a database file of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.dialect import Scope, TransactionRestart
from flask_schema.dialects.sqlite.dialect import SqliteDialect
from flask_schema.dialects.surroundings import LiveSurroundings
from flask_schema.errors import MigrationFailed
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot

Catalog = list[tuple[str, str, str, str | None]]


class Database:
    """A SQLite file, the dialect under test on it, and plain SQL beside both."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = sa.create_engine(f"sqlite:///{path}")
        self.dialect = SqliteDialect(self.engine.dialect)
        self.sent: list[str] = []
        self.restarts = 0

    def close(self) -> None:
        self.engine.dispose()

    # -- plain SQL ----------------------------------------------------------------------------

    def sql(self, script: str) -> None:
        """Run a script through a connection of its own."""
        connection = sqlite3.connect(self.path)
        try:
            connection.executescript(script)
        finally:
            connection.close()

    def execute(self, sql: str) -> None:
        """Run one statement through the engine."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql(sql)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def catalog(self) -> Catalog:
        return self.rows("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")

    def text(self, name: str) -> str:
        return str(self.rows(f"SELECT sql FROM sqlite_master WHERE name = '{name}'")[0][0])

    def columns(self, table: str) -> list[str]:
        return [row[1] for row in self.rows(f"PRAGMA table_xinfo('{table}')")]

    def sound(self) -> bool:
        """Whether SQLite finds nothing wrong with the file and its foreign keys."""
        return self.rows("PRAGMA integrity_check") == [("ok",)] and not self.rows("PRAGMA foreign_key_check")

    # -- the dialect --------------------------------------------------------------------------

    def read(self) -> Snapshot:
        with self.engine.connect() as connection:
            return self.dialect.read(connection, Scope())

    def table(self, name: str) -> Table:
        return self.read().tables[QualifiedName(name)]

    def run(self, *operations: Operation) -> None:
        """Run operations as one revision; what ``joins`` lets wait is compiled together."""
        self.sent.clear()
        with self.engine.connect() as connection:
            while True:
                self.dialect.begin(connection)
                try:
                    self._run(connection, operations)
                    self.dialect.before_commit(connection)
                    connection.commit()
                except TransactionRestart:
                    connection.rollback()
                    self.restarts += 1
                    continue
                except BaseException:
                    connection.rollback()
                    raise
                finally:
                    self.dialect.after_transaction(connection)
                return

    def _run(self, connection: sa.Connection, operations: Sequence[Operation]) -> None:
        waiting: list[Operation] = []
        for operation in operations:
            if self.dialect.joins(waiting, operation):
                waiting.append(operation)
                continue
            self._flush(connection, waiting)
            waiting = []
            if self.dialect.joins((), operation):
                waiting.append(operation)
            else:
                self._flush(connection, [operation])
        self._flush(connection, waiting)

    def _flush(self, connection: sa.Connection, operations: Sequence[Operation]) -> None:
        if not operations:
            return
        surroundings = LiveSurroundings(self.dialect, connection)
        for statement in list(self.dialect.statements(operations, surroundings)):
            if not isinstance(statement.sql, str):
                connection.execute(statement.sql, statement.parameters)
                continue
            self.sent.append(statement.sql)
            result = connection.exec_driver_sql(statement.sql, execution_options={"no_parameters": True})
            if statement.must_be_empty and result.fetchall():
                raise MigrationFailed(statement.failure or "not empty", statement=statement.sql)

    @property
    def rebuilds(self) -> int:
        """How many rebuilds the last run sent."""
        return sum("DROP TABLE IF EXISTS" in sql and "_flask_schema_new_" in sql for sql in self.sent)
