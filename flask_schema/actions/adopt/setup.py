"""What a project migrates with today: Flask-Schema, Flask-Migrate, Flask-Alembic, or Alembic alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask_schema.config import list_settings
from flask_schema.config.alembic_files import AlembicFiles
from flask_schema.project import EXTENSION_NAMES, Binding, Project
from flask_schema.values import dataclass

OURS = "Flask-Schema"
FLASK_MIGRATE = "Flask-Migrate"
FLASK_ALEMBIC = "Flask-Alembic"
ALEMBIC = "Alembic"

_OF_FLASK_ALEMBIC = ("script_location", "version_locations", "path_separator", "databases")


@dataclass(frozen=True, slots=True)
class Setup:
    """``extension`` is one of the names above, None where nothing migrates the project.

    ``project`` reads the same files and databases with this engine, whatever the application is bound to.
    ``unknown`` are options that are no setting here, each with its place.
    """

    extension: str | None
    project: Project
    unknown: tuple[str, ...] = ()


def find_setup(
    app: Any,
    directory: str | Path | None = None,
    x_arguments: Sequence[str] = (),
    files: AlembicFiles | None = None,
) -> Setup:
    """Look at ``app``; without one (None) at files only, those given or those of the current folder.

    Raises :class:`ConfigurationError` for settings that cannot be used.
    """
    if app is None:
        project = Project.without_app(directory, x_arguments, files)
        return Setup(ALEMBIC if project.directory.is_dir() else None, project)
    extensions: Mapping[str, Any] = app.extensions
    if isinstance(extensions.get(EXTENSION_NAMES[0]), Binding):
        return Setup(OURS, Project.for_app(app, directory, x_arguments))
    other = extensions.get(EXTENSION_NAMES[1])
    if other is not None and hasattr(other, "configure_args"):
        return _flask_migrate(app, other, directory, x_arguments)
    if "ALEMBIC" in app.config and hasattr(extensions.get("alembic"), "metadatas"):
        return _flask_alembic(app, extensions["alembic"], directory, x_arguments)
    return _without_extension(app, directory, x_arguments)


def _flask_migrate(app: Any, state: Any, directory: str | Path | None, x_arguments: Sequence[str]) -> Setup:
    options, unknown = _settings_among(dict(state.configure_args), "Migrate({}=...)")
    options["directory"] = state.directory
    callbacks = tuple(getattr(state.migrate, "configure_callbacks", ()))
    binding = Binding(state.migrate, db=state.db, options=options, callbacks=callbacks)
    return Setup(FLASK_MIGRATE, Project.for_app(app, directory, x_arguments, binding=binding), unknown)


def _flask_alembic(app: Any, extension: Any, directory: str | Path | None, x_arguments: Sequence[str]) -> Setup:
    config: Mapping[str, Any] = app.config["ALEMBIC"]
    given = {
        name: value.replace("%%", "%") if isinstance(value, str) else value
        for name, value in config.items()
        if name not in _OF_FLASK_ALEMBIC
    }
    options, unknown = _settings_among(given, 'app.config["ALEMBIC"]["{}"]')
    context, more = _settings_among(app.config.get("ALEMBIC_CONTEXT", {}), 'app.config["ALEMBIC_CONTEXT"]["{}"]')
    home = Path(app.root_path, config.get("script_location", "migrations"))
    named = [one if isinstance(one, str) else one[1] for one in config.get("version_locations") or ()]
    options |= context | {"directory": home, "version_locations": [home, *(Path(app.root_path, one) for one in named)]}
    binding = Binding(
        extension,
        db=app.extensions.get("sqlalchemy"),
        models=extension.metadatas or None,
        engine=extension.engines or None,
        options=options,
    )
    return Setup(FLASK_ALEMBIC, Project.for_app(app, directory, x_arguments, binding=binding), (*unknown, *more))


def _without_extension(app: Any, directory: str | Path | None, x_arguments: Sequence[str]) -> Setup:
    """The project that ``Migrate(app, db)`` would make of it; ``alembic.ini`` may name the directory."""
    binding = Binding(None, db=app.extensions.get("sqlalchemy"))
    project = Project.for_app(app, directory, x_arguments, binding=binding)
    return Setup(ALEMBIC if project.directory.is_dir() else None, project)


def _settings_among(given: Mapping[str, Any], place: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The options that are settings here, and the places of those that are not."""
    known = list_settings()
    options = {name: value for name, value in given.items() if name in known and value is not None}
    return options, tuple(place.format(name) for name in given if name not in known)
