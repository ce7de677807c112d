"""The places where settings are written: ``pyproject.toml``, ``app.config`` and the environment."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from flask_schema.config.settings import Layer, closest_setting, list_settings
from flask_schema.errors import ConfigurationError

CONFIG_PREFIX = "SCHEMA_"
"""Keys of ``app.config`` that are ours begin so; the rest is the setting's name in capitals."""

TABLE_NAME = "tool.flask-schema"
"""The table in ``pyproject.toml``."""

DIRECTORY_VARIABLE = "FLASK_DB_DIRECTORY"
"""The environment variable that names the migrations directory."""


def read_pyproject(*starts: str | Path) -> Layer | None:
    """Return the table of the nearest ``pyproject.toml`` that has one, looking from each start upwards; else None.

    Raises :class:`ConfigurationError` when a file cannot be parsed.
    """
    seen: set[Path] = set()
    for start in starts:
        folder = Path(start).absolute()
        for place in (folder, *folder.parents):
            if place in seen:
                break
            seen.add(place)
            layer = _read_table(place / "pyproject.toml")
            if layer is not None:
                return layer
    return None


def _read_table(file: Path) -> Layer | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    if b"flask-schema" not in content:
        return None  # most projects' files, and a parser costs more than this look
    tomllib = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        found = tomllib.loads(content.decode("utf-8")).get("tool", {}).get("flask-schema")
    except ValueError as error:  # of the parser, or of the encoding
        raise ConfigurationError(
            f"the file cannot be parsed: {error}", hint="mend the line; pip needs the file too", file=file
        ) from error
    if found is None:
        return None
    if not isinstance(found, dict):
        raise ConfigurationError(f"{TABLE_NAME} has to be a table", hint=f"begin it with [{TABLE_NAME}]", file=file)
    values = {name.replace("-", "_"): value for name, value in found.items()}
    return Layer(f"[{TABLE_NAME}]", values, file.parent, file)


def read_app_config(config: Mapping[str, Any]) -> Layer:
    """Return the settings in ``app.config``.

    Keys that begin with ``SCHEMA_`` may belong to another extension, so only one that looks like a setting misspelt
    is kept, to be refused.
    """
    values: dict[str, Any] = {}
    for key, value in config.items():
        if not isinstance(key, str) or not key.startswith(CONFIG_PREFIX):
            continue
        name = key.removeprefix(CONFIG_PREFIX).lower()
        if name in list_settings() or closest_setting(name, cutoff=0.8):
            values[name] = value
    return Layer("app.config (SCHEMA_...)", values)


def read_environment(environment: Mapping[str, str]) -> Layer:
    """Return the settings in environment variables."""
    directory = environment.get(DIRECTORY_VARIABLE)
    return Layer(DIRECTORY_VARIABLE, {"directory": directory} if directory else {})
