"""The second step of the comparison: where texts differ, the server is asked whether they mean the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import sqlalchemy as sa

from flask_schema.dialects.dialect import Settled
from flask_schema.dialects.postgresql.defaults import default_key
from flask_schema.dialects.postgresql.disputes import Dispute
from flask_schema.dialects.postgresql.program_judge import settle_programs
from flask_schema.dialects.postgresql.same_texts import with_same_texts
from flask_schema.dialects.postgresql.scratch import ask
from flask_schema.snapshot.alike import Alikeness
from flask_schema.snapshot.elements import CheckConstraint, Column, ForeignKey, Index, QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot

_Validated = TypeVar("_Validated", CheckConstraint, ForeignKey)
_NOT_VALID = ("not_valid", True)
_CONCURRENTLY = ("concurrently", True)


def settle(before: Snapshot, after: Snapshot, connection: sa.Connection | None, default_schema: str) -> Settled:
    """Elements of ``before`` that mean what ``after`` says get the text of ``after``."""
    notes: list[str] = []
    old, new = dict(before.tables), dict(after.tables)
    disputes = []
    alikeness, alike = Alikeness(), set()
    pairs = list(_pairs(before, after))
    for name, other in pairs:
        if name == other and alikeness.tables(old[name], new[other]):
            alike.add(name)
            continue
        old[name], new[other] = _without_validity(old[name], new[other], notes)
        old[name] = with_same_texts(_with_same_defaults(old[name], new[other]), new[other])
        dispute = Dispute(old[name], new[other], before, after)
        if dispute.found:
            disputes.append(dispute)
    if disputes and connection is None:
        tables = ", ".join(str(one.after.name) for one in disputes)
        notes.append(f"defaults, checks and expressions of {tables} were compared by their text only: no database")
    elif disputes and connection is not None:
        known: Any = connection.dialect
        version = tuple(one for one in known.server_version_info or () if isinstance(one, int))
        answers = ask(connection, [one.job(default_schema) for one in disputes], version or (18,))
        failures: list[tuple[str, str]] = []
        for dispute, answer in zip(disputes, answers, strict=True):
            old[dispute.before.name] = dispute.settled(answer)
            failures += dispute.failures(answer)
        notes += _collapsed(failures)
    for name, other in pairs:
        if name not in alike:
            old[name] = _with_manner(old[name], new[other])
            if name == other and alikeness.tables(old[name], new[other]):
                alike.add(name)
    before, after = settle_programs(before, after, connection, default_schema, notes)
    return Settled(replace(before, tables=old), replace(after, tables=new), tuple(notes), frozenset(alike))


def _pairs(before: Snapshot, after: Snapshot) -> Iterator[tuple[QualifiedName, QualifiedName]]:
    """The names, before and after, of each table that both sides have; a declared rename pairs two names."""
    for name, table in after.tables.items():
        if name in before.tables:
            yield name, name
        elif table.renamed_from is not None and QualifiedName(table.renamed_from, name.schema) in before.tables:
            yield QualifiedName(table.renamed_from, name.schema), name


def _with_manner(before: Table, after: Table) -> Table:
    """``concurrently`` says how the models want an index to be made; of one that is there it says nothing."""
    wanted = {one.name: one.options for one in after.indexes if _CONCURRENTLY in one.options}
    if not wanted:
        return before

    def with_manner(index: Index) -> Index:
        options = wanted.get(index.name)
        same = options is not None and index.options == tuple(pair for pair in options if pair != _CONCURRENTLY)
        return replace(index, options=options) if same and options is not None else index

    return replace(before, indexes=tuple(with_manner(one) for one in before.indexes))


def _collapsed(failures: Sequence[tuple[str, str]]) -> list[str]:
    """One sentence for each thing that could not be judged; one for all where the reason is always the same."""
    reasons = {reason for _, reason in failures}
    if len(failures) > 3 and len(reasons) == 1:
        return [f"{len(failures)} texts were compared as they stand, since the server says: {reasons.pop()}"]
    return [f"{what} was compared by its text only, since the server says: {reason}" for what, reason in failures]


def _with_same_defaults(before: Table, after: Table) -> Table:
    """``before`` with the default of ``after`` wherever both plainly say the same: ``'0'`` and ``0`` of a number."""
    if before.columns == after.columns:
        return before
    defaults = {one.name: (one.default, one.type.sql) for one in after.columns if one.default is not None}

    def settled(column: Column) -> Column:
        wanted, type_sql = defaults.get(column.name, (None, ""))
        if wanted is None or column.default is None or column.default == wanted:
            return column
        same = default_key(column.default, column.type.sql) == default_key(wanted, type_sql)
        return replace(column, default=wanted) if same else column

    columns = tuple(settled(one) for one in before.columns)
    return before if columns == before.columns else replace(before, columns=columns)


# -- NOT VALID ----------------------------------------------------------------------------------


def _without_validity(before: Table, after: Table, notes: list[str]) -> tuple[Table, Table]:
    """Whether rows were checked is no difference between constraints that say the same; an unchecked one is noted."""
    checks_options = [one.options for table in (before, after) for one in table.checks if one.options]
    keys_options = [one.options for table in (before, after) for one in table.foreign_keys if one.options]
    if not any(_NOT_VALID in one for one in (*checks_options, *keys_options)):
        return before, after
    checks = _reconciled(before.name, before.checks, after.checks, notes)
    keys = _reconciled(before.name, before.foreign_keys, after.foreign_keys, notes)
    return (
        replace(before, checks=checks[0], foreign_keys=keys[0]),
        replace(after, checks=checks[1], foreign_keys=keys[1]),
    )


def _reconciled(
    table: object, before: Iterable[_Validated], after: Iterable[_Validated], notes: list[str]
) -> tuple[tuple[_Validated, ...], tuple[_Validated, ...]]:
    old: list[_Validated] = list(before)
    new: list[_Validated] = list(after)
    for place, one in enumerate(old):
        for other_place, other in enumerate(new):
            if _bare(one) == _bare(other) and one.options != other.options:
                if _NOT_VALID in one.options:
                    notes.append(
                        f"the constraint {one.name} on {table} is NOT VALID: rows that were there before it are "
                        f'unchecked until op.execute("ALTER TABLE {table} VALIDATE CONSTRAINT {one.name}")'
                    )
                old[place] = _checked(one)
                new[other_place] = _checked(other)
    return tuple(old), tuple(new)


def _checked(constraint: _Validated) -> _Validated:
    return replace(constraint, options=tuple(pair for pair in constraint.options if pair != _NOT_VALID))


def _bare(constraint: CheckConstraint | ForeignKey) -> object:
    """What tells two constraints apart: of a check its name, whose text may be put in two ways."""
    if isinstance(constraint, CheckConstraint):
        return constraint.name
    return replace(constraint, name=None, options=())
