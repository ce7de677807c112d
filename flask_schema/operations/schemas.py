"""Operations on schemas and extensions: what holds or provides other objects."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from flask_schema.errors import Irreversible, ObjectMissing
from flask_schema.operations.operation import Operation, operation
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@operation
@dataclass(frozen=True, slots=True)
class CreateSchema(Operation):
    """Create the schema ``name``."""

    directive: ClassVar[str] = "create_schema"
    name: str
    if_not_exists: bool = False

    def describe(self) -> str:
        return f"create schema {self.name}"

    def invert(self) -> Operation:
        """Drops the schema while it is empty; where it may have been there before, there is no way back."""
        if self.if_not_exists:
            raise Irreversible(f"{self.describe()} has no way back: with if_not_exists it may have been there before")
        return DropSchema(self.name)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.name in snapshot.schemas and not self.if_not_exists:
            raise ObjectMissing(f"there is a schema {self.name} already")
        return replace(snapshot, schemas=snapshot.schemas | {self.name})


@operation
@dataclass(frozen=True, slots=True)
class DropSchema(Operation):
    """Drop the schema ``name``, which must be empty unless ``cascade`` drops all that is in it."""

    directive: ClassVar[str] = "drop_schema"
    name: str
    if_exists: bool = False
    cascade: bool = False

    def describe(self) -> str:
        return f"drop schema {self.name}{' and all that is in it' if self.cascade else ''}"

    def invert(self) -> Operation:
        if self.cascade:
            raise Irreversible(f"{self.describe()} has no way back: what went with it by CASCADE is not known")
        return CreateSchema(self.name)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.name not in snapshot.schemas:
            if self.if_exists:
                return snapshot
            raise ObjectMissing(f"there is no schema {self.name}")
        without = replace(snapshot, schemas=snapshot.schemas - {self.name})
        if not self.cascade:
            return without
        return replace(
            without,
            tables={name: one for name, one in snapshot.tables.items() if name.schema != self.name},
            enums={name: one for name, one in snapshot.enums.items() if name.schema != self.name},
            sequences={name: one for name, one in snapshot.sequences.items() if name.schema != self.name},
            views={name: one for name, one in snapshot.views.items() if name.schema != self.name},
            functions={key: one for key, one in snapshot.functions.items() if key[0].schema != self.name},
            triggers={key: one for key, one in snapshot.triggers.items() if key[0].schema != self.name},
        )


@operation
@dataclass(frozen=True, slots=True)
class CreateExtension(Operation):
    """Create the extension ``name`` in ``schema`` and of ``version``, None for the database's own choice.

    ``cascade`` creates the extensions that it needs too.
    """

    directive: ClassVar[str] = "create_extension"
    name: str
    schema: str | None = None
    version: str | None = None
    if_not_exists: bool = False
    cascade: bool = False

    def describe(self) -> str:
        return f"create extension {self.name}"

    def invert(self) -> Operation:
        if self.if_not_exists:
            raise Irreversible(f"{self.describe()} has no way back: with if_not_exists it may have been there before")
        if self.cascade:
            raise Irreversible(f"{self.describe()} has no way back: what came with it by CASCADE is not known")
        return DropExtension(self.name, schema=self.schema, version=self.version)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.name in snapshot.extensions and not self.if_not_exists:
            raise ObjectMissing(f"there is an extension {self.name} already")
        return replace(snapshot, extensions=snapshot.extensions | {self.name})


@operation
@dataclass(frozen=True, slots=True)
class DropExtension(Operation):
    """Drop the extension ``name``; ``schema`` and ``version`` are what it has, for the way back.

    ``cascade`` drops what uses it too.
    """

    directive: ClassVar[str] = "drop_extension"
    name: str
    if_exists: bool = False
    cascade: bool = False
    schema: str | None = None
    version: str | None = None

    def describe(self) -> str:
        return f"drop extension {self.name}"

    def invert(self) -> Operation:
        if self.cascade:
            raise Irreversible(f"{self.describe()} has no way back: what went with it by CASCADE is not known")
        return CreateExtension(self.name, self.schema, self.version)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.name not in snapshot.extensions:
            if self.if_exists:
                return snapshot
            raise ObjectMissing(f"there is no extension {self.name}")
        return replace(snapshot, extensions=snapshot.extensions - {self.name})
