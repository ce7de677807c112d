"""``alembic.util.editor``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from flask_schema.actions.edit import open_file


def open_in_editor(filename: str, environ: Mapping[str, str] | None = None) -> None:
    """Open a file in the editor that ``EDITOR``, else ``VISUAL`` names, and wait for it. Raises CommandError."""
    environment = dict(os.environ if environ is None else environ)
    if "EDITOR" in environment:
        environment["VISUAL"] = environment["EDITOR"]
    open_file(Path(filename), environment)
