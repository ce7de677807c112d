"""The pages on switching say what happens: their commands are typed, and print what the pages show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

import flask_schema
from tests.adopt.projects import APP, FIRST, SECOND, rows_in, write_migrations, write_revision
from tests.adopt.test_handover import OTHER
from tests.docs.tutorial_steps import WriteFile, carry_out, read_steps

ROOT = Path(flask_schema.__file__).parents[1]
PAGES = ROOT / "docs" / "how-to"

MODELS = """import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "person"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50))
    age = sa.Column(sa.Integer)
"""
PLAIN_ENV = """from alembic import context
from sqlalchemy import create_engine

from models import Base

with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
FLASK_ALEMBIC = """from types import SimpleNamespace

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///data.sqlite"
app.config["ALEMBIC"] = {"script_location": "migrations", "file_template": "%%(rev)s"}
app.extensions["alembic"] = SimpleNamespace(metadatas={}, engines={})
db = SQLAlchemy(app)
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Where this package has its entry point, and the other package is installed: a path for PYTHONPATH."""
    place = tmp_path / "packages"
    info = place / "flask_schema-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Flask-Schema\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[flask.commands]\ndb = flask_schema.cli:db\n")
    (place / "flask_migrate.py").write_text(OTHER)
    return Path(f"{place}{os.pathsep}{ROOT}")


def read_page(name: str, folder: Path, packages: Path) -> None:
    """Carry out the steps of a page."""
    steps = read_steps((PAGES / f"{name}.md").read_text(encoding="utf-8"))
    assert [step for step in steps if not isinstance(step, WriteFile)]
    for step in steps:
        carry_out(step, folder, packages)


def test_from_flask_migrate_and_back(folder: Path, packages: Path) -> None:
    home = write_migrations(folder)
    url = f"sqlite:///{folder / 'data.sqlite'}"
    (folder / "app.py").write_text(APP.format(package="flask_migrate", url=url))
    before = (folder / "app.py").read_text(), (home / "versions" / "aaaa_.py").read_text()
    read_page("switch-from-flask-migrate", folder, packages)
    assert rows_in(url) == ["bbbb"]
    assert "from flask_schema import op" in (home / "versions" / "aaaa_.py").read_text()
    read_page("switch-back", folder, packages)
    assert ((folder / "app.py").read_text(), (home / "versions" / "aaaa_.py").read_text()) == before


def test_from_alembic(folder: Path, packages: Path) -> None:
    write_migrations(folder, PLAIN_ENV).rename(folder / "alembic")
    (folder / "alembic" / "alembic.ini").unlink()
    (folder / "alembic.ini").write_text(
        "[alembic]\nscript_location = %(here)s/alembic\nprepend_sys_path = .\nsqlalchemy.url = sqlite:///data.sqlite\n"
    )
    (folder / "models.py").write_text(MODELS)
    (folder / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    read_page("switch-from-alembic", folder, packages)
    assert rows_in(f"sqlite:///{folder / 'data.sqlite'}") == ["bbbb"]


def test_from_flask_alembic(folder: Path, packages: Path) -> None:
    write_revision(folder / "migrations", "aaaa", None, FIRST)
    write_revision(folder / "migrations", "bbbb", "aaaa", SECOND)
    (folder / "app.py").write_text(FLASK_ALEMBIC)
    read_page("switch-from-flask-alembic", folder, packages)
    assert rows_in(f"sqlite:///{folder / 'instance' / 'data.sqlite'}") == ["bbbb"]


def test_beginning_with_a_database(folder: Path, packages: Path) -> None:
    url = f"sqlite:///{folder / 'data.sqlite'}"
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.text("CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(50))"))
    (folder / "app.py").write_text(APP.format(package="flask_schema", url=url))
    read_page("begin-with-a-database", folder, packages)
    assert len(rows_in(url)) == 1
