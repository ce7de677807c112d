"""``flask-schema``: the commands without an application, for projects with an ``alembic.ini`` and an ``env.py``."""

from __future__ import annotations

import os
from typing import Any

import click

from flask_schema.cli import db
from flask_schema.cli.group import CommandGroup
from flask_schema.cli.options import Command
from flask_schema.cli.projects import use_files
from flask_schema.config.alembic_files import INI_NAME, SECTION, TOML_NAME, named_alembic_files

_CONFIGS = "flask_schema.configs"
_OF_FLASK = frozenset({"migrate"})
"""Commands that Alembic calls otherwise."""


@click.group("flask-schema", cls=CommandGroup)
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
    context.meta[_CONFIGS] = configs
    if context.invoked_subcommand not in ("init", "list-templates", "list_templates"):
        use_files(context, named_alembic_files(configs, os.environ, section))


@click.command(cls=Command)
@click.option("-t", "--template", default="generic", metavar="NAME", help="One of 'list-templates'.")
@click.option("--package", is_flag=True, help="Write __init__.py files too.")
@click.argument("directory")
def init(directory: str, template: str, package: bool) -> None:
    """Make a migrations directory with an env.py that connects, and the ini file where there is none."""
    from flask_schema.alembic_compat.command import init as act

    act(_config(), directory, template, package)


@click.command("list-templates", cls=Command)
def list_templates() -> None:
    """Show what 'init' can make a migrations directory from."""
    from flask_schema.alembic_compat.command import list_templates as act

    act(_config())


def _config() -> Any:
    from flask_schema.alembic_compat.config import Config

    names = click.get_current_context().meta[_CONFIGS]
    toml = next((name for name in names if name.endswith(".toml")), TOML_NAME)
    return Config(next((name for name in names if not name.endswith(".toml")), INI_NAME), toml)


for _command in (*(one for name, one in db.commands.items() if name not in _OF_FLASK), init, list_templates):
    program.add_command(_command)


def main(**options: Any) -> Any:
    """Run the command line of this process."""
    return program(**options)
