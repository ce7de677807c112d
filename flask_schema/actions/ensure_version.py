"""``flask db ensure-version``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, TextIO

from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.destinations import SqlFile
from flask_schema.runtime.visits import database_name, visit


def ensure_version(
    project: Project, *, sql: bool = False, output: TextIO | None = None
) -> tuple[tuple[str, bool], ...]:
    """Create each database's version table unless it is there; (name, whether it was created) for each.

    With ``sql`` its CREATE TABLE goes to ``output`` (standard output when None) instead. Raises DatabaseError.
    """
    done: list[tuple[str, bool]] = []

    def work(context: MigrationContext, keywords: Mapping[str, Any]) -> None:
        name = database_name(context, keywords)
        if isinstance(context.destination, SqlFile):
            context.destination.write(context.versions.create_sql(context.dialect))
            done.append((name, True))
            return
        connection = context.connection
        assert connection is not None
        is_missing = not context.versions.exists(connection)
        connection.commit()
        if is_missing:
            context._ensure_version_table()
        done.append((name, is_missing))

    visit(project, work, output=(output or sys.stdout) if sql else None)
    return tuple(done)
