"""Runs what a program's own function returns: ``fn(revisions, context)`` of an environment or a migration context."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from flask_schema.errors import NoContext
from flask_schema.history.routes import Stamp, Step
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.progress import DatabaseRun, RunListener, Unwatched


class Taken(Protocol):
    """A step that a program holds; what it does to the version table depends on the rows that are there."""

    def as_step(self, rows: Collection[str]) -> Step | Stamp:
        """The step as the runner takes it, from ``rows``."""


Function = Callable[[tuple[str, ...], MigrationContext], Iterable[Step | Stamp | Taken]]
"""Gets the rows of the version table and the context; returns steps to run, or none when it did its work itself."""


def run_function(
    context: MigrationContext,
    keywords: Mapping[str, Any],
    function: Function | None = None,
    *,
    database: str = "",
    listener: RunListener | None = None,
) -> DatabaseRun:
    """Run the steps that ``function`` (None: the context's option ``fn``) returns; ``keywords`` go to the scripts.

    With the option ``purge`` the version table is emptied first. Raises NoContext without a function, and what
    :class:`Runner` does.
    """
    function = function if function is not None else context.opts.get("fn")
    if function is None:
        raise NoContext("there is nothing to run", hint="give 'fn' to the EnvironmentContext or to configure()")
    before = context.get_current_heads()
    steps: list[Step | Stamp] = []
    rows = set(before)
    if context.opts.get("purge") and before:
        steps.append(Stamp(None, "downgrade", frozenset(before), frozenset()))
        rows = set()
    for given in function(tuple(sorted(rows)), context) or ():
        step = given if isinstance(given, (Step, Stamp)) else given.as_step(rows)
        rows = (rows - step.delete_heads) | step.insert_heads
        steps.append(step)
    return run_steps(context, steps, before, keywords, database=database, listener=listener)


def run_steps(
    context: MigrationContext,
    steps: Sequence[Step | Stamp],
    rows: Sequence[str],
    keywords: Mapping[str, Any],
    *,
    database: str = "",
    listener: RunListener | None = None,
) -> DatabaseRun:
    """Run ``steps`` from the ``rows`` of the version table. Raises what :class:`Runner` does."""
    if not steps:
        return DatabaseRun(database, tuple(rows), tuple(sorted(rows)), ())
    from flask_schema.runtime.runner import Runner

    runner = Runner(
        context,
        database,
        keywords,
        listener or Unwatched(),
        _callbacks(context.opts.get("on_version_apply")),
        bool(context.opts.get("transaction_per_migration", True)),
    )
    return DatabaseRun(database, tuple(rows), runner.run(steps, rows), tuple(steps))


def _callbacks(given: Any) -> Sequence[Callable[..., Any]]:
    if given is None:
        return ()
    return tuple(given) if isinstance(given, (list, tuple, set, frozenset)) else (given,)
