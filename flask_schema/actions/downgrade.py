"""``flask db downgrade``."""

from __future__ import annotations

from typing import TextIO

from flask_schema.actions.running import run_everywhere, split_target
from flask_schema.errors import UsageError
from flask_schema.history.routes import downgrade_route
from flask_schema.project import Project
from flask_schema.runtime.progress import RunListener, RunResult


def downgrade(
    project: Project,
    target: str = "-1",
    *,
    sql: bool = False,
    tag: str | None = None,
    output: TextIO | None = None,
    listener: RunListener | None = None,
) -> RunResult:
    """Take each database down to ``target``, which stays applied; ``base`` undoes everything.

    With ``sql`` the statements go to ``output`` instead; the target is then a range ``from:to``, since no database
    says where to start. Raises HistoryError for the target, Irreversible, MigrationFailed, DatabaseError.
    """
    if sql and ":" not in target:
        raise UsageError(
            "SQL of a downgrade needs to know where it starts", hint=f"give a range, for example head:{target}"
        )
    start, end = split_target(project, target, sql=sql)
    graph = project.history.graph
    return run_everywhere(
        project,
        lambda rows: downgrade_route(graph, rows, end),
        sql=sql,
        start=start,
        output=output,
        listener=listener,
        arguments={"revision": end, "tag": tag, "sql": sql, "cmd": (downgrade,)},
    )
