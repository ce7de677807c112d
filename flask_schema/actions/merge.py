"""``flask db merge``: one revision on top of several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask_schema.actions.listing import needs_rows, read_rows
from flask_schema.actions.new_file import write_empty_revision
from flask_schema.errors import RouteError, UsageError
from flask_schema.project import Project
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The new revision's id, its parents' ids, and its file."""

    revision: str
    parents: tuple[str, ...]
    path: Path


def merge(
    project: Project,
    symbols: Sequence[str] = ("heads",),
    message: str | None = None,
    *,
    branch_labels: Sequence[str] = (),
    rev_id: str | None = None,
    splice: bool = False,
) -> MergeResult:
    """Write an empty revision whose parents are what ``symbols`` mean; without ``splice`` all have to be heads.

    Raises :class:`UsageError` for fewer than two, :class:`RouteError` when one of them contains another or is no head,
    and what :func:`history.resolve` does.
    """
    graph = project.history.graph
    current = read_rows(project) if any(needs_rows(symbol) for symbol in symbols) else None
    found = [one.revision for symbol in symbols or ("heads",) for one in project.history.get_all(symbol, current)]
    parents = tuple(dict.fromkeys(found))
    if len(parents) < 2:
        raise UsageError(
            f"there is nothing to merge: {' '.join(symbols) or 'heads'} means {', '.join(parents) or 'no revision'}",
            hint="run 'flask db heads' to see the heads",
        )
    for parent in parents:
        inside = (graph.ancestors([parent], dependencies=False) - {parent}) & set(parents)
        if inside:
            raise RouteError(
                f"revision {parent} already contains {', '.join(sorted(inside))}, so there is nothing to merge",
                hint="run 'flask db heads' to see the heads",
            )
    inner = [parent for parent in parents if parent not in graph.heads]
    if inner and not splice:
        raise RouteError(
            f"revision {inner[0]} is not a head: merging it begins another branch", hint="add --splice if it is meant"
        )
    text = message or f"merge {' and '.join(parents)}"
    revision, path = write_empty_revision(project, text, parents, rev_id=rev_id, branch_labels=tuple(branch_labels))
    return MergeResult(revision, parents, path)
