"""``flask db branches``: where the history forks."""

from __future__ import annotations

from flask_schema.actions.listing import Listing, list_revisions
from flask_schema.project import Project
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class BranchPoint:
    """A revision that several others follow, and those."""

    revision: Listing
    children: tuple[Listing, ...]


@dataclass(frozen=True, slots=True)
class BranchesResult:
    """The branch points, in the order of the files."""

    points: tuple[BranchPoint, ...]


def branches(project: Project) -> BranchesResult:
    """Return the branch points."""
    graph = project.history.graph
    points = list_revisions(graph, graph.branch_points)
    return BranchesResult(tuple(BranchPoint(point, list_revisions(graph, point.children)) for point in points))
