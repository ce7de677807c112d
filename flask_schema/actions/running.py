"""Runs routes on a project's databases: what upgrade, downgrade and stamp have in common."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

from flask_schema.databases import Database
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import UsageError
from flask_schema.history import symbols
from flask_schema.history.routes import Stamp, Step
from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.environment import Environment
from flask_schema.runtime.progress import DatabaseRun, RunListener, RunResult, Unwatched
from flask_schema.runtime.replaying import ReplayedLater, replayed_snapshot
from flask_schema.runtime.runner import Runner

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
) -> RunResult:
    """Run the plan's steps on each database, one after the other.

    With ``sql`` they are written to ``output`` (standard output when None), as from the rows ``start``.
    """
    runs = []
    for database in project.databases:
        writing = (output or sys.stdout) if sql else None
        if writing is not None and len(project.databases) > 1:
            writing.write(f"-- Database: {database.name or '(default)'}\n\n")
        runs.append(_run(project, database, plan, start, writing, listener or Unwatched(), arguments or {}))
    return RunResult(tuple(runs))


def _run(
    project: Project,
    database: Database,
    plan: Plan,
    start: Sequence[str],
    output: TextIO | None,
    listener: RunListener,
    arguments: Mapping[str, Any],
) -> DatabaseRun:
    runs: list[DatabaseRun] = []

    def work(context: MigrationContext, keywords: Mapping[str, Any]) -> None:
        rows = tuple(start) if context.as_sql else context.get_current_heads()
        steps = tuple(plan(rows))
        if isinstance(context.surroundings, ReplayedSurroundings):
            context.surroundings = ReplayedLater(
                context.impl, lambda: replayed_snapshot(project.history.graph, rows, context.impl, database.name)
            )
        runner = Runner(
            context,
            database.name,
            keywords,
            listener,
            _callbacks(context.opts.get("on_version_apply")),
            bool(context.opts.get("transaction_per_migration", True)),
        )
        runs.append(DatabaseRun(database.name, rows, runner.run(steps, rows), steps))

    Environment(project, database, work, output, arguments=arguments).run()
    before = tuple(start)
    return runs[-1] if runs else DatabaseRun(database.name, before, before, ())


def _callbacks(given: Any) -> Sequence[Callable[..., Any]]:
    if given is None:
        return ()
    return tuple(given) if isinstance(given, (list, tuple, set, frozenset)) else (given,)


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
