"""What CockroachDB writes differently from PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import sqlalchemy as sa

from flask_schema.dialects.cockroachdb.batches import separate_statements
from flask_schema.dialects.cockroachdb.primary_keys import carried_keys
from flask_schema.dialects.cockroachdb.sharding import BUCKETS, HASH, NOT_VISIBLE, respelled_index, sharding
from flask_schema.dialects.cockroachdb.spelling import expression_key
from flask_schema.dialects.cockroachdb.table_options import CockroachdbTableOptions, with_storage
from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.postgresql.compiler import OPTION_PREFIX, PostgresqlCompiler
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.dialects.postgresql.specification import (
    PostgresqlConstructs,
    PostgresqlDdlCompiler,
    Specifications,
    storage,
)
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OfflineRefused, OperationRefused
from flask_schema.operations import columns, constraints, enums, indexes, renames, schemas, statements, tables
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DataType,
    ExcludeConstraint,
    Index,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.identifiers import mentions

FOLDED = ("ADD COLUMN ", "ALTER COLUMN ")
"""Actions of which several may share one ALTER TABLE, at the price of one schema-change job."""
_ALONE = re.compile(r"\AALTER COLUMN .*( TYPE | GENERATED | IDENTITY| SET (INCREMENT|MINVALUE|MAXVALUE|START|CACHE) )")
"""Actions that want a column as it was left by statements before: NOT NULL and validated, for an identity."""


class CockroachdbSpecifications(Specifications):
    """Columns and indexes as CockroachDB writes them."""

    def index_body(self, index: Index) -> str:
        """What stands behind the table's name; a hash-sharded index says so behind its keys.

        https://www.cockroachlabs.com/docs/stable/hash-sharded-indexes
        """
        index = respelled_index(index)
        if dict(index.options).get(NOT_VISIBLE):
            rest = tuple(pair for pair in index.options if pair[0] != NOT_VISIBLE)
            return f"{self.index_body(replace(index, options=rest))} NOT VISIBLE"
        if index.method != HASH:
            return super().index_body(index)
        options = dict(index.options)
        keys = ", ".join(self.index_key(one) for one in index.elements)
        parts = [f"({keys}) USING HASH"]
        parts += [self.included(index.include)] if index.include else []
        buckets = options.get(BUCKETS)
        stored = {**({BUCKETS: buckets} if buckets is not None else {}), **dict(options.get("with") or ())}
        parts += [f"WITH ({storage(tuple(stored.items()))})"] if stored else []
        parts += [f"WHERE {index.where}"] if index.where is not None else []
        return " ".join(parts)

    def included(self, columns: tuple[str, ...]) -> str:
        """``STORING (a, b)``. https://www.cockroachlabs.com/docs/stable/create-index#store-columns"""
        return f"STORING ({', '.join(self.name(one) for one in columns)})"

    def computed(self, computed: Computed) -> str:
        """``AS (...) STORED``, or VIRTUAL. https://www.cockroachlabs.com/docs/stable/computed-columns"""
        return f"AS ({computed.expression}) {'VIRTUAL' if computed.stored is False else 'STORED'}"


class CockroachdbDdlCompiler(PostgresqlDdlCompiler):
    """The compiler of CREATE TABLE, with hash-sharded keys."""

    def visit_primary_key_constraint(self, constraint: sa.PrimaryKeyConstraint, **kw: Any) -> str:
        """``PRIMARY KEY (a) USING HASH WITH (bucket_count = 8)``."""
        text = str(super().visit_primary_key_constraint(constraint, **kw))  # type: ignore[no-untyped-call]
        return f"{text}{constraint.info.get(BUCKETS, '')}"


class CockroachdbConstructs(PostgresqlConstructs):
    """Constructs that carry what SQLAlchemy has no words for."""

    def constraint(self, constraint: Constraint) -> sa.Constraint:
        """A constraint; a hash-sharded key says so in its ``info``."""
        if not isinstance(constraint, PrimaryKey) or not constraint.options:
            return super().constraint(constraint)
        rest = tuple(pair for pair in constraint.options if pair[0] != BUCKETS)
        construct = super().constraint(replace(constraint, options=rest))
        construct.info[BUCKETS] = sharding(constraint)
        return construct


