"""What ``alembic.ini`` and ``[tool.alembic]`` in ``pyproject.toml`` say, option by option, in Alembic's format."""

from __future__ import annotations

import logging
import os
import re
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from configparser import ConfigParser
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from flask_schema.errors import ConfigurationError

log = logging.getLogger("alembic.config")

PostWriteHookConfig = Mapping[str, str]

_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_TOML_KINDS = (str, int, list, dict)


class AlembicOptions:
    """The options of an ini file and of ``pyproject.toml``; either may be None, and need not exist.

    ``ini_section`` is the ini file's main section. ``config_args`` are values for ``%(name)s``. ``cmd_opts`` is what
    the command line was given.
    """

    def __init__(
        self,
        file_: str | os.PathLike[str] | None = None,
        toml_file: str | os.PathLike[str] | None = None,
        ini_section: str = "alembic",
        cmd_opts: Namespace | None = None,
        config_args: Mapping[str, Any] | None = None,
    ) -> None:
        self.config_file_name = os.fspath(file_) if file_ else None
        self.toml_file_name = os.fspath(toml_file) if toml_file else None
        self.config_ini_section = ini_section
        self.cmd_opts = cmd_opts
        self.config_args: dict[str, Any] = dict(config_args or {})
        self.toml_args: dict[str, Any] = dict(config_args or {})

    @property
    def _config_file_path(self) -> Path | None:
        return Path(self.config_file_name) if self.config_file_name is not None else None

    @property
    def _toml_file_path(self) -> Path | None:
        return Path(self.toml_file_name) if self.toml_file_name is not None else None

    # -- the ini file -------------------------------------------------------------------------

    @cached_property
    def file_config(self) -> ConfigParser:
        """The parsed ini file; ``%(here)s`` is its folder. A file that is not there is as an empty one."""
        return self._parsed()

    def _parsed(self) -> ConfigParser:
        file = self._config_file_path
        self.config_args["here"] = (file.absolute().parent if file is not None else Path()).as_posix()
        parser = ConfigParser({name: str(value) for name, value in self.config_args.items()})
        if file is not None:
            parser.read(file, encoding="utf-8-sig")
        else:
            parser.add_section(self.config_ini_section)
        if getattr(self.cmd_opts, "verbose", False):
            log.info("Loading config from file: %s", file) if file is not None else log.info("No config file provided")
        return parser

    def get_section(self, name: str, default: Any = None) -> Any:
        """Return a whole section of the ini file as a dictionary, or ``default``."""
        return dict(self.file_config.items(name)) if self.file_config.has_section(name) else default

    def get_section_option(self, section: str, name: str, default: Any = None) -> Any:
        """Return an option of a section of the ini file, or ``default``.

        Raises :class:`ConfigurationError` without the section.
        """
        if not self.file_config.has_section(section):
            raise ConfigurationError(
                f"there is no section [{section}]",
                hint="set an option of it, or name the ini file that has it",
                file=self.config_file_name,
            )
        return self.file_config.get(section, name) if self.file_config.has_option(section, name) else default

    def set_section_option(self, section: str, name: str, value: str) -> None:
        """Set an option; a percent sign is written twice, ``%(other)s`` stands for another option."""
        if not self.file_config.has_section(section):
            self.file_config.add_section(section)
        self.file_config.set(section, name, value)

    def get_main_option(self, name: str, default: Any = None) -> Any:
        """Return an option of the main section of the ini file, or ``default``."""
        return self.get_section_option(self.config_ini_section, name, default)

    def set_main_option(self, name: str, value: str) -> None:
        """Set an option of the main section; see :meth:`set_section_option`."""
        self.set_section_option(self.config_ini_section, name, value)

    def remove_main_option(self, name: str) -> None:
        """Take an option out of the main section."""
        self.file_config.remove_option(self.config_ini_section, name)

    # -- pyproject.toml -----------------------------------------------------------------------

    @cached_property
    def toml_alembic_config(self) -> Mapping[str, Any]:
        """The table ``[tool.alembic]``, empty where there is none. Raises :class:`ConfigurationError`."""
        file = self._toml_file_path
        if file is None or not file.exists():
            return {}
        self.toml_args["here"] = file.absolute().parent.as_posix()
        tomllib = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("alembic", {})
        except ValueError as error:
            raise ConfigurationError(f"the file cannot be parsed: {error}", file=file) from error
        if not isinstance(table, dict):
            raise ConfigurationError("tool.alembic has to be a table", hint="begin it with [tool.alembic]", file=file)
        return table

    def get_alembic_option(self, name: str, default: Any = None) -> Any:
        """Return an option of the main section of the ini file, else of ``[tool.alembic]``, else ``default``."""
        if self.file_config.has_option(self.config_ini_section, name):
            return self.file_config.get(self.config_ini_section, name)
        return self._get_toml_config_value(name, default)

    def get_alembic_boolean_option(self, name: str) -> bool:
        """Return whether an option is "true" in the ini file, or true in ``[tool.alembic]``."""
        if self.file_config.has_option(self.config_ini_section, name):
            return self.file_config.get(self.config_ini_section, name) == "true"
        value = self.toml_alembic_config.get(name, False)
        if not isinstance(value, bool):
            raise ConfigurationError(
                f"{name} has to be true or false, not {value!r}", hint="without quotes", file=self.toml_file_name
            )
        return value

    def _get_toml_config_value(self, name: str, default: Any = None) -> Any:
        value = self.toml_alembic_config.get(name)
        if value is None:
            return default
        if not isinstance(value, _TOML_KINDS):
            raise ConfigurationError(f"{name} has a value of a kind that is not used here", file=self.toml_file_name)
        return self._filled(value)

    def _filled(self, value: Any) -> Any:
        """Return a value with its ``%(here)s`` and the like filled in."""
        if isinstance(value, str):
            return value % self.toml_args
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if isinstance(value, dict):
            return {key: self._filled(one) for key, one in value.items()}
        return value

    # -- lists --------------------------------------------------------------------------------

    def get_version_locations_list(self) -> list[str] | None:
        """Return the directories of revision files, None where none are named."""
        return self._paths("version_locations", ("path_separator", "version_path_separator"), r", *|(?: +)")

    def get_prepend_sys_paths_list(self) -> list[str] | None:
        """Return what goes to the front of ``sys.path``, None for nothing."""
        return self._paths("prepend_sys_path", ("path_separator",), r", *|(?: +)|\:")

    def _paths(self, name: str, separators: Sequence[str], old_separator: str) -> list[str] | None:
        """Return the paths of an option; where no separator is named they are split as old versions of Alembic did."""
        text = self.file_config.get(self.config_ini_section, name, fallback=None)
        if not text:
            found: list[str] | None = self._get_toml_config_value(name)
            return found
        named = next(((one, value) for one in separators if (value := self.get_main_option(one)) is not None), None)
        if named is None:
            return re.split(old_separator, text)
        if named[1] not in _SEPARATORS:
            raise ValueError(f"{named[0]} is {named[1]!r}, and can be {', '.join(map(repr, _SEPARATORS))}")
        return [path.strip() for path in text.split(_SEPARATORS[named[1]]) if path]

    def get_hooks_list(self) -> list[PostWriteHookConfig]:
        """Return the post-write hooks in their order, each with its name under ``_hook_name``."""
        if not self.file_config.has_section("post_write_hooks"):
            tables = self._get_toml_config_value("post_write_hooks", [])
            return [{**{k: v for k, v in one.items() if k != "name"}, "_hook_name": one["name"]} for one in tables]
        section = self.get_section("post_write_hooks", {})
        names = [name for name in re.split(r", *|(?: +)", section.get("hooks", "")) if name]
        return [
            {
                **{key.removeprefix(f"{name}."): section[key] for key in section if key.startswith(f"{name}.")},
                "_hook_name": name,
            }
            for name in names
        ]
