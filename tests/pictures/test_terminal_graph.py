"""The graph that the terminal shows."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given

from flask_schema.history import Graph, Header
from flask_schema.pictures.terminal_graph import draw_graph
from tests.history.dags import histories


def picture(*headers: Header, order: str | None = None) -> str:
    graph = Graph(headers)
    listed = order.split() if order else graph.ordered_history()
    return "\n".join(draw_graph(listed, graph.parents, lambda revision: [revision])) + "\n"


def node(revision: str, parents: str = "") -> Header:
    return Header(revision, tuple(parents.split()))


def test_one_line() -> None:
    assert picture(node("a"), node("b", "a"), node("c", "b")) == "* c\n* b\n* a\n"


def test_a_merge_of_two_lines() -> None:
    drawn = picture(node("a"), node("b", "a"), node("c", "a"), node("d", "c"), node("m", "b d"), node("n", "m"))
    assert drawn == dedent("""\
        * n
        *   m
        |\\
        * | b
        | * d
        | * c
        |/
        * a
        """)


def test_two_open_heads_and_another_base() -> None:
    drawn = picture(node("a"), node("b", "a"), node("c", "a"), node("x"), node("y", "x"))
    assert drawn == dedent("""\
        * b
        | * c
        |/
        * a
        * y
        * x
        """)


def test_a_lane_that_ends_lets_the_others_move_left() -> None:
    drawn = picture(node("a"), node("b", "a"), node("x"), node("y", "x"), order="b y a x")
    assert drawn == dedent("""\
        * b
        | * y
        * | a
         /
        * x
        """)


def test_a_merge_left_of_another_lane() -> None:
    drawn = picture(node("a"), node("b", "a"), node("c", "a"), node("m", "b c"), node("z", "a"), order="m z c b a")
    assert drawn == dedent("""\
        *   m
        |\\
        | | * z
        | * | c
        * | | b
        |/ /
        |/
        * a
        """) or drawn == dedent("""\
        *   m
        |\\
        | | * z
        | * | c
        | |/
        * | b
        |/
        * a
        """)


def test_three_parents() -> None:
    drawn = picture(node("a"), node("b", "a"), node("c", "a"), node("d", "a"), node("m", "b c d"))
    assert drawn == dedent("""\
        *     m
        |\\
        |\\ \\
        * | | b
        | * | c
        |/ /
        | * d
        |/
        * a
        """)


def test_a_lane_crosses_the_lane_between() -> None:
    drawn = picture(node("a"), node("b"), node("p", "a"), node("q", "b"), node("r", "a"), order="p q r a b")
    assert drawn == dedent("""\
        * p
        | * q
        | | * r
        | |/
        |/|
        * | a
         /
        * b
        """)


def test_several_lines_of_text_and_a_range_that_ends_above_the_base() -> None:
    graph = Graph([node("a"), node("b", "a"), node("c", "a"), node("m", "b c"), node("n", "m")])
    lines = draw_graph(["n", "m", "b", "c"], graph.parents, lambda revision: [revision, "one", "two"])
    assert list(lines) == [
        "* n",
        "| one",
        "| two",
        "*   m",
        "|\\  one",
        "| | two",
        "* | b",
        "| | one",
        "| | two",
        "| * c",
        "|/  one",
        "|   two",
    ]


@given(histories())
def test_every_revision_is_drawn_once_and_lines_connect(history: tuple[list[Header], Graph]) -> None:
    """Every mark that is no revision continues from the row above and leads to something in the row below."""
    _, graph = history
    rows = list(draw_graph(graph.ordered_history(), graph.parents, lambda revision: [f"<{revision}>"]))
    stars = [row.partition("<")[2].rstrip(">") for row in rows if "*" in row]
    assert tuple(stars) == graph.ordered_history()
    pictures = [row.partition("<")[0] for row in rows]
    for above, below in pairwise(pictures):
        for column, mark in enumerate(above):
            if mark == "|":
                assert any(at(below, column + step) in marks for step, marks in ((0, "|*"), (-1, "/"), (1, "\\"))), rows
            elif mark == "/":
                assert any(at(below, column + step) in marks for step, marks in ((-1, "|*\\"), (-2, "/"))), rows
            elif mark == "\\":
                assert any(at(below, column + step) in marks for step, marks in ((1, "|*"), (0, "/"), (2, "\\"))), rows
    assert set(pictures[-1].split()) <= {"*", "|"}


def at(row: str, column: int) -> str:
    return row[column] if 0 <= column < len(row) else " "


@pytest.mark.parametrize("commits", [["a", "b:a", "c:a", "m:b c", "d:m", "e:m", "n:d e"]])
def test_git_draws_the_same(tmp_path: Path, commits: list[str]) -> None:
    """A history of merges drawn by git itself."""
    environment = {
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
        "HOME": str(tmp_path), "PATH": "/usr/bin:/bin:/usr/local/bin",
    }  # fmt: skip

    def git(*arguments: str) -> str:
        result = subprocess.run(
            ["git", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return result.stdout

    try:
        git("init", "-q")
    except OSError:
        pytest.skip("git is not installed")
    tree = git("write-tree").strip()
    made: dict[str, str] = {}
    headers = []
    for number, commit in enumerate(commits):
        name, _, parents = commit.partition(":")
        date = f"2024-01-01T00:00:{number:02d}Z"
        environment |= {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        flags = [flag for parent in parents.split() for flag in ("-p", made[parent])]
        made[name] = git("commit-tree", tree, *flags, "-m", name).strip()
        headers.append(node(name, parents))
    theirs = [line.rstrip() for line in git("log", "--graph", "--format=%s", made[name]).splitlines()]
    order = [line.split()[-1] for line in theirs if "*" in line]
    assert picture(*headers, order=" ".join(order)).splitlines() == theirs
