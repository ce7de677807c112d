"""ALTER COLUMN: a small method for each facet, in an order in which PostgreSQL takes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flask_schema.dialects.postgresql.data_types import NUMBERS, STRINGS, TypeName, canonical_type, type_name
from flask_schema.dialects.postgresql.sequences import SequenceCompiler, changed_numbering
from flask_schema.dialects.postgresql.specification import numbering
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OperationRefused
from flask_schema.operations import columns
from flask_schema.operations.indexes import CreateIndex
from flask_schema.operations.operation import UNSET
from flask_schema.snapshot.elements import Column, Constraint, DataType, Identity, Index, Table

_SET_EXPRESSION_SINCE = (17,)


class AlterColumnCompiler(SequenceCompiler):
    """Compiles AlterColumn."""

    def alter_column(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        """What stands in the way of other facets goes first; the name comes last, so that all others use the old one.

        NOT NULL stands before an identity, which asks for it, and NULL behind one that is dropped.
        """
        after = operation.after
        if after.computed is not UNSET and (recreated := self._recreated(operation)) is not None:
            yield from self._create_again(operation, recreated)
        else:
            yield from self._alter_facets(operation)
        if after.comment is not UNSET:
            yield self.column_comment(operation.table, operation.name, after.comment)
        if after.name is not UNSET and after.name != operation.name:
            new_name = self.name(after.name)
            yield self.alter_table(operation.table, f"RENAME COLUMN {self.name(operation.name)} TO {new_name}")

    def _alter_facets(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        after = operation.after
        if after.computed is not UNSET:
            yield from self.alter_computed(operation)
        if after.autoincrement is False:
            yield from self._stop_counting(operation)
        if after.identity is None:
            yield from self._drop_identity(operation)
        if after.type is not UNSET:
            yield from self.alter_type(operation)
        if after.default is not UNSET:
            yield from self.alter_default(operation)
        if after.nullable is False:
            yield from self.alter_nullable(operation)
        if isinstance(after.identity, Identity):
            yield from self.alter_identity(operation)
        if after.autoincrement is True:
            yield from self.alter_autoincrement(operation)
        if after.nullable is True:
            yield from self.alter_nullable(operation)

    # -- type ---------------------------------------------------------------------------------

    def alter_type(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        """A default that cannot be cast by itself is taken off and put on again; so is the row's value by USING."""
        after = operation.after.type
        assert after is not UNSET
        yield from self.create_types([Column(operation.name, after)])
        before, default, counts = self._as_it_is(operation)
        using, apart = operation.using, False
        if before is not None:
            apart = not casts_by_itself(type_name(before.sql), type_name(after.sql))
            if using is None and apart:
                using = self._conversion(operation.name, before, after)
        aside = default is not None and (apart or operation.using is not None)
        if aside:
            yield self.alter_facet(operation, "DROP DEFAULT")
        yield self.alter_facet(operation, f"TYPE {after.sql}{f' USING {using}' if using else ''}")
        if aside and operation.after.default is UNSET:
            yield self.alter_facet(operation, f"SET DEFAULT {default}")
        if counts and operation.after.autoincrement is UNSET and before is not None and before.sql != after.sql:
            yield f"ALTER SEQUENCE {self.owned_sequence(operation.table, operation.name)} AS {after.sql}"

    def _as_it_is(self, operation: columns.AlterColumn) -> tuple[DataType | None, str | None, bool]:
        """The type, the default, and whether the column is SERIAL, as far as known; the script's word counts first."""
        said = operation.before
        if said.type is not UNSET and said.default is not UNSET and said.autoincrement is not UNSET:
            return said.type, said.default, said.autoincrement
        column = self.known_column(operation)
        data_type = said.type if said.type is not UNSET else (column.type if column is not None else None)
        default = said.default if said.default is not UNSET else (column.default if column is not None else None)
        return data_type, default, column.autoincrement if column is not None else said.autoincrement is True

    def _conversion(self, column: str, before: DataType, after: DataType) -> str | None:
        """An explicit cast for a type that rows do not go to by themselves; None where the target takes any text."""
        target = type_name(after.sql)
        if target.name in STRINGS and not target.array:
            return None
        name = self.name(column)
        if before.enum is not None:
            return f"{name}::text{'[]' if type_name(before.sql).array else ''}::{_without_collation(after.sql)}"
        return f"{name}::{_without_collation(after.sql)}"

    # -- identity and SERIAL ------------------------------------------------------------------

    def alter_identity(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        after = operation.after.identity
        assert isinstance(after, Identity)
        before = operation.before.identity
        if before is UNSET:
            column = self.known_column(operation)
            before = column.identity if column is not None else None
        if before is None:
            words = f" ({found})" if (found := numbering(after)) else ""
            kind = self.specifications.identity_kind(after)
            yield self.alter_facet(operation, f"ADD GENERATED {kind} AS IDENTITY{words}")
            if (after.increment or 1) > 0:
                own = f"pg_get_serial_sequence({self.reference(operation.table)}, {self.text_literal(operation.name)})"
                yield self.go_on_counting(operation.table, operation.name, own, after.start or after.minimum or 1)
            return
        actions = [f"SET GENERATED {self.specifications.identity_kind(after)}"] if before.always != after.always else []
        actions += [f"SET {words}" for words in changed_numbering(before, after)]
        if actions:
            yield self.alter_facet(operation, " ".join(actions))

    def _drop_identity(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        if operation.before.identity is not None:  # known to be there, or not known at all
            guard = " IF EXISTS" if operation.before.identity is UNSET else ""
            yield self.alter_facet(operation, f"DROP IDENTITY{guard}")

    def alter_autoincrement(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        """Make the column SERIAL, unless it is."""
        if operation.before.autoincrement is True:
            return
        column = self.known_column(operation)
        if column is not None and (column.autoincrement or column.identity is not None):
            return
        data_type = operation.after.type
        if data_type is UNSET:
            data_type = column.type if column is not None else operation.before.type
        yield from self.create_serial(
            operation.table, operation.name, canonical_type(data_type.sql) if data_type is not UNSET else "INTEGER"
        )

    def _stop_counting(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        counts = operation.before.autoincrement
        if counts is UNSET:
            column = self.known_column(operation)
            counts = column is not None and column.autoincrement
        if counts:
            yield from self.drop_serial(operation.table, operation.name)

    # -- computed -----------------------------------------------------------------------------

    def alter_computed(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        """What PostgreSQL can change in place; for the rest the column is created again."""
        after = operation.after.computed
        if after is not UNSET and after is not None:
            yield self.alter_facet(operation, f"SET EXPRESSION AS ({after.expression})")
        elif operation.before.computed is not None:
            guard = " IF EXISTS" if operation.before.computed is UNSET else ""
            yield self.alter_facet(operation, f"DROP EXPRESSION{guard}")

    def _recreated(self, operation: columns.AlterColumn) -> Column | None:
        """The column in its new form where it must be dropped and added again, else None."""
        column = self.known_column(operation)
        before, after = operation.before.computed, operation.after.computed
        if before is UNSET:
            before = column.computed if column is not None else None
        is_kept = before is not None and (
            (after is None and before.stored is not False)
            or (
                after is not None
                and after is not UNSET
                and (before.stored is not False) == (after.stored is not False)
                and self.version >= _SET_EXPRESSION_SINCE
            )
        )
        if is_kept or (before is None and after is None):
            return None
        if column is None:
            if operation.before.type is UNSET:
                raise OperationRefused(
                    f"cannot {operation.describe()}: the column must be created again, and its type is not known",
                    hint="say existing_type, or drop the column and add it",
                )
            column = operation.before.applied_to(Column(operation.name, operation.before.type))
        changed = replace(operation.after, name=UNSET).applied_to(column)
        return replace(changed, default=None if changed.computed is not None else changed.default)

    def _create_again(self, operation: columns.AlterColumn, column: Column) -> Iterable[str | Statement]:
        """DROP COLUMN takes along what needs the column; that is created again too."""
        table = self.known_table(operation.table)
        lost_constraints, lost_indexes = lost_with(table, column.name) if table is not None else ((), ())
        yield from self.create_types([column])
        yield self.alter_table(operation.table, f"DROP COLUMN {self.name(column.name)}")
        yield self.alter_table(operation.table, f"ADD COLUMN {self.column_specification(operation.table, column)}")
        if column.comment is not None and operation.after.comment is UNSET:
            yield self.column_comment(operation.table, column.name, column.comment)
        for constraint in lost_constraints:
            yield from self.add_constraint(operation.table, constraint)
        for index in lost_indexes:
            yield from self.create_index(CreateIndex(operation.table, index))


def lost_with(table: Table, column: str) -> tuple[tuple[Constraint, ...], tuple[Index, ...]]:
    """The constraints and indexes of ``table`` that go when ``column`` is dropped."""
    rest = columns.without_column(table, column)
    constraints = tuple(one for one in table.constraints if one not in rest.constraints)
    return constraints, tuple(one for one in table.indexes if one not in rest.indexes)


def casts_by_itself(before: TypeName, after: TypeName) -> bool:
    """Whether values and defaults go from one type to the other without being told how (``pg_cast``)."""
    if before.array != after.array:
        return False
    return before.name == after.name or any(before.name in one and after.name in one for one in _FAMILIES)


_FAMILIES = (
    NUMBERS,
    STRINGS,
    frozenset({"DATE", "TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP WITH TIME ZONE"}),
    frozenset({"TIME WITHOUT TIME ZONE", "TIME WITH TIME ZONE"}),
    frozenset({"JSON", "JSONB"}),
    frozenset({"INET", "CIDR"}),
)


def _without_collation(sql: str) -> str:
    return replace(type_name(sql), collation=None).sql
