"""Planning a squash: one new revision that takes the place of a range of old ones."""

from __future__ import annotations

from itertools import pairwise

from flask_schema.errors import RouteError, UsageError
from flask_schema.history import symbols
from flask_schema.history.graph import Graph
from flask_schema.history.revision import Revision
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class SquashPlan:
    """What the header of the new revision says, and which revisions it stands for.

    ``replaced`` are the revisions of the range, oldest first. ``down_revisions`` are the parents of the oldest,
    ``depends_on`` what the range needs from outside, ``branch_labels`` the labels written in it.
    """

    replaced: tuple[Revision, ...]
    down_revisions: tuple[str, ...]
    depends_on: tuple[str, ...]
    branch_labels: tuple[str, ...]

    @property
    def replaces(self) -> tuple[str, ...]:
        """The ids for ``replaces`` in the new file, oldest first; ids that they replace in turn are not repeated."""
        return tuple(revision.revision for revision in self.replaced)


def plan_squash(graph: Graph, text: str) -> SquashPlan:
    """Return the plan for the range ``text`` (``a:b``, both included; an end left out is the base or the head).

    A database that stands before the range runs the new revision, one behind it knows that it is done, and one in the
    middle goes on with the replaced revisions, as long as their files are kept.
    Raises :class:`RouteError` when the range is not one line, something outside branches off its middle, or something
    outside stands between its revisions; :class:`UsageError` for fewer than two revisions; and what
    :func:`resolve_range` does.
    """
    lower, upper = symbols.resolve_range(graph, text)
    tops = graph.heads if upper is None else upper
    if len(lower) > 1 or len(tops) != 1 or (not lower and len(graph.bases) > 1):
        raise UsageError(f"{text!r} is not one line of revisions", hint="name the first and the last: a:b")
    line = graph.ordered_history(lower, tops)[::-1]
    if len(line) < 2:
        raise UsageError(f"{text!r} is one revision, and a squash needs at least two", hint="name a longer range")
    _refuse_forks(graph, line)
    inside = set(line)
    needed = dict.fromkeys(other for revision in line for other in graph.dependencies(revision) if other not in inside)
    _refuse_detours(graph, line, needed)
    revisions = tuple(graph.revisions[revision] for revision in line)
    below = graph.ancestors(graph.parents(line[0]), dependencies=True)
    return SquashPlan(
        revisions,
        graph.parents(line[0]),
        tuple(other for other in needed if other not in below),
        tuple(sorted({label for revision in revisions for label in revision.branch_labels})),
    )


def _refuse_forks(graph: Graph, line: tuple[str, ...]) -> None:
    for older, newer in pairwise(line):
        if graph.parents(newer) != (older,):
            raise RouteError(
                f"the range is not one line: revision {newer} follows {', '.join(graph.parents(newer)) or 'the base'}",
                hint="squash the lines between branch and merge points one by one",
                revision=newer,
            )
        others = [child for child in graph.children(older) if child != newer]
        if others:
            raise RouteError(
                f"revision {others[0]} branches off {older}, in the middle of the range",
                hint=f"squash a range that ends at {older}, or one that begins behind it",
                revision=older,
            )


def _refuse_detours(graph: Graph, line: tuple[str, ...], needed: dict[str, None]) -> None:
    above = graph.descendants([line[0]], dependencies=True)
    for other in needed:
        if other in above:
            raise RouteError(
                f"revision {other} is needed by the range and itself needs revision(s) of the range",
                hint=f"squash a range that ends before {other} is needed",
                revision=other,
            )
