"""Routes: which revisions run, in which order, and what each does to the rows of the version table.

One rule gives every row: the version table holds the applied revisions that no other applied revision follows, as a
child or by dependency. So a merge deletes rows, a downgrade of a merge inserts them, a new branch inserts one, and a
revision that another depends on has no row of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Literal, TypeVar

from flask_schema.errors import RouteError
from flask_schema.history import symbols
from flask_schema.history.graph import Graph
from flask_schema.history.revision import Revision
from flask_schema.history.rows import check_rows, expand_for_rows, refuse_overlap
from flask_schema.values import dataclass

Direction = Literal["upgrade", "downgrade"]


@dataclass(frozen=True, slots=True)
class Step:
    """One revision's script to run. Afterwards the rows ``delete_heads`` are gone and ``insert_heads`` are there."""

    revision: Revision
    direction: Direction
    delete_heads: frozenset[str]
    insert_heads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A change of the version table without running a script; ``target`` is None for the base."""

    target: Revision | None
    direction: Direction
    delete_heads: frozenset[str]
    insert_heads: frozenset[str]


AnyStep = TypeVar("AnyStep", Step, Stamp)


def upgrade_route(graph: Graph, current: Collection[str], target: str | Sequence[str]) -> tuple[Step, ...]:
    """Return the upgrades from the rows ``current`` to ``target`` (one symbol or several); empty if there are none.

    Raises :class:`DatabaseAhead` for a row that no file has, and what :func:`symbols.resolve` does for the target.
    """
    graph = expand_for_rows(graph, current)
    rows = check_rows(graph, current)
    targets = [target] if isinstance(target, str) else list(target)
    tops = {revision for symbol in targets for revision in _upgrade_targets(graph, symbol, rows)}
    applied = graph.ancestors(rows, dependencies=True)
    wanted = graph.ancestors(tops, dependencies=True) - applied
    ordered = graph.order_newest_first(wanted, graph.heads_of(tops))
    heads = set(rows)
    steps = []
    for revision in reversed(ordered):
        below = {*graph.parents(revision), *graph.dependencies(revision)}
        gone = frozenset(heads & below)
        heads -= gone
        heads.add(revision)
        steps.append(Step(graph.revisions[revision], "upgrade", gone, frozenset([revision])))
    return _name_rows(graph, current, steps)


def _name_rows(graph: Graph, current: Collection[str], steps: Iterable[AnyStep]) -> tuple[AnyStep, ...]:
    """Return ``steps`` with rows named as the version table has them.

    A row may name the last revision of a squashed range and mean the one that replaces it. And where a range is run by
    its own revisions, the row left at its end is that of the replacing one.
    """
    written = {graph.canonical(row): row for row in current if graph.canonical(row) != row}
    squash_of = {last: squash for squash, last in graph.expanded_ranges.items()}
    if not written and not squash_of:
        return tuple(steps)
    named = []
    for step in steps:
        gone = frozenset(written.pop(row, squash_of.get(row, row)) for row in step.delete_heads)
        come = frozenset(squash_of.get(row, row) for row in step.insert_heads)
        named.append(replace(step, delete_heads=gone, insert_heads=come))
    return tuple(named)


def _upgrade_targets(graph: Graph, text: str, rows: Collection[str]) -> tuple[str, ...]:
    symbol = symbols.parse_symbol(graph, text)
    if not symbol.name and symbol.steps < 0:
        raise RouteError(f"an upgrade cannot go down to {text}", hint=f"run 'flask db downgrade -- {text}' to go back")
    return symbols.resolve(graph, text, rows)


def downgrade_route(graph: Graph, current: Collection[str], target: str) -> tuple[Step, ...]:
    """Return the downgrades from the rows ``current`` to ``target``, newest first; ``target`` itself stays applied.

    With ``branch@`` only that branch goes down. Raises :class:`DatabaseAhead`, :class:`RevisionAmbiguous` (``-1`` where
    several branches are applied), :class:`RouteError` when the target is not applied, and what
    :func:`symbols.resolve` does.
    """
    graph = expand_for_rows(graph, current)
    rows = check_rows(graph, current)
    ordered = downgrade_order(graph, rows, target)
    return _name_rows(graph, current, _take_down(graph, ordered, graph.ancestors(rows, dependencies=True)))


def downgrade_order(
    graph: Graph,
    rows: Sequence[str],
    target: str,
    *,
    inclusive: bool = False,
    other_branches: bool = False,
    stop_at_end: bool = False,
) -> list[str]:
    """Return the revisions that a downgrade from ``rows`` to ``target`` takes away, newest first.

    ``inclusive`` takes the target too; ``other_branches`` also what is applied beside the target's branch. Steps that
    go too far are an error unless ``stop_at_end``. Raises as :func:`downgrade_route`.
    """
    applied = graph.ancestors(rows, dependencies=True)
    end, branch = _downgrade_target(graph, target, rows, stop_at_end=stop_at_end)
    roots = [end] if inclusive and end is not None else _downgrade_roots(graph, end, branch, target)
    wanted = graph.descendants(roots, dependencies=True) & applied
    if other_branches:
        wanted |= applied - graph.ancestors(roots, dependencies=True)
    if end is not None and not wanted and end not in rows:
        raise RouteError(
            f"{target} is not a downgrade from {', '.join(rows) or 'the base'}: revision {end} is "
            + ("held by a revision that depends on it" if end in applied else "not applied"),
            hint="run 'flask db current' and 'flask db history' to see where the database stands",
        )
    return graph.order_newest_first(wanted, [row for row in rows if row in wanted])


def _take_down(graph: Graph, ordered: Iterable[str], applied: set[str]) -> Iterable[Step]:
    left = set(applied)
    for revision in ordered:
        left.discard(revision)
        below = (*graph.parents(revision), *graph.dependencies(revision))
        bare = frozenset(
            other
            for other in below
            if left.isdisjoint(graph.children(other)) and left.isdisjoint(graph.dependents(other))
        )
        yield Step(graph.revisions[revision], "downgrade", frozenset([revision]), bare)


def _downgrade_target(
    graph: Graph, text: str, rows: Sequence[str], *, stop_at_end: bool = False
) -> tuple[str | None, str | None]:
    """Return (revision to stay at or None for the base, branch to which the downgrade is confined or None)."""
    symbol = symbols.parse_symbol(graph, text)
    if symbol.name or not symbol.steps:
        return symbols.resolve_one(graph, text, rows), symbol.branch
    if symbol.steps > 0:
        raise RouteError(f"a downgrade cannot go up to {text}", hint=f"run 'flask db upgrade {text}' to go forward")
    start = symbols.step_down_start(graph, symbol, rows)
    return symbols.walk(graph, start, symbol, stop_at_end=stop_at_end), symbol.branch or start


def _downgrade_roots(graph: Graph, end: str | None, branch: str | None, text: str) -> list[str]:
    """Return the revisions that have to go first of all, counted from below: children of the target, or the bases."""
    roots = list(graph.bases if end is None else graph.children(end))
    if branch is None or len(roots) < 2:
        return roots
    lineage = graph.lineage(symbols.find_branch(graph, branch))
    kept = [root for root in roots if root in lineage]
    if not kept:
        raise RouteError(f"{text} is not a downgrade: the branch {branch!r} does not go down to it")
    return kept


def stamp_route(
    graph: Graph, current: Collection[str], targets: str | Sequence[str], *, purge: bool = False
) -> tuple[Stamp, ...]:
    """Return the changes that make the version table say ``targets``, without running anything.

    Rows of a target's own branch move to the target, rows of other branches stay; ``base`` removes all rows,
    ``branch@base`` those of the branch. ``purge`` forgets every row first, also rows that no file has.
    """
    given = () if purge else current
    graph = expand_for_rows(graph, given)
    rows = set(check_rows(graph, given))
    texts = [targets] if isinstance(targets, str) else list(targets)
    ends = {text: symbols.resolve(graph, text, rows) for text in texts}
    kept = {end for group in ends.values() for end in group}
    refuse_overlap(graph, kept)
    steps = [Stamp(None, "downgrade", frozenset(current), frozenset())] if purge and current else []
    changes: list[Stamp] = []
    for text, group in ends.items():
        for end in group or (None,):
            change = _stamp_end(graph, end, rows, kept) if end else _stamp_base(graph, text, rows, kept)
            rows = (rows - change.delete_heads) | change.insert_heads
            changes.append(change)
    return (
        *steps,
        *_name_rows(graph, given, [change for change in changes if change.delete_heads | change.insert_heads]),
    )


def _stamp_base(graph: Graph, text: str, rows: set[str], kept: set[str]) -> Stamp:
    branch = symbols.parse_symbol(graph, text).branch
    lineage = graph.lineage(symbols.find_branch(graph, branch), dependencies=True) if branch else rows
    return Stamp(None, "downgrade", frozenset((rows & lineage) - kept), frozenset())


def _stamp_end(graph: Graph, end: str, rows: set[str], kept: set[str]) -> Stamp:
    target = graph.revisions[end]
    if end in rows:
        return Stamp(target, "upgrade", frozenset(), frozenset())
    above = graph.descendants([end], dependencies=True)
    gone = frozenset((rows & (graph.ancestors([end], dependencies=True) | above)) - kept)
    return Stamp(target, "downgrade" if gone & above else "upgrade", gone, frozenset([end]))
