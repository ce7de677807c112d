"""What ``adopt`` found, as text and as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flask_schema.cli.output import next_command, shown

if TYPE_CHECKING:
    from flask_schema.actions.adopt.env_file import EnvironmentFile
    from flask_schema.actions.adopt.looking import Findings
    from flask_schema.actions.adopt.sql_comparison import SqlComparison

_OURS = "Flask-Schema"
_LENGTH = 120


def print_findings(found: Findings, *, has_application: bool) -> None:
    """Print what is there, what will differ, what stands in the way, and the next command.

    Without an application, as ``flask-schema`` has none, there is no line to bind one by.
    """
    for name, value in _rows(found, has_application):
        click.echo(f"{f'{name}:' if name else '':<12}{value}")
    _print_sql(found.sql)
    for sentence in found.differences:
        click.echo(f"{click.style('differs:', fg='yellow')} {sentence}")
    for sentence in found.obstacles:
        click.echo(f"{click.style('obstacle:', fg='red')} {sentence}")
    if found.is_ready:
        click.echo(click.style("Nothing stands in the way.", fg="green"))
        next_command(_next(found, has_application))


def as_data(found: Findings) -> dict[str, Any]:
    """The findings for ``--json``."""
    data = asdict(found)
    data["is_ready"] = found.is_ready
    cleaned = _plain(data)
    assert isinstance(cleaned, dict)
    return cleaned


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value


def _rows(found: Findings, has_application: bool) -> Iterator[tuple[str, str]]:
    yield "migrates", " ".join(part for part in (found.extension or "with nothing yet", found.release) if part)
    if found.directory is not None:
        importing = f", {found.importing_count} of them import from alembic" if found.importing_count else ""
        yield "directory", f"{shown(found.directory)} ({found.revision_count} revisions{importing})"
    for file in (found.ini, found.pyproject):
        if file is not None:
            yield "settings", shown(file)
    if found.env_file is not None:
        yield from _environment(found.env_file)
    if found.directory is not None:
        yield "heads", ", ".join(found.heads) or "none"
    for one in found.databases:
        at = ", ".join(one.revisions) or "at no revision"
        pending = f"{one.pending} pending" if one.pending else "nothing pending"
        yield "database", f"{one.url}: {one.problem or f'{at}, {pending}'}"
    if found.binding is not None and has_application:
        yield "write", f"from flask_schema import Migrate; {found.binding}"


def _environment(file: EnvironmentFile) -> Iterator[tuple[str, str]]:
    if file.is_stock:
        yield "env.py", f"the template {file.template!r} as it was written"
        return
    template = f"the template {file.template!r}, changed" if file.template is not None else "made by hand"
    yield "env.py", f"{template}; it runs as it is"
    for one in file.customisations:
        yield "", f"{shown(file.path)}:{one.line}: {one.text}"


def _print_sql(sql: SqlComparison | None) -> None:
    if sql is None:
        return
    if sql.reason is not None:
        click.echo(f"{'SQL:':<12}not compared: {sql.reason}")
        return
    same = sql.compared - len(sql.differences)
    if sql.compared:
        click.echo(f"{'SQL:':<12}{same} of {sql.compared} revisions give the same SQL as with Alembic {sql.release}")
    else:
        click.echo(f"{'SQL:':<12}no revision could be compared with Alembic {sql.release}")
    for revision, why in sql.uncompared:
        click.echo(f"{'':<12}{revision} was not compared: {_short(why)}")
    for one in sql.differences:
        click.echo(f"{click.style('SQL differs:', fg='yellow')} revision {one.revision}")
        if one.why is not None:
            click.echo(f"  {one.why}")
            continue
        for line in list(unified_diff(one.theirs, one.ours, lineterm="", n=0))[2:]:
            if not line.startswith("@@"):
                click.echo(f"  {line}")


def _short(text: str) -> str:
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH]}..."


def _next(found: Findings, has_application: bool) -> str:
    if found.extension == _OURS or not has_application:
        return "flask db upgrade" if any(one.pending for one in found.databases) else "flask db check"
    if found.binding is not None:
        return "write the line above into the application, then run 'flask db current'"
    return "flask db adopt --change-import" if found.extension is not None else "flask db init"
