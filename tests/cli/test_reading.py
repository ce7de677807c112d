"""heads, branches, history, show: what they print."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Site


@pytest.fixture
def forked(site: Site) -> Site:
    site.write("aaaa1", None, message="begin")
    site.write("bbbb2", "aaaa1", message="left", extra="branch_labels = ('left',)")
    site.write("cccc3", "aaaa1", message="right")
    return site


def test_heads_and_branches(forked: Site) -> None:
    assert forked.type("heads").stdout == "bbbb2 (left) (head)\ncccc3 (head)\n"
    assert forked.type("branches").stdout == (
        "<base> -> aaaa1 (branchpoint), begin\n    -> bbbb2 (left) (head), left\n    -> cccc3 (head), right\n"
    )
    found = json.loads(forked.type("heads", "--json").stdout)
    assert [one["revision"] for one in found] == ["bbbb2", "cccc3"]
    (point,) = json.loads(forked.type("branches", "--json").stdout)
    assert [one["revision"] for one in point["children"]] == ["bbbb2", "cccc3"]


def test_heads_check_fails_for_two(forked: Site) -> None:
    result = forked.type("heads", "--check", status=1)
    assert "Error: there are 2 heads: bbbb2, cccc3" in result.stderr
    assert "flask db merge heads" in result.stderr
    forked.type("merge", "-m", "join")
    forked.type("heads", "--check")


def test_history_in_its_forms(forked: Site) -> None:
    forked.type("merge", "--rev-id", "dddd4", "-m", "join")
    assert forked.type("history").stdout.splitlines()[0] == "bbbb2, cccc3 -> dddd4 (left) (head) (mergepoint), join"
    assert forked.type("history", "-r", "aaaa1:left").stdout.splitlines() == [
        "aaaa1 -> bbbb2 (left), left",
        "<base> -> aaaa1 (branchpoint), begin",
    ]
    graph = forked.type("history", "--graph").stdout.splitlines()
    assert graph[0].startswith("*")
    assert "|\\" in graph[1]
    limited = forked.type("history", "-n", "1")
    assert (len(limited.stdout.splitlines()), limited.stderr) == (1, "... and 3 older ones\n")
    verbose = forked.type("history", "-v").stdout
    assert "Revises: bbbb2, cccc3" in verbose
    assert "Branches into: bbbb2, cccc3" in verbose
    assert json.loads(forked.type("history", "--json").stdout)[0]["revision"] == "dddd4"


def test_history_marks_where_the_database_is(forked: Site) -> None:
    forked.type("upgrade", "bbbb2")
    marked = [line for line in forked.type("history", "-i").stdout.splitlines() if "(current)" in line]
    assert marked == ["aaaa1 -> bbbb2 (left) (head) (current), left"]
    assert forked.type("history", "-r", "current:").stdout == "aaaa1 -> bbbb2 (left) (head), left\n"
    assert "Revision: bbbb2" in forked.type("show", "current").stdout


def test_show_in_full(forked: Site) -> None:
    output = forked.type("show", "bbbb").stdout
    assert output.splitlines()[:2] == ["Revision: bbbb2 (left) (head)", "Revises: aaaa1"]
    assert f"File: {forked.versions / 'bbbb2.py'}" in output
    assert json.loads(forked.type("show", "left", "--json").stdout)[0]["message"] == "left"


def test_an_empty_history_says_so_beside_the_results(site: Site) -> None:
    site.type("init")
    for command in ("heads", "history"):
        result = site.type(command)
        assert (result.stdout, result.stderr) == ("", "There are no revisions yet.\n")


def test_no_colour_unless_on_a_terminal(forked: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in forked.type("history").stdout
    assert "\x1b[" in forked.type("history", color=True).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in forked.type("history", color=True).stdout
