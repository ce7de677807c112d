"""Whose command ``flask db`` is, where another package of migrations is installed too: the application's choice.

Flask asks the entry points of installed packages for a command before it asks the application, so that ``flask db``
reaches this package wherever it is installed, also for an application that is bound to Flask-Migrate (4.0 and later
register the group on the application). Such a call is handed over, except for what only this package has.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

import click

from flask_schema.project import EXTENSION_NAMES, Binding

OTHER_PACKAGE = "flask_migrate"
"""The package whose applications are looked out for; without it no application is loaded to find out."""

_OWN_COMMANDS = frozenset({"adopt"})
_OPTIONS_WITH_VALUE = frozenset({"-d", "--directory", "-x", "--x-arg"})


def command_of_the_application(
    name: str | None, arguments: Sequence[str], parent: click.Context | None, group: type[click.Group]
) -> click.Command | None:
    """Return the command that the application itself has for ``name``, if the call is meant for that; else None.

    It is where the application is not bound to this package, or was told to call this package's commands otherwise.
    ``group`` is the class of this package's groups.
    """
    if parent is None or not name or find_spec(OTHER_PACKAGE) is None or _first_word(arguments) in _OWN_COMMANDS:
        return None
    from flask.cli import ScriptInfo

    try:
        app = parent.ensure_object(ScriptInfo).load_app()
    except Exception:  # the command says what is wrong with the application, when it needs it
        return None
    found = app.cli.commands.get(name)
    if found is None or isinstance(found, group):
        return None
    binding = app.extensions.get(EXTENSION_NAMES[0])
    is_ours = isinstance(binding, Binding) and binding.options.get("command") in (None, name)
    return None if is_ours else found


def _first_word(arguments: Sequence[str]) -> str | None:
    """The subcommand: the first argument that is neither an option nor an option's value."""
    is_value = False
    for argument in arguments:
        if not is_value and not argument.startswith("-"):
            return argument
        is_value = not is_value and argument in _OPTIONS_WITH_VALUE
    return None
