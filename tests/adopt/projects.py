"""Projects in the shape that Flask-Migrate and Alembic give them, and Pythons in which those run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

import flask_schema

PYTHON_VARIABLE = "TEST_ALEMBIC_PYTHON"
"""Names a Python that has Flask-Migrate and Alembic, for tests that compare with the real ones."""

REVISION = '''"""{message}

Revision ID: {revision}
Revises: {parent}
Create Date: 2020-01-01 00:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = {revision!r}
down_revision = {parent!r}
branch_labels = None
depends_on = None


def upgrade():
    {up}


def downgrade():
    {down}
'''

ENV = """from logging.config import fileConfig

from alembic import context
from flask import current_app

config = context.config
fileConfig(config.config_file_name, disable_existing_loggers=False)
database = current_app.extensions['migrate'].db


def offline():
    url = database.engine.url.render_as_string(hide_password=False)
    context.configure(url=url, target_metadata=database.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def online():
    options = current_app.extensions['migrate'].configure_args
    with database.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=database.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()


offline() if context.is_offline_mode() else online()
"""

INI = """[alembic]
# file_template = %%(rev)s_%%(slug)s

[loggers]
keys = root

[handlers]
keys = console

[formatters]
keys = generic

[logger_root]
level = WARN
handlers = console

[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = generic

[formatter_generic]
format = %(levelname)s %(message)s
"""

MAKO = '''"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''

FIRST = "op.create_table('person', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('name', sa.String(50)))"
SECOND = "op.add_column('person', sa.Column('age', sa.Integer()))"

APP = """from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from {package} import Migrate

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = {url!r}
db = SQLAlchemy(app)
migrate = Migrate(app, db)


class Person(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    age = db.Column(db.Integer)
"""


def write_revision(folder: Path, revision: str, parent: str | None, up: str, down: str = "pass") -> Path:
    """Write a revision file as Flask-Migrate's template makes them."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{revision}_.py"
    path.write_text(REVISION.format(message=f"about {revision}", revision=revision, parent=parent, up=up, down=down))
    return path


def write_migrations(folder: Path, env: str | None = ENV) -> Path:
    """Write a migrations directory with two revisions; ``env`` is the text of env.py."""
    home = folder / "migrations"
    write_revision(home / "versions", "aaaa", None, FIRST, "op.drop_table('person')")
    write_revision(home / "versions", "bbbb", "aaaa", SECOND, "op.drop_column('person', 'age')")
    (home / "script.py.mako").write_text(MAKO)
    (home / "alembic.ini").write_text(INI)
    if env is not None:
        (home / "env.py").write_text(env)
    return home


@dataclass
class Typed:
    """What a typed command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


def make_app(url: str, folder: Path, *, name: str = "site", models: bool = True) -> tuple[Flask, Any]:
    """An application with Flask-SQLAlchemy and one model, bound to nothing yet."""
    app = Flask(name, root_path=str(folder))
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": sa.NullPool}
    db = SQLAlchemy(app)
    if models:
        sa.Table(
            "person",
            db.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(50)),
            sa.Column("age", sa.Integer),
        )
    return app, db


def bind_flask_migrate(app: Flask, db: Any, **options: Any) -> None:
    """Note what Flask-Migrate notes, in its shape, without the package."""
    directory = str(options.pop("directory", "migrations"))
    arguments = {"compare_type": True, "render_as_batch": True, **options}
    app.extensions["migrate"] = SimpleNamespace(
        db=db, directory=directory, configure_args=arguments, migrate=SimpleNamespace(configure_callbacks=[])
    )


def type_adopt(app: Flask, *words: str, **options: Any) -> Typed:
    """Type ``flask db adopt WORDS`` at an application that need not be bound to anything."""
    from flask_schema.cli import db

    app.cli.commands.setdefault("db", db)
    result = app.test_cli_runner().invoke(args=["db", "adopt", *words], **options)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Typed(result.exit_code, result.stdout, result.stderr)


def tables_in(url: str) -> list[str]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return sorted(sa.inspect(connection).get_table_names())


def rows_in(url: str) -> list[str]:
    """The version table's rows."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return sorted(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars())


# -- the real ones ----------------------------------------------------------------------------


@cache
def alembic_python() -> str:
    """A Python that has Flask-Migrate; skips the test, naming what is missing, where there is none."""
    named = os.environ.get(PYTHON_VARIABLE)
    if named:
        return named
    if all(find_spec(name) for name in ("alembic", "flask_migrate")):
        return sys.executable
    pytest.skip(f"Flask-Migrate is not installed, and {PYTHON_VARIABLE} names no Python that has it")


def type_flask(python: str, folder: Path, *words: str, both: bool = False) -> Typed:
    """Type ``flask --app app WORDS`` in a folder, in another Python; ``both``: this package can be imported there."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK_", "PYTHON"))}
    if both:
        environment["PYTHONPATH"] = str(Path(flask_schema.__file__).parents[1])
    command: Sequence[str] = [python, "-m", "flask", "--app", "app", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return Typed(done.returncode, done.stdout, done.stderr)
