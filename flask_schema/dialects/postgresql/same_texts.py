"""Expressions that differ in nothing but white space and letter case: the server need not be asked about them."""

from __future__ import annotations

from dataclasses import replace

from flask_schema.dialects.postgresql.expressions import expression_key
from flask_schema.snapshot.elements import CheckConstraint, Column, Index, IndexElement, Table


def with_same_texts(before: Table, after: Table) -> Table:
    """``before`` in the words of ``after`` wherever both plainly say the same."""
    wanted = {one.name: one for one in after.columns if one.computed is not None}
    checks = {expression_key(one.expression): one.expression for one in after.checks}
    indexes = {one.name: one for one in after.indexes}
    return replace(
        before,
        columns=tuple(_column(one, wanted.get(one.name)) for one in before.columns) if wanted else before.columns,
        checks=tuple(_check(one, checks) for one in before.checks),
        indexes=tuple(_index(one, indexes.get(one.name)) for one in before.indexes),
    )


def _column(before: Column, after: Column | None) -> Column:
    if before.computed is None or after is None or after.computed is None or before.computed == after.computed:
        return before
    expression = _text(before.computed.expression, after.computed.expression)
    return replace(before, computed=replace(before.computed, expression=expression))


def _check(before: CheckConstraint, wanted: dict[str, str]) -> CheckConstraint:
    expression = wanted.get(expression_key(before.expression), before.expression)
    return before if expression == before.expression else replace(before, expression=expression)


def _index(before: Index, after: Index | None) -> Index:
    if after is None or before == after or len(before.elements) != len(after.elements):
        return before
    where = before.where
    if where is not None and after.where is not None:
        where = _text(where, after.where)
    pairs = zip(before.elements, after.elements, strict=True)
    worded = replace(before, where=where, elements=tuple(_element(one, other) for one, other in pairs))
    whole = (worded.where, worded.elements) == (after.where, after.elements)
    return worded if whole else before  # the server is asked about the whole of it, and answers in its own words


def _element(before: IndexElement, after: IndexElement) -> IndexElement:
    if before.is_column or after.is_column:
        return before
    return replace(before, expression=_text(before.expression, after.expression))


def _text(before: str, after: str) -> str:
    return after if expression_key(before) == expression_key(after) else before
