"""Finds what configures Alembic: ``alembic.ini``, and ``[tool.alembic]`` in ``pyproject.toml``."""

from __future__ import annotations

import sys
from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass
from importlib import import_module, util
from pathlib import Path
from typing import Any

from flask_schema.errors import ConfigurationError

SECTION = "alembic"


@dataclass(frozen=True, slots=True)
class AlembicFiles:
    """``ini`` and ``pyproject`` are the files that have something to say, None otherwise.

    ``script_location`` is absolute, None where neither names it. ``url`` is the one in the ini file.
    """

    ini: Path | None = None
    pyproject: Path | None = None
    script_location: Path | None = None
    url: str | None = None


def find_alembic_files(*folders: Path) -> AlembicFiles:
    """Look into ``folders``, in their order. Raises :class:`ConfigurationError` for a file that cannot be parsed."""
    ini = next((folder / "alembic.ini" for folder in folders if (folder / "alembic.ini").is_file()), None)
    options = _read_ini(ini) if ini is not None else {}
    place = next((folder for folder in folders if _toml_table(folder / "pyproject.toml")), None)
    pyproject = place / "pyproject.toml" if place is not None else None
    table = _toml_table(pyproject) if pyproject is not None else {}
    location = _absolute(options.get("script_location"), ini) or _absolute(table.get("script_location"), pyproject)
    return AlembicFiles(ini, pyproject, location, options.get("sqlalchemy.url") or None)


def _read_ini(file: Path) -> dict[str, str]:
    parser = ConfigParser({"here": file.absolute().parent.as_posix()})
    try:
        parser.read(file, encoding="utf-8-sig")
        return dict(parser.items(SECTION)) if parser.has_section(SECTION) else {}
    except (IniError, UnicodeError) as error:
        raise ConfigurationError(
            f"the file cannot be parsed: {' '.join(str(error).split())}", hint="mend the line", file=file
        ) from error


def _toml_table(file: Path) -> dict[str, Any]:
    try:
        content = file.read_bytes()
    except OSError:
        return {}
    if b"tool.alembic" not in content:
        return {}
    tomllib = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        found = tomllib.loads(content.decode("utf-8")).get("tool", {}).get("alembic", {})
    except ValueError as error:
        raise ConfigurationError(f"the file cannot be parsed: {error}", hint="mend the line", file=file) from error
    return dict(found) if isinstance(found, dict) else {}


def _absolute(location: Any, file: Path | None) -> Path | None:
    """A script location: a path from the current directory, ``%(here)s`` for the file's, or ``package:folder``."""
    if not location or file is None:
        return None
    text = str(location).replace("%(here)s", file.absolute().parent.as_posix())
    package, colon, inner = text.partition(":")
    if colon and package.replace(".", "_").isidentifier():
        spec = util.find_spec(package)
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        return Path(places[0], inner) if places else None
    return Path(text).absolute()
