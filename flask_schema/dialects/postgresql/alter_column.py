"""ALTER COLUMN, one small method a facet.

The order is fixed: what gives the column its values is taken away first, then type and nullability change, then
new sources of values are put in place; the name comes last, so that all other statements use the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar

from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.postgresql.conversions import conversion, converts_itself, kind
from flask_schema.dialects.postgresql.data_types import INTEGERS
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.dialects.postgresql.names import sequence_name
from flask_schema.dialects.postgresql.specification import Specifications
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OfflineRefused, OperationRefused
from flask_schema.operations import columns
from flask_schema.operations.indexes import CreateIndex
from flask_schema.operations.operation import UNSET
from flask_schema.snapshot.elements import Column, Computed, DataType, Identity, QualifiedName, Table
from flask_schema.snapshot.identifiers import mentions


class AlterColumns(Compiler):
    """The compiler's part for AlterColumn."""

    specifications: Specifications
    sets_expressions: bool = True
    drop_expression: ClassVar[str] = "DROP EXPRESSION"

    def alter_column(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        self.check_place(operation)
        after = operation.after
        if self._is_replaced(operation):
            yield from self._replace_column(operation)
        else:
            if after.computed is None:
                yield self.alter_facet(operation, self.drop_expression)
            yield from self._take_away(operation)
            if after.type is not UNSET:
                yield from self.alter_type(operation)
            if after.nullable is not UNSET:
                yield from self.alter_nullable(operation)
            yield from self._put_in_place(operation)
            if after.computed is not UNSET and after.computed is not None:
                yield self.alter_facet(operation, f"SET EXPRESSION AS ({after.computed.expression})")
        if after.comment is not UNSET:
            yield self.column_comment(operation.table, operation.name, after.comment)
        if after.name is not UNSET and after.name != operation.name:
            yield self.alter_table(
                operation.table, f"RENAME COLUMN {self.name(operation.name)} TO {self.name(after.name)}"
            )

    # -- types --------------------------------------------------------------------------------

    def alter_type(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        """The type. USING is written where PostgreSQL does not convert by itself and one conversion is meant.

        A default is taken away before and put back after: PostgreSQL would carry it along as an expression of the
        old type, or refuse.
        """
        after = operation.after
        assert after.type is not UNSET
        yield from self.missing_types([after.type])
        default = self._carried_default(operation)
        if default is not None and after.default is not None:
            yield self.alter_facet(operation, "DROP DEFAULT")
        using = operation.using or self._conversion(operation, after.type)
        table, computed = self._computed_from(operation)
        for column in computed:
            yield from self.drop_column(columns.DropColumn(operation.table, column.name))
        yield self.alter_facet(operation, f"TYPE {after.type.sql}{f' USING {using}' if using else ''}")
        for column in computed:
            yield from self.add_column(columns.AddColumn(operation.table, column))
            if table is not None:
                yield from self._restored(table, column.name)
        if default is not None and after.default is UNSET:
            yield self.alter_facet(operation, f"SET DEFAULT {default}")
        if operation.before.autoincrement is True and after.autoincrement is UNSET:
            yield from self._alter_owned_sequence(operation, after.type)

    def missing_types(self, types: Iterable[DataType]) -> Iterable[str | Statement]:
        """The statements that create the types of the database that columns need and that are not there."""
        raise NotImplementedError

    def _conversion(self, operation: columns.AlterColumn, after: DataType) -> str | None:
        before = operation.before.type
        if before is UNSET or converts_itself(before, after):
            return None
        found = conversion(self.name(operation.name), before, after)
        if found is None:
            raise OperationRefused(
                f"cannot {operation.describe()}: PostgreSQL does not know how {before.sql} becomes {after.sql}",
                hint=f"say it: op.alter_column(..., postgresql_using='{operation.name}[1]') for one of the elements",
            )
        return found

    def _carried_default(self, operation: columns.AlterColumn) -> str | None:
        """The default that the column has, where it stands in the way of another type."""
        before, after = operation.before, operation.after
        if before.default is not UNSET:
            default = before.default
        elif self.surroundings.offline or before.autoincrement is True:
            return None
        else:
            default = self._live_default(operation)
        if default is None or before.type is UNSET or after.type is UNSET:
            return default
        same = kind(before.type) == kind(after.type)
        return None if same else default

    def _computed_from(self, operation: columns.AlterColumn) -> tuple[Table | None, list[Column]]:
        """The table and its columns that are computed from the one that changes: no type changes under them."""
        if not self.surroundings.offline and not self.surroundings.query(
            f"SELECT 1 FROM pg_attribute WHERE attrelid = {self._regclass(operation.table)} "
            "AND attgenerated <> '' LIMIT 1"
        ):
            return None, []
        table = self._known_table(operation.table)
        found = [
            one
            for one in (table.columns if table is not None else ())
            if one.computed is not None
            and one.name != operation.name
            and mentions(one.computed.expression, operation.name)
        ]
        return table, found

    def _live_default(self, operation: columns.AlterColumn) -> str | None:
        rows = self.surroundings.query(
            "SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_attribute a "
            "ON a.attrelid = d.adrelid AND a.attnum = d.adnum "
            f"WHERE d.adrelid = {self._regclass(operation.table)} AND a.attname = {literal(operation.name)} "
            f"AND a.attgenerated = '' AND a.attidentity = '' "
            "AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.refobjid = d.adrelid AND p.refobjsubid = d.adnum "
            "AND p.deptype = 'a' AND p.objid IN (SELECT seqrelid FROM pg_sequence))"
        )
        return str(rows[0][0]) if rows else None

    def _regclass(self, table: QualifiedName) -> str:
        return f"{literal(self.table_name(table))}::regclass"

    # -- where values come from ---------------------------------------------------------------

    def _take_away(self, operation: columns.AlterColumn) -> Iterator[str | Statement]:
        before, after = operation.before, operation.after
        if after.autoincrement is False:
            yield from self._drop_serial(operation)
        if after.identity is None and before.identity is not None:
            yield self.alter_facet(operation, "DROP IDENTITY IF EXISTS")
        if after.default is None:
            yield self.alter_facet(operation, "DROP DEFAULT")

    def _put_in_place(self, operation: columns.AlterColumn) -> Iterator[str | Statement]:
        after = operation.after
        if after.default is not UNSET and after.default is not None:
            yield self.alter_facet(operation, f"SET DEFAULT {after.default}")
        if after.identity is not UNSET and after.identity is not None:
            yield from self.alter_identity(operation)
        if after.autoincrement is True and not isinstance(after.identity, Identity):
            yield from self._create_serial(operation)

    def alter_identity(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        before, after = operation.before.identity, operation.after.identity
        assert isinstance(after, Identity)
        kind_words = self.specifications.identity_kind(after)
        if isinstance(before, Identity):
            words = [f"SET GENERATED {kind_words}"] if before.always != after.always else []
            words += [f"SET {one}" for one in changed_numbering(before, after)]
            yield from self.identity_changed(operation, words)
            return
        if operation.before.default not in (UNSET, None) and operation.after.default is not None:
            yield self.alter_facet(operation, "DROP DEFAULT")
        if operation.before.nullable is not False and operation.after.nullable is not False:
            yield self.alter_facet(operation, "SET NOT NULL")
        specification = self.specifications.column(
            Column(operation.name, DataType(""), nullable=False, identity=replace(after))
        ).strip()
        yield self.alter_facet(operation, f"ADD {specification}")
        yield self._numbers_go_on(operation, after.start or after.minimum or 1)

    def identity_changed(self, operation: columns.AlterColumn, words: list[str]) -> Iterable[str | Statement]:
        """The statements that change an identity column by ``words``, each of which begins with SET."""
        if words:
            yield self.alter_facet(operation, " ".join(words))

    def _numbers_go_on(self, operation: columns.AlterColumn, first: int) -> str:
        """Let the column's sequence go on behind the largest number that the table holds."""
        name, table = self.name(operation.name), self.table_name(operation.table)
        sequence = f"pg_get_serial_sequence({literal(table)}, {literal(operation.name)})"
        return f"SELECT setval({sequence}, max({name})) FROM {table} HAVING max({name}) >= {first}"

    # -- SERIAL -------------------------------------------------------------------------------

    def _create_serial(self, operation: columns.AlterColumn) -> Iterator[str | Statement]:
        """A sequence for the column, as SERIAL makes it; nothing where the column fills itself already."""
        before = operation.before
        if before.autoincrement is True or (
            isinstance(before.identity, Identity) and operation.after.identity is UNSET
        ):
            return
        if self.surroundings.offline:
            if before.autoincrement is UNSET and operation.after.type is not UNSET:
                return  # Alembic writes autoincrement=True beside a type for columns that are SERIAL
        elif self._fills_itself(operation):
            return
        table, name = self.table_name(operation.table), self.name(operation.name)
        sequence = self.table_name(
            QualifiedName(sequence_name(operation.table.name, operation.name), operation.table.schema)
        )
        data_type = operation.after.type if operation.after.type is not UNSET else before.type
        word = f" AS {data_type.sql}" if data_type is not UNSET and data_type.sql in INTEGERS else ""
        yield f"CREATE SEQUENCE {sequence}{word} OWNED BY {table}.{name}"
        yield self.alter_facet(operation, f"SET DEFAULT nextval({literal(sequence)}::regclass)")
        yield self._numbers_go_on(operation, 1)

    def _fills_itself(self, operation: columns.AlterColumn) -> bool:
        rows = self.surroundings.query(
            f"SELECT a.atthasdef OR a.attidentity <> '' FROM pg_attribute a WHERE a.attrelid = "
            f"{self._regclass(operation.table)} AND a.attname = {literal(operation.name)}"
        )
        return bool(rows and rows[0][0])

    def _drop_serial(self, operation: columns.AlterColumn) -> Iterator[str | Statement]:
        sequence = self._owned_sequence(operation)
        if sequence is None:
            return
        yield self.alter_facet(operation, "DROP DEFAULT")
        yield f"DROP SEQUENCE {'IF EXISTS ' if self.surroundings.offline else ''}{sequence}"

    def _owned_sequence(self, operation: columns.AlterColumn) -> str | None:
        """The name, as SQL, of the sequence behind a SERIAL column; None when the column has none."""
        if self.surroundings.offline:
            if operation.before.autoincrement is not True:
                return None
            return self.table_name(
                QualifiedName(sequence_name(operation.table.name, operation.name), operation.table.schema)
            )
        rows = self.surroundings.query(
            "SELECT s.seqrelid::regclass::text FROM pg_sequence s JOIN pg_depend p ON p.objid = s.seqrelid "
            "JOIN pg_attribute a ON a.attrelid = p.refobjid AND a.attnum = p.refobjsubid "
            f"WHERE p.deptype = 'a' AND p.refobjid = {self._regclass(operation.table)} "
            f"AND a.attname = {literal(operation.name)}"
        )
        return str(rows[0][0]) if rows else None

    def _alter_owned_sequence(self, operation: columns.AlterColumn, data_type: DataType) -> Iterator[str | Statement]:
        """The sequence of a SERIAL column counts as far as the column's new type."""
        if data_type.sql not in INTEGERS:
            return
        sequence = self._owned_sequence(operation)
        if sequence is not None:
            yield f"ALTER SEQUENCE {sequence} AS {data_type.sql}"

    # -- computed columns ---------------------------------------------------------------------

    def _is_replaced(self, operation: columns.AlterColumn) -> bool:
        """Whether the column must be dropped and added again: its values are computed, so none is lost by that."""
        before, after = operation.before.computed, operation.after.computed
        if after is UNSET:
            return False
        if after is None:
            return isinstance(before, Computed) and before.stored is False  # DROP EXPRESSION is for stored ones
        if not isinstance(before, Computed):
            return True
        return before.stored != after.stored or not self.sets_expressions

    def _replace_column(self, operation: columns.AlterColumn) -> Iterator[str | Statement]:
        table = self._known_table(operation.table)
        column = table.column(operation.name) if table is not None else None
        if column is None:
            if operation.before.type is UNSET and operation.after.type is UNSET:
                raise OperationRefused(
                    f"cannot {operation.describe()} without knowing the column's type", hint="give existing_type"
                )
            column = Column(operation.name, DataType(""))
            column = operation.before.applied_to(column)
        column = replace(operation.after.applied_to(column), name=operation.name)
        if column.computed is not None:
            column = replace(column, default=None, identity=None, autoincrement=False)
        yield from self.drop_column(columns.DropColumn(operation.table, operation.name))
        yield from self.add_column(columns.AddColumn(operation.table, column))
        if table is not None:
            yield from self._restored(table, operation.name)

    def _known_table(self, name: QualifiedName) -> Table | None:
        try:
            return self.surroundings.table(name)
        except OfflineRefused:
            return None

    def _restored(self, table: Table, column: str) -> Iterator[str | Statement]:
        """Constraints and indexes that went with the column."""
        for constraint in table.constraints:
            named = column in getattr(constraint, "columns", ())
            texts = [getattr(constraint, "expression", "")]
            texts += [expression for expression, _ in getattr(constraint, "elements", ())]
            if named or any(mentions(text, column) for text in texts):
                yield from self.add_constraint(table.name, constraint)
        for index in table.indexes:
            texts = [one.expression for one in index.elements if not one.is_column] + [index.where or ""]
            if column in (*index.columns, *index.include) or any(mentions(text, column) for text in texts):
                yield from self.create_index(CreateIndex(table.name, index))


def changed_numbering(before: Identity, after: Identity) -> list[str]:
    """The words that turn one set of sequence parameters into another: ``INCREMENT BY 2``, ``NO MAXVALUE``."""
    words = []
    if before.increment != after.increment:
        words.append(f"INCREMENT BY {after.increment or 1}")
    for facet, word in (("minimum", "MINVALUE"), ("maximum", "MAXVALUE")):
        value = getattr(after, facet)
        if getattr(before, facet) != value:
            words.append(f"{word} {value}" if value is not None else f"NO {word}")
    if first_number(before) != first_number(after):
        words.append(f"START WITH {first_number(after)}")
    if before.cache != after.cache:
        words.append(f"CACHE {after.cache or 1}")
    if before.cycle != after.cycle:
        words.append("CYCLE" if after.cycle else "NO CYCLE")
    return words


def first_number(numbering: Identity) -> int:
    """Where the numbers begin."""
    if numbering.start is not None:
        return numbering.start
    ascending = (numbering.increment or 1) > 0
    first = numbering.minimum if ascending else numbering.maximum
    return first if first is not None else (1 if ascending else -1)
