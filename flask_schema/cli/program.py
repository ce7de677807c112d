"""``flask-schema``: the commands without an application, for projects with an ``alembic.ini`` and an ``env.py``."""

from __future__ import annotations

import os
from typing import Any

import click

from flask_schema.cli import db
from flask_schema.cli.group import CommandGroup
from flask_schema.cli.projects import use_files
from flask_schema.config.alembic_files import SECTION, named_alembic_files


@click.group("flask-schema", cls=CommandGroup, commands=db.commands)
@click.option(
    "-c",
    "--config",
    "configs",
    multiple=True,
    metavar="FILE",
    help="An ini file or a pyproject.toml (default: ALEMBIC_CONFIG, else alembic.ini and pyproject.toml).",
)
@click.option("-n", "--name", "section", default=SECTION, metavar="SECTION", help="The ini file's main section.")
@click.version_option(package_name="Flask-Schema", prog_name="flask-schema")
@click.pass_context
def program(context: click.Context, configs: tuple[str, ...], section: str) -> None:
    """Migrate the database to which env.py connects; no application is loaded."""
    use_files(context, named_alembic_files(configs, os.environ, section))


def main(**options: Any) -> Any:
    """Run the command line of this process."""
    return program(**options)
