"""The options that the group and every command have: where the files are, and how much to print."""

from __future__ import annotations

from typing import Any

import click

_DIRECTORY = "flask_schema.directory"
_X_ARGUMENTS = "flask_schema.x_arguments"
_QUIET = "flask_schema.quiet"
_TRACEBACK = "flask_schema.traceback"


def _keep(key: str) -> Any:
    """Note the value for :func:`directory` and its like; what the command was given counts before the group's."""

    def callback(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value:
            ctx.meta[key] = value

    return callback


def _extend(ctx: click.Context, _: click.Parameter, value: tuple[str, ...]) -> None:
    ctx.meta[_X_ARGUMENTS] = (*ctx.meta.get(_X_ARGUMENTS, ()), *value)


def common_options() -> list[click.Parameter]:
    """Return the options, new ones for each command; a command's function gets none of them."""
    return [
        click.Option(
            ["-d", "--directory"],
            metavar="PATH",
            expose_value=False,
            callback=_keep(_DIRECTORY),
            help="The migrations directory (default: 'migrations').",
        ),
        click.Option(
            ["-x", "--x-arg"],
            multiple=True,
            metavar="TEXT",
            expose_value=False,
            callback=_extend,
            help="An argument that env.py and revisions can read; may be repeated.",
        ),
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_keep(_QUIET),
            help="Print results and errors only.",
        ),
        click.Option(
            ["--traceback", "--raiseerr"],
            is_flag=True,
            expose_value=False,
            callback=_keep(_TRACEBACK),
            help="Show where in the code an error comes from.",
        ),
    ]


class Command(click.Command):
    """A command of the group."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params += common_options()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let ``-1`` be the relative revision that it looks like, and not an option."""
        return super().parse_args(ctx, _guard_steps(self, args))


def _guard_steps(command: click.Command, args: list[str]) -> list[str]:
    """Put ``--`` before a last argument like ``-1`` or ``-2``, where the command takes a revision."""
    takes_revision = any(isinstance(param, click.Argument) for param in command.params)
    steps = [place for place, text in enumerate(args) if text[:1] == "-" and text[1:].isdecimal()]
    if not takes_revision or len(steps) != 1 or "--" in args:
        return args
    place = steps[0]
    if place and _takes_value(command, args[place - 1]):
        return args
    return [*args[:place], *args[place + 1 :], "--", args[place]]


def _takes_value(command: click.Command, text: str) -> bool:
    return any(
        isinstance(param, click.Option) and not param.is_flag and text in (*param.opts, *param.secondary_opts)
        for param in command.params
    )


def _meta(key: str) -> Any:
    context = click.get_current_context(silent=True)
    return context.meta.get(key) if context is not None else None


def directory() -> str | None:
    """The directory named on the command line, if any."""
    found: str | None = _meta(_DIRECTORY)
    return found


def x_arguments() -> tuple[str, ...]:
    """The ``-x`` arguments, those of the group first."""
    return tuple(_meta(_X_ARGUMENTS) or ())


def is_quiet() -> bool:
    """Whether only results and errors are to be printed."""
    return bool(_meta(_QUIET))


def wants_traceback() -> bool:
    """Whether errors are to be shown with their traceback."""
    return bool(_meta(_TRACEBACK))
