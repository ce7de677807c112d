"""What the commands print: results on standard output, everything else on standard error, colour only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from flask_schema.cli.options import is_quiet

_STATEMENT_LENGTH = 500


def say(text: str) -> None:
    """Print what was done; not with ``--quiet``."""
    if not is_quiet():
        click.echo(text)


def remark(text: str) -> None:
    """Print what is good to know on standard error; not with ``--quiet``."""
    if not is_quiet():
        click.echo(text, err=True)


def called(context: click.Context) -> str:
    """How the group of commands is called here: ``flask db``, or the program's name."""
    group = context if isinstance(context.command, click.Group) or context.parent is None else context.parent
    return str(group.info_name) if group.parent is None else f"flask {group.info_name}"


def next_command(text: str) -> None:
    """Print what is usually done next; not with ``--quiet``."""
    if not is_quiet():
        own = text.replace("flask db ", f"{called(click.get_current_context())} ")
        click.echo(f"{click.style('next:', fg='cyan')} {own}")


def hint(text: str) -> None:
    """Print how to mend an error, on standard error."""
    click.echo(f"{click.style('hint:', fg='cyan')} {text}", err=True)


def fail(message: str, *, details: Iterable[str] = (), statement: str | None = None, advice: str | None = None) -> None:
    """Print an error in a line, with further facts, the SQL statement that failed, and what to do."""
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {message}", err=True)
    for detail in details:
        click.echo(f"  {detail}", err=True)
    if statement:
        line = " ".join(statement.split())
        cut = f"{line[:_STATEMENT_LENGTH]}..." if len(line) > _STATEMENT_LENGTH else line
        click.echo(f"  statement: {cut}", err=True)
    if advice:
        hint(advice)


def print_json(data: Any) -> None:
    """Print data for programs, also with ``--quiet``."""
    import json

    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


def print_lines(lines: Iterable[str]) -> None:
    """Print lines that may be many: through the pager when they do not fit on the terminal."""
    listed = list(lines)
    if sys.stdout.isatty() and sys.stdin.isatty():
        from shutil import get_terminal_size

        if len(listed) >= get_terminal_size().lines:
            click.echo_via_pager("\n".join(listed))
            return
    click.echo("".join(f"{line}\n" for line in listed), nl=False)


def shown(path: Path) -> str:
    """Return a path as short as it can be typed here, a folder with a slash at the end."""
    from flask_schema.project import relative

    return f"{relative(path)}/" if path.is_dir() else relative(path)
