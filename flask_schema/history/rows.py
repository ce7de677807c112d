"""The rows of the version table: each names a revision, and no row's revision contains another's."""

from __future__ import annotations

from collections.abc import Collection

from flask_schema.errors import DatabaseAhead, HistoryError, RouteError
from flask_schema.history.graph import Graph


def check_rows(graph: Graph, current: Collection[str]) -> tuple[str, ...]:
    """Return the rows of the version table as revisions of ``graph``, in the order of the files, without doubles.

    Raises :class:`DatabaseAhead` for a row that no file has, and :class:`RouteError` when one row contains another.
    """
    standing = [graph.canonical(row) for row in current]
    unknown = [row for row in standing if row not in graph]
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
    rows = graph.heads_of(graph.ancestors(standing, dependencies=True))
    if len(rows) != len(set(standing)):
        refuse_overlap(graph, set(standing))
    return rows


def expand_for_rows(graph: Graph, current: Collection[str]) -> Graph:
    """Return :meth:`Graph.standing_at`. Raises :class:`DatabaseAhead` when a squashed range has lost its own files."""
    try:
        standing = graph.standing_at(current)
    except HistoryError as error:
        raise _files_gone(graph, current) from error
    for squash in standing.expanded_ranges:
        if not all(standing.canonical(name) in standing for name in standing.set_aside[squash].replaces):
            raise _files_gone(graph, current)
    return standing


def _files_gone(graph: Graph, current: Collection[str]) -> DatabaseAhead:
    row, squash = next((row, squash) for row in current if (squash := graph.replaced_by(graph.canonical(row))))
    return DatabaseAhead(
        f"the database stands at {row}, in the middle of what {squash} replaces, and replaced files are gone",
        hint="bring the replaced files back from git, upgrade this database past them, and remove them again",
        revision=row,
    )


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
