"""Runs routes on a project's databases: what upgrade, downgrade and stamp have in common."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TextIO

from flask_schema.errors import UsageError
from flask_schema.history import symbols
from flask_schema.history.graph import Graph
from flask_schema.history.routes import Stamp, Step
from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.functions import run_steps
from flask_schema.runtime.progress import DatabaseRun, RunListener, RunResult, Unwatched
from flask_schema.runtime.visits import database_name, visit

Plan = Callable[[Sequence[str]], Sequence[Step | Stamp]]
"""Makes the steps from the rows of the version table."""


def run_everywhere(
    project: Project,
    plan: Plan,
    *,
    sql: bool = False,
    start: Sequence[str] = (),
    output: TextIO | None = None,
    listener: RunListener | None = None,
    arguments: Mapping[str, Any] | None = None,
    looks_below: bool = False,
) -> RunResult:
    """Run the plan's steps on each database, one after the other.

    With ``sql`` they are written to ``output`` (standard output when None), as from the rows ``start``.
    With ``looks_below`` the result says which revisions came in below where a database is.
    """
    runs: list[DatabaseRun] = []
    watcher = listener or Unwatched()

    def work(context: MigrationContext, keywords: Mapping[str, Any]) -> None:
        name = database_name(context, keywords)
        rows = tuple(start) if context.as_sql else context.get_current_heads()
        steps = tuple(plan(rows))
        know_schema(context, lambda: project.history.graph, rows, name)
        run = run_steps(context, steps, rows, keywords, database=name, listener=watcher)
        runs.append(_with_insertions(run, context, project.history.graph) if looks_below and not sql else run)

    visit(project, work, output=(output or sys.stdout) if sql else None, arguments=arguments)
    return RunResult(tuple(runs))


def _with_insertions(run: DatabaseRun, context: MigrationContext, graph: Graph) -> DatabaseRun:
    if not run.steps and context.journal is None:
        return run
    from flask_schema.actions.insertions import never_ran, run_late

    late = run_late(graph, run.before, run.steps)
    if context.journal is None or context.connection is None:
        return replace(run, late=late)
    entries = context.journal.entries(context.connection)
    return replace(run, late=late, never_ran=never_ran(graph, run.after, entries))


def know_schema(context: MigrationContext, graph: Callable[[], Graph], rows: Sequence[str], database: str) -> None:
    """Let a context that writes SQL find the schema at ``rows``, should a statement depend on it."""
    if not context.as_sql:
        return
    from flask_schema.dialects.surroundings import ReplayedSurroundings
    from flask_schema.runtime.replaying import ReplayedLater, replayed_files

    if isinstance(context.surroundings, ReplayedSurroundings):
        context.surroundings = ReplayedLater(
            context.impl, lambda: replayed_files(graph(), rows, context.impl, database)
        )


def split_target(project: Project, target: str, *, sql: bool) -> tuple[tuple[str, ...], str]:
    """``from:to`` as (rows to start from, target). Raises UsageError for a range without ``--sql``."""
    if ":" not in target:
        return (), target
    if not sql:
        raise UsageError(
            f"a range like {target} is for SQL only: a database knows where it is",
            hint=f"add --sql, or give the target alone: {target.partition(':')[2]}",
        )
    lower, upper = symbols.split_range(target)
    graph = project.history.graph
    start = symbols.resolve(graph, lower, ()) if lower and lower != "base" else ()
    return start, upper or "head"
