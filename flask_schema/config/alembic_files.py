"""Which ``alembic.ini`` and ``[tool.alembic]`` belong to a migrations directory, and the settings in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from configparser import Error as IniError
from functools import cached_property
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from flask_schema.config.alembic_options import AlembicOptions
from flask_schema.config.settings import Layer
from flask_schema.errors import ConfigurationError, UsageError
from flask_schema.values import dataclass

INI_NAME = "alembic.ini"
TOML_NAME = "pyproject.toml"
SECTION = "alembic"
"""The main section of an ini file, where no other is named by ``-n``."""

FILE_VARIABLE = "ALEMBIC_CONFIG"
"""The environment variable that names a file."""

_OPTIONS = (
    "file_template", "truncate_slug_length", "timezone", "recursive_version_locations", "sourceless",
    "output_encoding", "revision_environment",
)  # fmt: skip


@dataclass(frozen=True)
class AlembicFiles:
    """An ini file, a ``pyproject.toml`` with ``[tool.alembic]``, both or neither; ``section`` is the ini file's.

    ``names_directory`` is false for the ini file in the migrations directory, as Flask-Migrate has it: the directory
    is known there.
    """

    ini: Path | None = None
    toml: Path | None = None
    section: str = SECTION
    names_directory: bool = True

    @cached_property
    def options(self) -> AlembicOptions:
        """The options in the files."""
        return AlembicOptions(self.ini, self.toml, self.section)

    @cached_property
    def script_location(self) -> Path | None:
        """The migrations directory that the files name, as a path or as ``package:folder``; None without one.

        Raises :class:`ConfigurationError` for a file that cannot be parsed.
        """
        found = self._read(lambda: self.options.get_alembic_option("script_location"))
        return resource_path(found) if found and self.names_directory else None

    @property
    def names_locations(self) -> bool:
        """Whether the files name the directories of revision files."""
        return any((self.ini, self.toml)) and bool(self._read(self.options.get_version_locations_list))

    def layer(self) -> Layer:
        """The settings. Raises :class:`ConfigurationError` for a file that cannot be parsed or lacks the section."""
        if self.ini is None and self.toml is None:
            return Layer("no file", {})
        place = self.ini or self.toml
        return Layer(str(place), self._read(self._values), file=place)

    def _values(self) -> dict[str, Any]:
        options = self.options
        if self.ini is not None and self.section != SECTION and not options.file_config.has_section(self.section):
            raise ConfigurationError(f"there is no section [{self.section}]", hint="check the name after -n")
        if not options.file_config.has_section(self.section):
            options.file_config.add_section(self.section)
        values: dict[str, Any] = {name: options.get_alembic_option(name) for name in _OPTIONS}
        values["directory"] = self.script_location
        locations = options.get_version_locations_list()
        values["version_locations"] = [resource_path(one) for one in locations] if locations else None
        values["prepend_sys_path"] = options.get_prepend_sys_paths_list()
        hooks = options.get_hooks_list()
        values["post_write_hooks"] = {str(hook["_hook_name"]): _without_name(hook) for hook in hooks} or None
        return {name: value for name, value in values.items() if value not in (None, "")}

    def _read(self, read: Any) -> Any:
        try:
            return read()
        except (IniError, ValueError) as error:
            raise ConfigurationError(
                f"the file cannot be read: {' '.join(str(error).split())}",
                hint="in an ini file a percent sign is written twice, unless it begins %(name)s",
                file=self.ini or self.toml,
            ) from error


def _without_name(hook: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in hook.items() if name != "_hook_name"}


def resource_path(text: str) -> Path:
    """A path, or a folder of a package as ``package:folder``. Raises :class:`ConfigurationError` for no package."""
    path = Path(text)
    if ":" not in text or path.is_absolute():
        return path
    package, *parts = text.split(":")
    try:
        return Path(str(package_files(package).joinpath(*parts)))
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"the package {package!r} of script_location is not there", hint="install it, or mend the path"
        ) from error


def find_alembic_files(directory: Path, *, is_chosen: bool) -> AlembicFiles:
    """Return the files that belong to a migrations ``directory``, or that name one where none was chosen.

    The ini file inside it comes first. Else the files of the current folder and of the one above ``directory`` are
    asked; those that name another directory are about something else.
    """
    own = directory / INI_NAME
    if own.is_file():
        return AlembicFiles(own, names_directory=False)
    for folder in dict.fromkeys((Path.cwd(), directory.absolute().parent)):
        found = _files_in(folder)
        location = found.script_location
        if location is None:
            continue
        is_wanted = not is_chosen and not directory.is_dir()
        if is_wanted or location.absolute() == directory.absolute():
            return found
    return AlembicFiles()


def _files_in(folder: Path) -> AlembicFiles:
    ini, toml = folder / INI_NAME, folder / TOML_NAME
    return AlembicFiles(ini if ini.is_file() else None, toml if _has_table(toml) else None)


def _has_table(file: Path) -> bool:
    try:
        return b"tool.alembic" in file.read_bytes()
    except OSError:
        return False


def named_alembic_files(names: Sequence[str], environment: Mapping[str, str], section: str = SECTION) -> AlembicFiles:
    """Return the files that a command line names with ``-c``, else those of the current folder.

    Raises :class:`UsageError` for a file that is not there, and for two of a kind.
    """
    given = list(names) or [one for one in (environment.get(FILE_VARIABLE),) if one]
    chosen: dict[str, Path] = {}
    for name in given:
        path = Path(name)
        kind = "toml" if path.suffix == ".toml" else "ini"
        if not path.is_file():
            raise UsageError(f"there is no file {name}", hint="check the name after -c or in ALEMBIC_CONFIG")
        if kind in chosen:
            raise UsageError(f"two files of one kind are named: {chosen[kind]} and {name}", hint="name one of them")
        chosen[kind] = path
    usual = _files_in(Path.cwd())
    return AlembicFiles(chosen.get("ini", usual.ini), chosen.get("toml", usual.toml), section)
