"""Finds the project that a command works on, loading as little as the command needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from flask_schema.config import read_pyproject

if TYPE_CHECKING:
    from flask_schema.project import Project

_Command = TypeVar("_Command", bound=Callable[..., Any])

_GROUP_DIRECTORY = "flask_schema.directory"
_GROUP_X = "flask_schema.x_arguments"


def directory_option(command: _Command) -> _Command:
    """The ``-d/--directory`` option that every command has."""
    return click.option("-d", "--directory", default=None, help="The migrations directory (default: 'migrations').")(
        command
    )


def x_option(command: _Command) -> _Command:
    """The ``-x/--x-arg`` option for env.py and scripts."""
    return click.option("-x", "--x-arg", multiple=True, help="An argument that env.py and scripts can read.")(command)


def remember(directory: str | None, x_arguments: Sequence[str]) -> None:
    """Keep what was given to the group for its commands."""
    meta = click.get_current_context().meta
    meta[_GROUP_DIRECTORY] = directory
    meta[_GROUP_X] = tuple(x_arguments)


def application_project(directory: str | None = None, x_arguments: Sequence[str] = ()) -> Project:
    """The project of the application, inside its context. The application is loaded as ``flask`` does."""
    from flask import current_app
    from flask.cli import ScriptInfo

    from flask_schema.project import Project

    context = click.get_current_context()
    if not current_app:
        app = context.ensure_object(ScriptInfo).load_app()
        context.with_resource(app.app_context())
    return Project.for_app(
        current_app._get_current_object(),  # type: ignore[attr-defined]
        directory or context.meta.get(_GROUP_DIRECTORY),
        (*context.meta.get(_GROUP_X, ()), *x_arguments),
    )


def files_project(directory: str | None = None) -> Project:
    """The project for a command that only reads files.

    Where pyproject.toml or the command names the directory, the application is not loaded. Otherwise it is asked;
    where there is no application but a directory ``migrations``, that is it.
    """
    from flask.cli import NoAppException

    from flask_schema.project import Project

    context = click.get_current_context()
    chosen = directory or context.meta.get(_GROUP_DIRECTORY)
    layer = read_pyproject(Path.cwd())
    if chosen is not None or (layer is not None and "directory" in layer.values):
        return Project.without_app(chosen)
    try:
        return application_project(directory)
    except NoAppException:
        project = Project.without_app()
        if not project.directory.is_dir():
            raise
        return project


def rows_of_database(directory: str | None) -> tuple[Project, tuple[str, ...]]:
    """The project with its application, and the rows of the default database, for symbols like ``current``."""
    from flask_schema.actions.current import current

    project = application_project(directory)
    states = current(project)
    return project, states[0].revisions if states else ()


def reads_database(*symbols: str | None) -> bool:
    """Whether a symbol asks where the database stands."""
    return any(symbol is not None and "current" in symbol for symbol in symbols)
