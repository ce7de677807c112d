"""Accidents of working with git, acted out in real repositories: what is said, and that what it says helps."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from flask_schema.errors import DatabaseAhead
from flask_schema.git import Repository
from tests.cli.conftest import Site

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


class Git:
    """A repository in a folder, and people who commit to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self("init", "-q", "-b", "main")
        (folder / ".gitignore").write_text("__pycache__\n*.sqlite\n")

    def __call__(self, *words: str, who: str = "Ada") -> str:
        identity = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in _person(who)}
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env={**os.environ, **identity}, capture_output=True, text=True, check=True
        )
        return done.stdout

    def commit(self, who: str, message: str = "work") -> None:
        self("add", "-A", who=who)
        self("commit", "-q", "-m", message, who=who)


def _person(who: str) -> list[tuple[str, str]]:
    return [("NAME", who), ("EMAIL", f"{who.lower()}@example.org"), ("DATE", "2026-11-20T12:00:00Z")]


@pytest.fixture
def git(site: Site) -> Git:
    """``a`` is on main, and the database is at it."""
    made = Git(site.folder)
    site.write("a1b2c3d4", None, message="accounts")
    made.commit("Ada")
    site.type("upgrade")
    return made


def suggested(text: str, start: str) -> list[str]:
    """The command that a hint suggests between quotes, as words."""
    found = re.search(rf"'({re.escape(start)}[^']*)'", text)
    assert found is not None, text
    return shlex.split(found[1])


def test_two_heads_after_a_merge_say_whose_they_are(site: Site, git: Git) -> None:
    git("switch", "-q", "-c", "feature")
    site.write("bbbb2222", "a1b2c3d4", message="transfers")
    git.commit("Grace")
    git("switch", "-q", "main")
    site.write("cccc3333", "a1b2c3d4", message="interest")
    git.commit("Ada")
    git("merge", "-q", "feature")
    said = site.type("upgrade", status=1).stderr
    assert "bbbb2222 transfers (Grace, 2026-11-20)" in said
    assert "cccc3333 interest (Ada, 2026-11-20)" in said
    words = suggested(said, "flask db merge")
    site.type(*words[2:])
    site.type("upgrade")
    assert site.type("heads", "--check").exit_code == 0


def test_the_head_that_is_not_committed_is_the_one_to_move(site: Site, git: Git) -> None:
    git("switch", "-q", "-c", "feature")
    site.write("bbbb2222", "a1b2c3d4", message="transfers")
    git.commit("Grace")
    git("switch", "-q", "main")
    git("merge", "-q", "feature")
    site.write("cccc3333", "a1b2c3d4", message="interest")
    said = site.type("revision", "-m", "more", status=1).stderr
    assert "cccc3333 interest (not committed yet)" in said
    words = suggested(said, "flask db rebase")
    assert words[-1] == "cccc3333"
    site.type(*words[2:])
    site.type("upgrade")
    assert "cccc3333 (head)" in site.type("current").output


def test_a_revision_of_another_branch_is_found_there(site: Site, git: Git) -> None:
    git("switch", "-q", "-c", "feature/transfers")
    site.write("bbbb2222", "a1b2c3d4", message="transfers")
    site.write("dddd4444", "bbbb2222", message="on top")
    git.commit("Grace")
    site.type("upgrade", "bbbb2222")
    git("switch", "-q", "main")
    said = site.type("current", status=1).stderr
    assert "migrations/versions/bbbb2222.py is on branch feature/transfers (Grace, 2026-11-20)" in said
    assert "'flask db downgrade a1b2c3d4'" in said
    git(*suggested(said, "git checkout")[1:])
    assert "bbbb2222 (head)" in site.type("current").output


