"""``heads``, ``branches``, ``history``, ``show``: commands that only read files."""

from __future__ import annotations

import json as json_text
from typing import TYPE_CHECKING, Any

import click

from flask_schema.cli.projects import directory_option, files_project, reads_database, rows_of_database

if TYPE_CHECKING:
    from flask_schema.history.graph import Graph
    from flask_schema.history.revision import Revision


def line(graph: Graph, revision: Revision, applied: frozenset[str] = frozenset()) -> str:
    """A revision as a line of the history: ``a -> b (head), message``."""
    parents = ", ".join(revision.down_revisions) or "<base>"
    return f"{parents} -> {marked(graph, revision, applied)}, {revision.message or 'no message'}"


def marked(graph: Graph, revision: Revision, applied: frozenset[str] = frozenset()) -> str:
    """A revision's id with what is special about it: labels, head, branch point, merge point, current."""
    name = revision.revision
    marks = []
    if revision.branch_labels:
        marks.append(", ".join(sorted(revision.branch_labels)))
    if name in graph.heads:
        marks.append("head")
    if name in graph.branch_points:
        marks.append("branchpoint")
    if revision.is_merge:
        marks.append("mergepoint")
    if name in applied:
        marks.append("current")
    return click.style(name, fg="yellow") + "".join(f" ({mark})" for mark in marks)


def details(graph: Graph, revision: Revision) -> str:
    """A revision in several lines."""
    parents = ", ".join(revision.down_revisions) or "<base>"
    lines = [f"Rev: {marked(graph, revision)}", f"Parent: {parents}"]
    if revision.depends_on:
        lines.append(f"Depends on: {', '.join(revision.depends_on)}")
    if revision.replaces:
        lines.append(f"Replaces: {', '.join(revision.replaces)}")
    lines.append(f"Path: {revision.path or '(no file)'}")
    if revision.docstring:
        lines += ["", *(f"    {text}".rstrip() for text in revision.docstring.splitlines())]
    return "\n".join(lines)


def as_data(revision: Revision) -> dict[str, Any]:
    """A revision for ``--json``."""
    return {
        "revision": revision.revision,
        "down_revisions": list(revision.down_revisions),
        "depends_on": list(revision.depends_on),
        "branch_labels": sorted(revision.branch_labels),
        "message": revision.message,
        "path": str(revision.path) if revision.path else None,
        "created": revision.created,
    }


@click.command()
@directory_option
@click.option("-v", "--verbose", is_flag=True, help="Show more of each revision.")
@click.option("--resolve-dependencies", is_flag=True, help="Leave out heads that another revision depends on.")
@click.option("--check", "only_one", is_flag=True, help="Fail when there are several: for CI.")
@click.option("--json", "json", is_flag=True, help="Print JSON.")
def heads(directory: str | None, verbose: bool, resolve_dependencies: bool, only_one: bool, json: bool) -> None:
    """Show the newest revisions of the files."""
    from flask_schema.actions import reading

    project = files_project(directory)
    found = reading.heads(project, resolve_dependencies=resolve_dependencies, only_one=only_one)
    if json:
        click.echo(json_text.dumps([as_data(one) for one in found], indent=2))
        return
    for one in found:
        click.echo(details(project.history.graph, one) if verbose else marked(project.history.graph, one))


@click.command()
@directory_option
@click.option("-v", "--verbose", is_flag=True, help="Show more of each revision.")
def branches(directory: str | None, verbose: bool) -> None:
    """Show the revisions that several others follow."""
    from flask_schema.actions import reading

    project = files_project(directory)
    graph = project.history.graph
    for point, children in reading.branches(project):
        click.echo(details(graph, point) if verbose else line(graph, point))
        for child in children:
            click.echo(f"    -> {marked(graph, child)}, {child.message}")


@click.command()
@directory_option
@click.option("-r", "--rev-range", default=None, help="A range from:to of revisions; 'current' is the database's.")
@click.option("-v", "--verbose", is_flag=True, help="Show more of each revision.")
@click.option("-i", "--indicate-current", is_flag=True, help="Mark the revision at which the database is.")
@click.option("--graph", "drawn", is_flag=True, help="Draw branches and merges.")
@click.option("-n", "--limit", type=click.IntRange(min=1), default=None, help="Show so many at most.")
@click.option("--json", "json", is_flag=True, help="Print JSON.")
def history(
    directory: str | None,
    rev_range: str | None,
    verbose: bool,
    indicate_current: bool,
    drawn: bool,
    limit: int | None,
    json: bool,
) -> None:
    """Show all revisions, newest first."""
    from flask_schema.actions import reading

    rows: tuple[str, ...] | None = None
    if indicate_current or reads_database(rev_range):
        project, rows = rows_of_database(directory)
    else:
        project = files_project(directory)
    found = reading.history(project, rev_range, rows)[:limit]
    graph = project.history.graph
    applied = frozenset(rows or ()) if indicate_current else frozenset()
    if json:
        click.echo(json_text.dumps([as_data(one) for one in found], indent=2))
        return
    if drawn:
        from flask_schema.pictures.terminal_graph import draw_graph

        shown = {one.revision: one for one in found}
        for text in draw_graph(
            list(shown),
            lambda name: shown[name].down_revisions,
            lambda name: f"{marked(graph, shown[name], applied)} {shown[name].message}",
        ):
            click.echo(text)
        return
    lines = (f"{details(graph, one)}\n" if verbose else line(graph, one, applied) for one in found)
    click.echo("".join(f"{text}\n" for text in lines), nl=False)


@click.command()
@directory_option
@click.argument("revision", default="head")
def show(directory: str | None, revision: str) -> None:
    """Show a revision in full."""
    from flask_schema.actions import reading

    rows: tuple[str, ...] | None = None
    if reads_database(revision):
        project, rows = rows_of_database(directory)
    else:
        project = files_project(directory)
    for one in reading.show(project, revision, rows):
        click.echo(details(project.history.graph, one))
