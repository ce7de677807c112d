"""The language that names revisions."""

from __future__ import annotations

import pytest

from flask_schema.errors import (
    DatabaseAhead,
    MultipleHeads,
    RevisionAmbiguous,
    RevisionNotFound,
    RouteError,
    SchemaError,
    UsageError,
)
from flask_schema.history import (
    Graph,
    Header,
    downgrade_route,
    resolve,
    resolve_one,
    resolve_range,
    split_range,
    stamp_route,
    upgrade_route,
)

# base1 - aaaa1 - aaaa2 - branch1 -+- red1 - red2
#                                  +- blue1 - blue2        other1 - other2 (depends on aaaa1)
GRAPH = Graph(
    [
        Header("base1"),
        Header("aaaa1", ("base1",)),
        Header("aaaa2", ("aaaa1",)),
        Header("branch1", ("aaaa2",)),
        Header("red1", ("branch1",), (), ("red",)),
        Header("red2", ("red1",)),
        Header("blue1", ("branch1",), (), ("blue-line",)),
        Header("blue2", ("blue1",)),
        Header("other1", (), (), ("other",)),
        Header("other2", ("other1",), ("aaaa1",)),
    ]
)
LINE = Graph([Header("r1"), *(Header(f"r{number}", (f"r{number - 1}",)) for number in range(2, 7))])


@pytest.mark.parametrize(
    ("symbol", "current", "expected"),
    [
        ("red1", None, "red1"),
        (" red1 ", None, "red1"),
        ("bran", None, "branch1"),
        ("ba", None, "base1"),
        ("red", None, "red1"),
        ("blue-line", None, "blue1"),
        ("heads", None, "red2 blue2 other2"),
        ("base", None, ""),
        ("red@head", None, "red2"),
        ("blue-line@head", None, "blue2"),
        ("red@heads", None, "red2"),
        ("branch1@heads", None, "red2 blue2"),
        ("other@base", None, ""),
        ("red@aaaa1", None, "aaaa1"),
        ("red@red", None, "red1"),
        ("red@aaaa2", None, "aaaa2"),
        ("base1+2", None, "aaaa2"),
        ("aaaa2-1", None, "aaaa1"),
        ("aaaa1-2", None, ""),
        ("red@branch1+1", None, "red1"),
        ("red@head-1", None, "red1"),
        ("base1+4", None, AssertionError),
        ("-1", None, "red1 blue1 other1"),
        ("red@-1", None, "red1"),
        ("current", ["red1"], "red1"),
        ("current", ["red1", "blue1"], "red1 blue1"),
        ("red@current", ["red1", "blue1"], "red1"),
        ("current", [], ""),
        ("current-1", ["red1"], "branch1"),
        ("+1", ["aaaa1"], "aaaa2"),
        ("+1", ["red1"], "red2"),
        ("-1", ["red1"], "branch1"),
        ("-1", ["base1"], ""),
        ("red@+1", ["branch1"], "red1"),
        ("red@+2", ["blue2"], "red2"),
        ("other@+1", ["red1"], "other1"),
        ("other@-1", ["red2", "other2"], "other1"),
        ("blue-line@-1", ["red1", "blue2"], "blue1"),
    ],
)
def test_symbols(symbol: str, current: list[str] | None, expected: str | type) -> None:
    if expected is AssertionError:
        with pytest.raises(RevisionAmbiguous):
            resolve(GRAPH, symbol, current)
        return
    assert resolve(GRAPH, symbol, current) == tuple(str(expected).split())


