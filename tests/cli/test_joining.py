"""merge, rebase, squash: joining what has come apart, and what has become too long."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from flask_schema.history import History
from tests.cli.conftest import Site


@pytest.fixture
def forked(site: Site) -> Site:
    for revision, parent in (("aaaa1", None), ("bbbb2", "aaaa1"), ("cccc3", "aaaa1")):
        site.write(revision, parent, f"op.create_table('t{revision}', sa.Column('id', sa.Integer))")
    return site


def test_merge_joins_all_heads(forked: Site) -> None:
    output = forked.type("merge", "--rev-id", "dddd4", "--branch-label", "whole").output
    assert output.splitlines() == [
        "Wrote migrations/versions/dddd4_merge_bbbb2_and_cccc3.py: dddd4 joins bbbb2, cccc3",
        "next: flask db upgrade",
    ]
    forked.type("upgrade")
    assert forked.names() == ["taaaa1", "tbbbb2", "tcccc3"]
    assert forked.type("current").stdout == "dddd4 (whole) (head) (mergepoint)\n"


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["bbbb2"], 2, "there is nothing to merge: bbbb2 means bbbb2"),
        (["aaaa1", "bbbb2"], 1, "revision bbbb2 already contains aaaa1"),
        (["heads", "--rev-id", "a-b"], 2, "'a-b' cannot be a revision id"),
        (["heads", "--rev-id", "aaaa1"], 1, "there is a revision aaaa1 already"),
        (["nothing", "bbbb2"], 1, "there is no revision 'nothing'"),
    ],
)
def test_what_cannot_be_merged(forked: Site, words: list[str], status: int, message: str) -> None:
    assert message in forked.type("merge", *words, status=status).output
    assert len(list(forked.versions.glob("*.py"))) == 3


def test_merging_inner_revisions_needs_splice(forked: Site) -> None:
    forked.write("dddd4", "bbbb2")
    assert "add --splice" in forked.type("merge", "bbbb2", "cccc3", status=1).output
    forked.type("merge", "--splice", "bbbb2", "cccc3")


def test_rebase_moves_what_is_not_applied(forked: Site) -> None:
    forked.type("upgrade", "bbbb2")
    before = (forked.versions / "cccc3.py").read_text()
    dry = forked.type("rebase", "--dry-run").output
    assert dry == "Would edit migrations/versions/cccc3.py: cccc3 follows bbbb2 instead of aaaa1\n"
    assert (forked.versions / "cccc3.py").read_text() == before
    forked.type("rebase")
    assert (forked.versions / "cccc3.py").read_text() == before.replace("'aaaa1'", "'bbbb2'")
    forked.type("upgrade")
    assert forked.names() == ["taaaa1", "tbbbb2", "tcccc3"]


def test_rebase_refuses_what_is_applied(forked: Site) -> None:
    forked.type("upgrade", "bbbb2")
    assert "revision bbbb2 is applied" in forked.type("rebase", "bbbb2", "--onto", "cccc3", status=1).output
    forked.type("rebase", "bbbb2", "--onto", "cccc3", "--no-database")
    assert forked.type("heads").stdout == "bbbb2 (head)\n"


@pytest.fixture
def long(site: Site) -> Site:
    for revision, parent in (("aaaa1", None), ("bbbb2", "aaaa1"), ("cccc3", "bbbb2"), ("dddd4", "cccc3")):
        site.write(
            revision,
            parent,
            f"op.create_table(NAME, sa.Column('id', sa.Integer))\n    op.execute({TEXT!r})",
            extra=f'NAME = "t" + "{revision}"  # a name of the module\n',
        )
    return site


TEXT = "INSERT INTO notes VALUES ('\n    kept as it is\n')"


def notes(site: Site) -> list[str]:
    engine = sa.create_engine(site.app.config["SQLALCHEMY_DATABASE_URI"], poolclass=sa.NullPool)
    with engine.connect() as connection:
        return list(connection.execute(sa.text("SELECT text FROM notes")).scalars())


def make_notes(site: Site) -> None:
    engine = sa.create_engine(site.app.config["SQLALCHEMY_DATABASE_URI"], poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE notes (text TEXT)"))


def test_squash_does_the_same_as_the_range(long: Site) -> None:
    make_notes(long)
    dry = long.type("squash", "bbbb2:cccc3", "--dry-run").output
    assert dry == "Would replace 2 revisions, bbbb2 to cccc3\n"
    output = long.type("squash", "bbbb2:cccc3", "--rev-id", "eeee5", "-m", "both").output
    assert "Wrote migrations/versions/eeee5_both.py: eeee5 replaces 2 revisions, bbbb2 to cccc3" in output
    assert [line.split(" ->")[0] for line in long.type("history").stdout.splitlines()] == ["eeee5", "aaaa1", "<base>"]
    for name in ("bbbb2", "cccc3"):
        (long.versions / f"{name}.py").unlink()
    long.type("upgrade")
    assert long.names() == ["notes", "taaaa1", "tbbbb2", "tcccc3", "tdddd4"]
    assert notes(long) == ["\n    kept as it is\n"] * 4
    long.type("downgrade", "base")


def test_a_database_in_the_middle_goes_on(long: Site) -> None:
    make_notes(long)
    long.type("upgrade", "bbbb2")
    long.type("squash", "aaaa1:cccc3", "--rev-id", "eeee5")
    long.type("upgrade")
    assert len(notes(long)) == 4
    assert long.type("current").stdout == "dddd4 (head)\n"


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("from math import *", "has an 'import *'"),
        ("def add():\n    global x\n    x = 1", "uses 'global'"),
        ("def upgrade_users():\n    pass", "upgrade_users() is for one of several databases"),
    ],
)
def test_squash_refuses_what_would_change_its_meaning(site: Site, extra: str, message: str) -> None:
    site.write("aaaa1", None)
    site.write("bbbb2", "aaaa1", extra=extra)
    output = site.type("squash", "aaaa1:bbbb2", status=1).output
    assert message in output
    assert "bbbb2.py" in output
    assert len(list(site.versions.glob("*.py"))) == 2


def test_the_heads_file_follows(make_site: Callable[..., Site]) -> None:
    site = make_site(heads_file=True)
    site.write("aaaa1", None)
    site.write("bbbb2", "aaaa1")
    site.write("cccc3", "aaaa1")
    assert "the heads file is missing" in site.type("heads", "--check", status=1).output
    site.type("merge", "--rev-id", "dddd4")
    text = (site.folder / "migrations" / "heads").read_text()
    assert text.endswith("dddd4 merge bbbb2 and cccc3\n")
    site.type("heads", "--check")
    site.write("eeee5", "dddd4")
    assert "eeee5 is a head and not in the heads file" in site.type("heads", "--check", status=1).output
    assert History.load([site.versions]).graph.heads == ("eeee5",)
