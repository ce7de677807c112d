"""Operations that hold other operations."""

from __future__ import annotations

from typing import ClassVar

from flask_schema.operations.operation import Operation, operation
from flask_schema.snapshot.elements import Constraint, Options, QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class TableTemplate:
    """What a script knows better than the database about a table that is rebuilt.

    ``table`` is the table as it is (``copy_from``), None to look at the database.
    ``constraints`` and ``options`` are added to what it becomes; ``order`` holds runs of columns
    that are to stand in that order (``partial_reordering``).
    """

    table: Table | None = None
    constraints: tuple[Constraint, ...] = ()
    options: Options = ()
    order: tuple[tuple[str, ...], ...] = ()
    naming_convention: Options = ()


@operation
@dataclass(frozen=True, slots=True)
class AlterTable(Operation):
    """Changes of one table that belong together: a ``batch_alter_table`` block.

    ``recreate`` is ``auto``, ``always`` or ``never``: whether the table is rebuilt.
    """

    directive: ClassVar[str] = "batch_alter_table"
    table: QualifiedName
    operations: tuple[Operation, ...]
    recreate: str = "auto"
    template: TableTemplate = TableTemplate()

    def describe(self) -> str:
        return f"alter table {self.table}: " + "; ".join(one.describe() for one in self.operations)

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table}).union(*(one.touches() for one in self.operations))

    def invert(self) -> Operation:
        return AlterTable(self.table, tuple(one.invert() for one in reversed(self.operations)), self.recreate)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.template.table is not None and self.table not in snapshot.tables:
            snapshot = snapshot.with_table(self.template.table)  # the script says what the table is
        for one in self.operations:
            snapshot = one.replay(snapshot)
        return snapshot
