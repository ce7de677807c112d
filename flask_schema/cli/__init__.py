"""``flask db``: each command is parsed, one action is called, and its result is printed."""

from __future__ import annotations

import click

from flask_schema.cli.adopting import adopt
from flask_schema.cli.group import CommandGroup
from flask_schema.cli.reading import branches, heads, history, show
from flask_schema.cli.running import check, current, downgrade, ensure_version, stamp, upgrade
from flask_schema.cli.writing import edit, init, list_templates, merge, migrate, prune, rebase, revision, squash


@click.group(cls=CommandGroup)
def db() -> None:
    """Migrate the database schema."""


for _command in (
    adopt, branches, check, current, downgrade, edit, ensure_version, heads, history, init, list_templates, merge,
    migrate, prune, rebase, revision, show, squash, stamp, upgrade,
):  # fmt: skip
    db.add_command(_command)
