"""Views, functions and triggers: what differs, what has to make way for a change of tables, and in which order.

They stand on tables and on each other. So they are dropped before anything else is done and created when all else is
done; one that does not change goes and comes back where the database would refuse the change of what it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from flask_schema.diff.program_reading import (
    Key,
    Program,
    bound_words,
    expression_words,
    in_reading_order,
    programs_of,
    reached,
    selects_star,
    words,
)
from flask_schema.operations.columns import AddColumn, AlterColumn, DropColumn
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.operations.programs import (
    CreateFunction,
    CreateTrigger,
    DropFunction,
    DropTrigger,
    ReplaceFunction,
    ReplaceTrigger,
)
from flask_schema.operations.schemas import CreateExtension, DropExtension
from flask_schema.operations.tables import DropTable, RenameTable
from flask_schema.operations.views import CreateView, DropView, ReplaceView
from flask_schema.snapshot.elements import Function, QualifiedName, Trigger, View
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

DROPS = "drops"
"""A column or table that a view reads cannot be dropped."""
TYPES = "types"
"""A column that a view reads cannot get another type."""
READERS = "readers"
"""A view or function that another one stands on cannot be dropped."""
STARS = "stars"
"""``SELECT *`` means the columns that there were when the view was created."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The operations before those on tables, those among them, and those after."""

    first: tuple[Operation, ...] = ()
    among: tuple[Operation, ...] = ()
    last: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Sides:
    """The schema ``before`` as it is, the same with renames carried out and texts ``settled``, and ``after``."""

    before: Snapshot
    settled: Snapshot
    after: Snapshot


def plan_programs(
    sides: Sides, renames: Sequence[Operation], changes: Sequence[Operation], holds: frozenset[str]
) -> Plan:
    """What to do about views, functions, triggers and extensions, given what is done to tables.

    ``renames`` are carried out before ``changes``. ``holds`` says what the database refuses: ``drops``, ``types``,
    ``readers``, ``stars``.
    """
    came: list[Operation] = [CreateExtension(one) for one in sorted(sides.after.extensions - sides.before.extensions)]
    went: list[Operation] = [DropExtension(one) for one in sorted(sides.before.extensions - sides.after.extensions)]
    old, new = programs_of(sides.before), programs_of(sides.after)
    if not old and not new:
        return Plan(tuple(came), (), tuple(went))
    changed = _Changed(old, programs_of(sides.settled), new, holds)
    again = changed.again(renames, changes)
    used_before = expression_words(sides.before.tables.values()) if _has_functions(old) else frozenset()
    used_after = expression_words(sides.after.tables.values()) if _has_functions(new) else frozenset()
    first, among, last = list[Operation](), list[Operation](), list[Operation]()
    for key in reversed(in_reading_order(old)):
        if key not in new or key in again:
            (among if _is_used(key, used_before) else first).append(_drop(old[key]))
    for key in in_reading_order(new):
        place = among if _is_used(key, used_after) else last
        if key not in old or key in again:
            place.append(_create(new[key]))
        elif changed.differs(key):
            place.extend(_replaced(old[key], new[key]))
    return Plan((*came, *first), tuple(among), (*last, *went))


@dataclass(frozen=True, slots=True)
class _Changed:
    """The programs of both sides; ``settled`` are the old ones in the words of the new ones where both say the same."""

    old: Mapping[Key, Program]
    settled: Mapping[Key, Program]
    new: Mapping[Key, Program]
    holds: frozenset[str]

    def differs(self, key: Key) -> bool:
        """Whether a program of both sides is not the same on both."""
        return self.settled.get(key) != self.new[key]

    def again(self, renames: Sequence[Operation], changes: Sequence[Operation]) -> set[Key]:
        """The programs of both sides that are dropped and created, where the others are replaced or stay."""
        renamed = frozenset(_renamed_words(renames))
        touched = list(_touched(changes, self.holds))
        widened = {one.table for one in changes if isinstance(one, (AddColumn, DropColumn))}
        start = {
            key
            for key in self.old.keys() & self.new.keys()
            if self._is_made_anew(key)
            or (self.differs(key) and not renamed.isdisjoint(words(self.old[key])))
            or any(_reads(self.old[key], *one, stars=STARS in self.holds) for one in touched)
            or (STARS in self.holds and selects_star(self.new[key]) and _reads_any(self.new[key], widened))
        }
        through_views = READERS in self.holds
        if through_views:  # the way back takes columns from a view, which only a new one can lose
            start |= {
                key
                for key in self.old.keys() & self.new.keys()
                if self.differs(key)
                and not self._has_same_columns(key)
                and len(reached({key}, self.old, through_views=True)) > 1
            }
        gone = {key for key in self.old if key not in self.new}
        return reached(start | gone, self.old, through_views=through_views) - gone

    def _has_same_columns(self, key: Key) -> bool:
        old, new = self.settled.get(key), self.new[key]
        return not isinstance(old, View) or not isinstance(new, View) or old.interface == new.interface

    def _is_made_anew(self, key: Key) -> bool:
        """Whether a change of it can only be a drop and a creation."""
        old, new = self.settled.get(key), self.new[key]
        if old == new:
            return False
        if isinstance(old, View) and isinstance(new, View):
            if old.materialized or new.materialized:
                return replace(old, indexes=()) != replace(new, indexes=())
            return READERS in self.holds and not is_wider(old, new)
        if isinstance(old, Function) and isinstance(new, Function):
            known = old.interface is not None and new.interface is not None
            return old.procedure != new.procedure or (known and old.interface != new.interface)
        return False


