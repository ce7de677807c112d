"""``alembic.util.pyfiles``: files of Python."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

from flask_schema.scripts.load import load_module


def load_python_file(dir_: str | os.PathLike[str], filename: str | os.PathLike[str]) -> ModuleType:
    """Run a file of a folder and return it as a module. Raises RevisionFileError and ScriptError."""
    return load_module(Path(dir_) / filename)
