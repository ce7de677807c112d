"""Sequences, which MariaDB has and MySQL has not. https://mariadb.com/kb/en/create-sequence/"""

from __future__ import annotations

from collections.abc import Iterable

from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.mysql.canonical import SEQUENCE_DEFAULTS
from flask_schema.dialects.mysql.server import Server
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OperationRefused
from flask_schema.operations import sequences
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import QualifiedName, Sequence

_WORDS = (
    ("start", "START WITH"),
    ("increment", "INCREMENT BY"),
    ("minimum", "MINVALUE"),
    ("maximum", "MAXVALUE"),
    ("cache", "CACHE"),
)


class Sequences(Compiler):
    """The part of the compiler for sequences."""

    server: Server

    def create_sequence(self, operation: sequences.CreateSequence) -> Iterable[str | Statement]:
        self._refuse_on_mysql(operation)
        sequence = operation.sequence
        said = [f"{word} {getattr(sequence, facet)}" for facet, word in _WORDS if getattr(sequence, facet) is not None]
        said += ["CYCLE"] if sequence.cycle else []
        guard = "IF NOT EXISTS " if operation.if_not_exists else ""
        yield " ".join([f"CREATE SEQUENCE {guard}{self.table_name(sequence.name)}", *said])

    def drop_sequence(self, operation: sequences.DropSequence) -> Iterable[str | Statement]:
        self._refuse_on_mysql(operation)
        yield f"DROP SEQUENCE {'IF EXISTS ' if operation.if_exists else ''}{self.table_name(operation.name)}"

    def alter_sequence(self, operation: sequences.AlterSequence) -> Iterable[str | Statement]:
        self._refuse_on_mysql(operation)
        before, after = operation.before, operation.after
        said = [
            f"{word} {_value(after, facet)}" for facet, word in _WORDS if _value(before, facet) != _value(after, facet)
        ]
        if before.cycle != after.cycle:
            said.append("CYCLE" if after.cycle else "NOCYCLE")
        if said:
            yield " ".join([f"ALTER SEQUENCE {self.table_name(after.name)}", *said])

    def rename_sequence(self, operation: sequences.RenameSequence) -> Iterable[str | Statement]:
        """As a table. https://mariadb.com/kb/en/create-sequence/"""
        self._refuse_on_mysql(operation)
        new = QualifiedName(operation.new_name, operation.name.schema)
        yield f"RENAME TABLE {self.table_name(operation.name)} TO {self.table_name(new)}"

    def _refuse_on_mysql(self, operation: Operation) -> None:
        if not self.server.is_mariadb:
            raise OperationRefused(
                f"cannot {operation.describe()}: MySQL has no sequences",
                hint="use an AUTO_INCREMENT column; MariaDB has sequences, behind a mariadb:// URL offline too",
            )


def _value(sequence: Sequence, facet: str) -> int:
    given: int | None = getattr(sequence, facet)
    return given if given is not None else SEQUENCE_DEFAULTS[facet]
