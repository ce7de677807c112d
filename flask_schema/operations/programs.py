"""Operations on functions, procedures and triggers, whose definitions are texts of their database."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from flask_schema.errors import Irreversible, ObjectMissing
from flask_schema.operations.operation import Operation, operation
from flask_schema.snapshot.elements import Function, QualifiedName, Trigger
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@operation
@dataclass(frozen=True, slots=True)
class CreateFunction(Operation):
    """Create ``function``, which may be a procedure."""

    directive: ClassVar[str] = "create_function"
    function: Function

    def describe(self) -> str:
        return f"create {_called(self.function.name, self.function.arguments, self.function.procedure)}"

    def invert(self) -> Operation:
        function = self.function
        return DropFunction(function.name, function.arguments, procedure=function.procedure, before=function)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if (self.function.name, self.function.arguments) in snapshot.functions:
            called = _called(self.function.name, self.function.arguments, self.function.procedure)
            raise ObjectMissing(f"there is a {called} already")
        return _with_function(snapshot, self.function)


@operation
@dataclass(frozen=True, slots=True)
class DropFunction(Operation):
    """Drop a function or procedure; ``before`` is what it was, when that is known.

    ``arguments`` are the argument types that tell overloads apart; None where the name alone says which one.
    """

    directive: ClassVar[str] = "drop_function"
    name: QualifiedName
    arguments: str | None = None
    procedure: bool = False
    if_exists: bool = False
    before: Function | None = None

    def describe(self) -> str:
        return f"drop {_called(self.name, self.arguments, self.procedure)}"

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: its definition is not known")
        return CreateFunction(self.before)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        found = [key for key in snapshot.functions if key[0] == self.name and self.arguments in (None, key[1])]
        if len(found) != 1:
            if not found and self.if_exists:
                return snapshot
            called = _called(self.name, self.arguments, self.procedure)
            several = len(found) > 1
            raise ObjectMissing(f"there are several overloads of {called}" if several else f"there is no {called}")
        kept = {key: function for key, function in snapshot.functions.items() if key != found[0]}
        return replace(snapshot, functions=kept)


@operation
@dataclass(frozen=True, slots=True)
class ReplaceFunction(Operation):
    """Give a function or procedure the definition of ``after``, with the same name and argument types.

    What depends on it stays. ``before`` is what it was, when that is known.
    """

    directive: ClassVar[str] = "replace_function"
    after: Function
    before: Function | None = None

    def describe(self) -> str:
        return f"replace {_called(self.after.name, self.after.arguments, self.after.procedure)}"

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: its old definition is not known")
        return ReplaceFunction(self.before, self.after)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if (self.after.name, self.after.arguments) not in snapshot.functions:
            called = _called(self.after.name, self.after.arguments, self.after.procedure)
            raise ObjectMissing(f"there is no {called}")
        return _with_function(snapshot, self.after)


@operation
@dataclass(frozen=True, slots=True)
class CreateTrigger(Operation):
    """Create ``trigger`` on its table or view."""

    directive: ClassVar[str] = "create_trigger"
    trigger: Trigger

    def describe(self) -> str:
        return f"create trigger {self.trigger.name} on {self.trigger.table}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.trigger.table})

    def invert(self) -> Operation:
        return DropTrigger(self.trigger.name, self.trigger.table, before=self.trigger)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        key = (self.trigger.table, self.trigger.name)
        if self.trigger.table not in snapshot.tables and self.trigger.table not in snapshot.views:
            raise ObjectMissing(f"there is no table {self.trigger.table}")
        if key in snapshot.triggers:
            raise ObjectMissing(f"there is a trigger {self.trigger.name} on {self.trigger.table} already")
        return replace(snapshot, triggers={**snapshot.triggers, key: self.trigger})


@operation
@dataclass(frozen=True, slots=True)
class DropTrigger(Operation):
    """Drop the trigger ``name`` of ``table``; ``before`` is what it was, when that is known."""

    directive: ClassVar[str] = "drop_trigger"
    name: str
    table: QualifiedName
    if_exists: bool = False
    before: Trigger | None = None

    def describe(self) -> str:
        return f"drop trigger {self.name} on {self.table}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: its definition is not known")
        return CreateTrigger(self.before)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if (self.table, self.name) not in snapshot.triggers:
            if self.if_exists:
                return snapshot
            raise ObjectMissing(f"there is no trigger {self.name} on {self.table}")
        kept = {key: trigger for key, trigger in snapshot.triggers.items() if key != (self.table, self.name)}
        return replace(snapshot, triggers=kept)


@operation
@dataclass(frozen=True, slots=True)
class ReplaceTrigger(Operation):
    """Give a trigger the definition of ``after``, with the same name and table; ``before`` is what it was."""

    directive: ClassVar[str] = "replace_trigger"
    after: Trigger
    before: Trigger | None = None

    def describe(self) -> str:
        return f"replace trigger {self.after.name} on {self.after.table}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.after.table})

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: its old definition is not known")
        return ReplaceTrigger(self.before, self.after)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        key = (self.after.table, self.after.name)
        if key not in snapshot.triggers:
            raise ObjectMissing(f"there is no trigger {self.after.name} on {self.after.table}")
        return replace(snapshot, triggers={**snapshot.triggers, key: self.after})


def _called(name: QualifiedName, arguments: str | None, procedure: bool) -> str:
    kind = "procedure" if procedure else "function"
    return f"{kind} {name}" if arguments is None else f"{kind} {name}({arguments})"


def _with_function(snapshot: Snapshot, function: Function) -> Snapshot:
    return replace(snapshot, functions={**snapshot.functions, (function.name, function.arguments): function})
