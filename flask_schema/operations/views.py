"""Operations on views and materialized views."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from flask_schema.errors import Irreversible, ObjectMissing
from flask_schema.operations.operation import Operation, operation
from flask_schema.snapshot.elements import QualifiedName, View
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@operation
@dataclass(frozen=True, slots=True)
class CreateView(Operation):
    """Create ``view``; a materialized one with its indexes."""

    directive: ClassVar[str] = "create_view"
    view: View
    if_not_exists: bool = False

    def describe(self) -> str:
        return f"create {kind_of(self.view.materialized)} {self.view.name}"

    def invert(self) -> Operation:
        return DropView(self.view.name, self.view.materialized, before=self.view)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.view.name in snapshot.views:
            if self.if_not_exists:
                return snapshot
            raise ObjectMissing(f"there is a view {self.view.name} already")
        return _with_view(snapshot, self.view)


@operation
@dataclass(frozen=True, slots=True)
class DropView(Operation):
    """Drop the view ``name``; ``before`` is what it was, when that is known.

    ``cascade`` drops what depends on it too, where the database can.
    """

    directive: ClassVar[str] = "drop_view"
    name: QualifiedName
    materialized: bool = False
    if_exists: bool = False
    cascade: bool = False
    before: View | None = None

    def describe(self) -> str:
        return f"drop {kind_of(self.materialized)} {self.name}"

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: its definition is not known")
        if self.cascade:
            raise Irreversible(f"{self.describe()} has no way back: what went with it by CASCADE is not known")
        return CreateView(self.before)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.name not in snapshot.views:
            if self.if_exists:
                return snapshot
            raise ObjectMissing(f"there is no view {self.name}")
        return replace(
            snapshot,
            views={name: view for name, view in snapshot.views.items() if name != self.name},
            triggers={key: trigger for key, trigger in snapshot.triggers.items() if key[0] != self.name},
        )


@operation
@dataclass(frozen=True, slots=True)
class ReplaceView(Operation):
    """Give a view the definition of ``after``, which has its name; ``before`` is what it was, when that is known.

    ``recreate``: drop and create it, also where the database could replace it in place. That is needed where a column
    goes or changes its name or type; grants on the view are lost by it. Triggers on the view are made again.
    """

    directive: ClassVar[str] = "replace_view"
    after: View
    before: View | None = None
    recreate: bool = False

    def describe(self) -> str:
        return f"replace {kind_of(self.after.materialized)} {self.after.name}"

    def invert(self) -> Operation:
        """The old definition, in a view made anew: columns that the new one added go only with the view."""
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: its old definition is not known")
        same = self.before.interface is not None and self.before.interface == self.after.interface
        return ReplaceView(self.before, self.after, recreate=self.recreate or not same)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.after.name not in snapshot.views:
            raise ObjectMissing(f"there is no view {self.after.name}")
        return _with_view(snapshot, self.after)


def kind_of(materialized: bool) -> str:
    """What a view is called in a sentence."""
    return "materialized view" if materialized else "view"


def _with_view(snapshot: Snapshot, view: View) -> Snapshot:
    return replace(snapshot, views={**snapshot.views, view.name: view})
