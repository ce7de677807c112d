"""The second step of the comparison: where texts differ, SQLite is asked whether they mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from flask_schema.dialects.dialect import Settled
from flask_schema.dialects.sqlite.scratch import same_meaning
from flask_schema.dialects.sqlite.tokens import expression_key
from flask_schema.snapshot.elements import CheckConstraint, Column, Index, Table
from flask_schema.snapshot.snapshot import Snapshot

_Element = TypeVar("_Element", CheckConstraint, Index)


def settle_snapshots(before: Snapshot, after: Snapshot) -> Settled:
    """Elements of ``before`` that mean what ``after`` says get the text of ``after``."""
    tables = dict(before.tables)
    for name, wanted in after.tables.items():
        table = tables.get(name)
        if table is not None and table != wanted:
            tables[name] = _Judge(table).table(wanted)
    return Settled(replace(before, tables=tables), after)


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
        return replace(before, default=default, computed=computed)

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