@pytest.mark.parametrize(
    ("symbol", "current", "error", "words"),
    [
        ("aaaa", None, RevisionAmbiguous, "aaaa1, aaaa2"),
        ("head", None, MultipleHeads, "red2, blue2, other2"),
        ("branch1@head", None, MultipleHeads, "red2, blue2"),
        ("nothing", None, RevisionNotFound, "no revision 'nothing'"),
        ("red@nothing", None, RevisionNotFound, "no revision 'nothing' in the branch 'red'"),
        ("green@head", None, RevisionNotFound, "no branch 'green'"),
        ("red@blue1", None, RevisionNotFound, "not in the branch 'red'"),
        ("red@bl", None, RevisionNotFound, "in the branch"),
        ("green@base", None, RevisionNotFound, "no branch 'green'"),
        ("heads-1", None, RevisionAmbiguous, "counts from several"),
        ("branch1+1", None, RevisionAmbiguous, "red1, blue1"),
        ("+1", ["branch1"], RevisionAmbiguous, "red1, blue1"),
        ("+1", ["red1", "blue1"], RevisionAmbiguous, "stands at several revisions: red1, blue1"),
        ("-1", ["red1", "blue1"], RevisionAmbiguous, "stands at several revisions: red1, blue1"),
        ("+1", [], RevisionAmbiguous, "base1, other1"),
        ("+1", ["red2"], RouteError, "goes 1 step, but only 0 steps can"),
        ("red1+9", None, RouteError, "only 1 step can"),
        ("base1-2", None, RouteError, "only 1 step can"),
        ("current", None, UsageError, "needs a database"),
        ("current", ["lost"], DatabaseAhead, "stands at revision lost"),
        ("+1", ["lost"], DatabaseAhead, "stands at revision lost"),
        ("", None, UsageError, "not a revision"),
        ("+0", None, UsageError, "not a revision"),
        ("@head", None, UsageError, "not a revision"),
        ("a:b", None, UsageError, "not a revision"),
        ("1+", None, UsageError, "not a revision"),
        ("red@", None, UsageError, "not a revision"),
    ],
)
def test_symbols_that_mean_nothing_or_too_much(
    symbol: str, current: list[str] | None, error: type[SchemaError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        resolve(GRAPH, symbol, current)
    assert caught.value.hint


def test_close_matches_are_suggested() -> None:
    with pytest.raises(RevisionNotFound) as caught:
        resolve(GRAPH, "brnch1")
    assert "did you mean branch1" in str(caught.value.hint)
    with pytest.raises(RevisionNotFound) as caught:
        resolve(GRAPH, "haeds")
    assert "heads" in str(caught.value.hint)


def test_several_heads_are_listed_with_their_messages() -> None:
    graph = Graph([Header("a1", docstring="Add accounts"), Header("b1", docstring="Add books\n\nmore")])
    with pytest.raises(MultipleHeads, match=r"a1 \(Add accounts\), b1 \(Add books\)") as caught:
        resolve(graph, "head")
    assert "flask db merge heads" in str(caught.value.hint)


def test_resolve_one() -> None:
    assert resolve_one(GRAPH, "red1") == "red1"
    assert resolve_one(GRAPH, "base") is None
    with pytest.raises(MultipleHeads, match="red2, blue2, other2"):
        resolve_one(GRAPH, "heads")


def test_short_ids_are_never_cut() -> None:
    graph = Graph([Header("a1"), Header("b12", ("a1",)), Header("c123", ("b12",))])
    assert resolve(graph, "c") == ("c123",)
    for beginning in ("a", "b1"):
        with pytest.raises(RevisionNotFound):
            resolve(graph, beginning)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        (":", "r6 r5 r4 r3 r2 r1"),
        ("r2:r4", "r4 r3 r2"),
        ("r4:", "r6 r5 r4"),
        (":r2", "r2 r1"),
        ("base:head", "r6 r5 r4 r3 r2 r1"),
        ("-2:", "r6 r5 r4"),
        ("-99:", "r6 r5 r4 r3 r2 r1"),
        (":+2", "r2 r1"),
        ("r3:+1", "r4 r3"),
        ("r3:+99", "r6 r5 r4 r3"),
        ("-1:r4", "r4 r3"),
        ("current:", "r6 r5 r4 r3"),
        ("-1:current", "r3 r2"),
        ("current:+1", "r4 r3"),
        ("r3-1:r3+1", "r4 r3 r2"),
        (":-1", "r2 r1"),
    ],
)
def test_ranges(text: str, listed: str) -> None:
    lower, upper = resolve_range(LINE, text, ["r3"])
    assert LINE.ordered_history(lower, upper) == tuple(listed.split())


def test_ranges_over_several_heads_and_bad_ranges() -> None:
    lower, upper = resolve_range(GRAPH, "-1:")
    assert set(GRAPH.ordered_history(lower, upper)) == {"red1", "red2", "blue1", "blue2", "other1", "other2"}
    lower, upper = resolve_range(GRAPH, "other@base:")
    assert GRAPH.ordered_history(lower, upper)[0] == "other2"
    assert "red1" not in GRAPH.ordered_history(lower, upper)
    for text in ("a", "a:b:c", ""):
        with pytest.raises(UsageError, match="not a range"):
            split_range(text)


def names(route: tuple[object, ...]) -> str:
    return " ".join(step.revision.revision for step in route)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("current", "target", "expected"),
    [
        ([], "red@head", "base1 aaaa1 aaaa2 branch1 red1 red2"),
        ([], "other@head", "base1 aaaa1 other1 other2"),
        (["branch1"], "blue-line@+1", "blue1"),
        (["red2", "blue2"], "branch1", ""),
        (["red1"], "base", ""),
        (["red1"], "heads", "other1 other2 blue1 blue2 red2"),
    ],
)
def test_upgrades(current: list[str], target: str, expected: str) -> None:
    assert names(upgrade_route(GRAPH, current, target)) == expected


