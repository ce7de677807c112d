"""``flask-schema`` in the place of ``alembic``: a process of its own, without an application."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.alembic_compat.environments import GENERIC, INI
from tests.alembic_compat.folders import Folder, tables_in

PACKAGE = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, sqlite_url: str) -> Folder:
    return Folder(tmp_path, GENERIC, INI.replace("{url}", sqlite_url))


def call(folder: Folder, *words: str, code: int = 0, **variables: str) -> str:
    """What the program prints, errors included."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE), "NO_COLOR": "1", **variables}
    done = subprocess.run(
        [sys.executable, "-m", "flask_schema", *words],
        cwd=folder.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_day_with_the_program(folder: Folder, sqlite_url: str) -> None:
    assert "Wrote migrations/versions/" in call(folder, "revision", "--autogenerate", "-m", "first")
    assert "head" in call(folder, "heads")
    assert "first" in call(folder, "upgrade", "head")
    assert tables_in(sqlite_url) == ["account"]
    assert "(head)" in call(folder, "current", "--check-heads")
    call(folder, "check")
    call(folder, "downgrade", "-1")
    assert tables_in(sqlite_url) == []
    assert "CREATE TABLE account" in call(folder, "upgrade", "head", "--sql")
    call(folder, "stamp", "head")
    assert "(head)" in call(folder, "current")


def test_files_and_sections_as_alembic_has_them(folder: Folder, sqlite_url: str) -> None:
    folder.add("op.create_table('thing', sa.Column('id', sa.Integer))")
    (folder.root / "alembic.ini").rename(folder.root / "my.ini")
    assert "there is no migrations directory" not in call(folder, "-c", "my.ini", "history")
    call(folder, "upgrade", "head", ALEMBIC_CONFIG="my.ini")
    assert tables_in(sqlite_url) == ["thing"]
    assert "there is no section [other]" in call(folder, "-c", "my.ini", "-n", "other", "heads", code=1)
    assert "there is no file" in call(folder, "-c", "none.ini", "heads", code=2)


def test_the_command_line_sets_up_logging_as_the_file_says(folder: Folder) -> None:
    folder.add("import logging; logging.getLogger('mine').warning('seen')")
    assert "WARNING seen" in call(folder, "upgrade", "head")


def test_hints_name_the_program(folder: Folder) -> None:
    said = call(folder, "upgrade", "nothing", code=1)
    assert "flask db" not in said
    assert "python -m flask_schema history" in said


@pytest.mark.parametrize("template", ["generic", "pyproject"])
def test_a_project_begins_with_the_program(tmp_path: Path, template: str) -> None:
    folder = Folder.__new__(Folder)
    folder.root = tmp_path
    assert template in call(folder, "list-templates")
    call(folder, "init", "-t", template, "schema")
    ini = tmp_path / "alembic.ini"
    ini.write_text(re.sub(r"(?m)^sqlalchemy.url = .*$", "sqlalchemy.url = sqlite:///x.sqlite", ini.read_text()))
    call(folder, "revision", "-m", "first")
    assert "first" in call(folder, "upgrade", "head")
    assert (tmp_path / "x.sqlite").exists()
    assert "Error: " in call(folder, "init", "schema", code=1)
