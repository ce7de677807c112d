"""The revision map over the engine's graph, and the errors under Alembic's names."""

from __future__ import annotations

from typing import Any

import pytest

from flask_schema.alembic_compat.script.revision import (
    CycleDetected,
    DependencyCycleDetected,
    DependencyLoopDetected,
    LoopDetected,
    MultipleHeads,
    RangeNotAncestorError,
    ResolutionError,
    Revision,
    RevisionError,
    RevisionMap,
)
from flask_schema.errors import RevisionAmbiguous, RevisionNotFound, SchemaError

DIAMOND = [
    Revision("base1", None),
    Revision("left1", "base1", branch_labels="west"),
    Revision("right1", "base1"),
    Revision("merge1", ("left1", "right1")),
    Revision("other1", None, branch_labels=["east"]),
    Revision("other2", "other1", dependencies="left1"),
]


@pytest.fixture
def diamond() -> RevisionMap:
    return RevisionMap(lambda: DIAMOND)


def ids(found: Any) -> list[str]:
    return [one.revision for one in found]


def test_ends_and_places(diamond: RevisionMap) -> None:
    assert diamond.heads == ("merge1", "other2")
    assert diamond.bases == ("base1", "other1")
    base, merge, needy = (diamond.get_revision(name) for name in ("base1", "merge1", "other2"))
    assert base is not None
    assert merge is not None
    assert needy is not None
    assert base.is_base
    assert base.is_branch_point
    assert base.nextrev == {"left1", "right1"}
    assert merge.is_head
    assert merge.is_merge_point
    assert merge.down_revision == ("left1", "right1")
    assert needy.dependencies == "left1"
    assert needy.branch_labels == {"east"}
    assert repr(needy) == "Revision('other2', 'other1', dependencies='left1', branch_labels={'east'})"


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("heads", ["merge1", "other2"]),
        ("base", []),
        (None, []),
        ("left", ["left1"]),
        ("west", ["left1"]),
        ("east@head", ["other2"]),
        ("merge1-2", ["base1"]),
        (("left1", "right1"), ["left1", "right1"]),
    ],
)
def test_symbols(diamond: RevisionMap, symbol: Any, expected: list[str]) -> None:
    if symbol == "merge1-2":
        with pytest.raises(ResolutionError):  # two ways lead down from a merge
            diamond.get_revisions(symbol)
        return
    assert ids(diamond.get_revisions(symbol)) == expected


def test_errors_have_both_names(diamond: RevisionMap) -> None:
    with pytest.raises(ResolutionError) as missing:
        diamond.get_revision("nothing")
    assert isinstance(missing.value, RevisionNotFound)
    assert isinstance(missing.value, RevisionError)
    assert missing.value.argument == "nothing"
    with pytest.raises(ResolutionError) as several:
        diamond.get_revision("othe")
    assert isinstance(several.value, RevisionAmbiguous)
    with pytest.raises(MultipleHeads) as heads:
        diamond.get_revision("head")
    assert heads.value.heads == ("merge1", "other2")
    assert isinstance(heads.value, SchemaError)
    with pytest.raises(RangeNotAncestorError) as strangers:
        list(diamond.iterate_revisions("merge1", "other1"))
    assert strangers.value.lower == "other1"
    with pytest.raises(RevisionError, match="not a text"):
        diamond.get_revision(b"left1")


def test_ways(diamond: RevisionMap) -> None:
    assert ids(diamond.iterate_revisions("merge1", "base1")) == ["merge1", "left1", "right1"]
    assert ids(diamond.iterate_revisions("merge1", "base1", inclusive=True))[-1] == "base1"
    assert ids(diamond.iterate_revisions("heads", "east@base")) == ["other2", "other1", "left1", "base1"]
    assert ids(diamond.iterate_revisions("other2", "other1", implicit_base=True)) == ["other2", "left1", "base1"]
    down = diamond.iterate_revisions(("merge1", "other2"), "left1", select_for_downgrade=True)
    assert ids(down) == ["merge1"]


def test_lineage(diamond: RevisionMap) -> None:
    assert diamond.filter_for_lineage(diamond.heads, "right1") == ("merge1",)
    assert diamond.filter_for_lineage(diamond.heads, "right1", include_dependencies=True) == ("merge1",)
    assert diamond.filter_for_lineage(diamond.heads, "left1", include_dependencies=True) == diamond.heads
    assert diamond.get_current_head("east") == "other2"


def test_a_revision_is_added_and_replaced() -> None:
    found = RevisionMap(lambda: [Revision("aaaa", None)])
    added = Revision("bbbb", "aaaa")
    found.add_revision(added)
    assert found.heads == ("bbbb",)
    assert found.get_revision("bbbb") is added
    with pytest.raises(RevisionError, match="already"):
        found.add_revision(Revision("bbbb", "aaaa"))
    found.add_revision(Revision("bbbb", None), _replace=True)
    assert found.bases == ("aaaa", "bbbb")


@pytest.mark.parametrize(
    ("revisions", "kind"),
    [
        ([("a", "b", None), ("b", "a", None)], CycleDetected),
        ([("a", None, None), ("b", "a", "c"), ("c", "b", None)], DependencyCycleDetected),
    ],
)
def test_circles(revisions: list[tuple[str, str | None, str | None]], kind: type[CycleDetected]) -> None:
    found = RevisionMap(lambda: [Revision(*one) for one in revisions])
    with pytest.raises(kind) as circle:
        _ = found.heads
    assert type(circle.value) is kind
    assert {"b"} <= set(circle.value.revisions)


def test_loops_and_bad_ids_are_refused_at_once() -> None:
    with pytest.raises(LoopDetected):
        Revision("a", "a")
    with pytest.raises(DependencyLoopDetected):
        Revision("a", None, dependencies=("a",))
    with pytest.raises(RevisionError, match="contains"):
        Revision("a-b", None)
