"""A project: its settings, databases and history, put together in one place."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_schema.config import (
    Layer,
    Settings,
    list_settings,
    read_app_config,
    read_environment,
    read_pyproject,
    settings_of,
)
from flask_schema.config.alembic_files import SECTION, AlembicFiles, find_alembic_files
from flask_schema.databases import Database, find_databases
from flask_schema.errors import DirectoryMissing, ExtensionMissing
from flask_schema.values import dataclass

if TYPE_CHECKING:
    from flask_schema.history.history import History

VERSIONS = "versions"
"""The folder of revision files inside the migrations directory, where no other is named."""

EXTENSION_NAMES = ("flask_schema", "migrate")
"""Where the binding stands in ``app.extensions``; the second is where users of Flask-Migrate look."""

_ALEMBIC_NAMES = {"script_location": "directory"}

Configure = Callable[["Draft"], "Draft | None"]
"""A function under ``@migrate.configure``: it changes the draft and may return it."""


class Draft(dict[str, Any]):
    """Settings by name, for functions under ``@migrate.configure`` to change; Alembic's Config has the same methods.

    Options that are no settings go to ``sections`` and ``attributes``, where ``env.py`` finds them in
    ``context.config``.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.sections: dict[str, dict[str, str]] = {}
        self.attributes: dict[str, Any] = {}

    def set_main_option(self, name: str, value: Any) -> None:
        """Set a setting; another name is an option of ``env.py``'s own."""
        known = _ALEMBIC_NAMES.get(name, name)
        if known in list_settings():
            self[known] = value
        else:
            self.set_section_option(SECTION, name, value)

    def get_main_option(self, name: str, default: Any = None) -> Any:
        """Return what has been given for a setting or an option so far, else ``default``."""
        found = self.get(_ALEMBIC_NAMES.get(name, name))
        return found if found is not None else self.get_section_option(SECTION, name, default)

    def set_section_option(self, section: str, name: str, value: str) -> None:
        """Set an option of a section; a percent sign is written twice."""
        self.sections.setdefault(section, {})[name] = value

    def get_section_option(self, section: str, name: str, default: Any = None) -> Any:
        """Return what has been set for an option of a section, else ``default``."""
        return self.sections.get(section, {}).get(name, default)


@dataclass(frozen=True, slots=True)
class Binding:
    """What ``Migrate(app, ...)`` noted for one application; it never changes, and holds no connection.

    ``db``, ``models`` (its ``metadata``) and ``engine`` are as :func:`find_databases` takes them. ``options`` are
    settings by name.
    """

    migrate: Any
    db: Any = None
    models: Any = None
    engine: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    callbacks: Sequence[Configure] = ()

    @property
    def metadata(self) -> Any:
        """The metadata that ``Migrate`` was given, else the one of ``db``: what ``env.py`` of old asks for."""
        return self.models if self.models is not None else getattr(self.db, "metadata", None)

    @property
    def directory(self) -> str:
        """The migrations directory as it was given to ``Migrate``, or its default."""
        return str(self.options.get("directory") or "migrations")

    @property
    def configure_args(self) -> dict[str, Any]:
        """The options that ``Migrate`` was given, by name, as Flask-Migrate keeps them."""
        return {name: value for name, value in self.options.items() if name not in {"directory", "command"}}

    def draft(self) -> Draft:
        """The settings among the options, after the ``configure`` functions had their turn."""
        draft = Draft({name: value for name, value in self.options.items() if value is not None})
        for callback in self.callbacks:
            draft = callback(draft) or draft
        return draft


def bind(app: Any, binding: Binding) -> None:
    """Note ``binding`` in ``app.extensions``."""
    extensions: MutableMapping[str, Any] = app.extensions
    for name in EXTENSION_NAMES:
        extensions[name] = binding


