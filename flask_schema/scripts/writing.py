"""Writes a file that does not exist yet: whole or not at all, and never over another one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from flask_schema.errors import RevisionFileError, SchemaError


def write_new_file(path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    """Write ``text`` to ``path``, which must not exist, making folders as needed; returns the path.

    Nobody sees half of it: it is written under another name first. Raises RevisionFileError where
    there is a file already, SchemaError where the file system refuses.
    """
    try:
        data = text.encode(encoding)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o666 & ~_umask())
            _put_in_place(Path(name), path)
        finally:
            Path(name).unlink(missing_ok=True)
    except FileExistsError as error:
        raise RevisionFileError(
            "there is a file of that name already, and it is left as it is",
            hint="choose another message or another --rev-id",
            file=path,
        ) from error
    except (OSError, UnicodeError, LookupError) as error:
        raise SchemaError(
            f"cannot write the file: {getattr(error, 'strerror', None) or error}",
            hint="check that the folder exists and may be written to",
            file=path,
        ) from error
    return path


def _put_in_place(written: Path, path: Path) -> None:
    """Give the written file its name. A hard link fails where the name is taken, a rename would not."""
    try:
        path.hardlink_to(written)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with path.open("xb") as file:
            file.write(written.read_bytes())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
