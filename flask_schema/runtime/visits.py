"""Which databases a command visits: each of the project's, or those to which ``env.py`` connects by itself.

An ``env.py`` of Flask-Schema's own says nothing of connections, and is executed for each database. One that was
written for Alembic gives ``context.configure`` a connection or a URL; it is executed once, however many databases it
goes through, and each ``configure()`` with ``run_migrations()`` is one visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

from flask_schema.databases import Database
from flask_schema.errors import ConfigurationError, mask_passwords
from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.environment import Environment, Work


def visit(
    project: Project,
    work: Work,
    *,
    output: TextIO | None = None,
    arguments: Mapping[str, Any] | None = None,
) -> None:
    """Do ``work`` on every database, in the environment of each.

    With ``output`` SQL is written instead of executed. ``arguments`` are what the command was called with.
    Raises what finding the databases, ``env.py`` and ``work`` raise.
    """
    if project.visitor is not None:
        project.visitor(work, output, arguments or {})
        return
    databases = _databases(project)
    for database in databases:
        heading = f"-- Database: {database.name or '(default)'}\n\n" if len(databases) > 1 else ""
        environment = Environment(project, database, work, output, arguments=arguments or {}, heading=heading)
        environment.run()
        if environment.connects_itself:
            return


def _databases(project: Project) -> tuple[Database, ...]:
    """The project's databases; where none can be found, ``env.py`` may know one."""
    try:
        return project.databases
    except ConfigurationError as error:
        if not project.env_file.is_file():
            raise
        failure = error

    def refuse() -> Any:
        raise failure

    return (Database("", (), refuse),)


def database_name(context: MigrationContext, keywords: Mapping[str, Any]) -> str:
    """The name of the visited database, "" for the default one; ``run_migrations(engine_name=...)`` says it too."""
    environment = context.environment_context
    name = keywords.get("engine_name", environment.database.name if environment is not None else "")
    return str(name or "")


def database_url(context: MigrationContext) -> str:
    """The URL of the visited database, its password masked."""
    if context.connection is not None:
        return mask_passwords(context.connection.engine.url.render_as_string(hide_password=True))
    return str(context.environment_context.database.url)
