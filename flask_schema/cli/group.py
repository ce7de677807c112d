"""The command group, and how an error reaches the user: what, where, what to do next."""

from __future__ import annotations

import errno
import os
from typing import Any

import click

from flask_schema.cli.handover import command_of_the_application
from flask_schema.cli.options import common_options, wants_traceback
from flask_schema.cli.output import called, fail, remark
from flask_schema.cli.projects import project_in_use
from flask_schema.errors import SchemaError, mask_passwords
from flask_schema.garbage import garbage_collected_rarely, leave_objects_at_exit


class CommandGroup(click.Group):
    """Turns errors into a line, a hint and an exit code: 2 for a wrong command line, 1 for all others."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params += common_options()

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of the call, or that of another package's command where the application is bound to that one."""
        if not extra.get("resilient_parsing"):
            other = command_of_the_application(info_name, args, parent, CommandGroup)
            if other is not None:
                return other.make_context(info_name, args, parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, with colour switched off where the user wishes so (https://no-color.org)."""
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, spelled with hyphens or, as Alembic does, with underscores."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, cmd_name.replace("_", "-"))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            leave_objects_at_exit()
            with garbage_collected_rarely():
                return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt as stop:
            if stop.args:  # what it leaves behind; that it was aborted is said by Click
                remark(" ".join(str(stop.args[0]).split()))
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # whoever read the output has gone, and Click ends quietly
            if wants_traceback():
                _print_traceback(error)
            ctx.exit(report(_with_more_to_go_on(error), called(ctx)))


def _with_more_to_go_on(error: Exception) -> Exception:
    """The error as the project explains it, where the command had found one."""
    project = project_in_use()
    if project is None or not isinstance(error, SchemaError):
        return error
    from flask_schema.actions.accidents import explain_accident

    return explain_accident(project, error)


def report(error: Exception, command: str | None = None) -> int:
    """Print an error; return the exit code. Hints name the commands as they are called here: ``command`` and a name."""
    if isinstance(error, SchemaError):
        place = f" ({error.place})" if error.place else ""
        for difference in getattr(error, "differences", ()):
            click.echo(f"  {difference}")
        for note in getattr(error, "notes", ()):
            remark(f"note: {note}")
        message = " ".join(f"{error.message}{place}".split())
        advice = error.hint.replace("flask db ", f"{command} ") if error.hint and command else error.hint
        fail(message, details=error.details, statement=error.statement, advice=advice)
        return error.exit_code
    said = mask_passwords(" ".join(str(error).split()))
    fail(
        f"{type(error).__name__}: {said}" if said else type(error).__name__,
        advice="run it again with --traceback to see where this comes from",
    )
    return 1


def _print_traceback(error: Exception) -> None:
    import traceback

    click.echo(mask_passwords("".join(traceback.format_exception(error))), err=True, nl=False)
