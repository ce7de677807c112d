"""The command group, and how an error reaches the user: what, where, what to do next."""

from __future__ import annotations

import os
from typing import Any

import click

from flask_schema.errors import SchemaError, mask_passwords

TRACEBACK = "--traceback"
_META_TRACEBACK = "flask_schema.traceback"


class CommandGroup(click.Group):
    """Turns errors into a line, a hint and an exit code; ``--traceback``, anywhere, lets them through."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take ``--traceback`` out wherever it stands."""
        ctx.meta[_META_TRACEBACK] = TRACEBACK in args
        if "NO_COLOR" in os.environ:
            ctx.color = False
        return super().parse_args(ctx, [one for one in args if one != TRACEBACK])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Exits with the error's code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except SchemaError as error:
            if ctx.meta[_META_TRACEBACK]:
                raise
            report(error)
            ctx.exit(error.exit_code)
        except Exception as error:
            if ctx.meta[_META_TRACEBACK]:
                raise
            said = mask_passwords(" ".join(str(error).split())) or "no message"
            fail(f"{type(error).__name__}: {said}", f"add {TRACEBACK} to see where this comes from")
            ctx.exit(1)


def report(error: SchemaError) -> None:
    """Print an error: the sentence and its place, the statement, differences, the hint."""
    place = f" ({error.place})" if error.place else ""
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {error.message}{place} [{error.code}]", err=True)
    if error.statement:
        click.echo(f"  statement: {' '.join(error.statement.split())[:500]}", err=True)
    for difference in getattr(error, "differences", ()):
        click.echo(f"  {difference}", err=True)
    if error.hint:
        hint(error.hint)


def fail(message: str, advice: str) -> None:
    """Print an error that has no code."""
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {message}", err=True)
    hint(advice)


def hint(text: str) -> None:
    """Print what to do next, on standard error."""
    click.echo(f"{click.style('hint:', fg='cyan')} {text}", err=True)


def next_command(text: str) -> None:
    """Print the command that usually follows, on standard output."""
    click.echo(f"{click.style('next:', fg='cyan')} {text}")
