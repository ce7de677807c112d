"""CockroachDB as the engine sees it: PostgreSQL, with each schema change alone in autocommit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa

from flask_schema.dialects.cockroachdb.compiler import CockroachdbCompiler, CockroachdbDdlCompiler
from flask_schema.dialects.cockroachdb.explanations import EXPLANATIONS
from flask_schema.dialects.cockroachdb.jobs import wait_for_schema_changes
from flask_schema.dialects.cockroachdb.primary_keys import awaits_key, drops_key
from flask_schema.dialects.cockroachdb.reader import CockroachdbReader
from flask_schema.dialects.cockroachdb.sharding import BUCKETS, HASH, NOT_VISIBLE, respelled_index
from flask_schema.dialects.cockroachdb.spelling import expression_key, spelled_type
from flask_schema.dialects.cockroachdb.table_options import canonical_options, settled_options
from flask_schema.dialects.cockroachdb.views import settled_views
from flask_schema.dialects.dialect import Capabilities, Scope, Settled, Surroundings
from flask_schema.dialects.postgresql.compiler import PostgresqlCompiler
from flask_schema.dialects.postgresql.dialect import PostgresqlDialect
from flask_schema.dialects.postgresql.explanations import sqlstate
from flask_schema.dialects.statement import Statement
from flask_schema.operations import columns
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import CheckConstraint, Column, DataType, Index, IndexElement, Table
from flask_schema.snapshot.keywords import accept_keywords
from flask_schema.snapshot.snapshot import Snapshot

_HIDDEN_EXPRESSION = "crdb_internal_idx_expr"
_Named = TypeVar("_Named", CheckConstraint, Index)


class CockroachdbDialect(PostgresqlDialect):
    """CockroachDB 22.1 and newer. What a failed revision had done before stays done, and is said."""

    name: ClassVar[str] = "cockroachdb"
    option_dialects: ClassVar[tuple[str, ...]] = ("cockroachdb", "postgresql")
    capabilities = Capabilities(
        transactional_ddl=False,
        ddl_in_autocommit=True,
        partial_commits=True,
        renames=frozenset({"index", "constraint"}),
        declares=frozenset({"view", "materialized view"}),
        holds=frozenset({"drops", "types", "readers", "stars", "computed", "checks"}),
    )
    compiler_class: ClassVar[type[PostgresqlCompiler]] = CockroachdbCompiler
    limits_by: ClassVar[str] = "SET"  # there is no transaction for them to end with

    def __init__(self, sqlalchemy: sa.Dialect) -> None:
        super().__init__(sqlalchemy)
        known: Any = self.sqlalchemy
        known.ddl_compiler = CockroachdbDdlCompiler
        accept_keywords()

    # -- reading and comparing ----------------------------------------------------------------

    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        reader = CockroachdbReader(connection, scope)
        snapshot = reader.read()
        self._default_schema = reader.default_schema
        self.python_types.learn(snapshot.enums, {})
        return self.canonical(snapshot)

    def canonical(self, snapshot: Snapshot) -> Snapshot:
        canonical = super().canonical(snapshot)
        tables = {name: _respelled(table) for name, table in canonical.tables.items()}
        return replace(canonical, dialect=self.name, tables=tables)

    def settle(self, before: Snapshot, after: Snapshot, connection: sa.Connection | None) -> Settled:
        """Expressions that differ in casts, parentheses and letter case only are the same; the rest is text."""
        del connection
        hidden = sorted(f"{one.name} on {table.name}" for table in before.tables.values() for one in _hidden(table))
        notes = [f"index {', '.join(hidden)}: CockroachDB does not tell its expression; not compared"] if hidden else []
        tables = {
            name: _settled(table, after.tables[name]) if name in after.tables else table
            for name, table in before.tables.items()
        }
        views = settled_views(dict(before.views), dict(after.views))
        # SQLAlchemy takes it that there are none here (supports_sequences), so that models cannot tell of them
        sequences = {name: one for name, one in before.sequences.items() if name in after.sequences}
        return Settled(replace(before, tables=tables, views=views, sequences=sequences), after, tuple(notes))

    # -- writing ------------------------------------------------------------------------------

    def statements(self, operations: Sequence[Operation], surroundings: Surroundings) -> Iterable[Statement]:
        compiler = CockroachdbCompiler(
            self.sqlalchemy, surroundings, self._version(surroundings), self._memory(surroundings)
        )
        return compiler.folded(operations)

    def joins(self, waiting: Sequence[Operation], coming: Operation) -> bool:
        """Additions and changes of columns of one table wait for each other: together they are one job.

        The drop of a primary key waits, with all that follows, for the key that comes in its place.
        """
        if drops_key(coming):
            return not waiting
        if (table := awaits_key(waiting)) is not None:
            return getattr(coming, "table", None) == table
        if not isinstance(coming, (columns.AddColumn, columns.AlterColumn)):
            return False
        return all(getattr(one, "table", None) == coming.table for one in waiting)

    def explain(self, error: BaseException) -> tuple[str, str | None] | None:
        state = sqlstate(error)
        return EXPLANATIONS.get(state) if state is not None else None

    def before_run(self, connection: sa.Connection) -> None:
        """An earlier run that was killed may have left schema changes on their way."""
        wait_for_schema_changes(connection)

    def lifted_time_limits(
        self, lock_timeout_seconds: float | None, statement_timeout_seconds: float | None
    ) -> Iterable[str]:
        given = {"lock_timeout": lock_timeout_seconds, "statement_timeout": statement_timeout_seconds}
        return [f"RESET {name}" for name, limit in given.items() if limit is not None]

    def write_begin(self) -> Iterable[str]:
        """Nothing: schema changes stand alone."""
        return ()

    def write_commit(self) -> Iterable[str]:
        """Nothing: schema changes stand alone."""
        return ()


def _respelled(table: Table) -> Table:
    return replace(
        table,
        columns=tuple(_respelled_column(one) for one in table.columns),
        indexes=tuple(respelled_index(one) for one in table.indexes),
        options=canonical_options(table.options),
    )


def _respelled_column(column: Column) -> Column:
    if column.type.enum is not None:
        return column
    sql = spelled_type(column.type.sql)
    return column if sql == column.type.sql else replace(column, type=DataType(sql, column.type.python))


def _settled(before: Table, after: Table) -> Table:
    """``before`` with the texts of ``after`` where both mean the same."""
    before = _with_unique_indexes(before, after)
    wanted = {one.name: one for one in after.indexes}
    columns_ = tuple(_settled_column(one, after.column(one.name)) for one in before.columns)
    return replace(
        before,
        columns=columns_,
        options=settled_options(before.options, after.options),
        checks=_matched(before.checks, after.checks, lambda one: one.expression, "expression"),
        indexes=tuple(
            _settled_index(one, wanted.get(one.name))
            for one in _matched(before.indexes, after.indexes, lambda one: one.where, "where")
        ),
    )


def _with_unique_indexes(before: Table, after: Table) -> Table:
    """``before`` with indexes for those constraints that ``after`` calls so: the catalog shows both alike."""
    wanted = {one.name for one in after.indexes if one.unique} - {one.name for one in after.unique_constraints}
    called = tuple(one for one in before.unique_constraints if one.name in wanted)
    if not called:
        return before
    made = (Index(one.name, tuple(IndexElement(key) for key in one.columns), unique=True) for one in called)
    return replace(
        before,
        unique_constraints=tuple(one for one in before.unique_constraints if one not in called),
        indexes=tuple(sorted((*before.indexes, *made), key=lambda one: one.name or "")),
    )


def _hidden(table: Table) -> Iterable[Index]:
    """The indexes over an expression, of which the name of a hidden column is all that is shown."""
    return (one for one in table.indexes if any(key.expression.startswith(_HIDDEN_EXPRESSION) for key in one.elements))


def _settled_index(before: Index, after: Index | None) -> Index:
    """STORING columns are shown as keys, and an expression as the name of a hidden column: both are no difference."""
    if after is None or before == after:
        return before
    if dict(after.options).get(NOT_VISIBLE):
        before = replace(before, options=tuple(sorted((*before.options, (NOT_VISIBLE, True)))))
    shown = tuple(one.expression for one in before.elements)
    if after.include and not before.include and shown == (*(one.expression for one in after.elements), *after.include):
        before = replace(before, elements=before.elements[: len(after.elements)], include=after.include)
    if after.method == before.method == HASH and BUCKETS not in dict(after.options):
        before = replace(before, options=after.options)  # the server's own number of buckets
    if len(before.elements) != len(after.elements):
        return before
    elements = tuple(
        replace(old, expression=new.expression, is_column=new.is_column, verbatim=new.verbatim)
        if old.expression.startswith(_HIDDEN_EXPRESSION) and not new.is_column
        else old
        for old, new in zip(before.elements, after.elements, strict=True)
    )
    return replace(before, elements=elements)


def _settled_column(before: Column, after: Column | None) -> Column:
    if after is None:
        return before
    default, computed = before.default, before.computed
    if default is not None and after.default is not None and expression_key(default) == expression_key(after.default):
        default = after.default
    same = computed is not None and after.computed is not None
    if same and expression_key(computed.expression) == expression_key(after.computed.expression):  # type: ignore[union-attr]
        computed = after.computed
    identity = before.identity
    if identity is not None and after.identity is not None and identity.always == after.identity.always:
        identity = after.identity  # where its numbers begin is not shown
    return replace(before, default=default, computed=computed, identity=identity)


def _matched(
    before: tuple[_Named, ...], after: tuple[_Named, ...], text: Callable[[Any], str | None], facet: str
) -> tuple[_Named, ...]:
    """The elements of ``before``, each with the text of one of ``after`` that is spelled otherwise only."""
    spellings = {expression_key(known): known for one in after if (known := text(one)) is not None}

    def matched(one: _Named) -> _Named:
        known = text(one)
        spelled: Any = {facet: spellings.get(expression_key(known), known)} if known is not None else {}
        return replace(one, **spelled)

    return tuple(matched(one) for one in before)
