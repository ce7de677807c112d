"""Writes planned changes: each file whole or not at all, and what was there before is kept."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from flask_schema.actions.adopt.source_changes import FileChange
from flask_schema.errors import SchemaError
from flask_schema.scripts.writing import write_new_file

BACKUPS = "before-adopt"
"""The folder in the migrations directory that keeps files as they were, in a folder for each time."""


def write_changes(changes: Sequence[FileChange], root: Path, home: Path) -> Path | None:
    """Carry out ``changes`` of files below ``root``; return the folder in ``home`` with the files as they were.

    All are kept before the first is changed. None is returned where there is nothing to change. Raises
    :class:`SchemaError` for a file that is not any more what the plan was made for, and where the disk refuses.
    """
    if not changes:
        return None
    for change in changes:
        found = change.path.read_bytes().decode("utf-8") if change.path.exists() else None
        if found != change.before:
            raise SchemaError("the file was changed in the meantime", hint="run the command again", file=change.path)
    moment = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S-%f")
    folder = home / BACKUPS / moment
    for change in changes:
        if change.before is not None:
            write_new_file(folder / _name(change.path, root), change.before)
    for change in changes:
        if change.after is None:
            change.path.unlink()
        else:
            _put(change.path, change.after)
    return folder


def newest_backup_of(path: Path, root: Path, home: Path) -> str | None:
    """What a file was like before it was last changed or removed, None where it never was."""
    folders = sorted((home / BACKUPS).glob("*"), reverse=True)
    found = next((folder / _name(path, root) for folder in folders if (folder / _name(path, root)).is_file()), None)
    return found.read_bytes().decode("utf-8") if found is not None else None


def _name(path: Path, root: Path) -> Path:
    """The place of a file in the folder; files outside of ``root`` stand under their whole path.

    Python files get another ending, so that nobody takes them for revisions.
    """
    inner = path.relative_to(root) if path.is_relative_to(root) else Path(*path.absolute().parts[1:])
    return inner.with_name(f"{inner.name}.txt")


def _put(path: Path, text: str) -> None:
    """Write a file under another name, with the permissions it has, and give it its own at the end."""
    beside = path.with_name(f".{path.name}.adopt")
    try:
        beside.write_bytes(text.encode("utf-8"))
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise SchemaError(f"cannot write the file: {error.strerror}", file=path) from error
