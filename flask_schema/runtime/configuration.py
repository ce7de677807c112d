"""``context.config``: what ``env.py`` files ask, answered from ``alembic.ini`` where there is one."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from configparser import ConfigParser
from functools import cached_property
from pathlib import Path
from typing import Any

from flask_schema.config import Settings

INI_NAME = "alembic.ini"
"""Looked for in the migrations directory, where Flask-Migrate puts it, then beside it, where Alembic does."""


class Configuration:
    """The settings of a project, with the methods by which ``env.py`` files know Alembic's Config.

    Nothing in an ini file changes the engine; it is read so that ``env.py`` finds its own options
    (``sqlalchemy.url``, sections of its own) there. ``attributes`` is a dictionary for the user.
    """

    def __init__(self, settings: Settings, directory: Path, arguments: Mapping[str, Any]) -> None:
        self.settings = settings
        self.directory = directory
        self.config_ini_section = "alembic"
        self.attributes: dict[str, Any] = {}
        self.cmd_opts = Namespace(**arguments)

    @cached_property
    def config_file_name(self) -> str | None:
        """The ini file, None where there is none."""
        for folder in (self.directory, self.directory.parent):
            if (folder / INI_NAME).is_file():
                return str(folder / INI_NAME)
        return None

    @cached_property
    def file_config(self) -> ConfigParser:
        """The parsed ini file; ``%(here)s`` is its folder."""
        file = self.config_file_name
        here = Path(file).parent if file is not None else self.directory
        parser = ConfigParser({"here": here.as_posix()})
        if file is not None:
            parser.read(file, encoding="utf-8")
        if not parser.has_section(self.config_ini_section):
            parser.add_section(self.config_ini_section)
        parser.set(self.config_ini_section, "script_location", self.directory.as_posix().replace("%", "%%"))
        return parser

    def get_main_option(self, name: str, default: Any = None) -> Any:
        """An option of the main section, or a setting of that name, or ``default``."""
        found = self.get_section_option(self.config_ini_section, name)
        if found is not None:
            return found
        setting = getattr(self.settings, name, None)
        return default if setting is None or callable(setting) else setting

    def set_main_option(self, name: str, value: str) -> None:
        """Set an option of the main section for this run; a percent sign is written twice."""
        self.set_section_option(self.config_ini_section, name, value)

    def get_section_option(self, section: str, name: str, default: Any = None) -> Any:
        """An option of any section, or ``default``."""
        parser = self.file_config
        return parser.get(section, name) if parser.has_option(section, name) else default

    def set_section_option(self, section: str, name: str, value: str) -> None:
        """Set an option of any section for this run."""
        if not self.file_config.has_section(section):
            self.file_config.add_section(section)
        self.file_config.set(section, name, value)

    def get_section(self, name: str, default: Any = None) -> Any:
        """A whole section as a dictionary, or ``default``."""
        return dict(self.file_config.items(name)) if self.file_config.has_section(name) else default
