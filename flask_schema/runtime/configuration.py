"""``context.config``: what ``env.py`` files ask, answered from ``alembic.ini`` where there is one."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from configparser import ConfigParser
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask_schema.config.alembic_options import AlembicOptions

if TYPE_CHECKING:
    from flask_schema.project import Project


class Configuration(AlembicOptions):
    """The settings of a project, with the methods by which ``env.py`` files know Alembic's Config.

    An option is looked for in the ini file and in ``pyproject.toml``, then among the settings. What a function under
    ``@migrate.configure`` set is here too. ``attributes`` is a dictionary for the user.
    """

    def __init__(self, project: Project, arguments: Mapping[str, Any]) -> None:
        files = project.alembic_files
        super().__init__(files.ini, files.toml, files.section, Namespace(**arguments))
        self.settings = project.settings
        self.directory = project.directory
        self.attributes: dict[str, Any] = dict(project.attributes)
        self.stdout = sys.stdout
        self.output_buffer = None
        self._sections = project.sections

    @cached_property
    def file_config(self) -> ConfigParser:
        """The parsed ini file; ``%(here)s`` is its folder."""
        parser = self._parsed()
        location = self.directory.as_posix().replace("%", "%%")
        given = {self.config_ini_section: {"script_location": location}, **self._sections}
        for section, values in given.items():
            if not parser.has_section(section):
                parser.add_section(section)
            for name, value in values.items():
                parser.set(section, name, value)
        return parser

    def get_main_option(self, name: str, default: Any = None) -> Any:
        """An option of the main section, or a setting of that name, or ``default``."""
        found = self.get_section_option(self.config_ini_section, name)
        if found is not None:
            return found
        setting = getattr(self.settings, name, None)
        return default if setting is None or callable(setting) else setting

    def get_section_option(self, section: str, name: str, default: Any = None) -> Any:
        """An option of any section, or ``default``, also where there is no such section."""
        return super().get_section_option(section, name, default) if self.file_config.has_section(section) else default

    @property
    def messaging_opts(self) -> dict[str, bool]:
        """Whether to be ``quiet``, for functions that take what Alembic's have."""
        return {"quiet": bool(getattr(self.cmd_opts, "quiet", False))}

    def print_stdout(self, text: Any, *arguments: Any) -> None:
        """Print a line; with arguments they are filled into the text's ``%s``."""
        self.stdout.write(f"{str(text) % arguments if arguments else text}\n")
