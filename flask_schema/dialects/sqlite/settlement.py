"""The second step of the comparison: where texts differ, SQLite is asked whether they mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from flask_schema.dialects.dialect import Settled
from flask_schema.dialects.sqlite.scratch import same_meaning
from flask_schema.dialects.sqlite.tokens import expression_key
from flask_schema.snapshot.alike import Alikeness
from flask_schema.snapshot.elements import CheckConstraint, Column, Index, Table, Trigger, View
from flask_schema.snapshot.snapshot import Snapshot

_Element = TypeVar("_Element", CheckConstraint, Index)


def settle_snapshots(before: Snapshot, after: Snapshot) -> Settled:
    """Elements of ``before`` that mean what ``after`` says get the text of ``after``."""
    tables = dict(before.tables)
    alikeness, alike = Alikeness(), set()
    for name, wanted in after.tables.items():
        table = tables.get(name)
        if table is not None and not alikeness.tables(table, wanted):
            table = tables[name] = _Judge(table).table(wanted)
            if not alikeness.tables(table, wanted):
                continue
        if table is not None:
            alike.add(name)
    views = {name: _same_view(one, after.views.get(name)) for name, one in before.views.items()}
    triggers = {key: _same_trigger(one, after.triggers.get(key)) for key, one in before.triggers.items()}
    settled = replace(before, tables=tables, views=views, triggers=triggers)
    return Settled(settled, after, alike=frozenset(alike))


def _same_view(before: View, after: View | None) -> View:
    """``after`` where both say the same: SQLite keeps the text of a view as it was written."""
    if after is None or replace(before, definition="") != replace(after, definition=""):
        return before
    return after if expression_key(before.definition) == expression_key(after.definition) else before


def _same_trigger(before: Trigger, after: Trigger | None) -> Trigger:
    same = after is not None and _trigger_key(before.definition) == _trigger_key(after.definition)
    return after if after is not None and same else before


def _trigger_key(definition: str) -> tuple[str, ...]:
    """SQLite leaves IF NOT EXISTS out of the text that it keeps."""
    key = expression_key(definition.strip().rstrip(";"))
    place = next((at for at in range(len(key) - 2) if key[at : at + 3] == ("if", "not", "exists")), len(key))
    return (*key[:place], *key[place + 3 :]) if place < key.index("trigger") + 2 else key


class _Judge:
    """Compares one table as it is with the table that is wanted."""

    def __init__(self, before: Table) -> None:
        self.before = before

    def table(self, after: Table) -> Table:
        before = self.before
        columns = tuple(self._column(column, after.column(column.name)) for column in before.columns)
        return replace(
            before,
            columns=columns,
            checks=_matched(before.checks, after.checks, self._same_check),
            indexes=_matched(before.indexes, after.indexes, self._same_index),
        )

    def same(self, one: str, other: str, *, alone: bool = False) -> bool:
        """Whether two expressions mean the same; ``alone`` ones mention no column."""
        if one == other or expression_key(one) == expression_key(other):
            return True
        return same_meaning(None if alone else self.before.sql, [(one, other)])[0]

    def _column(self, before: Column, after: Column | None) -> Column:
        if after is None or before == after:
            return before
        default, computed = before.default, before.computed
        if default is not None and after.default is not None and self.same(default, after.default, alone=True):
            default = after.default
        if (
            computed is not None
            and after.computed is not None
            and self.same(computed.expression, after.computed.expression)
        ):
            computed = replace(computed, expression=after.computed.expression)
        # AUTOINCREMENT is an option of the table, and compared as one
        return replace(before, default=default, computed=computed, autoincrement=after.autoincrement)

    def _same_check(self, before: CheckConstraint, after: CheckConstraint) -> bool:
        return replace(before, expression="") == replace(after, expression="") and self.same(
            before.expression, after.expression
        )

    def _same_index(self, before: Index, after: Index) -> bool:
        if replace(before, elements=(), where=None) != replace(after, elements=(), where=None):
            return False
        if len(before.elements) != len(after.elements) or (before.where is None) != (after.where is None):
            return False
        for one, other in zip(before.elements, after.elements, strict=True):
            if replace(one, expression="") != replace(other, expression=""):
                return False
            if one.expression != other.expression and (
                one.is_column or not self.same(one.expression, other.expression)
            ):
                return False
        return before.where is None or after.where is None or self.same(before.where, after.where)


def _matched(
    before: Sequence[_Element], after: Iterable[_Element], same: Callable[[_Element, _Element], bool]
) -> tuple[_Element, ...]:
    """``before`` with each element that means the same as one of ``after`` replaced by that one."""
    free = [one for one in after if one not in before]
    matched = []
    for element in before:
        found = next((one for one in free if element not in after and same(element, one)), None)
        if found is not None:
            free.remove(found)
        matched.append(found if found is not None else element)
    return tuple(matched)