def test_the_other_way_is_to_go_back_there(site: Site, git: Git) -> None:
    git("switch", "-q", "-c", "feature")
    site.write("bbbb2222", "a1b2c3d4")
    git.commit("Grace")
    site.type("upgrade")
    git("switch", "-q", "main")
    said = site.type("upgrade", status=1).stderr
    git(*suggested(said, "git switch feature")[1:])
    site.type(*suggested(said, "flask db downgrade")[2:])
    git(*suggested(said, "git switch -")[1:])
    assert "a1b2c3d4 (head)" in site.type("current").output


def test_a_deleted_file_is_found_with_who_deleted_it(site: Site, git: Git) -> None:
    path = site.write("bbbb2222", "a1b2c3d4")
    git.commit("Ada")
    site.type("upgrade")
    path.unlink()
    git.commit("Grace", "tidy up")
    said = site.type("upgrade", status=1).stderr
    assert "Grace deleted migrations/versions/bbbb2222.py in commit" in said
    git(*suggested(said, "git checkout")[1:])
    assert "bbbb2222 (head)" in site.type("current").output


def test_an_id_that_was_rewritten_in_its_file_is_found(site: Site, git: Git) -> None:
    path = site.write("bbbb2222", "a1b2c3d4")
    git.commit("Ada")
    site.type("upgrade")
    path.write_text(path.read_text().replace("bbbb2222", "cccc3333"))
    git.commit("Grace")
    said = site.type("current", status=1).stderr
    assert "bbbb2222.py had it in commit" in said
    assert "revision = 'bbbb2222'" in git(*suggested(said, "git show")[1:])
    site.type(*suggested(said.replace("<that id>", "cccc3333"), "flask db stamp")[2:])
    assert "cccc3333 (head)" in site.type("current").output


def test_a_commit_that_was_reset_away_is_found(site: Site, git: Git) -> None:
    site.write("bbbb2222", "a1b2c3d4")
    git.commit("Ada")
    site.type("upgrade")
    git("reset", "-q", "--hard", "HEAD^")
    assert "bbbb2222.py had it in commit" in site.type("current", status=1).stderr


def test_a_revision_that_git_never_saw(site: Site, git: Git) -> None:
    path = site.write("bbbb2222", "a1b2c3d4")
    site.type("upgrade")
    path.unlink()
    said = site.type("upgrade", status=1).stderr
    assert "no file has that id" in said
    assert "stamp --purge" in said


def test_without_a_repository_nothing_of_git_is_said(site: Site) -> None:
    site.write("aaaa1111", None)
    site.write("bbbb2222", None)
    said = site.type("upgrade", status=1).stderr
    assert "committed" not in said
    assert "merge heads" in said


def test_git_is_given_up_on_when_it_takes_too_long(
    site: Site, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    path = site.write("bbbb2222", "a1b2c3d4")
    git.commit("Ada")
    site.type("upgrade")
    path.unlink()
    monkeypatch.setenv("PATH", str(slow.parent), prepend=os.pathsep)
    monkeypatch.setattr("flask_schema.git._PATIENCE_SECONDS", 0.2)
    assert "no file has that id" in site.type("upgrade", status=1).stderr


def test_a_repository_cannot_make_git_run_anything(site: Site, git: Git) -> None:
    trap = site.folder / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {site.folder}/sprung\n")
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "diff.external"):
        git("config", name, str(trap))
    path = site.write("bbbb2222", "a1b2c3d4")
    site.type("upgrade")
    path.unlink()
    site.type("current", status=1)
    assert not (site.folder / "sprung").exists()


def test_functions_raise_the_plain_error(site: Site, git: Git) -> None:
    """A program is not made to wait for git: the command line explains."""
    from flask_schema import current

    path = site.write("bbbb2222", "a1b2c3d4")
    site.type("upgrade")
    path.unlink()
    with site.app.app_context(), pytest.raises(DatabaseAhead) as caught:
        current()
    assert caught.value.details == ()


def test_a_folder_in_no_repository_has_none(tmp_path: Path) -> None:
    assert Repository.of(tmp_path / "nowhere") is None
