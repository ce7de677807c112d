"""Finds the project that a command works on, loading as little as the command needs."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flask_schema.cli.options import directory, x_arguments
from flask_schema.cli.output import remark
from flask_schema.config import read_environment, read_pyproject
from flask_schema.errors import ConfigurationError, SchemaError, UsageError

if TYPE_CHECKING:
    from flask_schema.config.alembic_files import AlembicFiles
    from flask_schema.project import Project


_PROJECT = "flask_schema.project"
_FILES = "flask_schema.alembic_files"


def use_files(context: click.Context, files: AlembicFiles) -> None:
    """Let the command work on the project of ``files``, and load no application."""
    context.meta[_FILES] = files


class ApplicationMissing(UsageError):
    """No application was named and none is found."""

    code = "FS002"
    default_hint = "name it: 'flask --app NAME db ...', or set FLASK_APP, or call its file app.py"


def files_of_program() -> AlembicFiles | None:
    """The files that the command line without an application goes by; None for ``flask db``."""
    found: AlembicFiles | None = click.get_current_context().meta.get(_FILES)
    return found


def application_project(**overrides: Any) -> Project:
    """Return the project of the application, inside its context. The application is found as ``flask`` finds it.

    Raises :class:`ApplicationMissing`, and :class:`ConfigurationError` or :class:`DatabaseError` for one that fails.
    """
    context = click.get_current_context()
    if _FILES in context.meta:
        return _of_command_line(_program_project(context, overrides))
    from flask import current_app

    from flask_schema.project import Project

    if not current_app:
        context.with_resource(load_application(context).app_context())
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    project = Project.for_app(app, directory(), x_arguments(), **overrides)
    if directory() is None and (said := project.disagreement) is not None:
        remark(f"note: {said}")
    return _of_command_line(project)


def _program_project(context: click.Context, overrides: Mapping[str, Any]) -> Project:
    from flask_schema.project import Project

    return Project.without_app(directory(), x_arguments(), context.meta[_FILES], **overrides)


def _of_command_line(project: Project) -> Project:
    """Logging is set up as ``alembic.ini`` says, where ``env.py`` wishes so: this process is ours."""
    project.configures_logging = True
    return _in_use(project)


def _in_use(project: Project) -> Project:
    click.get_current_context().meta[_PROJECT] = project
    return project


def project_in_use() -> Project | None:
    """The project that the running command has found, None before it has."""
    found: Project | None = click.get_current_context().meta.get(_PROJECT)
    return found


def files_project() -> Project:
    """Return the project for a command that needs only files.

    The application is asked for its settings, unless ``pyproject.toml`` names the directory: then it is not loaded.
    Where there is no application, the directory of the command line, of the environment, or ``migrations`` is taken.
    """
    from flask_schema.project import Project

    if _FILES in click.get_current_context().meta:
        return application_project()
    layer = read_pyproject(Path.cwd())
    if layer is not None and "directory" in layer.values:
        return _in_use(Project.without_app(directory(), x_arguments()))
    try:
        return application_project()
    except SchemaError as error:
        is_named = directory() is not None or bool(read_environment(os.environ).values)
        project = Project.without_app(directory(), x_arguments())
        if is_named or (isinstance(error, ApplicationMissing) and project.directory.is_dir()):
            return _in_use(project)
        raise


def project_for(*symbols: str | None) -> Project:
    """Return the project for a command that needs only files, unless ``symbols`` ask where the database stands."""
    from flask_schema.actions.listing import needs_rows

    if any(needs_rows(symbol or "") for symbol in symbols):
        return application_project()
    return files_project()


# -- the application --------------------------------------------------------------------------


def load_application(context: click.Context) -> Any:
    """Return the application that ``flask`` finds. Raises as :func:`application_project` does."""
    from flask.cli import NoAppException, ScriptInfo

    info = context.ensure_object(ScriptInfo)
    try:
        return info.load_app()
    except NoAppException as error:
        if info.app_import_path is None and not any(Path(name).exists() for name in ("wsgi.py", "app.py")):
            raise ApplicationMissing("there is no application here") from error
        cause = error.__cause__ or error.__context__
        if isinstance(cause, Exception) and not _is_missing_itself(cause, info.app_import_path):
            raise _explain(cause) from error
        raise UsageError(
            f"the application cannot be found: {_first_line(error.format_message())}",
            hint="check the name after --app or in FLASK_APP",
        ) from error
    except SchemaError:
        raise
    except Exception as error:
        raise _explain(error) from error


def _is_missing_itself(cause: Exception, import_path: str | None) -> bool:
    """Whether the module that ``--app`` names is not there, rather than one that it imports."""
    named = (import_path or "").partition(":")[0].removesuffix(".py")
    return isinstance(cause, ModuleNotFoundError) and bool(cause.name) and f"{named}.".startswith(f"{cause.name}.")


def _explain(error: Exception) -> SchemaError:
    """What stops the application from loading, in a line; a missing driver or a wrong URL in our own words."""
    from flask_schema.databases import explain_error

    if isinstance(error, SchemaError):
        return error
    if explained := explain_error(error):
        return explained
    last = traceback.extract_tb(error.__traceback__)[-1:]
    said = " ".join(str(error).split())
    return ConfigurationError(
        f"the application cannot be loaded: {type(error).__name__}{': ' if said else ''}{said}",
        file=last[0].filename if last else None,
        line=last[0].lineno if last else None,
        hint="run it again with --traceback to see where this comes from",
    )


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "no reason given")
