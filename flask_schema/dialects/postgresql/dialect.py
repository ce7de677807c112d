"""PostgreSQL as the engine sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ENUM, CreateEnumType, DropEnumType
from sqlalchemy.types import TypeEngine

from flask_schema.dialects.dialect import Capabilities, Dialect, Scope, Settled, Surroundings
from flask_schema.dialects.postgresql.canonical import Canonical
from flask_schema.dialects.postgresql.commit_points import with_commit_points
from flask_schema.dialects.postgresql.compiler import PostgresqlCompiler
from flask_schema.dialects.postgresql.empty_values import empty_value
from flask_schema.dialects.postgresql.explanations import EXPLANATIONS, sqlstate
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.dialects.postgresql.named_types import Memory
from flask_schema.dialects.postgresql.names import constraint_name, sequence_name
from flask_schema.dialects.postgresql.python_types import PythonTypes
from flask_schema.dialects.postgresql.reader import Reader
from flask_schema.dialects.postgresql.settling import settle
from flask_schema.dialects.postgresql.specification import PostgresqlDdlCompiler
from flask_schema.dialects.statement import Statement
from flask_schema.operations.enums import CreateEnum, DropEnum
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Constraint, DataType, Enum, QualifiedName, Table
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation
from flask_schema.snapshot.snapshot import Snapshot


class PostgresqlDialect(Dialect):
    """PostgreSQL 12 and newer. DDL is transactional."""

    name: ClassVar[str] = "postgresql"
    option_dialects: ClassVar[tuple[str, ...]] = ("postgresql",)
    capabilities = Capabilities(
        transactional_ddl=True,
        renames=frozenset({"index", "constraint"}),
        declares=frozenset({"view", "materialized view", "function", "trigger", "extension"}),
        holds=frozenset({"drops", "types", "readers", "stars", "computed", "checks"}),
        table_options=frozenset({"tablespace"}),
    )
    reader_class: ClassVar[type[Reader]] = Reader
    compiler_class: ClassVar[type[PostgresqlCompiler]] = PostgresqlCompiler
    limits_by: ClassVar[str] = "SET LOCAL"

    def __init__(self, sqlalchemy: sa.Dialect) -> None:
        super().__init__(sqlalchemy)
        known: Any = self.sqlalchemy
        known.ddl_compiler = PostgresqlDdlCompiler
        if getattr(known, "server_version_info", None) is None:
            known._backslash_escapes = False  # what every server says unless it was told otherwise
        self.translation = SqlalchemyTranslation(self.sqlalchemy, self.option_dialects)
        self.python_types = PythonTypes(self.sqlalchemy)
        self._memories: WeakKeyDictionary[Any, Memory] = WeakKeyDictionary()

    # -- reading and comparing ----------------------------------------------------------------

    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        reader = self.reader_class(connection, scope)
        snapshot = reader.read()
        self._default_schema = reader.default_schema
        self.python_types.learn(snapshot.enums, reader.domains)
        self._used_elsewhere = frozenset(reader.used_elsewhere)
        return snapshot

    _default_schema: str | None = None
    _used_elsewhere: frozenset[QualifiedName] = frozenset()

    @property
    def default_schema(self) -> str:
        """The schema whose names carry none: the database's own once it was read, ``public`` before."""
        known: Any = self.sqlalchemy
        return self._default_schema or getattr(known, "default_schema_name", None) or "public"

    def canonical(self, snapshot: Snapshot) -> Snapshot:
        known: Any = self.sqlalchemy
        virtual = bool(getattr(known, "supports_virtual_generated_columns", False))
        return Canonical(self.default_schema, virtual).snapshot(snapshot)

    def settle(self, before: Snapshot, after: Snapshot, connection: sa.Connection | None) -> Settled:
        settled = settle(before, after, connection, self.default_schema)
        kept = sorted((before.enums.keys() - after.enums.keys()) & self._used_elsewhere)
        if not kept:
            return settled
        enums = {name: one for name, one in before.enums.items() if name not in kept}
        note = f"enum {', '.join(map(str, kept))}: used in a schema that is not compared; left alone"
        return replace(settled, before=replace(settled.before, enums=enums), notes=(*settled.notes, note))

    def operation_of(self, construct: Any) -> Operation | None:
        """Types created by ``Enum(...).create(op.get_bind())``, which columns of that type do not create again."""
        if not isinstance(construct, (CreateEnumType, DropEnumType)):
            return None
        enum: ENUM = construct.element
        name = QualifiedName(str(enum.name), enum.schema)
        return CreateEnum(Enum(name, tuple(enum.enums))) if isinstance(construct, CreateEnumType) else DropEnum(name)

    def default_name(self, table: Table, constraint: Constraint) -> str | None:
        return constraint_name(table, constraint)

    def default_sequence(self, table: str, column: str) -> str | None:
        return sequence_name(table, column)

    def python_type(self, sql: str) -> TypeEngine[Any]:
        return self.python_types.of(sql)

    def empty_value(self, data_type: DataType) -> str | None:
        if data_type.enum is None:
            return empty_value(data_type.sql)
        labels = getattr(self.python_type(data_type.sql), "enums", ())
        return literal(labels[0]) if labels else None

    # -- writing ------------------------------------------------------------------------------

    def statements(self, operations: Sequence[Operation], surroundings: Surroundings) -> Iterable[Statement]:
        memory = self._memory(surroundings)
        compiler = self.compiler_class(self.sqlalchemy, surroundings, self._version(surroundings), memory)

        def compiled() -> Iterator[Statement]:
            for operation in operations:
                yield from compiler.compile(operation)

        return with_commit_points(compiled(), memory, surroundings, self.sqlalchemy)

    def _version(self, surroundings: Surroundings) -> tuple[int, ...]:
        connection = getattr(surroundings, "connection", None)
        known: Any = connection.dialect if connection is not None else self.sqlalchemy
        version = getattr(known, "server_version_info", None) or ()
        return tuple(one for one in version if isinstance(one, int))

    def _memory(self, surroundings: Surroundings) -> Memory:
        owner: Any = getattr(surroundings, "connection", surroundings)
        return self._memories.setdefault(owner, Memory())

    def explain(self, error: BaseException) -> tuple[str, str | None] | None:
        state = sqlstate(error)
        return EXPLANATIONS.get(state) if state is not None else None

    def time_limits(self, lock_timeout_seconds: float | None, statement_timeout_seconds: float | None) -> Iterable[str]:
        given = {"lock_timeout": lock_timeout_seconds, "statement_timeout": statement_timeout_seconds}
        return [
            f"{self.limits_by} {name} = '{round(limit * 1000)}ms'" for name, limit in given.items() if limit is not None
        ]

    # -- transactions -------------------------------------------------------------------------

    def begin(self, connection: sa.Connection) -> None:
        super().begin(connection)
        if connection in self._memories:
            self._memories[connection].uncommitted.clear()

    def write_begin(self) -> Iterable[str]:
        for memory in self._memories.values():
            memory.uncommitted.clear()
        return super().write_begin()
