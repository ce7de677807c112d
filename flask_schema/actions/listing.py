"""Revisions as the commands list them: each with what its place in the history makes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from flask_schema.history.graph import Graph
from flask_schema.history.revision import Revision
from flask_schema.project import Project
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class Listing:
    """One revision and its place.

    ``labels`` are the branch labels that apply to it, sorted. ``parents``, ``dependencies`` and ``children`` are ids.
    ``is_effective_head`` is true for a head that no revision depends on; ``is_current`` where a database is at it, and
    false when none was asked.
    """

    revision: Revision
    labels: tuple[str, ...]
    children: tuple[str, ...]
    is_head: bool
    is_effective_head: bool
    is_current: bool

    @property
    def parents(self) -> tuple[str, ...]:
        """The ids of its parents, in the order written."""
        return self.revision.down_revisions

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The ids of what it depends on beside its parents."""
        return self.revision.depends_on

    @property
    def is_branch_point(self) -> bool:
        """Whether several revisions follow it."""
        return len(self.children) > 1


def list_revisions(graph: Graph, revisions: Iterable[str], current: Collection[str] = ()) -> tuple[Listing, ...]:
    """Return ``revisions`` with their places, in the order given; ``current`` are rows of the version table."""
    heads, effective = frozenset(graph.heads), frozenset(graph.effective_heads)
    standing = {graph.canonical(row) for row in current}
    return tuple(
        Listing(
            graph.revisions[revision],
            graph.labels_of(revision),
            graph.children(revision),
            revision in heads,
            revision in effective,
            revision in standing,
        )
        for revision in revisions
    )


def read_rows(project: Project) -> tuple[str, ...]:
    """Return the revisions at which the project's databases stand, without doubles. Raises :class:`DatabaseError`."""
    from flask_schema.actions.current import current

    rows = [row for state in current(project) for row in state.revisions]
    return tuple(dict.fromkeys(rows))


def needs_rows(symbol: str) -> bool:
    """Whether the meaning of ``symbol`` depends on where the database stands."""
    return "current" in symbol
