"""What git knows of revision files: who wrote them, and where one is that is not here.

git is run as a program of its own, without a shell, for a few seconds at most, and only where there is a repository.
Whatever it does not answer is simply not known.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from flask_schema.values import dataclass

_PATIENCE_SECONDS = 3.0
_COMMITS_LOOKED_AT = 20
_BRANCHES_LOOKED_AT = 20
_FIELDS = "%H%x09%an%x09%as"
# Nothing that a repository's own configuration could make git start.
_OPTIONS = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
_PARENT = re.compile(r"^down_revision\b[^=\n]*=\s*(?:u?['\"]([^'\"\n]+)['\"]|None)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its hash, its author's name, and its date as ``2026-11-21``."""

    name: str
    author: str
    date: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """A revision file that is not here, where git has it.

    ``path`` is relative to the repository's top. ``branches`` have it now, local ones first. ``added`` is the commit
    that brought it, ``removed`` the one that took it away from the branch that is checked out, None elsewhere.
    ``down_revision`` is the parent that it names, None for the base or a merge.
    """

    path: str
    branches: tuple[str, ...]
    added: Commit
    removed: Commit | None
    down_revision: str | None


class Repository:
    """The repository of a folder. All questions together take :data:`_PATIENCE_SECONDS` at most."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._deadline = time.monotonic() + _PATIENCE_SECONDS

    @classmethod
    def of(cls, folder: Path) -> Repository | None:
        """The repository that ``folder`` lies in, None where there is none."""
        places = (folder, *folder.parents)
        return cls(folder) if folder.is_dir() and any((place / ".git").exists() for place in places) else None

    def first_commit(self, path: Path) -> Commit | None:
        """The commit that brought a file; None for a file that is not committed."""
        lines = self._ask("log", "--no-renames", "--diff-filter=A", f"--format={_FIELDS}", "-1", "--", str(path))
        return next(_commits(lines or ""), None)

    def find(self, revision: str, folders: Sequence[Path]) -> Sighting | None:
        """Where the file of ``revision`` is, which ``folders`` do not have; None when git does not know it either."""
        named = re.compile(rf"^revision\b[^=\n]*=\s*u?['\"]{re.escape(revision)}['\"]", re.MULTILINE)
        listed = self._ask(
            "log", "--all", "--reflog", "--no-renames", "--diff-filter=AM", f"-{_COMMITS_LOOKED_AT}", f"-S{revision}",
            f"--format=%x00{_FIELDS}", "--name-only", "--", *map(str, folders),
        )  # fmt: skip
        for block in (listed or "").split("\0")[1:]:
            head, *names = block.strip().splitlines()
            commit = next(_commits(head))
            for path in filter(None, names):
                text = self._ask("show", "--no-textconv", f"{commit.name}:{path}")
                if text is not None and named.search(text):
                    return self._sighting(path, commit, text, named)
        return None

    def _sighting(self, path: str, added: Commit, text: str, named: re.Pattern[str]) -> Sighting:
        parent = _PARENT.search(text)
        removed = None
        if self._ask("merge-base", "--is-ancestor", added.name, "HEAD") is not None:
            lines = self._ask("log", "-1", "--no-renames", "--diff-filter=D", f"--format={_FIELDS}", "--", f":/{path}")
            removed = next(_commits(lines or ""), None)
        return Sighting(path, tuple(self._branches(path, added, named)), added, removed, parent[1] if parent else None)

    def _branches(self, path: str, added: Commit, named: re.Pattern[str]) -> Iterator[str]:
        listed = self._ask(
            "for-each-ref", f"--contains={added.name}", "--format=%(refname)", "refs/heads", "refs/remotes"
        )
        names = [name for name in (listed or "").split() if not name.endswith("/HEAD")]
        for name in sorted(names, key=lambda one: one.startswith("refs/remotes/"))[:_BRANCHES_LOOKED_AT]:
            if named.search(self._ask("show", "--no-textconv", f"{name}:{path}") or ""):
                yield name.split("/", 2)[2]

    def _ask(self, *words: str) -> str | None:
        """What git prints; None when it refuses, is not installed, or time is up."""
        environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and nothing of the words is a program
                ["git", *_OPTIONS, *words],  # noqa: S607 - the user's own git
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=max(0.01, self._deadline - time.monotonic()),
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _commits(lines: str) -> Iterator[Commit]:
    for line in lines.splitlines():
        parts = line.split("\t")
        if len(parts) == 3:
            yield Commit(*parts)
