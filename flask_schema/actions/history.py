"""``flask db history``: the revisions, newest first."""

from __future__ import annotations

from flask_schema.actions.listing import Listing, list_revisions, needs_rows, read_rows
from flask_schema.history.symbols import resolve_range
from flask_schema.project import Project
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class HistoryResult:
    """The revisions asked for, newest first, each before its parents."""

    revisions: tuple[Listing, ...]


def history(project: Project, rev_range: str | None = None, *, indicate_current: bool = False) -> HistoryResult:
    """Return the revisions in ``rev_range`` (``older:newer``, an end may be left out; None: all).

    The databases are asked where they stand when ``indicate_current`` or the range's ``current`` needs it. Raises what
    :func:`resolve_range` does, and :class:`DatabaseError`.
    """
    graph = project.history.graph
    current = read_rows(project) if indicate_current or needs_rows(rev_range or "") else None
    lower, upper = resolve_range(graph, rev_range, current) if rev_range else ((), None)
    ordered = graph.ordered_history(lower, upper)
    return HistoryResult(list_revisions(graph, ordered, current or () if indicate_current else ()))
