"""Operations on how long a table's rows live, and in which regions (CockroachDB)."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from flask_schema.errors import Irreversible
from flask_schema.operations.operation import UNSET, Operation, Unset, operation, table_of
from flask_schema.snapshot.elements import Options, QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

TTL: str = "ttl_"
"""How the names of a table's options begin that say when its rows expire."""

LOCALITY: str = "locality"
"""The table's option that says in which regions its rows are."""


def ttl_parameters(table: Table) -> Options:
    """Those of a table's options that say when its rows expire, with ``ttl_`` before their names."""
    return tuple(pair for pair in table.options if pair[0].startswith(TTL))


def locality_of(table: Table) -> str | None:
    """The table's locality, None for the one that tables have by themselves."""
    found = dict(table.options).get(LOCALITY)
    return str(found) if found is not None else None


@operation
@dataclass(frozen=True, slots=True)
class SetRowTtl(Operation):
    """Let rows of a table expire; ``parameters`` have names like ``ttl_expire_after``.

    ``before`` are those that it has, empty for a table whose rows live on, None where that is not known. What it has
    and ``parameters`` have not is reset.
    """

    directive: ClassVar[str] = "set_row_ttl"
    destroys_data: ClassVar[bool] = True
    table: QualifiedName
    parameters: Options
    before: Options | None = None

    def describe(self) -> str:
        said = ", ".join(f"{name} {value}" for name, value in self.parameters)
        return f"set row-level TTL on {self.table} ({said})"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: what it was is not known")
        if not self.before:
            return RemoveRowTtl(self.table, before=self.parameters)
        return SetRowTtl(self.table, self.before, before=self.parameters)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        table = table_of(snapshot, self.table)
        kept = dict(ttl_parameters(table)) if self.before is None else {}
        return snapshot.with_table(_with_ttl(table, tuple({**kept, **dict(self.parameters)}.items())))


@operation
@dataclass(frozen=True, slots=True)
class RemoveRowTtl(Operation):
    """Let all rows of a table live on; ``before`` is what was said of them, None where it is not known."""

    directive: ClassVar[str] = "remove_row_ttl"
    table: QualifiedName
    before: Options | None = None

    def describe(self) -> str:
        return f"remove row-level TTL from {self.table}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        if not self.before:
            raise Irreversible(f"{self.describe()} has no way back: what it was is not known")
        return SetRowTtl(self.table, self.before, before=())

    def replay(self, snapshot: Snapshot) -> Snapshot:
        return snapshot.with_table(_with_ttl(table_of(snapshot, self.table), ()))


@operation
@dataclass(frozen=True, slots=True)
class SetLocality(Operation):
    """Give a table the locality ``after``, e.g. ``REGIONAL BY ROW``; None: the one that tables have by themselves."""

    directive: ClassVar[str] = "set_locality"
    table: QualifiedName
    after: str | None
    before: str | Unset | None = UNSET

    def describe(self) -> str:
        return f"set locality of {self.table} to {self.after or 'the default'}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        if self.before is UNSET:
            raise Irreversible(f"{self.describe()} has no way back: what it was is not known")
        return SetLocality(self.table, self.before, before=self.after)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        table = table_of(snapshot, self.table)
        kept = tuple(pair for pair in table.options if pair[0] != LOCALITY)
        said = ((LOCALITY, self.after),) if self.after is not None else ()
        return snapshot.with_table(replace(table, options=tuple(sorted(kept + said))))


def _with_ttl(table: Table, parameters: Options) -> Table:
    kept = tuple(pair for pair in table.options if not pair[0].startswith(TTL))
    return replace(table, options=tuple(sorted(kept + parameters)))
