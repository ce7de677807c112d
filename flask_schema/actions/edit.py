"""``flask db edit``: opens a revision file in the editor."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from flask_schema.actions.listing import needs_rows, read_rows
from flask_schema.errors import RevisionNotFound, SchemaError
from flask_schema.project import Project
from flask_schema.values import dataclass

_FALLBACKS = ("sensible-editor", "editor", "nano", "vim", "vi", "code", "notepad++", "notepad")


@dataclass(frozen=True, slots=True)
class EditResult:
    """The files that were opened."""

    paths: tuple[Path, ...]


def edit(project: Project, symbol: str = "head") -> EditResult:
    """Open what ``symbol`` means in ``$VISUAL`` or ``$EDITOR`` and wait for it; no shell is involved.

    Raises :class:`RevisionNotFound` when no file belongs to it, and :class:`SchemaError` without an editor.
    """
    current = read_rows(project) if needs_rows(symbol) else None
    paths = tuple(one.path for one in project.history.get_all(symbol, current) if one.path is not None)
    if not paths:
        raise RevisionNotFound(
            f"{symbol!r} means no revision file", hint="run 'flask db edit head' to open the newest revision"
        )
    for path in paths:
        open_file(path)
    return EditResult(paths)


def open_file(path: Path, environment: Mapping[str, str] | None = None) -> None:
    """Open one file in the editor that ``environment`` (None: the process's) names, and wait for it.

    Raises as :func:`edit`.
    """
    command = [*_editor(os.environ if environment is None else environment), str(path)]
    try:
        status = subprocess.run(command, check=False).returncode  # noqa: S603 - the user's own editor
    except OSError as error:
        raise SchemaError(
            f"the editor {command[0]!r} cannot be started: {error.strerror}", hint="set EDITOR to another one"
        ) from error
    if status:
        raise SchemaError(
            f"the editor {command[0]!r} ended with status {status}", hint="the file is as it left it", file=path
        )


def _editor(environment: Mapping[str, str]) -> list[str]:
    from shutil import which

    named = environment.get("VISUAL") or environment.get("EDITOR")
    if named:
        return shlex.split(named, posix=os.name != "nt")
    found = next((name for name in _FALLBACKS if which(name, path=environment.get("PATH"))), None)
    if found is None:
        raise SchemaError("no editor is known", hint="set EDITOR, for instance EDITOR=vi")
    return [found]
