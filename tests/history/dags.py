"""Random histories for Hypothesis, and the plain definitions that the graph is held to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hypothesis import strategies as st

from flask_schema.history import Graph, Header


@st.composite
def headers(draw: st.DrawFn, max_size: int = 12) -> list[Header]:
    """Headers of an acyclic history with several bases, branches, merges, dependencies and labels, in any file order.

    A merge never joins a revision with its own ancestor: nobody writes that, and it says nothing.
    """
    made: list[Header] = []
    for place in range(draw(st.integers(1, max_size))):
        earlier = [header.revision for header in made]
        parents = _apart(made, draw(st.lists(st.sampled_from(earlier), max_size=3, unique=True)) if earlier else [])
        others = [revision for revision in earlier if revision not in parents]
        needed = draw(st.lists(st.sampled_from(others), max_size=2, unique=True)) if others else []
        if draw(st.integers(0, 3)):
            needed = []
        labels = (f"label{place}",) if draw(st.integers(0, 5)) == 0 else ()
        made.append(Header(f"{place:04x}r", tuple(parents), tuple(needed), labels, (), f"message {place}"))
    return draw(st.permutations(made))


def _apart(made: Sequence[Header], parents: Sequence[str]) -> list[str]:
    return [one for one in parents if not any(one in below(made, [other]) for other in parents if other != one)]


def edges(made: Sequence[Header]) -> dict[str, set[str]]:
    """What each revision needs directly: parents and dependencies."""
    return {header.revision: {*header.down_revisions, *header.depends_on} for header in made}


def below(made: Sequence[Header], starts: Collection[str]) -> set[str]:
    """``starts`` and all they need, by repeating until nothing is added."""
    needs, found = edges(made), set(starts)
    while True:
        more = {need for revision in found for need in needs[revision]} - found
        if not more:
            return found
        found |= more


def rows_of(made: Sequence[Header], applied: Collection[str]) -> set[str]:
    """The rows of the version table: applied revisions that no applied revision needs."""
    needs = edges(made)
    return set(applied) - {need for revision in applied for need in needs[revision]}


@st.composite
def histories(draw: st.DrawFn, max_size: int = 12) -> tuple[list[Header], Graph]:
    made = draw(headers(max_size))
    return made, Graph(made)


@st.composite
def applied_histories(draw: st.DrawFn) -> tuple[list[Header], Graph, set[str]]:
    """A history and a set of applied revisions that holds everything its members need."""
    made, graph = draw(histories())
    tops = draw(st.sets(st.sampled_from([header.revision for header in made]), max_size=3))
    return made, graph, below(made, tops)
