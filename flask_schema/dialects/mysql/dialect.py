"""MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from flask_schema.dialects.dialect import Capabilities, Dialect, Scope, Settled, Surroundings
from flask_schema.dialects.mysql.canonical import canonical_snapshot
from flask_schema.dialects.mysql.compiler import MysqlCompiler
from flask_schema.dialects.mysql.empty_values import empty_value
from flask_schema.dialects.mysql.explanations import explain_error
from flask_schema.dialects.mysql.python_types import python_type
from flask_schema.dialects.mysql.reader import Reader
from flask_schema.dialects.mysql.server import Server
from flask_schema.dialects.mysql.settling import settle
from flask_schema.dialects.mysql.specification import MysqlDdlCompiler
from flask_schema.dialects.mysql.sql_file import terminated
from flask_schema.dialects.statement import Statement
from flask_schema.dialects.surroundings import LiveSurroundings
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Constraint, DataType, QualifiedName, Table, UniqueConstraint
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation, writing_dialect
from flask_schema.snapshot.snapshot import Snapshot


class MysqlDialect(Dialect):
    """MySQL, or MariaDB behind a ``mysql://`` URL. DDL commits by itself, statement by statement."""

    name: ClassVar[str] = "mysql"
    option_dialects: ClassVar[tuple[str, ...]] = ("mysql",)
    capabilities = Capabilities(
        transactional_ddl=False,
        ddl_in_autocommit=True,
        renames=frozenset({"index"}),
        declares=frozenset({"view", "function", "trigger"}),
        holds=frozenset({"drops", "stars"}),
        table_options=frozenset({"engine", "charset", "collate", "row_format", "key_block_size"}),
    )

    def __init__(self, sqlalchemy: sa.Dialect) -> None:
        super().__init__(sqlalchemy)
        self._gone: set[tuple[QualifiedName, str]] = set()
        self._take(sqlalchemy)

    def _take(self, sqlalchemy: sa.Dialect) -> None:
        self.sqlalchemy = writing_dialect(sqlalchemy)
        self.sqlalchemy.ddl_compiler = MysqlDdlCompiler
        self.translation = SqlalchemyTranslation(self.sqlalchemy, self.option_dialects)
        self.server = Server.of(sqlalchemy)

    def _learn(self, connection: sa.Connection) -> None:
        """Whether it is MySQL or MariaDB, and which version, is known from the first connection on."""
        if Server.of(connection.dialect) != self.server:
            self._take(connection.dialect)

    # -- reading and comparing ----------------------------------------------------------------

    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        self._learn(connection)
        return self.canonical(Reader(connection, scope, self.server).read())

    def canonical(self, snapshot: Snapshot) -> Snapshot:
        return canonical_snapshot(snapshot)

    def settle(self, before: Snapshot, after: Snapshot, connection: sa.Connection | None) -> Settled:
        if connection is not None:
            self._learn(connection)
        return settle(before, after, connection, self.sqlalchemy, self.server)

    def default_name(self, table: Table, constraint: Constraint) -> str | None:
        """A unique key is named after its first column; foreign keys follow a renamed table by themselves."""
        del table
        return constraint.columns[0] if isinstance(constraint, UniqueConstraint) else None

    def python_type(self, sql: str) -> TypeEngine[Any]:
        return python_type(sql, self.sqlalchemy)

    def empty_value(self, data_type: DataType) -> str | None:
        return empty_value(data_type.sql)

    # -- writing ------------------------------------------------------------------------------

    def statements(self, operations: Sequence[Operation], surroundings: Surroundings) -> Iterable[Statement]:
        if isinstance(surroundings, LiveSurroundings):
            self._learn(surroundings.connection)
        compiler = MysqlCompiler(self.sqlalchemy, surroundings, self.server, self._gone)
        for operation in operations:
            yield from compiler.compile(operation)

    # -- transactions -------------------------------------------------------------------------

    def explain(self, error: BaseException) -> tuple[str, str | None] | None:
        return explain_error(error)

    def begin(self, connection: sa.Connection) -> None:
        self._learn(connection)
        self._gone.clear()
        super().begin(connection)

    def terminated(self, sql: str) -> str:
        """A statement with semicolons of its own (a trigger's body) needs another delimiter in MySQL's client."""
        return terminated(sql)

    def write_begin(self) -> Iterable[str]:
        """Nothing: each statement of DDL commits by itself."""
        return ()

    def write_commit(self) -> Iterable[str]:
        return ()


class MariadbDialect(MysqlDialect):
    """MariaDB behind a ``mariadb://`` URL, where options may be called ``mariadb_...`` too."""

    name: ClassVar[str] = "mariadb"
    option_dialects: ClassVar[tuple[str, ...]] = ("mariadb", "mysql")
