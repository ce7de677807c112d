"""``flask db``: the command line."""

from __future__ import annotations

import click

from flask_schema.cli.group import CommandGroup
from flask_schema.cli.projects import remember
from flask_schema.cli.reading import branches, heads, history, show
from flask_schema.cli.running import check, current, downgrade, stamp, upgrade
from flask_schema.cli.writing import edit, init, list_templates, merge, migrate, revision


@click.group(cls=CommandGroup)
@click.option("-d", "--directory", default=None, help="The migrations directory (default: 'migrations').")
@click.option("-x", "--x-arg", multiple=True, help="An argument that env.py and scripts can read.")
def db(directory: str | None, x_arg: tuple[str, ...]) -> None:
    """Migrate the database schema.

    Every command takes --traceback, to see where an error comes from.
    """
    remember(directory, x_arg)


for _command in (
    init, revision, migrate, upgrade, downgrade, current, history, heads, branches, show, stamp, check, merge, edit,
    list_templates,
):  # fmt: skip
    db.add_command(_command)
