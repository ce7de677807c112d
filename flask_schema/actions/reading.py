"""The commands that only read revision files: heads, branches, history, show."""

from __future__ import annotations

from collections.abc import Sequence

from flask_schema.errors import MultipleHeads
from flask_schema.history.revision import Revision
from flask_schema.history.symbols import resolve_range
from flask_schema.project import Project


def heads(project: Project, *, resolve_dependencies: bool = False, only_one: bool = False) -> tuple[Revision, ...]:
    """The heads. With ``resolve_dependencies`` those that no other revision depends on either.

    ``only_one`` raises MultipleHeads for several: a check for CI.
    """
    graph = project.history.graph
    names: Sequence[str] = graph.heads
    if resolve_dependencies:
        names = graph.heads_of(graph.revisions, dependencies=True)
    if only_one and len(graph.heads) > 1:
        raise MultipleHeads(f"there are {len(graph.heads)} heads: {', '.join(graph.heads)}")
    return tuple(graph.revisions[name] for name in names)


def branches(project: Project) -> tuple[tuple[Revision, tuple[Revision, ...]], ...]:
    """Each revision that several others follow, with those."""
    graph = project.history.graph
    return tuple(
        (graph.revisions[point], tuple(graph.revisions[child] for child in graph.children(point)))
        for point in graph.branch_points
    )


def history(project: Project, range_: str | None = None, current: Sequence[str] | None = None) -> tuple[Revision, ...]:
    """The revisions newest first; ``range_`` is ``from:to`` with any symbols. ``current`` are the database's rows."""
    graph = project.history.graph
    lower, upper = resolve_range(graph, range_, current) if range_ else ((), graph.heads)
    return tuple(graph.revisions[name] for name in graph.ordered_history(lower, upper))


def show(project: Project, symbol: str = "head", current: Sequence[str] | None = None) -> tuple[Revision, ...]:
    """The revisions that a symbol means. Raises RevisionNotFound, RevisionAmbiguous."""
    return project.history.get_all(symbol, current)
