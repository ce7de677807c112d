"""The second step of the comparison: what the server takes for the same reads the same afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from flask_schema.dialects.dialect import Settled
from flask_schema.dialects.postgresql.questions import Question, column_before, pairs, questions, without_deeds
from flask_schema.dialects.postgresql.scratch import Answer
from flask_schema.snapshot.elements import CheckConstraint, Column, ExcludeConstraint, Index, QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot

Asker = Callable[[list[Question]], Mapping[Question, Answer]]


def settle_snapshots(before: Snapshot, after: Snapshot, ask: Asker, notes: list[str]) -> Settled:
    """``before`` (read) with the words of ``after`` (models) wherever both mean the same.

    ``ask`` is called once, and only when something is open; what it notes in ``notes`` is handed on.
    """
    old_tables: dict[QualifiedName, Table] = dict(before.tables)
    asked: list[Question] = []
    differing = []
    for old, new in pairs(before, after):
        if old != new:
            old_tables[old.name] = bare = without_deeds(old, new)
            differing.append((bare, new))
            asked += questions(bare, new)
    if asked:
        answers = ask(asked)
        for old, new in differing:
            mine = {one: answers[one] for one in asked if one.table is new and one in answers}
            if mine:
                old_tables[old.name] = _settled(old, new, mine)
    return Settled(replace(before, tables=old_tables), after, tuple(notes))


def _settled(before: Table, after: Table, answers: Mapping[Question, Answer]) -> Table:
    columns = {column.name: column for column in before.columns}
    checks, indexes, excludes = list(before.checks), list(before.indexes), list(before.excludes)
    for question, answer in answers.items():
        if isinstance(answer, Column):
            wanted = after.columns[question.place]
            old = column_before(before, wanted)
            if old is not None:
                columns[old.name] = _settled_column(columns[old.name], wanted, answer, question.facet)
        elif isinstance(answer, CheckConstraint):
            _replace_check(checks, after.checks[question.place], answer)
        elif isinstance(answer, Index):
            _replace_index(indexes, after.indexes[question.place], answer)
        else:
            _replace_exclude(excludes, after.excludes[question.place], answer)
    return replace(
        before,
        columns=tuple(columns[column.name] for column in before.columns),
        checks=tuple(checks),
        indexes=tuple(indexes),
        excludes=tuple(excludes),
    )


def _settled_column(old: Column, wanted: Column, answer: Column, facet: str) -> Column:
    if facet == "type" and answer.type.sql == old.type.sql:
        return replace(old, type=wanted.type)
    if facet == "default" and answer.default == old.default:
        return replace(old, default=wanted.default)
    if facet == "computed" and None not in (answer.computed, old.computed, wanted.computed):
        assert answer.computed is not None
        assert old.computed is not None
        assert wanted.computed is not None
        if answer.computed.expression == old.computed.expression:
            return replace(old, computed=replace(old.computed, expression=wanted.computed.expression))
    return old


def _may_be(name: str | None, wanted: str | None) -> bool:
    return wanted is None or name is None or name == wanted


def _replace_check(checks: list[CheckConstraint], wanted: CheckConstraint, answer: CheckConstraint) -> None:
    for place, old in enumerate(checks):
        if _may_be(old.name, wanted.name) and old.expression == answer.expression:
            checks[place] = replace(old, expression=wanted.expression)
            return


def _replace_index(indexes: list[Index], wanted: Index, answer: Index) -> None:
    for place, old in enumerate(indexes):
        if _may_be(old.name, wanted.name) and replace(old, name=None) == replace(answer, name=None):
            indexes[place] = replace(wanted, name=old.name)
            return


def _replace_exclude(excludes: list[ExcludeConstraint], wanted: ExcludeConstraint, answer: ExcludeConstraint) -> None:
    for place, old in enumerate(excludes):
        if _may_be(old.name, wanted.name) and replace(old, name=None) == replace(answer, name=None):
            excludes[place] = replace(wanted, name=old.name)
            return
