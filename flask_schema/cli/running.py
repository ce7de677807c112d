"""``upgrade``, ``downgrade``, ``stamp``, ``current``, ``check``: commands that open a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from flask_schema.cli.listings import as_data, details, mark
from flask_schema.cli.options import Command
from flask_schema.cli.output import print_json, remark, say
from flask_schema.cli.projects import application_project
from flask_schema.errors import NotAtHead

if TYPE_CHECKING:
    from flask_schema.history.routes import Stamp, Step
    from flask_schema.project import Project
    from flask_schema.runtime.progress import DatabaseRun, RunResult

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Progress:
    """Prints each revision when it is done: a line must not be half true."""

    def started(self, database: str, step: Step | Stamp) -> None:
        """Nothing is printed yet."""

    def finished(self, database: str, step: Step | Stamp, seconds: float) -> None:
        """Print a line."""
        from flask_schema.history.routes import Stamp

        if isinstance(step, Stamp):
            return
        revision = step.revision
        ends = [", ".join(revision.down_revisions) or "<base>", click.style(revision.revision, fg="yellow")]
        way = " -> ".join(ends if step.direction == "upgrade" else reversed(ends))
        place = f"[{database}] " if database else ""
        spent = click.style(f"({seconds:.2f} s)", dim=True)
        say(f"{place}{step.direction.capitalize()} {way}, {revision.message or 'no message'} {spent}")


def _offline_options(function: _Function) -> _Function:
    function = click.option("--tag", metavar="TEXT", help="A text that env.py can ask for.")(function)
    return click.option("--sql", is_flag=True, help="Write the SQL to standard output; no database is opened.")(
        function
    )


@click.command(cls=Command)
@_offline_options
@click.argument("revision", default="head")
def upgrade(revision: str, sql: bool, tag: str | None) -> None:
    """Bring the database up to a revision, the newest by default."""
    from flask_schema.actions.upgrade import upgrade as act

    project = application_project()
    result = act(project, revision, sql=sql, tag=tag, listener=None if sql else Progress())
    if not sql:
        _say_where(project, result)


@click.command(cls=Command)
@_offline_options
@click.argument("revision", default="-1")
def downgrade(revision: str, sql: bool, tag: str | None) -> None:
    """Take the database back to a revision, one step by default; 'base' takes everything back."""
    from flask_schema.actions.downgrade import downgrade as act

    project = application_project()
    target = "head:-1" if sql and revision == "-1" else revision
    result = act(project, target, sql=sql, tag=tag, listener=None if sql else Progress())
    if not sql:
        _say_where(project, result)


@click.command(cls=Command)
@_offline_options
@click.option("--purge", is_flag=True, help="Forget first what the version table says.")
@click.argument("revisions", nargs=-1)
def stamp(revisions: tuple[str, ...], sql: bool, tag: str | None, purge: bool) -> None:
    """Say at which revisions the database is, the newest by default, without running anything."""
    from flask_schema.actions.stamp import stamp as act

    project = application_project()
    result = act(project, revisions or ("head",), sql=sql, tag=tag, purge=purge, listener=None if sql else Progress())
    if not sql:
        _say_where(project, result)


@click.command("ensure-version", cls=Command)
@click.option("--sql", is_flag=True, help="Write the SQL to standard output; no database is opened.")
def ensure_version(sql: bool) -> None:
    """Create the version table where it is missing, and nothing else."""
    from flask_schema.actions.ensure_version import ensure_version as act

    for name, is_new in act(application_project(), sql=sql):
        place = f" in database {name!r}" if name else ""
        if not sql:
            say(f"Created the version table{place}." if is_new else f"The version table is there already{place}.")


def _say_where(project: Project, result: RunResult) -> None:
    """Say where each database is now, and whether it was there before."""
    graph = project.history.graph
    for run in result.databases:
        name = f"database {run.name!r}" if run.name else "database"
        if not graph.heads:
            remark("There are no revisions yet.")
        elif run.steps:
            say(f"The {name} is at {_rows(project, run)}.")
        else:
            say(f"Nothing to do: the {name} is at {_rows(project, run)}.")
        _say_what_came_below(project, run)


def _say_what_came_below(project: Project, run: DatabaseRun) -> None:
    graph = project.history.graph
    for one in run.late:
        below = ", ".join(graph.parents(one))
        remark(
            f"note: {one} follows {below}, which this database had long passed: here it ran after "
            f"{', '.join(run.before)}, and in a new database it runs before"
        )
    for one in run.never_ran:
        parents = ", ".join(graph.parents(one)) or "base"
        remark(
            f"warning: {one} was put below {', '.join(run.after)} later and has never run here; to run it: "
            f"'flask db downgrade {one}', 'flask db stamp {parents}', 'flask db upgrade'"
        )


def _rows(project: Project, run: DatabaseRun) -> str:
    if not run.after:
        return "the base, before the first revision"
    heads = frozenset(project.history.graph.effective_heads)
    return ", ".join(f"{row} (head)" if row in heads else row for row in run.after)


@click.command(cls=Command)
@click.option("-v", "--verbose", is_flag=True, help="Show the database, and more of each revision.")
@click.option("-c", "--check-heads", is_flag=True, help="Fail when the database is not at the newest revision.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def current(verbose: bool, check_heads: bool, is_json: bool) -> None:
    """Show where the database stands."""
    from flask_schema.actions.current import current as act
    from flask_schema.actions.listing import list_revisions

    project = application_project()
    states = act(project)
    listings = [list_revisions(project.history.graph, state.revisions) for state in states]
    if is_json:
        print_json(
            [
                {
                    "database": state.name,
                    "url": state.url,
                    "revisions": [as_data(one) for one in found],
                    "heads": list(state.heads),
                    "is_head": state.is_head,
                }
                for state, found in zip(states, listings, strict=True)
            ]
        )
    for state, found in () if is_json else zip(states, listings, strict=True):
        if verbose or len(states) > 1:
            click.echo(f"{state.name or '(default)'}: {state.url}")
        for one in found:
            click.echo(details(one) + "\n" if verbose else mark(one))
        if not found:
            remark("The database is at no revision yet." if state.heads else "There are no revisions yet.")
    behind = [state for state in states if not state.is_head]
    if check_heads and behind:
        raise NotAtHead(f"the database {behind[0].url} is not at the head: {', '.join(behind[0].heads)}")


@click.command(cls=Command)
@click.option("--offline", is_flag=True, help="Compare with what the revision files lead to; no database is opened.")
def check(offline: bool) -> None:
    """Fail when the models are not what the database is, or the database is behind the files."""
    from flask_schema.actions.check import check as act

    for note in act(application_project(), offline=offline):
        remark(f"note: {note}")
    say(f"No changes: {'the files lead to' if offline else 'the database is'} what the models say.")