def test_upgrade_to_several_targets() -> None:
    assert names(upgrade_route(GRAPH, ["branch1"], ["red1", "blue1"])) in {"red1 blue1", "blue1 red1"}


@pytest.mark.parametrize(
    ("current", "target", "expected"),
    [
        (["red2"], "-1", "red2"),
        (["red2"], "-3", "red2 red1 branch1"),
        (["red2", "blue2"], "red@-1", "red2"),
        (["red2", "blue2"], "red@branch1", "red2 red1"),
        (["red2", "blue2"], "branch1", "red2 red1 blue2 blue1"),
        (["red2", "other2"], "other@base", "other2 other1"),
        (["red2", "other2"], "aaaa2", "red2 red1 branch1"),
        (["aaaa1"], "base", "aaaa1 base1"),
        (["aaaa1"], "aaaa1", ""),
        ([], "base", ""),
    ],
)
def test_downgrades(current: list[str], target: str, expected: str) -> None:
    assert names(downgrade_route(GRAPH, current, target)) == expected


@pytest.mark.parametrize(
    ("current", "target", "error", "words"),
    [
        (["red2", "blue2"], "-1", RevisionAmbiguous, "red2, blue2"),
        (["red1"], "red2", RouteError, "not applied"),
        (["other2"], "red1", RouteError, "not applied"),
        (["red1"], "+1", RouteError, "cannot go up"),
        (["red1"], "heads", MultipleHeads, "heads"),
        (["red1"], "-9", RouteError, "only 5 steps can"),
        ([], "-1", RouteError, "only 0 steps can"),
        (["lost"], "base", DatabaseAhead, "lost"),
        (["red1", "branch1"], "base", RouteError, "red1 already contains branch1"),
    ],
)
def test_downgrades_that_cannot_be(current: list[str], target: str, error: type[SchemaError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        downgrade_route(GRAPH, current, target)
    assert caught.value.hint


def test_a_dependency_has_no_row_of_its_own() -> None:
    rows = {"aaaa1", "other1"}
    (step,) = upgrade_route(GRAPH, rows, "other2")
    assert step.delete_heads == {"aaaa1", "other1"}
    assert step.insert_heads == {"other2"}
    (step,) = downgrade_route(GRAPH, ["other2"], "other@-1")
    assert step.delete_heads == {"other2"}
    assert step.insert_heads == {"aaaa1", "other1"}
    with pytest.raises(RouteError, match="held by a revision that depends on it"):
        downgrade_route(Graph([Header("a"), Header("b", (), ("a",))]), ["b"], "a")


def test_an_upgrade_cannot_go_down_and_unknown_rows_are_explained() -> None:
    with pytest.raises(RouteError, match="cannot go down") as route_error:
        upgrade_route(GRAPH, ["red1"], "-1")
    assert "flask db downgrade" in str(route_error.value.hint)
    with pytest.raises(DatabaseAhead, match="stands at revision lost") as ahead:
        upgrade_route(GRAPH, ["lost"], "heads")
    assert "stamp --purge" in str(ahead.value.hint)
    assert ahead.value.revision == "lost"


def changed(current: list[str], targets: str | list[str], *, purge: bool = False) -> set[str]:
    rows = set(current)
    for stamp in stamp_route(GRAPH, current, targets, purge=purge):
        rows = (rows - stamp.delete_heads) | stamp.insert_heads
    return rows


@pytest.mark.parametrize(
    ("current", "targets", "rows"),
    [
        ([], "heads", {"red2", "blue2", "other2"}),
        (["red1", "blue1"], "branch1", {"branch1"}),
        (["branch1"], ["red1", "blue1"], {"red1", "blue1"}),
        (["red2", "blue1"], "red1", {"red1", "blue1"}),
        (["red2", "blue1"], ["red1", "blue1"], {"red1", "blue1"}),
        (["red2", "other1"], "base", set()),
        (["red2", "other1"], "other@base", {"red2"}),
        (["red2"], "other1", {"red2", "other1"}),
        (["red2"], "red2", {"red2"}),
        (["aaaa1"], "other2", {"other2"}),
    ],
)
def test_stamps(current: list[str], targets: str | list[str], rows: set[str]) -> None:
    assert changed(current, targets) == rows


def test_stamp_purge_forgets_unknown_rows_and_overlap_is_refused() -> None:
    with pytest.raises(DatabaseAhead):
        changed(["lost"], "red1")
    assert changed(["lost", "blue1"], "red1", purge=True) == {"red1"}
    assert changed(["lost"], "base", purge=True) == set()
    with pytest.raises(RouteError, match="red1 already contains branch1"):
        changed([], ["red1", "branch1"])
