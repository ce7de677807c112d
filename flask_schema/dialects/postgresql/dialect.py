"""PostgreSQL as the engine sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.types import TypeEngine

from flask_schema.dialects.dialect import Capabilities, Dialect, Scope, Settled, Surroundings
from flask_schema.dialects.postgresql.canonical import Canonical
from flask_schema.dialects.postgresql.compiler import PostgresqlCompiler
from flask_schema.dialects.postgresql.explanations import explain_error
from flask_schema.dialects.postgresql.named_types import KnownTypes
from flask_schema.dialects.postgresql.python_types import python_type
from flask_schema.dialects.postgresql.questions import Question
from flask_schema.dialects.postgresql.reader import Reader
from flask_schema.dialects.postgresql.scratch import Answer, Judge
from flask_schema.dialects.postgresql.settling import settle_snapshots
from flask_schema.dialects.postgresql.specification import PostgresqlDdlCompiler
from flask_schema.dialects.statement import Statement
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation, writing_dialect
from flask_schema.snapshot.snapshot import Snapshot


class PostgresqlDialect(Dialect):
    """PostgreSQL 12 and later. Its parts are class attributes and small methods, for relatives to override."""

    name: ClassVar[str] = "postgresql"
    option_dialects: ClassVar[tuple[str, ...]] = ("postgresql",)
    capabilities = Capabilities(transactional_ddl=True, supports_comments=True, supports_schemas=True)
    compiler_class: ClassVar[type[PostgresqlCompiler]] = PostgresqlCompiler
    ddl_compiler_class: ClassVar[type[DDLCompiler]] = PostgresqlDdlCompiler
    reader_class: ClassVar[type[Reader]] = Reader
    judge_class: ClassVar[type[Judge]] = Judge

    def __init__(self, sqlalchemy: sa.Dialect) -> None:
        super().__init__(sqlalchemy)
        self.types = KnownTypes()
        self._take(sqlalchemy)

    def _take(self, sqlalchemy: sa.Dialect) -> None:
        self._version: Any = getattr(sqlalchemy, "server_version_info", None)
        self.default_schema: str | None = getattr(sqlalchemy, "default_schema_name", None) or "public"
        self.sqlalchemy = writing_dialect(sqlalchemy)
        self.sqlalchemy.ddl_compiler = self.ddl_compiler_class
        self.translation = SqlalchemyTranslation(self.sqlalchemy, self.option_dialects)

    def learn(self, connection: sa.Connection) -> None:
        """The server's version is known from the first connection on."""
        if getattr(connection.dialect, "server_version_info", None) != self._version:
            self._take(connection.dialect)

    # -- reading and comparing ----------------------------------------------------------------

    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        self.learn(connection)
        reader = self.reader_class(connection, scope)
        found = reader.read()
        self.default_schema = reader.default_schema or self.default_schema
        return found

    def canonical(self, snapshot: Snapshot) -> Snapshot:
        return Canonical(self.default_schema).snapshot(snapshot)

    def settle(self, before: Snapshot, after: Snapshot, connection: sa.Connection | None) -> Settled:
        if connection is None:
            notes: list[str] = []

            def unanswered(asked: list[Question]) -> dict[Question, Answer]:
                notes.extend(f"{one.describe()} was compared by its text only: there is no connection" for one in asked)
                return {}

            return settle_snapshots(before, after, unanswered, notes)
        self.learn(connection)
        compiler = self.compiler_class(self.sqlalchemy, ReplayedSurroundings(self, None), self.types)
        judge = self.judge_class(connection, compiler, self.reader_class, before, after)
        return settle_snapshots(before, after, judge.answers, judge.notes)

    def python_type(self, sql: str) -> TypeEngine[Any]:
        return python_type(sql, self.sqlalchemy)

    # -- writing ------------------------------------------------------------------------------

    def statements(self, operations: Sequence[Operation], surroundings: Surroundings) -> Iterable[Statement]:
        compiler = self.compiler_class(self.sqlalchemy, surroundings, self.types)
        for operation in operations:
            yield from compiler.compile(operation)

    def explain(self, error: BaseException) -> tuple[str, str | None] | None:
        return explain_error(error)

    # -- transactions -------------------------------------------------------------------------

    def begin(self, connection: sa.Connection) -> None:
        super().begin(connection)
        self.learn(connection)
