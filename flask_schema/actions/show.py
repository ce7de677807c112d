"""``flask db show``: one revision in full."""

from __future__ import annotations

from flask_schema.actions.listing import Listing, list_revisions, needs_rows, read_rows
from flask_schema.project import Project
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class ShowResult:
    """The revisions that the symbol means; several only for ``heads`` and ``current``."""

    revisions: tuple[Listing, ...]


def show(project: Project, symbol: str = "head") -> ShowResult:
    """Return what ``symbol`` means; the databases are asked for ``current``. Raises what :func:`resolve` does."""
    current = read_rows(project) if needs_rows(symbol) else None
    found = project.history.get_all(symbol, current)
    names = [revision.revision for revision in found]
    return ShowResult(list_revisions(project.history.graph, names, current or ()))
