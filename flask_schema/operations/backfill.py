"""Filling columns of the rows that exist, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any, ClassVar

from flask_schema.errors import Irreversible
from flask_schema.operations.operation import Operation, operation
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.values import dataclass

Progress = Callable[[int, int], None]
"""Called after each batch with the number of rows done and the number of rows found at the start."""


@operation
@dataclass(frozen=True, slots=True)
class Backfill(Operation):
    """Set ``values`` in the rows that ``where`` finds, ``batch_size`` rows at a time, each batch committed by itself.

    ``values`` are pairs of a column and a SQLAlchemy expression or a plain value; ``where`` is SQL text or an
    expression that no longer holds for a row that is done, so that a second run finds only what is left.
    ``key`` are the columns by whose order the batches are cut, unique and never NULL; empty: the table's primary key.
    ``pause_seconds`` pass between two batches. ``source`` is the SQLAlchemy table that the script gave, None for none.
    """

    directive: ClassVar[str] = "backfill"
    table: QualifiedName
    values: tuple[tuple[str, Any], ...]
    where: Any
    key: tuple[str, ...] = ()
    batch_size: int = 1000
    pause_seconds: float = 0.0
    progress: Progress | None = field(default=None, compare=False, repr=False)
    source: Any = field(default=None, compare=False, repr=False)

    def describe(self) -> str:
        columns = ", ".join(column for column, _ in self.values)
        return f"backfill {columns} of {self.table}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        raise Irreversible(f"{self.describe()} has no way back: the values before are not kept")
