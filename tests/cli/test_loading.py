"""How a command finds its application, and what it loads: as little as it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

APPLICATION = """
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_schema import Migrate

db = SQLAlchemy()

class Account(db.Model):
    id = db.Column(db.Integer, primary_key=True)

def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    Migrate(app, db, directory="elsewhere")
    return app
"""

# As the installed entry point does it: the group is known to flask without an application.
RUN = """
import json, sys
from flask.cli import cli
from flask_schema.cli import db
cli.add_command(db, "db")
cli._loaded_plugin_commands = True
try:
    cli(sys.argv[1:], prog_name="flask")
except SystemExit as end:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
    raise
"""

HEAVY = ("sqlalchemy", "mako", "flask_sqlalchemy", "app", "sqlite3", "psycopg", "pymysql")
OUR_HEAVY = ("diff", "dialects", "operations", "snapshot", "runtime", "scripts", "extension", "actions.upgrade")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    for name, revision in (("migrations", "aaaa1"), ("elsewhere", "bbbb2")):
        versions = tmp_path / name / "versions"
        versions.mkdir(parents=True)
        (versions / "one.py").write_text(f"revision = '{revision}'\ndown_revision = None\n")
    return tmp_path


def run(folder: Path, *words: str, **variables: str) -> tuple[int, str, str, set[str]]:
    """Type ``flask ...`` in a fresh interpreter: status, output, errors, and the modules loaded at the end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    *errors, modules = done.stderr.splitlines()
    return done.returncode, done.stdout, "\n".join(errors), set(json.loads(modules))


@pytest.mark.parametrize("words", [["heads"], ["history", "-v"], ["show"], ["branches"], ["rebase", "--no-database"]])
def test_where_pyproject_names_the_directory_hardly_anything_is_loaded(folder: Path, words: list[str]) -> None:
    (folder / "app.py").write_text("raise SystemExit('the application was loaded')")
    (folder / "pyproject.toml").write_text("[tool.flask-schema]\ndirectory = 'migrations'\n")
    status, output, errors, modules = run(folder, "db", *words)
    if words == ["rebase", "--no-database"]:
        assert (status, "nothing to rebase" in errors) == (1, True)
    else:
        assert (status, errors) == (0, "")
    assert "aaaa1" in output or words[0] in {"branches", "rebase"}
    assert [name for name in HEAVY if name in modules] == []
    assert [name for name in OUR_HEAVY if f"flask_schema.{name}" in modules] == []


def test_elsewhere_the_application_says_the_directory(folder: Path) -> None:
    (folder / "app.py").write_text(APPLICATION)
    status, output, errors, modules = run(folder, "db", "heads")
    assert (status, output, errors) == (0, "bbbb2 (head)\n", "")
    assert "mako" not in modules
    assert [name for name in ("diff", "dialects", "runtime", "scripts") if f"flask_schema.{name}" in modules] == []


def test_without_an_application_the_usual_directory_is_taken(folder: Path) -> None:
    assert run(folder, "db", "heads")[:2] == (0, "aaaa1 (head)\n")
    assert run(folder, "db", "-d", "elsewhere", "heads")[:2] == (0, "bbbb2 (head)\n")
    assert run(folder, "db", "heads", FLASK_DB_DIRECTORY="elsewhere")[:2] == (0, "bbbb2 (head)\n")


def test_without_an_application_a_database_cannot_be_found(folder: Path) -> None:
    status, _, errors, _ = run(folder, "db", "upgrade")
    assert status == 2
    assert errors.splitlines() == [
        "Error: there is no application here",
        "hint: name it: 'flask --app NAME db ...', or set FLASK_APP, or call its file app.py",
    ]


def test_a_named_application_that_is_not_there(folder: Path) -> None:
    status, _, errors, _ = run(folder, "--app", "nothing_such", "db", "heads")
    assert status == 2
    assert errors.startswith("Error: the application cannot be found: Could not import 'nothing_such'.\nhint: ")


@pytest.mark.parametrize(
    ("url", "error", "hint"),
    [
        ("postgres://me:hunter2@h/d", "the database URL begins with 'postgres://'", "write postgresql:// instead"),
        ("postgresql+asyncpg2://h/d", "the database URL begins with 'postgresql+asyncpg2://'", "write postgresql://"),
        ("mysql+mysqldb://me:hunter2@h/d", "the database driver 'MySQLdb' is not installed", "flask-schema[mysql]"),
    ],
)
def test_an_application_whose_database_cannot_be_used(folder: Path, url: str, error: str, hint: str) -> None:
    (folder / "app.py").write_text(APPLICATION.replace("sqlite://", url))
    status, _, errors, _ = run(folder, "db", "upgrade")
    assert (status, len(errors.splitlines())) == (1, 2)
    assert error in errors
    assert hint in errors
    assert "hunter2" not in errors


def test_an_application_that_fails_is_named_by_file_and_line(folder: Path) -> None:
    (folder / "app.py").write_text("import json\n\njson.loads('{')\n")
    status, _, errors, _ = run(folder, "db", "upgrade")
    assert status == 1
    assert errors.startswith("Error: the application cannot be loaded: JSONDecodeError: ")
    assert len(errors.splitlines()) == 2
    status, _, errors, _ = run(folder, "db", "upgrade", "--traceback")
    assert 'app.py", line 3' in errors


@pytest.mark.parametrize("words", [["current"], ["upgrade"]])
def test_where_nothing_is_to_run_neither_dialect_nor_operations_are_loaded(folder: Path, words: list[str]) -> None:
    (folder / "app.py").write_text(APPLICATION.replace("sqlite://", f"sqlite:///{folder}/data.sqlite"))
    run(folder, "db", "stamp", "head")
    status, output, _, modules = run(folder, "db", *words)
    assert (status, "bbbb2 (head)" in output) == (0, True)
    found = [
        name for name in ("operations", "snapshot.elements", "dialects.sqlite") if f"flask_schema.{name}" in modules
    ]
    assert found == []


def test_an_upgrade_loads_no_template_engine_and_no_differ(folder: Path) -> None:
    (folder / "app.py").write_text(APPLICATION)
    (folder / "elsewhere" / "versions" / "one.py").write_text(
        "revision = 'bbbb2'\ndown_revision = None\ndef upgrade(): pass\n"
    )
    status, output, _, modules = run(folder, "db", "upgrade")
    assert (status, "The database is at bbbb2 (head)." in output) == (0, True)
    assert "mako" not in modules
    assert [name for name in ("diff", "scripts.template", "scripts.source") if f"flask_schema.{name}" in modules] == []
