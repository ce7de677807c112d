"""Statements on sequences."""

from __future__ import annotations

from collections.abc import Iterable

from flask_schema.dialects.postgresql.data_types import LARGEST, canonical_type
from flask_schema.dialects.postgresql.names import sequence_name
from flask_schema.dialects.postgresql.pieces import Pieces
from flask_schema.dialects.postgresql.specification import numbering
from flask_schema.dialects.statement import Statement
from flask_schema.operations import sequences
from flask_schema.snapshot.elements import Identity, QualifiedName, Sequence


class SequenceCompiler(Pieces):
    """CREATE, DROP and ALTER SEQUENCE, and the sequences of SERIAL columns."""

    def create_sequence(self, operation: sequences.CreateSequence) -> Iterable[str | Statement]:
        sequence = operation.sequence
        guard = "IF NOT EXISTS " if operation.if_not_exists else ""
        data_type = f" AS {sequence.data_type}" if sequence.data_type is not None else ""
        words = f" {found}" if (found := numbering(sequence)) else ""
        owner = f" OWNED BY {self._owner(sequence)}" if sequence.owned_by is not None else ""
        yield f"CREATE SEQUENCE {guard}{self.table_name(sequence.name)}{data_type}{words}{owner}"

    def drop_sequence(self, operation: sequences.DropSequence) -> Iterable[str | Statement]:
        yield f"DROP SEQUENCE {'IF EXISTS ' if operation.if_exists else ''}{self.table_name(operation.name)}"

    def alter_sequence(self, operation: sequences.AlterSequence) -> Iterable[str | Statement]:
        before, after = operation.before, operation.after
        words = [f"AS {after.data_type or 'BIGINT'}"] if before.data_type != after.data_type else []
        words += changed_numbering(before, after)
        if before.owned_by != after.owned_by:
            words.append(f"OWNED BY {self._owner(after)}")
        if words:
            yield f"ALTER SEQUENCE {self.table_name(after.name)} {' '.join(words)}"

    def _owner(self, sequence: Sequence) -> str:
        if sequence.owned_by is None:
            return "NONE"
        table, column = sequence.owned_by
        return f"{self.table_name(table)}.{self.name(column)}"

    # -- SERIAL -------------------------------------------------------------------------------

    def owned_sequence(self, table: QualifiedName, column: str) -> str:
        """The sequence of a SERIAL column as SQL: asked of the server, or the name that it would have given."""
        if not self.surroundings.offline:
            found = self.surroundings.query(
                f"SELECT pg_get_serial_sequence({self.reference(table)}, {self.text_literal(column)})"
            )
            if found and found[0][0] is not None:
                return str(found[0][0])
        return self.table_name(QualifiedName(sequence_name(table.name, column), table.schema))

    def create_serial(self, table: QualifiedName, column: str, type_sql: str) -> Iterable[str | Statement]:
        """What SERIAL stands for, on a column that exists; counting goes on behind the rows that there are."""
        name = QualifiedName(sequence_name(table.name, column), table.schema)
        sequence = self.table_name(name)
        data_type = f" AS {type_sql}" if canonical_type(type_sql) in LARGEST else ""
        owner = f"{self.table_name(table)}.{self.name(column)}"
        yield f"CREATE SEQUENCE {sequence}{data_type} OWNED BY {owner}"
        default = f"nextval({self.reference(name)}::regclass)"
        yield self.alter_table(table, f"ALTER COLUMN {self.name(column)} SET DEFAULT {default}")
        yield self.go_on_counting(table, column, self.reference(name))

    def drop_serial(self, table: QualifiedName, column: str) -> Iterable[str | Statement]:
        """The column keeps its numbers and gets no more."""
        sequence = self.owned_sequence(table, column)
        yield self.alter_table(table, f"ALTER COLUMN {self.name(column)} DROP DEFAULT")
        yield f"DROP SEQUENCE IF EXISTS {sequence}"

    def go_on_counting(self, table: QualifiedName, column: str, sequence: str, first: int = 1) -> str:
        """Set a sequence (a SQL string or expression) behind the numbers that the column holds."""
        name = self.name(column)
        return f"SELECT setval({sequence}, max({name})) FROM {self.table_name(table)} HAVING max({name}) >= {first}"

    def text_literal(self, text: str) -> str:
        """A string literal."""
        return "'" + text.replace("'", "''") + "'"


def changed_numbering(before: Sequence | Identity, after: Sequence | Identity) -> list[str]:
    """The words of ALTER SEQUENCE for the facets that differ, those of their own default said openly."""
    words = []
    if before.increment != after.increment:
        words.append(f"INCREMENT BY {after.increment or 1}")
    if before.minimum != after.minimum:
        words.append("NO MINVALUE" if after.minimum is None else f"MINVALUE {after.minimum}")
    if before.maximum != after.maximum:
        words.append("NO MAXVALUE" if after.maximum is None else f"MAXVALUE {after.maximum}")
    first = (after.minimum or 1) if (after.increment or 1) > 0 else (after.maximum or -1)
    if before.start != after.start:
        words.append(f"START WITH {after.start if after.start is not None else first}")
    if before.cache != after.cache:
        words.append(f"CACHE {after.cache or 1}")
    if before.cycle != after.cycle:
        words.append("CYCLE" if after.cycle else "NO CYCLE")
    return words