def find_binding(app: Any) -> Binding:
    """Return what ``Migrate(app, ...)`` noted. Raises :class:`ExtensionMissing`."""
    found = app.extensions.get(EXTENSION_NAMES[0])
    if not isinstance(found, Binding):
        message = f"the application {app.name!r} does not know Migrate"
        if EXTENSION_NAMES[1] in app.extensions:
            raise ExtensionMissing(
                f"{message} of flask_schema: it is bound to another package's",
                hint="write 'from flask_schema import Migrate' instead of 'from flask_migrate import Migrate'",
            )
        raise ExtensionMissing(message)
    return found


class Project:
    """Settings, databases and history of one application, or of a directory without one.

    ``app`` is None where the application was not needed; then there are no databases. ``directory`` is absolute.
    ``x_arguments`` are those of ``-x``, as written.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        app: Any = None,
        binding: Binding | None = None,
        x_arguments: Sequence[str] = (),
        alembic_files: AlembicFiles | None = None,
        draft: Draft | None = None,
    ) -> None:
        self.settings = settings
        self.alembic_files = alembic_files if alembic_files is not None else AlembicFiles()
        self.sections: Mapping[str, Mapping[str, str]] = draft.sections if draft is not None else {}
        self.attributes: Mapping[str, Any] = draft.attributes if draft is not None else {}
        self.app = app
        self.x_arguments = tuple(x_arguments)
        self.configures_logging = False
        """Whether ``env.py`` may set up logging as ``alembic.ini`` says: on the command line, not in a program."""
        self.configuration: Any = None
        """What ``context.config`` is, where a program brought its own; None for what is made from the settings."""
        self.template_args: dict[str, Any] = {}
        """What ``env.py`` gave ``context.configure`` for ``script.py.mako``, beside the setting of that name."""
        self.visitor: Callable[..., None] | None = None
        """Does a work in an environment of the program's own; called with work, output and arguments."""
        self._binding = binding
        _prepend_to_path(settings.prepend_sys_path)

    @classmethod
    def for_app(
        cls,
        app: Any,
        directory: str | Path | None = None,
        x_arguments: Sequence[str] = (),
        *,
        binding: Binding | None = None,
        **overrides: Any,
    ) -> Project:
        """Return the project of an application that ``Migrate`` was given, or of one with a ``binding`` made for it.

        ``directory`` and ``overrides`` are settings stronger than all others; None leaves one as it is.
        Raises :class:`ExtensionMissing`, :class:`UnknownSetting` and :class:`ConfigurationError`.
        """
        binding = binding if binding is not None else find_binding(app)
        draft = binding.draft()
        given = Layer("Migrate(...)", draft)
        layers = [read_pyproject(Path.cwd(), app.root_path), read_app_config(app.config), given]
        settings, files = _settings(layers, directory, overrides)
        return cls(settings, app=app, binding=binding, x_arguments=x_arguments, alembic_files=files, draft=draft)

    @classmethod
    def without_app(
        cls,
        directory: str | Path | None = None,
        x_arguments: Sequence[str] = (),
        alembic_files: AlembicFiles | None = None,
        **overrides: Any,
    ) -> Project:
        """Return the project of the current directory, see :meth:`for_app`; its databases are for ``env.py`` to know.

        ``alembic_files`` are those that the command line names; the directory in them counts before all but
        ``directory``.
        """
        layers = [read_pyproject(Path.cwd())]
        if alembic_files is not None:
            directory = directory if directory is not None else alembic_files.script_location
        settings, files = _settings(layers, directory, overrides, alembic_files)
        return cls(settings, x_arguments=x_arguments, alembic_files=files)

    @property
    def disagreement(self) -> str | None:
        """A sentence where ``pyproject.toml`` and ``Migrate(...)`` name two directories; None where they agree.

        Commands that read files only do not load the application, and go by ``pyproject.toml``.
        """
        layer = read_pyproject(Path.cwd())
        written, given = (layer.values.get("directory") if layer is not None else None), self.options.get("directory")
        if layer is None or written is None or given is None:
            return None
        first, second = Path(layer.folder or "", str(written)).absolute(), Path(str(given)).absolute()
        if first == second:
            return None
        return (
            f"pyproject.toml says that the migrations are in {relative(first)}, and Migrate(...) says in "
            f"{relative(second)}: name the directory in one of them, since commands that only read files ask the first"
        )

    @property
    def options(self) -> Mapping[str, Any]:
        """What the extension was given, by name; empty without an application."""
        return self._binding.options if self._binding is not None else {}

    # -- files --------------------------------------------------------------------------------

    @cached_property
    def directory(self) -> Path:
        """The migrations directory; it need not exist."""
        return self.settings.directory.absolute()

    @cached_property
    def version_locations(self) -> tuple[Path, ...]:
        """The directories with revision files, at least one; the first is where a new revision goes."""
        given = tuple(location.absolute() for location in self.settings.version_locations)
        return given or (self.directory / VERSIONS,)

    @property
    def root(self) -> Path:
        """The directory from which relative paths on the command line are meant."""
        return Path.cwd()

    @property
    def env_file(self) -> Path:
        """The project's ``env.py``; it need not exist."""
        return self.directory / "env.py"

    @property
    def template_path(self) -> Path | None:
        """The project's ``script.py.mako``, None where it has none and the package's own is used."""
        path = self.directory / "script.py.mako"
        return path if path.is_file() else None

    @property
    def heads_path(self) -> Path:
        """The tracked heads file; it is kept only with the setting ``heads_file``."""
        return self.directory / "heads"

    @cached_property
    def history(self) -> History:
        """The revision files' history, read once. Raises :class:`DirectoryMissing` and what ``History.load`` does."""
        from flask_schema.history.history import History

        if not self.directory.is_dir():
            raise DirectoryMissing(
                f"there is no migrations directory {relative(self.directory)}",
                hint="run 'flask db init' to create it, or name another one with --directory",
            )
        locations = self.version_locations
        if self.alembic_files.names_locations:  # Alembic takes a folder that is not there for an empty one
            locations = tuple(one for one in locations if one.is_dir()) or locations
        return History.load(
            locations,
            recursive=self.settings.recursive_version_locations,
            sourceless=self.settings.sourceless,
            index=self.settings.index,
        )

    def reload_history(self) -> History:
        """Return the history of the files as they are now, and keep it."""
        self.__dict__.pop("history", None)
        return self.history

    # -- databases ----------------------------------------------------------------------------

    @cached_property
    def databases(self) -> tuple[Database, ...]:
        """The databases to migrate, the default one first; no connection is opened.

        Raises :class:`ConfigurationError` and :class:`DatabaseUnknown`.
        """
        binding = self._binding
        if binding is None:
            raise ExtensionMissing(
                "this needs a database, and no application was loaded",
                hint="run 'flask --app NAME db ...'; or connect in env.py: context.configure(connection=...)",
            )
        return find_databases(
            app=self.app,
            db=binding.db,
            metadata=binding.models,
            engine=binding.engine,
            names=self.settings.databases,
        )


def _settings(
    layers: Sequence[Layer | None],
    directory: str | Path | None,
    overrides: Mapping[str, Any],
    named_files: AlembicFiles | None = None,
) -> tuple[Settings, AlembicFiles]:
    """The settings of all places; those of Alembic's files, which are found with the directory, are the weakest."""
    strongest = Layer("the command", {**overrides, "directory": directory})
    every = [*layers, read_environment(os.environ), strongest]
    given = [layer for layer in every if layer is not None]
    chosen = settings_of(given)
    files = named_files
    if files is None:
        is_chosen = any(layer.values.get("directory") is not None for layer in given)
        files = find_alembic_files(chosen.directory, is_chosen=is_chosen)
    if files.ini is None and files.toml is None:
        return chosen, files
    return settings_of([files.layer(), *given]), files


def _prepend_to_path(folders: Sequence[Path]) -> None:
    """Let revisions and ``env.py`` import from ``folders``, as long as the process runs."""
    for folder in reversed(folders):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))


def relative(path: Path) -> str:
    """Return ``path`` as one would type it: from the current directory where it is below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
