"""The rows of the version table: each names a revision, and no row's revision contains another's."""

from __future__ import annotations

from collections.abc import Collection

from flask_schema.errors import DatabaseAhead, RouteError
from flask_schema.history.graph import Graph


def check_rows(graph: Graph, current: Collection[str]) -> tuple[str, ...]:
    """Return the rows of the version table, in the order of the files, without doubles.

    Raises :class:`DatabaseAhead` for a row that no file has, and :class:`RouteError` when one row contains another.
    """
    unknown = [row for row in current if row not in graph]
    if unknown:
        raise DatabaseAhead(
            f"the database stands at revision {', '.join(unknown)}, and no file has that id",
            hint=(
                "it was probably applied from another branch: bring its file here (git log --all --oneline -- "
                f"'*{unknown[0]}*') or downgrade there; if it is lost and the schema is known to fit, "
                "run 'flask db stamp --purge <revision>'"
            ),
            revision=unknown[0],
        )
    rows = graph.heads_of(graph.ancestors(current, dependencies=True))
    if len(rows) != len(set(current)):
        refuse_overlap(graph, set(current))
    return rows


def refuse_overlap(graph: Graph, revisions: Collection[str]) -> None:
    """Raise :class:`RouteError` when one of ``revisions`` is an ancestor of another."""
    for revision in revisions:
        inside = (graph.ancestors([revision], dependencies=True) - {revision}) & set(revisions)
        if inside:
            raise RouteError(
                f"revision {revision} already contains {', '.join(sorted(inside))}, so they cannot both be current",
                hint=f"run 'flask db stamp --purge {revision}' if the database really is at {revision}",
                revision=revision,
            )
