"""``init``, ``revision``, ``migrate``, ``merge``, ``edit``: commands that write files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flask_schema.cli.group import hint, next_command
from flask_schema.cli.projects import (
    application_project,
    directory_option,
    files_project,
    reads_database,
    rows_of_database,
    x_option,
)

if TYPE_CHECKING:
    from flask_schema.diff.renames import Rename


def shown(path: Path) -> str:
    """A path as short as it can be."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@click.command("list-templates")
def list_templates() -> None:
    """Show the templates that 'init' knows."""
    from flask_schema.actions.init import list_templates as action

    for name, meaning in action().items():
        click.echo(f"{name:<10} {meaning}")


@click.command()
@directory_option
@click.option("--multidb", is_flag=True, help="For several databases: upgrade_<name>() functions in each file.")
@click.option("-t", "--template", default=None, help="A template by name; see 'flask db list-templates'.")
@click.option("--package", is_flag=True, help="Write __init__.py files too.")
def init(directory: str | None, multidb: bool, template: str | None, package: bool) -> None:
    """Make the migrations directory."""
    from flask_schema.actions.init import init as action

    result = action(application_project(directory), multidb=multidb, template=template, package=package)
    for file in result.files:
        click.echo(f"wrote {shown(file)}{'/' if file.is_dir() else ''}")
    next_command('flask db migrate -m "what the first revision creates"')


_REVISION_OPTIONS = (
    click.option("-m", "--message", default="", help="What changes, in a few words."),
    click.option("--sql", is_flag=True, help="Write the SQL of the difference to standard output instead of a file."),
    click.option("--head", default="head", help="The revision to build on, when it is not the one head."),
    click.option("--splice", is_flag=True, help="Allow a parent that is not a head."),
    click.option("--branch-label", default=None, help="A name for the branch that begins here."),
    click.option("--version-path", default=None, help="The directory for the file, where there are several."),
    click.option("--rev-id", default=None, help="The revision id, instead of a random one."),
    click.option("--depends-on", multiple=True, help="A revision that must run before this one."),
    click.option("--rename", "renames", multiple=True, help="A rename old:new, or table.old:table.new for a column."),
    directory_option,
    x_option,
)


def _with_options(command: Any) -> Any:
    for option in reversed(_REVISION_OPTIONS):
        command = option(command)
    return command


@click.command()
@click.option("--autogenerate", is_flag=True, help="Write the difference between models and database.")
@_with_options
def revision(autogenerate: bool, **options: Any) -> None:
    """Write a new revision file."""
    _write_revision(autogenerate=autogenerate, **options)


@click.command()
@_with_options
def migrate(**options: Any) -> None:
    """Write a revision from the difference between models and database."""
    _write_revision(autogenerate=True, **options)


def _write_revision(
    *,
    autogenerate: bool,
    message: str,
    sql: bool,
    directory: str | None,
    x_arg: tuple[str, ...],
    head: str,
    splice: bool,
    branch_label: str | None,
    version_path: str | None,
    rev_id: str | None,
    depends_on: tuple[str, ...],
    renames: tuple[str, ...],
) -> None:
    from flask_schema.actions.revision import revision as action

    result = action(
        application_project(directory, x_arg),
        message,
        autogenerate=autogenerate,
        sql=sql,
        head=head,
        splice=splice,
        branch_label=branch_label,
        version_path=version_path,
        rev_id=rev_id,
        depends_on=depends_on,
        renames=renames,
        ask=_ask if sys.stdin.isatty() and sys.stdout.isatty() else None,
    )
    for one in result.operations:
        click.echo(click.style(f"  {one.describe()}", fg="red" if one.destroys_data else "green"))
    for note in result.notes:
        click.echo(f"note: {note}")
    for guess in result.guesses:
        hint(f"{guess.describe()} looks like a rename: 'flask db migrate --rename {guess.option}' keeps the data")
    for path in result.paths:
        click.echo(f"wrote {shown(path)}")
        next_command("read the file, then: flask db upgrade")
    if result.why:
        click.echo(result.why)


def _ask(guess: Rename) -> bool:
    return click.confirm(f"Was {guess.describe()} renamed?", default=False)


@click.command()
@directory_option
@click.option("-m", "--message", default="", help="What the merge is, in a few words.")
@click.option("--branch-label", default=None, help="A name for the branch that begins here.")
@click.option("--rev-id", default=None, help="The revision id, instead of a random one.")
@click.argument("revisions", nargs=-1)
def merge(
    directory: str | None, message: str, branch_label: str | None, rev_id: str | None, revisions: tuple[str, ...]
) -> None:
    """Write a revision that joins several heads."""
    from flask_schema.actions.merge import merge as action

    project = files_project(directory)
    _, path = action(project, revisions or ("heads",), message, branch_label=branch_label, rev_id=rev_id)
    click.echo(f"wrote {shown(path)}")
    next_command("flask db upgrade")


@click.command()
@directory_option
@click.argument("revision", default="head")
def edit(directory: str | None, revision: str) -> None:
    """Open a revision's file in your editor ($VISUAL, $EDITOR)."""
    rows: tuple[str, ...] | None = None
    if reads_database(revision):
        project, rows = rows_of_database(directory)
    else:
        project = files_project(directory)
    found = project.history.get(revision, rows)
    click.edit(filename=str(found.path))
