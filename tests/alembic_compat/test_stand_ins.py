"""Modules that were imported earlier with an Alembic of their own: calls of a running migration reach ours.

The Alembic here is a small one with the mechanism of the real: functions of a module that call ``_proxy``.
``TEST_ALEMBIC_PYTHON`` names an interpreter that has the real one, Flask and Flask-SQLAlchemy, for the last test.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from flask_schema.alembic_compat.imports import names_in_force
from tests.alembic_compat.environments import GENERIC, INI
from tests.alembic_compat.folders import Folder, rows_in, tables_in

MODULE = """
def {name}(*arguments, **keywords):
    return _proxy.{name}(*arguments, **keywords)
"""


@pytest.fixture
def alembic() -> Iterator[ModuleType]:
    """A package ``alembic`` in ``sys.modules`` whose ``op`` and ``context`` call what stands in ``_proxy``."""
    package = ModuleType("alembic")
    names: dict[str, ModuleType] = {"alembic": package}
    for module_name, functions in {"op": ["create_table", "get_bind"], "context": ["get_context"]}.items():
        module = ModuleType(f"alembic.{module_name}")
        for function in functions:
            exec(MODULE.format(name=function), module.__dict__)
        names[module.__name__] = module
        setattr(package, module_name, module)
    sys.modules.update(names)
    yield package
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def folder(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path, GENERIC, INI.replace("{url}", sqlite_url))


@pytest.fixture
def helper(alembic: Any) -> Iterator[ModuleType]:
    module = ModuleType("shop_migration_helper")
    module.op, module.context = alembic.op, alembic.context  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


@pytest.mark.usefixtures("helper")
def test_calls_of_a_migration_reach_ours(folder: Folder, alembic: Any, sqlite_url: str) -> None:
    folder.add(
        "helper.op.create_table('thing', sa.Column('id', sa.Integer))\n"
        "    assert helper.op is not op\n"
        "    assert helper.op.get_bind() is op.get_bind()\n"
        "    assert helper.context.get_context() is op.get_context()\n"
        "    assert helper.context.config.get_main_option('sqlalchemy.url').startswith('sqlite')\n"
        "    helper.op.rename_column('thing', 'id', 'number')",
        head="import shop_migration_helper as helper",
    )
    before = dict(vars(alembic.op)), dict(vars(alembic.context))
    folder.upgrade()
    assert tables_in(sqlite_url) == ["thing"]
    assert rows_in(sqlite_url, "SELECT name FROM pragma_table_info('thing')") == [("number",)]
    assert (dict(vars(alembic.op)), dict(vars(alembic.context))) == before
    assert sys.modules["alembic"] is alembic
    with pytest.raises(NameError):
        alembic.op.get_bind()


def test_other_calls_go_where_they_went(alembic: Any) -> None:
    class Theirs:
        def get_bind(self) -> str:
            return "theirs"

    alembic.op._proxy = theirs = Theirs()
    answers: list[str] = []
    with names_in_force():
        assert alembic.op.get_bind() == "theirs"
        thread = threading.Thread(target=lambda: answers.append(alembic.op.get_bind()))
        thread.start()
        thread.join()
    assert answers == ["theirs"]
    assert alembic.op._proxy is theirs


@pytest.mark.usefixtures("helper")
def test_another_thread_keeps_its_own_while_a_command_runs(folder: Folder, alembic: Any) -> None:
    class Theirs:
        def get_context(self) -> str:
            return "theirs"

    alembic.context._proxy = Theirs()
    folder.add(
        "import threading\n"
        "    answers = []\n"
        "    thread = threading.Thread(target=lambda: answers.append(helper.context.get_context()))\n"
        "    thread.start()\n"
        "    thread.join()\n"
        "    assert answers == ['theirs']\n"
        "    assert helper.context.get_context() is op.get_context()",
        head="import shop_migration_helper as helper",
    )
    assert len(folder.upgrade().steps) == 1


def test_what_another_puts_there_meanwhile_stays(alembic: Any) -> None:
    marker = object()
    with names_in_force():
        alembic.op._proxy = marker
    assert alembic.op._proxy is marker
    assert "_proxy" not in vars(alembic.context)


PROGRAM = """
import sqlite3
import alembic.context, alembic.op
import helper
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
import flask_schema

app = Flask("shop")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///{file}"
flask_schema.Migrate(app, SQLAlchemy(app))
before = dict(vars(alembic.op)), dict(vars(alembic.context))
with app.app_context():
    flask_schema.upgrade()
assert (dict(vars(alembic.op)), dict(vars(alembic.context))) == before
assert not alembic.__name__.startswith("flask_schema")
connection = sqlite3.connect("{file}")
assert connection.execute("SELECT text FROM note").fetchall() == [("one",), ("two",)]
connection.close()
print("fine")
"""

HELPER = """
import sqlalchemy as sa
from alembic import context, op
from alembic.op import create_index
from alembic.operations import MigrateOperation, Operations


@Operations.register_operation("write_note")
class WriteNote(MigrateOperation):
    def __init__(self, text):
        self.text = text

    @classmethod
    def write_note(cls, operations, text):
        return operations.invoke(cls(text))


@Operations.implementation_for(WriteNote)
def write(operations, operation):
    operations.execute(f"INSERT INTO note (text) VALUES ('{operation.text}')")


def create():
    op.create_table("note", sa.Column("text", sa.String(20)))
    create_index("ix_note", "note", ["text"])
    assert op._proxy.migration_context.dialect.name == "sqlite"
    assert context.get_impl().bind.dialect.name == "sqlite"
    assert context.config.config_file_name is None
"""

REVISION = """
import alembic
import helper
from alembic import op

revision, down_revision = "a", None


def upgrade():
    assert alembic.__name__.startswith("flask_schema")
    helper.create()
    op.write_note("one")
    helper.op.write_note("two")
"""


def test_with_the_real_alembic(tmp_path: Path) -> None:
    python = os.environ.get("TEST_ALEMBIC_PYTHON")
    if not python:
        pytest.skip("TEST_ALEMBIC_PYTHON is not set")
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "a.py").write_text(REVISION)
    (tmp_path / "helper.py").write_text(HELPER)
    (tmp_path / "program.py").write_text(PROGRAM.replace("{file}", str(tmp_path / "x.db")))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [python, "program.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "fine\n", textwrap.indent(done.stderr, "  ")
