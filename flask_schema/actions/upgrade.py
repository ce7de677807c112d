"""``flask db upgrade``."""

from __future__ import annotations

from typing import TextIO

from flask_schema.actions.running import run_everywhere, split_target
from flask_schema.history.routes import upgrade_route
from flask_schema.project import Project
from flask_schema.runtime.progress import RunListener, RunResult


def upgrade(
    project: Project,
    target: str = "head",
    *,
    sql: bool = False,
    tag: str | None = None,
    output: TextIO | None = None,
    listener: RunListener | None = None,
) -> RunResult:
    """Bring each database up to ``target``; no steps when it is there already.

    With ``sql`` the statements go to ``output`` instead, from the base or from the left side of ``from:to``.
    Raises HistoryError for the target, DatabaseAhead, MigrationFailed, DatabaseError.
    """
    start, end = split_target(project, target, sql=sql)
    graph = project.history.graph
    return run_everywhere(
        project,
        lambda rows: upgrade_route(graph, rows, end),
        sql=sql,
        start=start,
        output=output,
        listener=listener,
        looks_below=True,
        arguments={
            "revision": end,
            "tag": tag,
            "sql": sql,
            "cmd": (upgrade,),
            "starting_revision": target.partition(":")[0] if start else None,
        },
    )
