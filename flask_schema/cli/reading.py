"""``heads``, ``branches``, ``history``, ``show``: commands that read files."""

from __future__ import annotations

import click

from flask_schema.cli.listings import as_data, details, draw, line, mark
from flask_schema.cli.options import Command
from flask_schema.cli.output import print_json, print_lines, remark
from flask_schema.cli.projects import application_project, files_project, project_for
from flask_schema.errors import MultipleHeads, UsageError


@click.command(cls=Command)
@click.option("-v", "--verbose", is_flag=True, help="Show more of each revision.")
@click.option("--resolve-dependencies", is_flag=True, help="Leave out heads that another revision depends on.")
@click.option("--check", is_flag=True, help="Fail when there are several, or the heads file is wrong: for CI.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def heads(verbose: bool, resolve_dependencies: bool, check: bool, is_json: bool) -> None:
    """Show the newest revisions of the files."""
    from flask_schema.actions.heads import heads as act

    result = act(files_project(), resolve_dependencies=resolve_dependencies)
    if is_json:
        print_json([as_data(one) for one in result.revisions])
    else:
        print_lines(details(one) + "\n" if verbose else mark(one) for one in result.revisions)
    if check and result.problems:
        raise MultipleHeads("; ".join(result.problems))
    if not result.revisions:
        remark("There are no revisions yet.")


@click.command(cls=Command)
@click.option("-v", "--verbose", is_flag=True, help="Show more of each revision.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def branches(verbose: bool, is_json: bool) -> None:
    """Show the revisions that several others follow."""
    from flask_schema.actions.branches import branches as act

    points = act(files_project()).points
    if is_json:
        print_json(
            [{**as_data(one.revision), "children": [as_data(child) for child in one.children]} for one in points]
        )
        return
    for point in points:
        click.echo(details(point.revision) if verbose else line(point.revision))
        for child in point.children:
            click.echo(f"    -> {mark(child)}, {child.revision.message}")


@click.command(cls=Command)
@click.option("-r", "--rev-range", metavar="A:B", help="Show from A to B only, both included; either may be left out.")
@click.option("-v", "--verbose", is_flag=True, help="Show more of each revision.")
@click.option("-i", "--indicate-current", is_flag=True, help="Mark the revision at which the database is.")
@click.option("--graph", "is_graph", is_flag=True, help="Draw branches and merges.")
@click.option("-n", "--limit", type=click.IntRange(min=1), metavar="N", help="Show the newest N only.")
@click.option("--applied", "is_applied", is_flag=True, help="Show the runs that the journal has noted instead.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def history(
    rev_range: str | None,
    verbose: bool,
    indicate_current: bool,
    is_graph: bool,
    limit: int | None,
    is_applied: bool,
    is_json: bool,
) -> None:
    """Show all revisions, newest first."""
    from flask_schema.actions.history import history as act

    if is_applied:
        if rev_range or indicate_current or is_graph:
            raise UsageError("--applied shows runs and not revisions: it goes with --limit, --verbose and --json only")
        _show_applied(limit, verbose=verbose, is_json=is_json)
        return
    project = application_project() if indicate_current else project_for(rev_range)
    found = act(project, rev_range, indicate_current=indicate_current).revisions
    listed = found[:limit]
    if is_json:
        print_json([as_data(one) for one in listed])
        return
    if is_graph:
        print_lines(draw(listed))
    elif verbose:
        print_lines(text for one in listed for text in (*details(one).splitlines(), ""))
    else:
        print_lines(line(one) for one in listed)
    if len(listed) < len(found):
        remark(f"... and {len(found) - len(listed)} older ones")
    if not project.history.graph.heads:
        remark("There are no revisions yet.")


def _show_applied(limit: int | None, *, verbose: bool, is_json: bool) -> None:
    from flask_schema.actions.applied import applied as act
    from flask_schema.cli.listings import run_as_data, run_details, run_line

    found = act(application_project(), limit).entries
    if is_json:
        print_json([run_as_data(name, entry) for name, entries in found.items() for entry in entries])
        return
    lines = []
    for name, entries in found.items():
        lines += [f"{name or '(default)'}:"] if len(found) > 1 else []
        lines += [text for entry in entries for text in (run_details(entry) if verbose else [run_line(entry)])]
    print_lines(lines)


@click.command(cls=Command)
@click.argument("revision", default="head")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def show(revision: str, is_json: bool) -> None:
    """Show a revision in full."""
    from flask_schema.actions.show import show as act

    found = act(project_for(revision), revision).revisions
    if is_json:
        print_json([as_data(one) for one in found])
        return
    print_lines(text for one in found for text in (*details(one).splitlines(), ""))
    if not found:
        remark(f"{revision!r} means no revision")
