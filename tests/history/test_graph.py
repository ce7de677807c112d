"""The graph's errors, labels and order."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from flask_schema.errors import CycleError, DuplicateRevision, ParentMissing, RouteError
from flask_schema.history import Graph, Header, upgrade_route


def header(revision: str, *down: str, depends_on: tuple[str, ...] = (), labels: tuple[str, ...] = ()) -> Header:
    return Header(revision, down, depends_on, labels, (), "", f"versions/{revision}.py")


def test_an_empty_history() -> None:
    graph = Graph([])
    assert graph.heads == graph.bases == graph.topological() == ()
    assert len(graph) == 0


def test_revisions_are_described() -> None:
    docstring = "Add it\nand more\n\nRevision ID: b\nCreate Date: 2024-01-02 03:04:05.6"
    graph = Graph([header("a"), Header("b", ("a",), (), ("label",), ("x",), docstring, "versions/b.py")])
    revision = graph.revisions["b"]
    assert revision.message == "Add it"
    assert revision.created == "2024-01-02 03:04:05.6"
    assert revision.branch_labels == {"label"}
    assert revision.replaces == ("x",)
    assert str(revision.path) == "versions/b.py"
    assert not revision.is_base
    assert not revision.is_merge
    assert graph.revisions["a"].is_base
    assert graph.revisions["a"].created is None
    assert list(graph.revisions) == ["a", "b"]
    with pytest.raises(KeyError):
        graph.revisions["c"]


def test_two_files_with_one_id_are_both_named() -> None:
    with pytest.raises(DuplicateRevision, match=r"versions/a\.py and other/a\.py"):
        Graph([header("a"), header("b", "a"), header("a")._replace(path="other/a.py")])


def test_two_revisions_with_one_label() -> None:
    with pytest.raises(DuplicateRevision, match="'red' of revision b is already used by revision a"):
        Graph([header("a", labels=("red",)), header("b", "a", labels=("red",))])
    with pytest.raises(DuplicateRevision, match="'a' of revision b is already used by revision a"):
        Graph([header("a"), header("b", "a", labels=("a",))])


def test_a_missing_parent_is_named_with_its_child() -> None:
    with pytest.raises(ParentMissing, match="revision b names abcdef2 as its parent") as caught:
        Graph([header("abcdef1"), header("b", "abcdef2")])
    assert caught.value.file == "versions/b.py"
    assert caught.value.revision == "b"
    assert "did you mean abcdef1?" in str(caught.value.hint)
    with pytest.raises(ParentMissing, match="names gone as its dependency"):
        Graph([header("a"), header("b", "a", depends_on=("gone",))])


def test_dependencies_may_be_labels_or_beginnings_of_ids() -> None:
    graph = Graph(
        [
            header("abcdef1", labels=("red",)),
            header("abcdef2"),
            header("b", "abcdef2", depends_on=("red",)),
            header("c", "b", depends_on=("abcdef1",)),
            header("d", "c", depends_on=("abcdef1", "red")),
        ]
    )
    assert graph.dependencies("b") == graph.dependencies("c") == graph.dependencies("d") == ("abcdef1",)
    assert graph.revisions["b"].depends_on == ("abcdef1",)
    assert graph.dependents("abcdef1") == ("b", "c", "d")
    with pytest.raises(ParentMissing, match="names abcd as its parent") as caught:
        Graph([header("abcdef1"), header("abcdef2"), header("b", "abcd")])
    assert "abcdef1 or abcdef2" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("headers", "cycle"),
    [
        ([header("a", "a")], "a -> a"),
        ([header("a"), header("b", "a", "d"), header("c", "b"), header("d", "c")], "b -> d -> c -> b"),
        ([header("a", "b"), header("b", "a")], "a -> b -> a"),
        ([header("a"), header("b", "a", depends_on=("c",)), header("c", "b")], "b -> c -> b"),
        ([header("a", depends_on=("a",))], "a -> a"),
        ([header("x", "b"), header("a", "b"), header("b", "a")], "b -> a -> b"),
    ],
)
def test_a_cycle_is_listed(headers: list[Header], cycle: str) -> None:
    with pytest.raises(CycleError) as caught:
        Graph(headers)
    assert caught.value.message.endswith(": " + cycle)
    assert caught.value.hint


def test_a_label_names_its_line_down_to_the_branch_point() -> None:
    graph = Graph(
        [
            header("a"),
            header("b", "a"),
            header("b1", "b"),
            header("b2", "b1", labels=("red",)),
            header("b3", "b2"),
            header("c1", "b", labels=("blue",)),
            header("c2", "c1"),
            header("c3", "c1"),
        ]
    )
    assert graph.labels == {"red": {"b1", "b2", "b3"}, "blue": {"c1", "c2", "c3"}}
    assert graph.labels_of("b1") == ("red",)
    assert graph.labels_of("a") == ()


def test_the_order_follows_one_line_and_returns_for_the_other() -> None:
    graph = Graph(
        [
            header("a"),
            header("b1", "a"),
            header("b2", "b1"),
            header("c1", "a"),
            header("c2", "c1"),
            header("m", "b2", "c2"),
        ]
    )
    assert graph.ordered_history() == ("m", "b2", "b1", "c2", "c1", "a")
    assert graph.ordered_history(["b1"], ["m"]) == ("m", "b2", "b1")
    assert graph.ordered_history((), ["b1"]) == ("b1", "a")
    with pytest.raises(RouteError, match="c1 is not an ancestor of b2"):
        graph.ordered_history(["c1"], ["b2"])


def wide(branches: int, length: int) -> list[Header]:
    """One base, ``branches`` lines of ``length`` and a merge of them all."""
    headers = [header("base")]
    for branch in range(branches):
        below = "base"
        for place in range(length):
            headers.append(header(f"r{branch}_{place}", below))
            below = f"r{branch}_{place}"
    return [*headers, header("merge", *(f"r{branch}_{length - 1}" for branch in range(branches)))]


def ladder(length: int) -> list[Header]:
    """Two lines that are merged and branch again at every step."""
    headers = [header("a0")]
    for place in range(1, length):
        last = f"a{place - 1}"
        headers += [header(f"l{place}", last), header(f"r{place}", last), header(f"a{place}", f"l{place}", f"r{place}")]
    return headers


def comb(length: int) -> list[Header]:
    """One line with an open head at every revision."""
    headers = [header("t0")]
    for place in range(1, length):
        headers += [header(f"t{place}", f"t{place - 1}"), header(f"s{place}", f"t{place - 1}")]
    return headers


def counted(work: Callable[[], object]) -> int:
    """How many lines of the package ``work`` executes: a measure that no busy machine disturbs."""
    lines = 0

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal lines
        if "flask_schema" not in frame.f_code.co_filename:
            return None
        if event == "line":
            lines += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize("shape", ["ladder", "wide", "comb"])
def test_work_grows_with_the_number_of_revisions_only(shape: str) -> None:
    """Four times the revisions take about four times the work; a quadratic walk would take sixteen times."""

    def cost(size: int) -> int:
        headers = {"ladder": ladder, "wide": lambda size: wide(10, size // 3), "comb": comb}[shape](size)

        def work() -> None:
            graph = Graph(headers)
            assert len(graph.topological()) == len(headers)
            upgrade_route(graph, (), "heads")

        return counted(work)

    assert cost(800) < 5 * cost(200)
