"""A revision: one file of the history, as its header describes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from flask_schema.values import dataclass

_CREATED = re.compile(r"^Create Date:[ \t]*(.*?)[ \t]*$", re.MULTILINE)


class Header(NamedTuple):
    """What a revision file says about itself, as written; ten thousand of them are read for every command.

    ``path`` is the file as text, or None for a revision that has no file yet. ``docstring`` is stripped.
    """

    revision: str
    down_revisions: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    docstring: str = ""
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One node of the history.

    ``down_revisions`` and ``depends_on`` hold full revision ids, in the order in which the file names them.
    ``branch_labels`` are only those written in the file; :attr:`Graph.labels` says which apply.
    ``replaces`` are the ids that this revision stands for after a squash. ``message`` is the docstring's first line.
    ``file`` is its path as text, None without a file.
    """

    revision: str
    down_revisions: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: frozenset[str] = frozenset()
    replaces: tuple[str, ...] = ()
    message: str = ""
    docstring: str = ""
    file: str | None = None

    # made when asked for: a listing of thousands shows neither

    @property
    def path(self) -> Path | None:
        """The file's path, None without one."""
        return Path(self.file) if self.file is not None else None

    @property
    def created(self) -> str | None:
        """The text after "Create Date:" in the docstring, or None."""
        found = _CREATED.search(self.docstring)
        return found[1] if found else None

    @property
    def doc(self) -> str:
        """The docstring's first paragraph."""
        return self.docstring.partition("\n\n")[0]

    @property
    def is_base(self) -> bool:
        """Whether it has no parent (it may still depend on another revision)."""
        return not self.down_revisions

    @property
    def is_merge(self) -> bool:
        """Whether it has more than one parent."""
        return len(self.down_revisions) > 1


def describe_revision(header: Header, down_revisions: tuple[str, ...], depends_on: tuple[str, ...]) -> Revision:
    """Return the revision of ``header``, whose parents and dependencies have been resolved to full ids."""
    return Revision(
        revision=header.revision,
        down_revisions=down_revisions,
        depends_on=depends_on,
        branch_labels=frozenset(header.branch_labels),
        replaces=header.replaces,
        message=header.docstring.partition("\n")[0].rstrip(),
        docstring=header.docstring,
        file=header.path,
    )