class CockroachdbCompiler(CockroachdbTableOptions, PostgresqlCompiler):
    """Turns operations into statements; CONCURRENTLY is left out, since every index is built that way."""

    database: ClassVar[str] = "CockroachDB"
    specification_class: ClassVar[type[Specifications]] = CockroachdbSpecifications
    concurrently: ClassVar[bool] = False
    drop_expression: ClassVar[str] = "DROP STORED"
    view_trigger_query: ClassVar[str | None] = None  # there are no INSTEAD OF triggers

    def __init__(
        self, sqlalchemy: sa.Dialect, surroundings: Surroundings, version: tuple[int, ...] = (), memory: Any = None
    ) -> None:
        super().__init__(sqlalchemy, surroundings, version, memory)
        self.constructs = CockroachdbConstructs(OPTION_PREFIX, self.specifications)
        self.sets_expressions = False  # a computed column with another expression is made anew

    def folded(self, operations: Sequence[Operation]) -> Iterator[Statement]:
        """The statements, those that follow each other on one table put into one ALTER TABLE where that is allowed."""
        made = [one for operation in carried_keys(operations) for one in self.compile(operation)]
        waiting: list[Statement] = []
        for statement in made:
            start = self._start(statement)
            if waiting and (start is None or start != self._start(waiting[0]) or self._needs(waiting, statement)):
                yield self._joined(waiting)
                waiting = []
            if start is None:
                yield statement
            else:
                waiting.append(statement)
        if waiting:
            yield self._joined(waiting)

    def _joined(self, alike: Sequence[Statement]) -> Statement:
        start = self._start(alike[0]) or ""
        actions = ", ".join(str(one.sql)[len(start) :] for one in alike)
        return replace(alike[0], sql=f"{start}{actions}") if len(alike) > 1 else alike[0]

    def _needs(self, waiting: Sequence[Statement], coming: Statement) -> bool:
        """Whether ``coming`` uses a column that those before it add: it is not there before they are done."""
        added = [one.operation.column.name for one in waiting if isinstance(one.operation, columns.AddColumn)]
        return any(mentions(str(coming.sql), name) for name in added)

    def _start(self, statement: Statement) -> str | None:
        """``ALTER TABLE t `` for an action that may share a statement, else None."""
        operation = statement.operation
        if not isinstance(operation, (columns.AddColumn, columns.AlterColumn)) or not isinstance(statement.sql, str):
            return None
        start = self.alter_table(operation.table, "")
        action = statement.sql[len(start) :]
        shares = statement.sql.startswith(start) and action.startswith(FOLDED) and not _ALONE.search(action)
        return start if shares else None

    def execute(self, operation: statements.Execute) -> Iterable[str | Statement]:
        """A script's own SQL, each of its statements by itself."""
        given = operation.statement
        if isinstance(given, sa.TextClause) and not given.compile().params:
            given = given.text
        if not isinstance(given, str):
            yield from super().execute(operation)
            return
        for text in separate_statements(given):
            yield from super().execute(replace(operation, statement=text))

    # -- columns ------------------------------------------------------------------------------

    def inline_constraints(self, operation: columns.AddColumn) -> tuple[Constraint, ...]:
        """Never the key: a table has one, hidden or not, that is altered when the column is there."""
        return tuple(one for one in super().inline_constraints(operation) if not isinstance(one, PrimaryKey))

    def _live_default(self, operation: columns.AlterColumn) -> str | None:
        column = self._live_column(operation)
        return column.default if column is not None else None

    def _live_column(self, operation: columns.AlterColumn) -> Column | None:
        table = self._known_table(operation.table)
        return table.column(operation.name) if table is not None else None

    def _computed_from(self, operation: columns.AlterColumn) -> tuple[Table | None, list[Column]]:
        table = self._known_table(operation.table)
        shown = table.columns if table is not None else ()
        computed = [one for one in shown if one.computed is not None and one.name != operation.name]
        return table, [one for one in computed if one.computed and mentions(one.computed.expression, operation.name)]

    def _create_serial(self, operation: columns.AlterColumn) -> Iterator[str | Statement]:
        """SERIAL is an integer that unique_rowid() fills. https://www.cockroachlabs.com/docs/stable/serial"""
        before = operation.before
        if before.autoincrement is True:
            return
        if before.autoincrement is UNSET and operation.after.type is not UNSET and self.surroundings.offline:
            return  # Alembic writes autoincrement=True beside a type for columns that are SERIAL
        column = None if self.surroundings.offline else self._live_column(operation)
        if column is None or not (column.autoincrement or column.default is not None):
            yield self.alter_facet(operation, "SET DEFAULT unique_rowid()")

    def identity_changed(self, operation: columns.AlterColumn, words: list[str]) -> Iterable[str | Statement]:
        """How it is generated and how it counts are two actions.

        https://www.cockroachlabs.com/docs/stable/alter-table#alter-column
        """
        kinds = [one for one in words if one.startswith("SET GENERATED")]
        numbers = [one for one in words if one not in kinds]
        for action in (kinds, numbers):
            yield from super().identity_changed(operation, action)

    def _drop_serial(self, operation: columns.AlterColumn) -> Iterator[str | Statement]:
        yield self.alter_facet(operation, "DROP DEFAULT")

    def _alter_owned_sequence(self, operation: columns.AlterColumn, data_type: DataType) -> Iterator[str | Statement]:
        """There is no sequence behind unique_rowid()."""
        yield from ()

    # -- enums --------------------------------------------------------------------------------

    def alter_enum(self, operation: enums.AlterEnum) -> Iterable[str | Statement]:
        """Values are renamed, added and dropped in place; one that a row holds cannot be dropped (2BP01)."""
        kept = [value for value in operation.renamed if value in operation.after.values]
        merges = any(new in operation.before.values for _, new in operation.renames)
        if merges or kept != [value for value in operation.after.values if value in kept]:
            raise OperationRefused(
                f"CockroachDB cannot {operation.describe()}: the values of an enum stay in their order",
                hint="create another enum and move the columns to it",
            )
        name = self.table_name(operation.after.name)
        for old, new in operation.renames:
            yield from self.rename_enum_value(enums.RenameEnumValue(operation.after.name, old, new))
        yield from self._add_values(operation.after, kept)
        for value in operation.removed:
            yield f"ALTER TYPE {name} DROP VALUE {literal(value)}"

    def remove_enum_value(self, operation: enums.RemoveEnumValue) -> Iterable[str | Statement]:
        """DROP VALUE, which the server refuses while a row holds it (2BP01)."""
        if operation.replacement is not None:
            raise OperationRefused(
                f"cannot {operation.describe()}: CockroachDB drops a value that no row holds",
                hint=f"UPDATE the rows that hold {operation.value!r} first, and leave out 'replacement'",
            )
        yield f"ALTER TYPE {self.table_name(operation.name)} DROP VALUE {literal(operation.value)}"

    # -- constraints --------------------------------------------------------------------------

    def create_table(self, operation: tables.CreateTable) -> Iterable[str | Statement]:
        for constraint in operation.table.constraints:
            self._refuse_deferrable(operation.table.name, constraint)
        table, locality = with_storage(operation.table)
        for statement in super().create_table(replace(operation, table=table)):
            is_table = isinstance(statement, str) and statement.startswith("CREATE TABLE")
            yield f"{statement}{locality}" if is_table else statement

    def add_constraint(self, table: QualifiedName, constraint: Constraint) -> Iterable[str | Statement]:
        self._refuse_deferrable(table, constraint)
        yield from super().add_constraint(table, constraint)

    def _refuse_deferrable(self, table: QualifiedName, constraint: Constraint) -> None:
        if isinstance(constraint, ExcludeConstraint):
            raise OperationRefused(f"CockroachDB has no EXCLUDE constraints, asked for on {table}")
        if not isinstance(constraint, CheckConstraint) and (constraint.deferrable or constraint.initially):
            raise OperationRefused(
                f"CockroachDB has no DEFERRABLE constraints, asked for on {table}",
                hint="leave deferrable and initially out",
            )

    def create_primary_key(self, operation: constraints.CreatePrimaryKey) -> Iterable[str | Statement]:
        """A table always has a key, hidden or not, that is altered.

        The old key stays behind as a unique index. It is dropped where it is known that no foreign key needs it:
        CASCADE would take that along.
        https://www.cockroachlabs.com/docs/stable/alter-table#alter-primary-key
        """
        assert isinstance(operation.constraint, PrimaryKey)
        table = self._known_table(operation.table)
        old = table.primary_key if table is not None else None
        keys = ", ".join(self.name(one) for one in operation.constraint.columns)
        sharded = sharding(operation.constraint)
        yield self.alter_table(operation.table, f"ALTER PRIMARY KEY USING COLUMNS ({keys}){sharded}")
        if old is None or old.columns == operation.constraint.columns:
            return
        if not self._is_referred(operation.table, old.columns):
            left = f"{operation.table.name}_{'_'.join(old.columns)}_key"
            yield f"DROP INDEX IF EXISTS {self._index(operation.table, left)} CASCADE"

    def _is_referred(self, table: QualifiedName, columns: Sequence[str]) -> bool:
        """Whether a foreign key refers to these columns; True where that cannot be known."""
        try:
            tables = list(self.surroundings.tables())
        except OfflineRefused:
            return True
        keys = (key for one in tables for key in one.foreign_keys if key.referred_table == table)
        return any(not key.referred_columns or set(key.referred_columns) == set(columns) for key in keys)

    def alter_primary_key(self, operation: constraints.AlterPrimaryKey) -> Iterable[str | Statement]:
        yield from self.create_primary_key(constraints.CreatePrimaryKey(operation.table, operation.after))

    def _alike(self, table: Table, wanted: CheckConstraint) -> CheckConstraint | None:
        key = expression_key(wanted.expression)
        return next((one for one in table.checks if expression_key(one.expression) == key), None)

    def drop_constraint(self, operation: constraints.DropConstraint) -> Iterable[str | Statement]:
        """A unique constraint is dropped as its index: DROP CONSTRAINT of one is refused before 26.2 (0A000)."""
        if not self._is_unique(operation):
            yield from super().drop_constraint(operation)
            return
        guard = "IF EXISTS " if operation.if_exists else ""
        yield f"DROP INDEX {guard}{self._index(operation.table, self.constraint_name(operation))} CASCADE"

    def _is_unique(self, operation: constraints.DropConstraint) -> bool:
        if operation.kind is not None or operation.before is not None:
            return operation.kind == "unique" or isinstance(operation.before, UniqueConstraint)
        table = self._known_table(operation.table)
        return table is not None and isinstance(operation.find(table), UniqueConstraint)

    def rename_index(self, operation: renames.RenameIndex) -> Iterable[str | Statement]:
        """A name is one of its table only: other tables may have an index of that name."""
        if operation.table is None:
            yield from super().rename_index(operation)
            return
        index = self._index(operation.table, operation.name)
        yield f"ALTER INDEX {index} RENAME TO {self.name(operation.new_name)}"

    def drop_index(self, operation: indexes.DropIndex) -> Iterable[str | Statement]:
        guard = "IF EXISTS " if operation.if_exists else ""
        if operation.table is None:
            name = self.table_name(QualifiedName(operation.name, operation.schema))
        else:
            name = self._index(operation.table, operation.name)
        cascade = " CASCADE" if self._drops_unique(operation) else ""
        yield f"DROP INDEX {guard}{name}{cascade}"

    def _drops_unique(self, operation: indexes.DropIndex) -> bool:
        """A unique index is a constraint too, and goes only with CASCADE."""
        if operation.before is not None:
            return operation.before.unique
        table = self._known_table(operation.table) if operation.table is not None else None
        if table is None:
            return False
        unique = {one.name for one in table.unique_constraints} | {one.name for one in table.indexes if one.unique}
        return operation.name in unique

    def _index(self, table: QualifiedName, name: str) -> str:
        return f"{self.table_name(table)}@{self.name(name)}"

    def create_extension(self, operation: schemas.CreateExtension) -> Iterable[str | Statement]:
        raise self._no_extensions(operation)

    def drop_extension(self, operation: schemas.DropExtension) -> Iterable[str | Statement]:
        raise self._no_extensions(operation)

    def create_exclude_constraint(self, operation: constraints.CreateExcludeConstraint) -> Iterable[str | Statement]:
        raise OperationRefused(f"CockroachDB has no EXCLUDE constraints, asked for on {operation.table}")

    def alter_table_options(self, operation: tables.AlterTableOptions) -> Iterable[str | Statement]:
        raise OperationRefused(
            f"CockroachDB has no such options of tables: cannot {operation.describe()}",
            hint="op.set_row_ttl and op.set_locality change what its tables have",
        )
