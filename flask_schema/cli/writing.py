"""``init``, ``revision``, ``migrate``, ``merge``, ``rebase``, ``squash``, ``edit``: commands that write files."""

from __future__ import annotations

import sys
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import click

from flask_schema.cli.options import Command
from flask_schema.cli.output import next_command, print_json, remark, say, shown
from flask_schema.cli.projects import application_project, files_project, project_for

if TYPE_CHECKING:
    from flask_schema.diff.renames import Rename
    from flask_schema.operations.columns import AddColumn


@click.command("list-templates", cls=Command)
def list_templates() -> None:
    """Show what 'init' can make a migrations directory from."""
    from flask_schema.actions.list_templates import list_templates as act

    for one in act():
        click.echo(f"{one.name:<14} {one.meaning}")


@click.command(cls=Command)
@click.option("--multidb", is_flag=True, help="For several databases; the same as '--template flask-multidb'.")
@click.option("-t", "--template", metavar="NAME", help="See 'flask db list-templates'; or a folder (with a slash).")
@click.option("--package", is_flag=True, help="Write empty __init__.py files too.")
def init(multidb: bool, template: str | None, package: bool) -> None:
    """Make the migrations directory."""
    from flask_schema.actions.init import init as act

    result = act(files_project(), multidb=multidb, template=template, package=package)
    for path in result.paths:
        say(f"Wrote {shown(path)}")
    next_command('flask db migrate -m "what the first revision creates"')


_REVISION_OPTIONS = (
    click.option("-m", "--message", metavar="TEXT", help="What changes, in a few words."),
    click.option("--sql", is_flag=True, help="Write the difference as SQL to standard output, and no file."),
    click.option("--head", default="head", metavar="REV", help="What to build on: a head, LABEL@head, or 'base'."),
    click.option("--splice", is_flag=True, help="Allow to build on a revision that is not a head."),
    click.option("--branch-label", metavar="NAME", help="A name for the branch that begins here."),
    click.option("--version-path", metavar="PATH", help="The directory for the file, where there are several."),
    click.option("--rev-id", metavar="ID", help="The revision's id; a random one without it."),
    click.option("--depends-on", multiple=True, metavar="REV", help="What has to run before; may be repeated."),
    click.option(
        "--rename",
        "renames",
        multiple=True,
        metavar="OLD:NEW",
        help="A table, or TABLE.OLD:TABLE.NEW; may be repeated.",
    ),
    click.option(
        "--offline", is_flag=True, help="Compare with what the revision files lead to; no database is opened."
    ),
)


def _revision_options(function: Any) -> Any:
    for option in reversed(_REVISION_OPTIONS):
        function = option(function)
    return function


@click.command(cls=Command)
@click.option("--autogenerate", is_flag=True, help="Fill it with what the models have and the database has not.")
@_revision_options
def revision(autogenerate: bool, **options: Any) -> None:
    """Write a new revision file."""
    _write_revision(autogenerate, **options)


@click.command(cls=Command)
@_revision_options
def migrate(**options: Any) -> None:
    """Write a revision file from what the models have and the database has not."""
    _write_revision(True, **options)


def _write_revision(autogenerate: bool, *, message: str | None, **options: Any) -> None:
    from flask_schema.actions.revision import revision as act

    is_terminal = _is_terminal()
    result = act(
        application_project(),
        message or "",
        autogenerate=autogenerate,
        ask=_ask if is_terminal else None,
        ask_value=_ask_value if is_terminal else None,
        **options,
    )
    for name, operation in zip_longest(result.names, result.operations):
        place = f"[{name}] " if name else ""
        say(click.style(f"  {place}{operation.describe()}", fg="red" if operation.destroys_data else "green"))
    for note in result.notes:
        remark(f"note: {note}")
    for guess in result.guesses:
        remark(f"note: {guess.describe()} looks renamed; if it is, run it again with --rename {guess.option}")
    for path in result.paths:
        say(f"Wrote {shown(path)}")
        next_command("read the file, then run 'flask db upgrade'")
    if result.why:
        say(result.why)


def _is_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask(guess: Rename) -> bool:
    return click.confirm(f"Was {guess.describe()} renamed?", default=False)


def _ask_value(operation: AddColumn) -> object:
    from flask_schema.actions.one_time_values import value_from_text
    from flask_schema.errors import UsageError

    place = f"{operation.table}.{operation.column.name}"
    say(f"{place} ({operation.column.type.sql}) must not be NULL, and rows that exist have nothing for it.")
    while True:
        text = click.prompt("A value for them (nothing: leave it to the file)", default="", show_default=False)
        if not text:
            return None
        try:
            return value_from_text(text, operation.column)
        except UsageError as error:
            say(error.message)


