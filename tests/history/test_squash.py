"""Squashed ranges: planning one, and databases before, in the middle of, and behind it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_schema.errors import DatabaseAhead, DuplicateRevision, HistoryError, RevisionNotFound, RouteError, UsageError
from flask_schema.history import (
    Graph,
    Header,
    downgrade_route,
    plan_squash,
    resolve,
    stamp_route,
    upgrade_route,
)


def line(last: int, *extra: Header, files: str = "all") -> list[Header]:
    """r1 - r2 - ... and, with ``extra``, what replaces some of them."""
    return [
        *(Header(f"r{number}", (f"r{number - 1}",) if number > 1 else ()) for number in range(1, last + 1)),
        *extra,
    ]


SQUASH = Header("sq", ("r1",), (), (), ("r2", "r3", "r4"))
GRAPH = Graph(line(6, SQUASH))
PRUNED = Graph([header for header in line(6, SQUASH) if header.revision not in {"r2", "r3", "r4"}])


def run(graph: Graph, rows: set[str], target: str) -> tuple[str, set[str]]:
    ran = []
    for step in upgrade_route(graph, rows, target):
        assert step.delete_heads <= rows
        rows = (rows - step.delete_heads) | step.insert_heads
        ran.append(step.revision.revision)
    return " ".join(ran), rows


@pytest.mark.parametrize("graph", [GRAPH, PRUNED])
def test_the_replaced_revisions_are_out_of_sight(graph: Graph) -> None:
    assert graph.topological() == ("r1", "sq", "r5", "r6")
    assert graph.heads == ("r6",)
    assert graph.parents("r5") == ("sq",)
    assert graph.canonical("r4") == "sq"
    assert resolve(graph, "r4") == ("sq",)
    assert (graph.replaced_by("r2"), graph.replaced_by("r4"), graph.replaced_by("r5")) == ("sq", None, None)
    with pytest.raises(RevisionNotFound, match="r3 is one of those that sq replaces"):
        resolve(graph, "r3")


def test_files_that_can_be_removed() -> None:
    assert set(GRAPH.set_aside) == {"r2", "r3", "r4"}
    assert not PRUNED.set_aside


@pytest.mark.parametrize("graph", [GRAPH, PRUNED])
@pytest.mark.parametrize(
    ("row", "ran"),
    [("", "r1 sq r5 r6"), ("r1", "sq r5 r6"), ("r4", "r5 r6"), ("sq", "r5 r6"), ("r5", "r6"), ("r6", "")],
)
def test_databases_before_and_behind_the_range(graph: Graph, row: str, ran: str) -> None:
    assert run(graph, {row} - {""}, "head") == (ran, {"r6"})


@pytest.mark.parametrize(("row", "ran"), [("r2", "r3 r4"), ("r3", "r4")])
def test_databases_in_the_middle_go_on_with_the_replaced_revisions(row: str, ran: str) -> None:
    assert run(GRAPH, {row}, "head") == (f"{ran} r5 r6", {"r6"})
    short = Graph(line(4, SQUASH))
    assert run(short, {row}, "head") == (ran, {"sq"})
    assert run(short, {"sq"}, "head") == ("", {"sq"})
    with pytest.raises(DatabaseAhead, match=f"stands at {row}, in the middle of what sq replaces"):
        run(PRUNED, {row}, "head")
    partly = Graph([header for header in line(6, SQUASH) if header.revision != "r4"])
    with pytest.raises(DatabaseAhead, match="in the middle of what sq replaces"):
        run(partly, {row}, "head")


def test_symbols_in_the_middle() -> None:
    assert resolve(GRAPH, "current", ["r3"]) == ("r3",)
    assert resolve(GRAPH, "+1", ["r2"]) == ("r3",)
    assert resolve(GRAPH, "current", ["r4"]) == ("sq",)


def test_downgrades() -> None:
    def down(row: str, target: str) -> list[tuple[str, set[str], set[str]]]:
        route = downgrade_route(GRAPH, [row], target)
        return [(step.revision.revision, set(step.delete_heads), set(step.insert_heads)) for step in route]

    assert down("r5", "-1") == [("r5", {"r5"}, {"sq"})]
    assert down("r4", "-1") == [("sq", {"r4"}, {"r1"})]
    assert down("r3", "r1") == [("r3", {"r3"}, {"r2"}), ("r2", {"r2"}, {"r1"})]


def test_stamps() -> None:
    (stamp,) = stamp_route(GRAPH, ["r3"], "head")
    assert (set(stamp.delete_heads), set(stamp.insert_heads)) == ({"r3"}, {"r6"})
    (stamp,) = stamp_route(GRAPH, ["r4"], "r1")
    assert (set(stamp.delete_heads), set(stamp.insert_heads)) == ({"r4"}, {"r1"})
    (stamp,) = stamp_route(GRAPH, ["r2"], "r4")
    assert set(stamp.insert_heads) == {"sq"}


def test_a_squash_of_a_squash() -> None:
    second = Header("sq2", (), (), (), ("r1", "sq", "r5"))
    graph = Graph(line(6, SQUASH, second))
    assert graph.topological() == ("sq2", "r6")
    assert run(graph, set(), "head") == ("sq2 r6", {"r6"})
    assert run(graph, {"r3"}, "head") == ("r4 r5 r6", {"r6"})
    assert run(graph, {"sq"}, "head") == ("r5 r6", {"r6"})
    assert run(graph, {"r4"}, "head") == ("r5 r6", {"r6"})
    assert run(graph, {"r1"}, "head") == ("sq r5 r6", {"r6"})


def test_bad_squashes() -> None:
    with pytest.raises(DuplicateRevision, match="r3 is replaced by sq and by other"):
        Graph(line(6, SQUASH, Header("other", ("r1",), (), (), ("r3", "r4"))))
    with pytest.raises(HistoryError, match="side follows r3, which is in the middle of what sq replaces"):
        Graph(line(6, SQUASH, Header("side", ("r3",))))


@given(st.integers(4, 9), st.data())
def test_every_database_gets_to_the_head(last: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, last - 1))
    end = data.draw(st.integers(first + 1, last))
    plain = Graph(line(last))
    plan = plan_squash(plain, f"r{first}:r{end}")
    assert plan.replaces == tuple(f"r{number}" for number in range(first, end + 1))
    graph = Graph(line(last, Header("sq", plan.down_revisions, plan.depends_on, plan.branch_labels, plan.replaces)))
    for number in range(last + 1):
        ran, rows = run(graph, {f"r{number}"} if number else set(), "head")
        assert rows in ({"sq"}, {f"r{last}"})
        done = set(range(1, number + 1))
        for name in ran.split():
            done |= set(range(first, end + 1)) if name == "sq" else {int(name[1:])}
        assert done == set(range(1, last + 1))
        assert ran.count("sq") == (number < first)


def test_a_plan_gathers_what_the_range_needs_and_is_called() -> None:
    graph = Graph(
        [
            Header("base"),
            Header("a1", ("base",), (), ("red",)),
            Header("a2", ("a1",), ("x1", "base")),
            Header("a3", ("a2",), ("a1",), ("blue",)),
            Header("x1"),
        ]
    )
    plan = plan_squash(graph, "a1:a3")
    assert plan.down_revisions == ("base",)
    assert plan.depends_on == ("x1",)
    assert plan.branch_labels == ("blue", "red")
    assert [revision.revision for revision in plan.replaced] == ["a1", "a2", "a3"]


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("a:a", UsageError, "at least two"),
        (":", UsageError, "not one line"),
        ("a:c", RouteError, "branches off a"),
        ("b:m", RouteError, "m follows b, c"),
        ("m:n", None, ""),
        ("c:b", RouteError, "not an ancestor"),
        ("n:p", RouteError, "y is needed by the range"),
    ],
)
def test_ranges_that_cannot_be_squashed(text: str, error: type[Exception] | None, words: str) -> None:
    graph = Graph(
        [
            Header("a"),
            Header("b", ("a",)),
            Header("b1", ("a",)),
            Header("c", ("a",)),
            Header("m", ("b", "c")),
            Header("n", ("m",)),
            Header("o", ("n",)),
            Header("p", ("o",), ("y",)),
            Header("y", (), ("n",)),
        ]
    )
    if error is None:
        assert plan_squash(graph, text).down_revisions == ("b", "c")
        return
    with pytest.raises(error, match=words):
        plan_squash(graph, text)
