"""``flask db ensure-version``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, TextIO

from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.destinations import SqlFile
from flask_schema.runtime.environment import Environment


def ensure_version(
    project: Project, *, sql: bool = False, output: TextIO | None = None
) -> tuple[tuple[str, bool], ...]:
    """Create each database's version table unless it is there; (name, whether it was created) for each.

    With ``sql`` its CREATE TABLE goes to ``output`` (standard output when None) instead. Raises DatabaseError.
    """
    done: list[tuple[str, bool]] = []
    for database in project.databases:

        def work(context: MigrationContext, _: Mapping[str, Any]) -> None:
            if isinstance(context.destination, SqlFile):
                context.destination.write(context.versions.create_sql(context.dialect))
                done.append((database.name, True))  # noqa: B023 - used at once
                return
            connection = context.connection
            assert connection is not None
            is_missing = not context.versions.exists(connection)
            if is_missing:
                context.versions.create(connection)
            connection.commit()
            done.append((database.name, is_missing))  # noqa: B023

        Environment(project, database, work, (output or sys.stdout) if sql else None).run()
    return tuple(done)
