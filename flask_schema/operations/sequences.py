"""Operations on sequences that belong to no column."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from flask_schema.errors import Irreversible, ObjectMissing
from flask_schema.operations.operation import Operation, operation
from flask_schema.snapshot.elements import QualifiedName, Sequence
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@operation
@dataclass(frozen=True, slots=True)
class CreateSequence(Operation):
    """Create ``sequence``."""

    directive: ClassVar[str] = "create_sequence"
    sequence: Sequence
    if_not_exists: bool = False

    def describe(self) -> str:
        return f"create sequence {self.sequence.name}"

    def invert(self) -> Operation:
        return DropSequence(self.sequence.name, before=self.sequence)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.sequence.name in snapshot.sequences:
            if self.if_not_exists:
                return snapshot
            raise ObjectMissing(f"there is a sequence {self.sequence.name} already")
        return replace(snapshot, sequences={**snapshot.sequences, self.sequence.name: self.sequence})


@operation
@dataclass(frozen=True, slots=True)
class DropSequence(Operation):
    """Drop the sequence ``name``; ``before`` is what it was, when that is known. Its position is lost."""

    directive: ClassVar[str] = "drop_sequence"
    name: QualifiedName
    if_exists: bool = False
    before: Sequence | None = None

    def describe(self) -> str:
        return f"drop sequence {self.name}"

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: its start and step are not known")
        return CreateSequence(self.before)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.name not in snapshot.sequences:
            if self.if_exists:
                return snapshot
            raise ObjectMissing(f"there is no sequence {self.name}")
        kept = {name: sequence for name, sequence in snapshot.sequences.items() if name != self.name}
        return replace(snapshot, sequences=kept)


@operation
@dataclass(frozen=True, slots=True)
class AlterSequence(Operation):
    """Give a sequence the facets of ``after``, which has the name of ``before``; the position that it is at stays."""

    directive: ClassVar[str] = "alter_sequence"
    before: Sequence
    after: Sequence

    def describe(self) -> str:
        return f"alter sequence {self.after.name}"

    def invert(self) -> Operation:
        return AlterSequence(self.after, self.before)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.after.name not in snapshot.sequences:
            raise ObjectMissing(f"there is no sequence {self.after.name}")
        return replace(snapshot, sequences={**snapshot.sequences, self.after.name: self.after})


@operation
@dataclass(frozen=True, slots=True)
class RenameSequence(Operation):
    """Rename the sequence ``name``, which may belong to a column; its numbers go on."""

    directive: ClassVar[str] = "rename_sequence"
    name: QualifiedName
    new_name: str

    def describe(self) -> str:
        return f"rename sequence {self.name} to {self.new_name}"

    def invert(self) -> Operation:
        return RenameSequence(QualifiedName(self.new_name, self.name.schema), self.name.name)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        """One that belongs to a SERIAL or identity column is not listed, and nothing changes."""
        found = snapshot.sequences.get(self.name)
        if found is None:
            return snapshot
        renamed = replace(found, name=QualifiedName(self.new_name, self.name.schema))
        kept = {name: one for name, one in snapshot.sequences.items() if name != self.name}
        return replace(snapshot, sequences={**kept, renamed.name: renamed})
