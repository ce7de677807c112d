"""A project: its settings, databases and history, put together in one place."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_schema.config import (
    Layer,
    Settings,
    read_app_config,
    read_environment,
    read_pyproject,
    settings_of,
)
from flask_schema.databases import Database, find_databases
from flask_schema.errors import DirectoryMissing, ExtensionMissing

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
    """Settings by name, for functions under ``@migrate.configure`` to change; Alembic's Config has the same methods."""

    def set_main_option(self, name: str, value: Any) -> None:
        """Set a setting."""
        self[_ALEMBIC_NAMES.get(name, name)] = value

    def get_main_option(self, name: str, default: Any = None) -> Any:
        """Return what has been given for a setting so far, else ``default``."""
        return self.get(_ALEMBIC_NAMES.get(name, name), default)


@dataclass(frozen=True, slots=True)
class Binding:
    """What ``Migrate(app, ...)`` noted for one application; it never changes, and holds no connection.

    ``db``, ``metadata`` and ``engine`` are as :func:`find_databases` takes them. ``options`` are settings by name.
    """

    migrate: Any
    db: Any = None
    metadata: Any = None
    engine: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    callbacks: Sequence[Configure] = ()

    @property
    def directory(self) -> str:
        """The migrations directory as it was given to ``Migrate``, or its default."""
        return str(self.options.get("directory") or "migrations")

    @property
    def configure_args(self) -> dict[str, Any]:
        """The options that ``Migrate`` was given, by name, as Flask-Migrate keeps them."""
        return {name: value for name, value in self.options.items() if name not in {"directory", "command"}}

    def layer(self) -> Layer:
        """The settings among the options, after the ``configure`` functions had their turn."""
        draft = Draft({name: value for name, value in self.options.items() if value is not None})
        for callback in self.callbacks:
            draft = callback(draft) or draft
        return Layer("Migrate(...)", draft)


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
    ) -> None:
        self.settings = settings
        self.app = app
        self.x_arguments = tuple(x_arguments)
        self._binding = binding

    @classmethod
    def for_app(
        cls,
        app: Any,
        directory: str | Path | None = None,
        x_arguments: Sequence[str] = (),
        **overrides: Any,
    ) -> Project:
        """Return the project of an application that ``Migrate`` was given.

        ``directory`` and ``overrides`` are settings stronger than all others; None leaves one as it is.
        Raises :class:`ExtensionMissing`, :class:`UnknownSetting` and :class:`ConfigurationError`.
        """
        binding = find_binding(app)
        layers = [read_pyproject(Path.cwd(), app.root_path), read_app_config(app.config), binding.layer()]
        settings = _settings(layers, directory, overrides)
        return cls(settings, app=app, binding=binding, x_arguments=x_arguments)

    @classmethod
    def without_app(
        cls, directory: str | Path | None = None, x_arguments: Sequence[str] = (), **overrides: Any
    ) -> Project:
        """Return the project of the current directory, for what needs revision files only; see :meth:`for_app`."""
        return cls(_settings([read_pyproject(Path.cwd())], directory, overrides), x_arguments=x_arguments)

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
        return History.load(
            self.version_locations,
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
            raise ExtensionMissing("this needs a database, and no application was loaded")
        return find_databases(
            app=self.app,
            db=binding.db,
            metadata=binding.metadata,
            engine=binding.engine,
            names=self.settings.databases,
        )


def _settings(layers: Sequence[Layer | None], directory: str | Path | None, overrides: Mapping[str, Any]) -> Settings:
    strongest = Layer("the command", {**overrides, "directory": directory})
    given = [*layers, read_environment(os.environ), strongest]
    return settings_of([layer for layer in given if layer is not None])


def relative(path: Path) -> str:
    """Return ``path`` as one would type it: from the current directory where it is below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
