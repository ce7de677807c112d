"""Operations on enum types that are objects of the database of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from flask_schema.errors import Irreversible, ObjectMissing
from flask_schema.operations.operation import Operation, operation
from flask_schema.snapshot.elements import Enum, QualifiedName
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@operation
@dataclass(frozen=True, slots=True)
class CreateEnum(Operation):
    """Create the enum type ``enum``."""

    directive: ClassVar[str] = "create_enum"
    enum: Enum
    if_not_exists: bool = False

    def describe(self) -> str:
        return f"create enum {self.enum.name}"

    def invert(self) -> Operation:
        return DropEnum(self.enum.name, before=self.enum)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.enum.name in snapshot.enums:
            if self.if_not_exists:
                return snapshot
            raise ObjectMissing(f"there is an enum {self.enum.name} already")
        return snapshot.with_enum(self.enum)


@operation
@dataclass(frozen=True, slots=True)
class DropEnum(Operation):
    """Drop the enum type ``name``; ``before`` is what it was, when that is known."""

    directive: ClassVar[str] = "drop_enum"
    name: QualifiedName
    if_exists: bool = False
    before: Enum | None = None

    def describe(self) -> str:
        return f"drop enum {self.name}"

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: its values are not known")
        return CreateEnum(self.before)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.name not in snapshot.enums:
            if self.if_exists:
                return snapshot
            raise ObjectMissing(f"there is no enum {self.name}")
        return snapshot.without_enum(self.name)


@operation
@dataclass(frozen=True, slots=True)
class AlterEnum(Operation):
    """Give an enum type the values of ``after``, which has the name of ``before``.

    ``renames`` are pairs of old and new value: the rows that hold the old one follow. A removed value
    that is not renamed must not be held by any row.
    """

    directive: ClassVar[str] = "alter_enum"
    before: Enum
    after: Enum
    renames: tuple[tuple[str, str], ...] = ()

    @property
    def renamed(self) -> tuple[str, ...]:
        """The values of ``before`` with the renames carried out, in their order; one that became another is gone."""
        new_names = dict(self.renames)
        return tuple(dict.fromkeys(new_names.get(value, value) for value in self.before.values))

    @property
    def added(self) -> tuple[str, ...]:
        """The values that are new in ``after``, in its order."""
        return tuple(value for value in self.after.values if value not in self.renamed)

    @property
    def removed(self) -> tuple[str, ...]:
        """The values of ``before`` that are gone in ``after``; a renamed one is not."""
        return tuple(value for value in self.renamed if value not in self.after.values)

    def describe(self) -> str:
        parts = [f"{old!r} becomes {new!r}" for old, new in self.renames]
        parts += [f"add {value!r}" for value in self.added]
        parts += [f"remove {value!r}" for value in self.removed]
        return f"alter enum {self.after.name} ({', '.join(parts) or 'order'})"

    def invert(self) -> Operation:
        if any(new in self.before.values for _, new in self.renames):
            raise Irreversible(f"{self.describe()} has no way back: rows of two values became rows of one")
        return AlterEnum(self.after, self.before, tuple((new, old) for old, new in self.renames))

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.after.name not in snapshot.enums:
            raise ObjectMissing(f"there is no enum {self.after.name}")
        return snapshot.with_enum(self.after)


@operation
@dataclass(frozen=True, slots=True)
class RenameEnumValue(Operation):
    """Rename one value of the enum type ``name``; rows that hold it follow."""

    directive: ClassVar[str] = "rename_enum_value"
    name: QualifiedName
    value: str
    new_value: str

    def describe(self) -> str:
        return f"rename value {self.value!r} of enum {self.name} to {self.new_value!r}"

    def invert(self) -> Operation:
        return RenameEnumValue(self.name, self.new_value, self.value)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        enum = snapshot.enums.get(self.name)
        if enum is None or self.value not in enum.values:
            raise ObjectMissing(f"there is no enum {self.name} with the value {self.value!r}")
        values = tuple(self.new_value if value == self.value else value for value in enum.values)
        return snapshot.with_enum(replace(enum, values=values))


@operation
@dataclass(frozen=True, slots=True)
class AddEnumValue(Operation):
    """Add a value to the enum type ``name``: before or after another of its values, or last."""

    directive: ClassVar[str] = "add_enum_value"
    name: QualifiedName
    value: str
    before: str | None = None
    after: str | None = None
    if_not_exists: bool = False

    def describe(self) -> str:
        return f"add value {self.value!r} to enum {self.name}"

    def invert(self) -> Operation:
        if self.if_not_exists:
            raise Irreversible(f"{self.describe()} has no way back: the value may have been there before")
        return RemoveEnumValue(self.name, self.value, following=self.after, leading=self.before)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        enum = _enum_of(snapshot, self.name)
        if self.value in enum.values:
            if self.if_not_exists:
                return snapshot
            raise ObjectMissing(f"enum {self.name} has the value {self.value!r} already")
        values = list(enum.values)
        neighbour = self.before if self.before is not None else self.after
        place = len(values)
        if neighbour is not None:
            if neighbour not in values:
                raise ObjectMissing(f"there is no enum {self.name} with the value {neighbour!r}")
            place = values.index(neighbour) + (0 if self.before is not None else 1)
        return snapshot.with_enum(replace(enum, values=(*values[:place], self.value, *values[place:])))


@operation
@dataclass(frozen=True, slots=True)
class RemoveEnumValue(Operation):
    """Remove a value from the enum type ``name``; rows that hold it get ``replacement``, or must not be there.

    ``following`` and ``leading`` are the neighbours that it came after or before, for the way back.
    """

    directive: ClassVar[str] = "remove_enum_value"
    name: QualifiedName
    value: str
    replacement: str | None = None
    following: str | None = None
    leading: str | None = None

    def describe(self) -> str:
        instead = f" (rows get {self.replacement!r})" if self.replacement is not None else ""
        return f"remove value {self.value!r} from enum {self.name}{instead}"

    def invert(self) -> Operation:
        if self.replacement is not None:
            raise Irreversible(f"{self.describe()} has no way back: rows of two values became rows of one")
        return AddEnumValue(self.name, self.value, before=self.leading, after=self.following)

    def altered(self, enum: Enum) -> AlterEnum:
        """The same as a change of all values. Raises ObjectMissing where the enum has not the values."""
        for value in (self.value, self.replacement):
            if value is not None and value not in enum.values:
                raise ObjectMissing(f"there is no enum {self.name} with the value {value!r}")
        kept = tuple(value for value in enum.values if value != self.value)
        renames = ((self.value, self.replacement),) if self.replacement is not None else ()
        return AlterEnum(enum, replace(enum, values=kept), renames)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        return snapshot.with_enum(self.altered(_enum_of(snapshot, self.name)).after)


def _enum_of(snapshot: Snapshot, name: QualifiedName) -> Enum:
    enum = snapshot.enums.get(name)
    if enum is None:
        raise ObjectMissing(f"there is no enum {name}")
    return enum
