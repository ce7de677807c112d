"""The command group, and how an error reaches the user: what, where, what to do next."""

from __future__ import annotations

import errno
import os
import traceback
from typing import Any

import click

from flask_schema.errors import SchemaError, mask_passwords

TRACEBACK = "--traceback"
_META_TRACEBACK = "flask_schema.traceback"


class CommandGroup(click.Group):
    """Turns errors into a line, a hint and an exit code; ``--traceback``, anywhere, shows where they come from."""

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
            _print_traceback(error, ctx)
            report(error, ctx.info_name)
            ctx.exit(error.exit_code)
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # whoever read the output has gone; Click ends quietly
            _print_traceback(error, ctx)
            said = mask_passwords(" ".join(str(error).split())) or "no message"
            fail(f"{type(error).__name__}: {said}", f"add {TRACEBACK} to see where this comes from")
            ctx.exit(1)


def _print_traceback(error: Exception, ctx: click.Context) -> None:
    """With ``--traceback``, where the error comes from; passwords are masked there too."""
    if ctx.meta[_META_TRACEBACK]:
        click.echo(mask_passwords("".join(traceback.format_exception(error))), err=True, nl=False)


def report(error: SchemaError, group: str | None = None) -> None:
    """Print an error: the sentence and its place, the statement, differences, the hint with the group's own name."""
    place = f" ({error.place})" if error.place else ""
    message = " ".join(error.message.split())
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {message}{place} [{error.code}]", err=True)
    if error.statement:
        click.echo(f"  statement: {' '.join(error.statement.split())[:500]}", err=True)
    for difference in getattr(error, "differences", ()):
        click.echo(f"  {difference}", err=True)
    if error.hint:
        hint(" ".join(error.hint.split()).replace("flask db ", f"flask {group or 'db'} "))


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