def is_wider(old: View, new: View) -> bool:
    """Whether ``new`` has all columns of ``old`` in their places; also where nobody has told the columns."""
    if old.interface is None or new.interface is None:
        return old.interface == new.interface
    return new.interface[: len(old.interface)] == old.interface and old.options == new.options


def _has_functions(programs: Mapping[Key, Program]) -> bool:
    return any(key[0] == "function" for key in programs)


def _is_used(key: Key, used: frozenset[str]) -> bool:
    return key[0] == "function" and key[1].name.lower() in used


# -- what holds what ----------------------------------------------------------------------------


def _renamed_words(renames: Iterable[Operation]) -> Iterator[str]:
    for one in renames:
        if isinstance(one, RenameTable):
            yield one.name.name.lower()
        elif isinstance(one, AlterColumn):
            yield one.name.lower()


def _touched(changes: Iterable[Operation], holds: frozenset[str]) -> Iterator[tuple[QualifiedName, str | None]]:
    """Tables that go, and columns (with their table) that go or get another type, where something may hold them."""
    for one in changes:
        if isinstance(one, DropTable) and DROPS in holds:
            yield one.name, None
        elif (isinstance(one, DropColumn) and DROPS in holds) or (
            isinstance(one, AlterColumn)
            and (
                (one.after.computed is not UNSET and DROPS in holds) or (one.after.type is not UNSET and TYPES in holds)
            )
        ):
            yield one.table, one.name


def _reads(program: Program, table: QualifiedName, column: str | None, *, stars: bool) -> bool:
    if isinstance(program, Function):
        bound = bound_words(program)
        return (column is not None and {table.name.lower(), column.lower()} <= bound) or (
            column is None and table.name.lower() in bound
        )
    read = words(program)
    return table.name.lower() in read and (
        column is None or column.lower() in read or (stars and selects_star(program))
    )


def _reads_any(program: Program, tables: Iterable[QualifiedName]) -> bool:
    read = words(program)
    return any(table.name.lower() in read for table in tables)


# -- operations ---------------------------------------------------------------------------------


def _drop(program: Program) -> Operation:
    if isinstance(program, View):
        return DropView(program.name, program.materialized, before=program)
    if isinstance(program, Function):
        return DropFunction(program.name, program.arguments, program.procedure, before=program)
    return DropTrigger(program.name, program.table, before=program)


def _create(program: Program) -> Operation:
    if isinstance(program, View):
        return CreateView(program)
    return CreateFunction(program) if isinstance(program, Function) else CreateTrigger(program)


def _replaced(old: Program, new: Program) -> Iterator[Operation]:
    if isinstance(old, View) and isinstance(new, View):
        if new.materialized:  # nothing but its indexes differs
            yield from (
                DropIndex(new.name, one.name or "", before=one) for one in old.indexes if one not in new.indexes
            )
            yield from (CreateIndex(new.name, one) for one in new.indexes if one not in old.indexes)
        else:
            yield ReplaceView(new, old)
    elif isinstance(old, Function) and isinstance(new, Function):
        yield ReplaceFunction(new, old)
    elif isinstance(old, Trigger) and isinstance(new, Trigger):
        yield ReplaceTrigger(new, old)
