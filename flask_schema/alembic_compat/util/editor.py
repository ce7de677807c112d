"""``alembic.util.editor``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flask_schema.actions.edit import open_file


def open_in_editor(filename: str, environ: Mapping[str, str] | None = None) -> None:
    """Open a file in the editor that ``VISUAL`` or ``EDITOR`` names, and wait for it. Raises CommandError."""
    open_file(Path(filename), environ)
