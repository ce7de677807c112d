"""``flask db stamp``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from flask_schema.actions.running import run_everywhere, split_target
from flask_schema.history.routes import stamp_route
from flask_schema.project import Project
from flask_schema.runtime.progress import RunListener, RunResult


def stamp(
    project: Project,
    targets: str | Sequence[str] = "head",
    *,
    sql: bool = False,
    tag: str | None = None,
    purge: bool = False,
    output: TextIO | None = None,
    listener: RunListener | None = None,
) -> RunResult:
    """Write into the version table of each database that it is at ``targets``, without running anything.

    ``purge`` forgets first what it says now, revisions without a file included. Raises HistoryError for a target.
    """
    texts = [targets] if isinstance(targets, str) else list(targets)
    start: tuple[str, ...] = ()
    if len(texts) == 1:
        start, texts[0] = split_target(project, texts[0], sql=sql)
    graph = project.history.graph
    return run_everywhere(
        project,
        lambda rows: stamp_route(graph, rows, texts, purge=purge),
        sql=sql,
        start=start,
        output=output,
        listener=listener,
        arguments={"revision": texts, "tag": tag, "sql": sql, "cmd": (stamp,)},
    )
