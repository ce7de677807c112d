"""Rebase plans, the edit of a header, and the heads file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_schema.errors import MultipleHeads, RevisionFileError, RouteError, SchemaError
from flask_schema.history import (
    Graph,
    Header,
    compare_heads,
    format_heads,
    parse_heads,
    plan_rebase,
    read_header,
    replace_parents,
    rewrite_parents,
)

#  a - b -+- mine1 - mine2
#         +- theirs1
HEADERS = [
    Header("a"),
    Header("b", ("a",)),
    Header("mine1", ("b",)),
    Header("mine2", ("mine1",)),
    Header("theirs1", ("b",)),
]
GRAPH = Graph(HEADERS)


@pytest.mark.parametrize(
    "given_",
    [
        {"branch": "mine2", "onto": "theirs1"},
        {"branch": "mine2"},
        {"onto": "theirs1"},
        {"current": ["theirs1"]},
        {"branch": "mine2", "current": ["b"]},
    ],
)
def test_the_local_chain_moves_onto_the_other_head(given_: dict[str, object]) -> None:
    plan = plan_rebase(GRAPH, **given_)  # type: ignore[arg-type]
    assert [revision.revision for revision in plan.local] == ["mine1", "mine2"]
    assert plan.onto == "theirs1"
    (move,) = plan.moves
    assert (move.revision.revision, move.before, move.after) == ("mine1", ("b",), ("theirs1",))
    moved = [header._replace(down_revisions=move.after) if header.revision == "mine1" else header for header in HEADERS]
    assert Graph(moved).topological() == ("a", "b", "theirs1", "mine1", "mine2")


@pytest.mark.parametrize(
    ("given_", "error", "words"),
    [
        ({}, MultipleHeads, "mine2, theirs1"),
        ({"current": ["b"]}, MultipleHeads, "not clear"),
        ({"current": ["mine2", "theirs1"]}, MultipleHeads, "not clear"),
        ({"branch": "mine2", "current": ["mine1"]}, RouteError, "mine1 is applied"),
        ({"branch": "mine1", "onto": "mine2"}, RouteError, "mine2 already contains mine1"),
        ({"branch": "mine2", "onto": "mine1"}, RouteError, "mine2 already contains mine1"),
        ({"branch": "base", "onto": "mine1"}, RouteError, "is the base"),
    ],
)
def test_rebases_that_cannot_be(given_: dict[str, object], error: type[SchemaError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        plan_rebase(GRAPH, **given_)  # type: ignore[arg-type]
    assert caught.value.hint


def test_merges_do_not_move_and_one_head_has_nothing_to_move() -> None:
    graph = Graph([*HEADERS, Header("c", ("b",)), Header("m", ("mine2", "c"))])
    with pytest.raises(RouteError, match="not one line"):
        plan_rebase(graph, branch="m", onto="theirs1")
    with pytest.raises(RouteError, match="not two heads"):
        plan_rebase(Graph(HEADERS[:3]))


FILE = '''"""Add it

Revision ID: mine1
Revises: b
Create Date: 2024-01-02

"""
import sqlalchemy as sa

# Größe
revision: str = "mine1"
down_revision: Union[str, None] = "b"  # the one before
branch_labels = None


def upgrade():
    sa.text("down_revision = 'b'")
'''


def test_only_the_parent_changes() -> None:
    edited = replace_parents(FILE, ("theirs1",))
    before, after = FILE.splitlines(), edited.splitlines()
    assert [(one, two) for one, two in zip(before, after, strict=True) if one != two] == [
        ("Revises: b", "Revises: theirs1"),
        (
            'down_revision: Union[str, None] = "b"  # the one before',
            'down_revision: Union[str, None] = "theirs1"  # the one before',
        ),
    ]
    assert replace_parents(edited, ("b",)) == FILE


@pytest.mark.parametrize(
    ("source", "parents", "expected"),
    [
        ("down_revision = None\n", ("x",), 'down_revision = "x"\n'),
        ("down_revision = 'b'", ("x",), "down_revision = 'x'"),
        ("down_revision = 'b'", (), "down_revision = None"),
        ("down_revision = 'b'; x = 1\n", ("x", "y"), "down_revision = ('x', 'y'); x = 1\n"),
        ("down_revision = (\n    'b',\n    'c',\n)  # two\n", ("x",), "down_revision = 'x'  # two\n"),
        ("é = 'é'; down_revision = 'b'  # é\n", ("x",), "é = 'é'; down_revision = 'x'  # é\n"),
        ("x = 1\r\ndown_revision = 'b'\r\n", ("x",), "x = 1\r\ndown_revision = 'x'\r\n"),
        ("s = '\\x0c\x0c'\ndown_revision = 'b'\n", ("x",), "s = '\\x0c\x0c'\ndown_revision = 'x'\n"),
    ],
)
def test_ways_to_write_it(source: str, parents: tuple[str, ...], expected: str) -> None:
    assert replace_parents(source, parents) == expected


@pytest.mark.parametrize(
    "source",
    ["", "down_revision = x()\n", "down_revision = 'a'\ndown_revision = 'b'\n", "if 1:\n    down_revision = 'a'\n"],
)
def test_what_is_not_plain_is_not_edited(source: str) -> None:
    with pytest.raises(RevisionFileError, match="cannot be edited"):
        replace_parents(source, ("x",))
    with pytest.raises(RevisionFileError, match="syntax error"):
        replace_parents(source + "= =\n", ("x",))


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-8-sig"])
def test_a_file_keeps_its_encoding_line_ends_and_mode(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "mine1.py"
    first = "# coding: latin-1\n" if encoding == "latin-1" else ""
    content = (first + FILE).replace("\n", "\r\n").encode(encoding)
    path.write_bytes(content)
    path.chmod(0o640)
    rewrite_parents(path, ("theirs1",))
    assert path.read_bytes() == content.replace(b'= "b"', b'= "theirs1"').replace(b"Revises: b", b"Revises: theirs1")
    assert path.stat().st_mode & 0o777 == 0o640
    header = read_header(path)
    assert header is not None
    assert header.down_revisions == ("theirs1",)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine1.py"]


@given(st.lists(st.text("abc12_", min_size=1, max_size=5), max_size=3, unique=True))
def test_what_is_written_is_read_back(parents: list[str]) -> None:
    from flask_schema.history.header import read_text

    values = read_text(replace_parents("revision = 'r'\ndown_revision = 'b'\n", tuple(parents)))
    assert values is not None
    assert values["down_revision"] == tuple(parents)


def test_the_heads_file() -> None:
    text = format_heads(GRAPH)
    assert [line for line in text.splitlines() if not line.startswith("#")] == ["mine2", "theirs1"]
    assert parse_heads(text) == (("mine2", "theirs1"), False)
    assert compare_heads(GRAPH, text) == ()
    conflict = "# x\n<<<<<<< HEAD\nmine2 a\n||||||| base\nb c\n=======\ntheirs1 b\n>>>>>>> other\n"
    assert parse_heads(conflict) == (("mine2", "b", "theirs1"), True)
    assert compare_heads(GRAPH, conflict) == (
        "the heads file holds a merge conflict",
        "b is in the heads file and no head",
    )
    assert compare_heads(GRAPH, "theirs1\n") == ("mine2 is a head and not in the heads file",)
