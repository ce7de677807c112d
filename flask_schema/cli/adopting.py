"""``adopt``: a project that migrates with Flask-Migrate, Flask-Alembic or Alembic changes over, or back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flask_schema.cli.findings import as_data, print_findings
from flask_schema.cli.options import Command, directory, x_arguments
from flask_schema.cli.output import next_command, print_json, remark, say, shown
from flask_schema.cli.projects import ApplicationMissing, files_of_program, load_application
from flask_schema.errors import AdoptionObstacle, UsageError

if TYPE_CHECKING:
    from flask_schema.actions.adopt.setup import Setup
    from flask_schema.actions.adopt.source_changes import FileChange


@click.command(cls=Command)
@click.option("--change-import", is_flag=True, help="Import Migrate from flask_schema in the application.")
@click.option("--rewrite", is_flag=True, help="Write the migrations directory in Flask-Schema's words.")
@click.option("--back", is_flag=True, help="With the two above: change back to Flask-Migrate and Alembic.")
@click.option("--from-database", is_flag=True, help="Begin a history with the schema that is in the database.")
@click.option("--models", metavar="FILE", type=click.Path(path_type=Path), help="Write models of the database too.")
@click.option("-m", "--message", metavar="TEXT", help="What the first revision says; 'baseline' without it.")
@click.option("--rev-id", metavar="ID", help="The first revision's id; a random one without it.")
@click.option("--whole-history", is_flag=True, help="Compare the SQL of all revisions, not of the pending ones only.")
@click.option("--no-alembic", is_flag=True, help="Do not ask an installed Alembic for its SQL.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
@click.option("--json", "is_json", is_flag=True, help="Print what was found as JSON.")
def adopt(**options: Any) -> None:
    """Look at a project that migrates with Alembic, say what will differ, and change it over.

    Nothing is written without --change-import, --rewrite or --from-database. Ends with status 3 where something has
    to be mended or decided first.
    """
    from flask_schema.actions.adopt.setup import find_setup

    _check(options)
    files = files_of_program()
    app = _application() if files is None else None
    setup = find_setup(app, directory(), x_arguments(), files)
    if options["from_database"]:
        _begin(setup, **options)
    elif options["change_import"] or options["rewrite"]:
        _change(setup, **options)
    else:
        _look(setup, **options)


def _check(options: dict[str, Any]) -> None:
    changes = options["change_import"] or options["rewrite"]
    if options["back"] and not changes:
        raise UsageError("--back says which way to change", hint="add --change-import, --rewrite or both")
    if options["from_database"] and (changes or options["back"]):
        raise UsageError("--from-database begins a history, so there is nothing to change", hint="call it alone")
    if options["models"] and not options["from_database"]:
        raise UsageError("--models goes with --from-database", hint="add --from-database")


def _application() -> Any:
    """The application, inside its context; None where there is none: files can be looked at without."""
    from flask import current_app

    context = click.get_current_context()
    if current_app:
        return current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        app = load_application(context)
    except ApplicationMissing:
        return None
    context.with_resource(app.app_context())
    return app


def _app_path() -> str | None:
    from flask.cli import ScriptInfo

    return click.get_current_context().ensure_object(ScriptInfo).app_import_path


# -- looking ----------------------------------------------------------------------------------


def _look(setup: Setup, *, whole_history: bool, no_alembic: bool, is_json: bool, **_: Any) -> None:
    from flask_schema.actions.adopt.looking import look

    found = look(setup, app_path=_app_path(), whole_history=whole_history, ask_alembic=not no_alembic)
    if is_json:
        print_json(as_data(found))
    else:
        print_findings(found, has_application=files_of_program() is None)
    if not found.is_ready:
        count = len(found.obstacles) + (len(found.sql.differences) if found.sql is not None else 0)
        raise AdoptionObstacle(f"{count} things stand in the way or have to be looked at")


# -- changing ---------------------------------------------------------------------------------


def _change(
    setup: Setup, *, change_import: bool, rewrite: bool, back: bool, dry_run: bool, yes: bool, **_: Any
) -> None:
    from flask_schema.actions.adopt.changing import plan_changes, write_changes

    plan = plan_changes(setup, change_import=change_import, rewrite=rewrite, back=back)
    for change in plan.changes:
        _show(change)
    for problem in plan.problems:
        remark(f"left as it is: {problem}")
    for named in plan.named:
        remark(f"change it yourself: {named}")
    if not plan.changes:
        say("There is nothing to change.")
    elif dry_run:
        say(f"Would change {len(plan.changes)} files.")
    else:
        _consent(f"Change {len(plan.changes)} files?", yes)
        kept = write_changes(plan.changes, plan.root, plan.home)
        for change in plan.changes:
            say(f"{'Removed' if change.after is None else 'Wrote'} {shown(change.path)}")
        say(f"The files as they were are in {shown(kept) if kept is not None else ''}")
        next_command("flask db current, then flask db check")
    if plan.problems:
        raise AdoptionObstacle(f"{len(plan.problems)} places have to be changed by hand")


def _show(change: FileChange) -> None:
    if change.after is None and change.before is not None:
        line_count = len(change.before.splitlines())
        click.echo(f"{shown(change.path)}: removed, {line_count} lines of a template, nothing of yours in them")
        return
    for line in change.diff(shown(change.path)).splitlines():
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        click.echo(click.style(line, fg=colour) if colour else line)


def _consent(question: str, yes: bool) -> None:
    """Go on only where the user said so; without a terminal nobody can be asked."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("nothing was written", hint="add --yes to write it, or --dry-run to only look")
    click.confirm(question, abort=True)


# -- beginning --------------------------------------------------------------------------------


def _begin(
    setup: Setup, *, message: str | None, rev_id: str | None, models: Path | None, dry_run: bool, yes: bool, **_: Any
) -> None:
    from flask_schema.actions.adopt.baseline import write_baseline
    from flask_schema.actions.adopt.models_file import check_models_library, write_models

    if setup.project.app is None:
        raise ApplicationMissing("there is no application here, so no database is known")
    if models is not None:
        check_models_library()
    planned = write_baseline(setup.project, message, rev_id=rev_id, dry_run=True)
    for operation in planned.operations:
        say(click.style(f"  {operation.describe()}", fg="green"))
    if dry_run:
        say("Would write them as the first revision, and stamp the database with it.")
        return
    _consent("Write this as the first revision, and stamp the database with it?", yes)
    done = write_baseline(setup.project, message, rev_id=rev_id)
    for note in done.notes:
        remark(f"note: {note}")
    for path in (*done.written, *([done.path] if done.path is not None else [])):
        say(f"Wrote {shown(path)}")
    say(f"The database is at {done.revision} (head).")
    if models is not None:
        say(f"Wrote {shown(write_models(setup.project, models))}")
    next_command("flask db check")