@click.command(cls=Command)
@click.option("-m", "--message", metavar="TEXT", help="What the merge is for.")
@click.option("--branch-label", "labels", multiple=True, metavar="NAME", help="A name for the branch that begins here.")
@click.option("--rev-id", metavar="ID", help="The revision's id; a random one without it.")
@click.option("--splice", is_flag=True, help="Allow to merge revisions that are not heads.")
@click.argument("revisions", nargs=-1)
def merge(
    revisions: tuple[str, ...], message: str | None, labels: tuple[str, ...], rev_id: str | None, splice: bool
) -> None:
    """Write a revision that joins several, all heads by default."""
    from flask_schema.actions.merge import merge as act

    result = act(
        project_for(*revisions),
        revisions or ("heads",),
        message,
        branch_labels=labels,
        rev_id=rev_id,
        splice=splice,
    )
    say(f"Wrote {shown(result.path)}: {result.revision} joins {', '.join(result.parents)}")
    next_command("flask db upgrade")


@click.command(cls=Command)
@click.argument("head", required=False)
@click.option("--onto", metavar="REV", help="The head to move onto.")
@click.option("--dry-run", is_flag=True, help="Say what would be edited, and edit nothing.")
@click.option("--no-database", is_flag=True, help="Do not ask the database what is applied already.")
def rebase(head: str | None, onto: str | None, dry_run: bool, no_database: bool) -> None:
    """Move the revisions of HEAD, which are not applied yet, onto the other head."""
    from flask_schema.actions.rebase import rebase as act

    project = files_project() if no_database else application_project()
    result = act(project, head, onto=onto, dry_run=dry_run, ask_database=not no_database)
    verb = "Edited" if result.is_done else "Would edit"
    for move in result.plan.moves:
        before, after = (", ".join(parents) or "<base>" for parents in (move.before, move.after))
        path = shown(move.revision.path) if move.revision.path is not None else ""
        say(f"{verb} {path}: {move.revision.revision} follows {after} instead of {before}")
    if result.is_done:
        next_command("flask db upgrade")


@click.command(cls=Command)
@click.argument("rev_range", metavar="A:B")
@click.option("-m", "--message", metavar="TEXT", help="What the new revision does.")
@click.option("--rev-id", metavar="ID", help="The revision's id; a random one without it.")
@click.option("--dry-run", is_flag=True, help="Say what would be replaced, and write nothing.")
def squash(rev_range: str, message: str | None, rev_id: str | None, dry_run: bool) -> None:
    """Write one revision that does what those from A to B do; either end may be left out.

    Databases in the middle of the range go on with the old files, so keep these until every database is past them.
    """
    from flask_schema.actions.squash import squash as act

    result = act(files_project(), rev_range, message, rev_id=rev_id, dry_run=dry_run)
    replaced = result.plan.replaced
    count = f"{len(replaced)} revisions, {replaced[0].revision} to {replaced[-1].revision}"
    if result.path is None:
        say(f"Would replace {count}")
        return
    say(f"Wrote {shown(result.path)}: {result.revision} replaces {count}")
    next_command("read the file; 'flask db prune' when every database is past the replaced ones")


@click.command(cls=Command)
@click.option("--yes", "is_meant", is_flag=True, help="Delete them; without it they are only listed.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def prune(is_meant: bool, is_json: bool) -> None:
    """List files that nobody needs: revisions that a squash replaced, and caches of deleted ones."""
    from flask_schema.actions.prune import prune as act

    result = act(application_project(), remove=is_meant)
    if is_json:
        parts = {"replaced": result.replaced, "leftovers": result.leftovers}
        print_json({**{name: [str(path) for path in paths] for name, paths in parts.items()}, "removed": is_meant})
        return
    verb = "Deleted" if is_meant else "Would delete"
    for path, why in (*((one, "replaced") for one in result.replaced), *((one, "cache") for one in result.leftovers)):
        say(f"{verb} {shown(path)} ({why})")
    for row in dict.fromkeys(row for _, row in result.needed):
        kept = sum(other == row for _, other in result.needed)
        remark(f"note: {kept} replaced revisions are kept, since a database stands at {row}, among them")
    if not (result.replaced or result.leftovers):
        say("Nothing to delete.")
    elif not is_meant:
        if result.replaced:
            remark("note: a database elsewhere that stands among the replaced revisions could not go on without them")
        next_command("flask db prune --yes")


@click.command(cls=Command)
@click.argument("revision", default="head")
def edit(revision: str) -> None:
    """Open a revision's file in your editor (VISUAL, EDITOR)."""
    from flask_schema.actions.edit import edit as act

    act(project_for(revision), revision)
