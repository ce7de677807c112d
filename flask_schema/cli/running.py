"""``upgrade``, ``downgrade``, ``stamp``, ``current``, ``check``: commands that open a database."""

from __future__ import annotations

import json as json_text
from typing import TYPE_CHECKING

import click

from flask_schema.cli.projects import application_project, directory_option, x_option

if TYPE_CHECKING:
    from flask_schema.history.routes import Stamp, Step

_RELATIVE = {"ignore_unknown_options": True}
"""So that ``-1`` is an argument and not an option."""


class Progress:
    """Prints each revision as it is done."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet

    def started(self, database: str, step: Step | Stamp) -> None:
        """Nothing is printed before a revision is done: a line must not be half true."""

    def finished(self, database: str, step: Step | Stamp, seconds: float) -> None:
        """One line a revision."""
        if self.quiet:
            return
        from flask_schema.runtime.runner import title

        place = f" [{database}]" if database else ""
        click.echo(f"{title(step).removeprefix('Running ')}{place} {click.style(f'({seconds:.2f} s)', dim=True)}")


@click.command(context_settings=_RELATIVE)
@directory_option
@x_option
@click.option("--sql", is_flag=True, help="Write the SQL instead of executing it.")
@click.option("--tag", default=None, help="A text that env.py can ask for.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.argument("revision", default="head")
def upgrade(
    directory: str | None, x_arg: tuple[str, ...], sql: bool, tag: str | None, quiet: bool, revision: str
) -> None:
    """Bring the database up to a revision, the newest by default."""
    from flask_schema.actions.upgrade import upgrade as action

    action(application_project(directory, x_arg), revision, sql=sql, tag=tag, listener=Progress(quiet or sql))


@click.command(context_settings=_RELATIVE)
@directory_option
@x_option
@click.option("--sql", is_flag=True, help="Write the SQL instead of executing it; give a range from:to.")
@click.option("--tag", default=None, help="A text that env.py can ask for.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.argument("revision", default="-1")
def downgrade(
    directory: str | None, x_arg: tuple[str, ...], sql: bool, tag: str | None, quiet: bool, revision: str
) -> None:
    """Take the database back to a revision, one step by default."""
    from flask_schema.actions.downgrade import downgrade as action

    target = "head:-1" if sql and revision == "-1" else revision
    action(application_project(directory, x_arg), target, sql=sql, tag=tag, listener=Progress(quiet or sql))


@click.command()
@directory_option
@x_option
@click.option("--sql", is_flag=True, help="Write the SQL instead of executing it.")
@click.option("--tag", default=None, help="A text that env.py can ask for.")
@click.option("--purge", is_flag=True, help="Forget first what the version table says.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.argument("revisions", nargs=-1)
def stamp(
    directory: str | None,
    x_arg: tuple[str, ...],
    sql: bool,
    tag: str | None,
    purge: bool,
    quiet: bool,
    revisions: tuple[str, ...],
) -> None:
    """Say at which revision the database is, without running anything."""
    from flask_schema.actions.stamp import stamp as action

    action(
        application_project(directory, x_arg),
        revisions or ("head",),
        sql=sql,
        tag=tag,
        purge=purge,
        listener=Progress(quiet or sql),
    )


@click.command()
@directory_option
@click.option("-v", "--verbose", is_flag=True, help="Show more of each revision.")
@click.option("--check-heads", is_flag=True, help="Fail when the database is not at the newest revision.")
@click.option("--json", "json", is_flag=True, help="Print JSON.")
def current(directory: str | None, verbose: bool, check_heads: bool, json: bool) -> None:
    """Show where the database stands."""
    from flask_schema.actions.current import current as action
    from flask_schema.cli.reading import details, marked
    from flask_schema.errors import NotAtHead

    project = application_project(directory)
    states = action(project)
    graph = project.history.graph
    if json:
        data = [
            {
                "database": one.name,
                "url": one.url,
                "revisions": one.revisions,
                "heads": one.heads,
                "is_head": one.is_head,
            }
            for one in states
        ]
        click.echo(json_text.dumps(data, indent=2))
    for state in () if json else states:
        if verbose or len(states) > 1:
            click.echo(f"Database {state.name or '(default)'}: {state.url}")
        for name in state.revisions:
            found = graph.revisions[name]
            click.echo(details(graph, found) if verbose else f"{marked(graph, found)}")
        if not state.revisions:
            click.echo("The database has no revision yet." if graph.heads else "There are no revisions yet.")
    behind = [state for state in states if not state.is_head]
    if check_heads and behind:
        raise NotAtHead(f"the database {behind[0].url} is not at the head: {', '.join(behind[0].heads)}")


@click.command()
@directory_option
@x_option
def check(directory: str | None, x_arg: tuple[str, ...]) -> None:
    """Fail when the models are not what the database is."""
    from flask_schema.actions.check import check as action

    for note in action(application_project(directory, x_arg)):
        click.echo(f"note: {note}", err=True)
    click.echo("No changes: the database is what the models say.")
