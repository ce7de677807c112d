"""The picture of a whole database schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import TypeVar

from flask_schema.snapshot.elements import (
    Enum,
    Function,
    QualifiedName,
    Sequence,
    Table,
    Trigger,
    View,
)
from flask_schema.values import dataclass

_Element = TypeVar("_Element")


def _empty() -> dict[QualifiedName, _Element]:
    return {}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a database looks like, or what the models say it should.

    ``dialect`` names the SQL that all texts are written in. The mappings are never changed
    in place: the ``with_...`` and ``without_...`` methods return another snapshot.
    Names of the default schema carry no schema. ``schemas`` are the ones named explicitly.
    """

    dialect: str
    tables: Mapping[QualifiedName, Table] = field(default_factory=_empty)
    enums: Mapping[QualifiedName, Enum] = field(default_factory=_empty)
    sequences: Mapping[QualifiedName, Sequence] = field(default_factory=_empty)
    views: Mapping[QualifiedName, View] = field(default_factory=_empty)
    functions: Mapping[tuple[QualifiedName, str], Function] = field(default_factory=dict)
    triggers: Mapping[tuple[QualifiedName, str], Trigger] = field(default_factory=dict)
    schemas: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        dialect: str,
        tables: Iterable[Table] = (),
        enums: Iterable[Enum] = (),
        sequences: Iterable[Sequence] = (),
    ) -> Snapshot:
        """Make a snapshot from elements, keyed by their names."""
        return cls(
            dialect=dialect,
            tables={table.name: table for table in tables},
            enums={enum.name: enum for enum in enums},
            sequences={sequence.name: sequence for sequence in sequences},
        )

    def with_table(self, table: Table) -> Snapshot:
        """This snapshot with ``table`` added or put in the place of the one of its name."""
        return replace(self, tables={**self.tables, table.name: table})

    def without_table(self, name: QualifiedName) -> Snapshot:
        """This snapshot without the table ``name``."""
        return replace(self, tables={key: table for key, table in self.tables.items() if key != name})

    def with_enum(self, enum: Enum) -> Snapshot:
        """This snapshot with ``enum`` added or put in the place of the one of its name."""
        return replace(self, enums={**self.enums, enum.name: enum})

    def without_enum(self, name: QualifiedName) -> Snapshot:
        """This snapshot without the enum ``name``."""
        return replace(self, enums={key: enum for key, enum in self.enums.items() if key != name})
