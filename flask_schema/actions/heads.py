"""``flask db heads``: the newest revisions."""

from __future__ import annotations

from flask_schema.actions.heads_file import find_problems
from flask_schema.actions.listing import Listing, list_revisions
from flask_schema.project import Project
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class HeadsResult:
    """``revisions`` are the heads. ``problems`` are sentences on what a check for CI would refuse."""

    revisions: tuple[Listing, ...]
    problems: tuple[str, ...]


def heads(project: Project, *, resolve_dependencies: bool = False) -> HeadsResult:
    """Return the heads; with ``resolve_dependencies`` only those that no revision depends on either."""
    graph = project.history.graph
    chosen = graph.effective_heads if resolve_dependencies else graph.heads
    problems = list(find_problems(project))
    if len(chosen) > 1:
        problems.insert(0, f"there are {len(chosen)} heads: {', '.join(chosen)}")
    return HeadsResult(list_revisions(graph, chosen), tuple(problems))
