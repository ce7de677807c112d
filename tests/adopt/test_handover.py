"""``flask db`` where Flask-Migrate is installed too: the application's choice, through the entry point as well."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import flask_schema

# Registers its group on the application, as Flask-Migrate does since 4.0.
OTHER = '''import click


@click.group()
@click.option("-d", "--directory")
@click.option("-x", "--x-arg", multiple=True)
def db(directory, x_arg):
    """The other package's group."""
    click.echo(f"other group {directory} {list(x_arg)}")


@db.command()
@click.argument("revision", default="head")
def upgrade(revision):
    click.echo(f"other upgrade {revision}")


class Migrate:
    def __init__(self, app=None, db=None, command="db"):
        self.command = command
        self.configure_callbacks = []
        app.extensions["migrate"] = self
        self.db, self.directory, self.configure_args, self.migrate = db, "migrations", {}, self
        app.cli.add_command(globals()["db"], command)
'''

APP = """from flask import Flask
import sqlalchemy as sa
app = Flask(__name__)
"""
OURS = "import flask_schema; flask_schema.Migrate(app, sa.MetaData(), engine='sqlite:///data.sqlite'{options})\n"
THEIRS = "import flask_migrate; flask_migrate.Migrate(app, None)\n"


@pytest.fixture
def site(folder: Path) -> Path:
    """A folder in which this package has its entry point, and the other package is installed."""
    (folder / "flask_migrate.py").write_text(OTHER)
    info = folder / "flask_schema-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Flask-Schema\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[flask.commands]\ndb = flask_schema.cli:db\n")
    (folder / "migrations" / "versions").mkdir(parents=True)
    return folder


def type_db(site: Path, app: str, *words: str) -> str:
    """Type ``flask WORDS`` in a process of its own; return all it printed, after its exit code."""
    (site / "app.py").write_text(APP + app)
    paths = os.pathsep.join([str(site), str(Path(flask_schema.__file__).parents[1])])
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, "-m", "flask", *words], env=environment, capture_output=True, text=True, check=False
    )
    return f"{done.returncode}: {done.stdout}{done.stderr}"


def test_an_application_of_the_other_package_keeps_its_commands(site: Path) -> None:
    assert type_db(site, THEIRS, "db", "-d", "adopt", "-x", "a=b", "upgrade", "head") == (
        "0: other group adopt ['a=b']\nother upgrade head\n"
    )
    assert "The other package's group." in type_db(site, THEIRS, "db", "--help")


def test_adopt_is_ours_for_such_an_application_too(site: Path) -> None:
    said = type_db(site, THEIRS, "db", "-d", "migrations", "adopt", "--no-alembic")
    assert "migrates:   Flask-Migrate" in said
    assert "other" not in said


def test_an_application_of_ours_has_our_commands(site: Path) -> None:
    assert type_db(site, OURS.format(options=""), "db", "upgrade").startswith("0: There are no revisions yet.")


def test_an_application_bound_to_both_has_ours(site: Path) -> None:
    for app in (THEIRS + OURS.format(options=""), OURS.format(options="") + THEIRS):
        assert type_db(site, app, "db", "upgrade").startswith("0: There are no revisions yet.")


def test_ours_under_another_name_leaves_the_name_to_the_other(site: Path) -> None:
    app = OURS.format(options=", command='schema'") + THEIRS
    assert "other upgrade head" in type_db(site, app, "db", "upgrade")
    assert type_db(site, app, "schema", "upgrade").startswith("0: There are no revisions yet.")


def test_an_application_that_cannot_be_loaded_is_reported_once(site: Path) -> None:
    said = type_db(site, "raise RuntimeError('nothing works')\n", "db", "upgrade")
    assert said.startswith("1: Error: the application cannot be loaded: RuntimeError: nothing works")
    assert "Traceback" not in said
