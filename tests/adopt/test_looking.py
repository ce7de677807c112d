"""What ``flask db adopt`` finds in projects of each kind, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from flask_schema import Migrate
from flask_schema.actions.adopt.sql_comparison import statements_in
from flask_schema.cli.program import program
from tests.adopt.projects import (
    APP,
    ENV,
    PYTHON_VARIABLE,
    alembic_python,
    bind_flask_migrate,
    make_app,
    rows_in,
    tables_in,
    type_adopt,
    type_flask,
    write_migrations,
    write_revision,
)


@pytest.fixture
def site(sqlite_url: str, folder: Path) -> tuple[Flask, Any]:
    write_migrations(folder)
    app, db = make_app(sqlite_url, folder)
    bind_flask_migrate(app, db)
    return app, db


def found_in(app: Flask, *words: str, code: int = 0) -> dict[str, Any]:
    typed = type_adopt(app, "--json", *words)
    assert typed.code == code, typed.text
    data: dict[str, Any] = json.loads(typed.out)
    return data


@pytest.mark.databases("sqlite", "postgresql")
def test_a_project_of_flask_migrate(database_url: str, folder: Path) -> None:
    write_migrations(folder)
    app, db = make_app(database_url, folder)
    bind_flask_migrate(app, db)
    found = found_in(app)
    assert found["extension"] == "Flask-Migrate"
    assert found["directory"] == str(folder / "migrations")
    assert (found["revision_count"], found["importing_count"], found["heads"]) == (2, 3, ["bbbb"])
    assert found["ini"] == str(folder / "migrations" / "alembic.ini") or found["ini"] == "migrations/alembic.ini"
    assert found["databases"][0]["pending"] == 2
    assert found["databases"][0]["revisions"] == []
    assert found["is_ready"] is True
    assert [one for one in found["differences"] if "server defaults" in one]
    assert [one for one in found["differences"] if "batch_alter_table" in one]
    assert tables_in(database_url) == []


def test_it_is_said_in_words(site: tuple[Flask, Any]) -> None:
    typed = type_adopt(site[0])
    assert typed.code == 0, typed.text
    lines = typed.out.splitlines()
    assert lines[0].split() == ["migrates:", "Flask-Migrate"]
    assert lines[1] == "directory:  migrations/ (2 revisions, 3 of them import from alembic)"
    assert lines[-2:] == ["Nothing stands in the way.", "next: flask db adopt --change-import"]


def test_options_keep_what_they_said(sqlite_url: str, folder: Path) -> None:
    write_migrations(folder)
    app, db = make_app(sqlite_url, folder)
    bind_flask_migrate(app, db, render_as_batch=False, compare_server_default=True)
    assert found_in(app)["differences"] == []


def test_an_option_that_is_no_setting_stands_in_the_way(sqlite_url: str, folder: Path) -> None:
    write_migrations(folder)
    app, db = make_app(sqlite_url, folder)
    bind_flask_migrate(app, db, my_own_option=3)
    assert found_in(app, code=3)["obstacles"] == [
        "Migrate(my_own_option=...) is no setting of Flask-Schema: leave it out"
    ]


def test_names_that_are_not_here_are_told_with_their_places(site: tuple[Flask, Any], folder: Path) -> None:
    versions = folder / "migrations" / "versions"
    path = write_revision(versions, "cccc", "bbbb", "op.make_coffee()")
    path.write_text(
        path.read_text().replace("from alembic import op", "from alembic import op\nimport alembic.nothing")
    )
    write_revision(versions, "dddd", "cccc", "op.my_own()")
    (folder / "migrations" / "env.py").write_text(
        f"from alembic.operations import Operations\n{ENV}\n\n"
        "def register():\n    Operations.register_operation('my_own')\n"
    )
    typed = type_adopt(site[0], "--no-alembic")
    assert typed.code == 3
    assert "obstacle: migrations/versions/cccc_.py:9 uses alembic.nothing, which is not here" in typed.out
    assert "obstacle: migrations/versions/cccc_.py:21 uses op.make_coffee, which is not here" in typed.out
    assert "my_own" not in typed.out
    assert typed.err.startswith("Error: 2 things stand in the way")


def test_a_database_that_is_ahead_stands_in_the_way(site: tuple[Flask, Any], sqlite_url: str) -> None:
    with sa.create_engine(sqlite_url, poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('ffff')"))
    found = found_in(site[0], code=3)
    assert "ffff" in found["obstacles"][0]


def test_a_history_that_cannot_be_read_stands_in_the_way(site: tuple[Flask, Any], folder: Path) -> None:
    write_revision(folder / "migrations" / "versions", "cccc", "nowhere", "pass")
    assert "nowhere" in found_in(site[0], code=3)["obstacles"][0]
    (folder / "migrations" / "env.py").write_text("def (:\n")
    assert "env.py cannot be read" in found_in(site[0], code=3)["obstacles"][0]


def test_no_directory(sqlite_url: str, folder: Path) -> None:
    app, db = make_app(sqlite_url, folder)
    bind_flask_migrate(app, db)
    assert "'flask db adopt --from-database'" in found_in(app, code=3)["obstacles"][0]


def test_a_project_of_ours(sqlite_url: str, folder: Path) -> None:
    write_migrations(folder)
    app, db = make_app(sqlite_url, folder)
    Migrate(app, db)
    found = found_in(app)
    assert (found["extension"], found["differences"], found["binding"]) == ("Flask-Schema", [], None)
    assert "next: flask db upgrade" in type_adopt(app).out


def test_flask_alembic_is_recognised_by_its_layout(sqlite_url: str, folder: Path) -> None:
    """Its revisions stand in the script location itself, and paths are meant from the application's folder."""
    write_revision(folder / "schema", "aaaa", None, "pass")
    write_revision(folder / "branch", "bbbb", "aaaa", "pass")
    app, _ = make_app(sqlite_url, folder)
    app.config["ALEMBIC"] = {
        "script_location": "schema",
        "version_locations": [("main", "branch")],
        "path_separator": "os",
        "file_template": "%%(rev)s",
        "post_write_hooks": {"hooks": "ruff"},
    }
    app.config["ALEMBIC_CONTEXT"] = {"compare_server_default": True, "include_schemas": True}
    app.extensions["alembic"] = SimpleNamespace(metadatas={}, engines={})
    found = found_in(app)
    assert (found["extension"], found["heads"]) == ("Flask-Alembic", ["bbbb"])
    assert found["binding"].startswith(
        "Migrate(app, db, directory='schema', version_locations=['schema', 'branch'], file_template='%(rev)s'"
    )
    assert "include_schemas=True" in found["binding"]
    Migrate(app, app.extensions["sqlalchemy"], **_arguments_of(found["binding"]))
    assert app.test_cli_runner().invoke(args=["db", "heads"]).stdout == "bbbb (head)\n"
    assert type_adopt(app, "--change-import").code == 0


def _arguments_of(call: str) -> dict[str, Any]:
    import ast

    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    return {str(one.arg): ast.literal_eval(one.value) for one in node.keywords}


def test_plain_alembic_is_found_by_its_files(sqlite_url: str, folder: Path) -> None:
    env = f"from alembic import context\ncontext.configure(url={sqlite_url!r})\ncontext.run_migrations()\n"
    home = write_migrations(folder, env)
    home.rename(folder / "alembic")
    (folder / "alembic" / "alembic.ini").unlink()
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/alembic\n")
    app, _ = make_app(sqlite_url, folder)
    found = found_in(app, "--no-alembic")
    assert (found["extension"], found["heads"]) == ("Alembic", ["bbbb"])
    assert found["binding"] == "Migrate(app, db, directory='alembic')"
    assert found_in(Flask("without"), "--no-alembic")["binding"] == (
        "Migrate(app, metadata=Base.metadata, engine=engine, directory='alembic')"
    )
    typed = type_adopt(app, "--change-import", "--yes")
    assert typed.code == 2
    assert "an import is not enough" in typed.err


# -- both engines' SQL ------------------------------------------------------------------------


def test_statements_are_compared_without_what_does_not_matter() -> None:
    assert statements_in(
        "BEGIN;\n\n-- Running upgrade  -> a\n\nCREATE TABLE x (\n    id INTEGER, \n    PRIMARY KEY (id)\n);\n\n"
        "INSERT INTO alembic_version (version_num) VALUES ('a');\n\nCOMMIT;\n\n"
    ) == ("CREATE TABLE x (id INTEGER, PRIMARY KEY (id))",)
    assert statements_in("INSERT INTO t VALUES ('a; b');\n") == ("INSERT INTO t VALUES ('a; b')",)


def test_what_has_no_order_is_compared_without() -> None:
    one = "CREATE TABLE t (a NUMERIC(3, 2) DEFAULT 'x, y', b INTEGER, PRIMARY KEY (a), CONSTRAINT u UNIQUE (a, b));\n"
    other = "CREATE TABLE t (a NUMERIC(3, 2) DEFAULT 'x, y', b INTEGER, CONSTRAINT u UNIQUE (a, b), PRIMARY KEY (a));\n"
    assert statements_in(one) == statements_in(other)
    swapped = (
        "CREATE TABLE t (b INTEGER, a NUMERIC(3, 2) DEFAULT 'x, y', PRIMARY KEY (a), CONSTRAINT u UNIQUE (a, b));\n"
    )
    assert statements_in(one) != statements_in(swapped)
    indexes = ["CREATE INDEX x ON t (a);\n", "CREATE UNIQUE INDEX y ON t (b);\n"]
    assert statements_in("".join(indexes)) == statements_in("".join(reversed(indexes)))
    assert statements_in("DROP TABLE a;\nDROP TABLE b;\n") != statements_in("DROP TABLE b;\nDROP TABLE a;\n")


def test_without_alembic_nothing_is_compared(site: tuple[Flask, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for spec in (None, SimpleNamespace(origin=None)):  # a folder that is called alembic is no package
        monkeypatch.setattr("flask_schema.actions.adopt.sql_comparison.find_spec", lambda name, spec=spec: spec)
        assert found_in(site[0])["sql"]["reason"] == "Alembic is not installed here"
    assert found_in(site[0], "--no-alembic")["sql"] is None


def type_both(folder: Path, url: str, *words: str) -> tuple[int, dict[str, Any]]:
    """``adopt --json`` in a Python that has Flask-Migrate too; the application uses that."""
    (folder / "base.py").write_text(APP.format(package="flask_migrate", url=url))
    (folder / "app.py").write_text(
        "from base import app\nfrom flask_schema.cli import db as group\napp.cli.add_command(group, 'schema')\n"
    )
    typed = type_flask(alembic_python(), folder, "schema", "adopt", "--json", *words, both=True)
    assert typed.out, typed.text
    return typed.code, json.loads(typed.out)


def test_both_engines_are_asked(folder: Path) -> None:
    write_migrations(folder)
    code, found = type_both(folder, "sqlite:///data.sqlite")
    assert (code, found["sql"]["compared"], found["sql"]["differences"]) == (0, 2, [])
    assert found["sql"]["release"].count(".") == 2
    assert found["extension"] == "Flask-Migrate"


def test_what_differs_is_shown(folder: Path) -> None:
    write_migrations(folder)
    versions = folder / "migrations" / "versions"
    write_revision(versions, "cccc", "bbbb", "op.execute('SELECT %d' % (not hasattr(op, 'create_view')))")
    write_revision(versions, "dddd", "cccc", "op.batch_alter_table('person').__enter__().drop_column('age')")
    code, found = type_both(folder, "sqlite:///data.sqlite")
    (difference,) = [one for one in found["sql"]["differences"] if one["revision"] == "cccc"]
    assert (difference["theirs"], difference["ours"]) == (["SELECT 1"], ["SELECT 0"])
    assert code == 3


def test_what_alembic_cannot_write_is_no_difference(folder: Path) -> None:
    write_migrations(folder)
    up = "with op.batch_alter_table('person') as batch:\n        batch.alter_column('name', nullable=False)"
    write_revision(folder / "migrations" / "versions", "cccc", "bbbb", up)
    code, found = type_both(folder, "sqlite:///data.sqlite")
    assert (code, found["sql"]["compared"]) == (0, 2)
    assert found["sql"]["uncompared"][0][0] == "cccc"


def test_a_rebuilt_table_is_no_difference(folder: Path) -> None:
    write_migrations(folder)
    up = "op.alter_column('person', 'name', type_=sa.Text())"
    write_revision(folder / "migrations" / "versions", "cccc", "bbbb", up)
    code, found = type_both(folder, "sqlite:///data.sqlite")
    assert (code, found["sql"]["compared"]) == (0, 2)
    assert found["sql"]["uncompared"] == [["cccc", "it rebuilds a table, which each engine does its own way"]]


def test_the_whole_history_can_be_compared(folder: Path) -> None:
    write_migrations(folder)
    url = f"sqlite:///{folder / 'data.sqlite'}"
    (folder / "app.py").write_text(APP.format(package="flask_migrate", url=url))
    upgraded = type_flask(alembic_python(), folder, "db", "upgrade")
    assert upgraded.code == 0, upgraded.text
    assert rows_in(url) == ["bbbb"]
    assert type_both(folder, url)[1]["sql"]["reason"] == "nothing is pending"
    assert type_both(folder, url, "--whole-history")[1]["sql"]["compared"] == 2


@pytest.mark.databases("postgresql")
def test_both_engines_agree_on_postgresql(database_url: str, folder: Path) -> None:
    write_migrations(folder)
    write_revision(
        folder / "migrations" / "versions",
        "cccc",
        "bbbb",
        "op.alter_column('person', 'name', type_=sa.Text(), nullable=False, existing_type=sa.String(50))\n"
        "    op.create_index('ix_name', 'person', ['name'], unique=True)\n"
        "    op.create_unique_constraint('uq', 'person', ['age', 'name'])\n"
        "    op.execute(\"UPDATE person SET name = 'a; b'\")",
    )
    url = database_url.replace("postgresql+psycopg://", "postgresql+psycopg2://")
    code, found = type_both(folder, url)
    assert (code, found["sql"]["differences"], found["sql"]["compared"]) == (0, [], 3)


def test_the_variable_is_named_when_there_is_no_such_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PYTHON_VARIABLE, raising=False)
    monkeypatch.setattr("tests.adopt.projects.find_spec", lambda name: None)
    with pytest.raises(pytest.skip.Exception, match=PYTHON_VARIABLE):
        alembic_python.__wrapped__()


def test_a_project_without_an_application(sqlite_url: str, folder: Path) -> None:
    env = f"from alembic import context\ncontext.configure(url={sqlite_url!r})\ncontext.run_migrations()\n"
    write_migrations(folder, env).rename(folder / "alembic")
    (folder / "own.ini").write_text("[alembic]\nscript_location = %(here)s/alembic\n")
    result = CliRunner().invoke(program, ["-c", "own.ini", "adopt"], prog_name="flask-schema")
    assert result.exit_code == 0, result.output
    assert "heads:      bbbb" in result.stdout
    assert "write:" not in result.stdout
    assert result.stdout.endswith("next: flask-schema upgrade\n")


SEVERAL = """
def upgrade(engine_name):
    globals()[f"upgrade_{engine_name}"]()


def upgrade_():
    op.create_table("person", sa.Column("id", sa.Integer(), primary_key=True))


def upgrade_other():
    op.create_table("log", sa.Column("id", sa.Integer(), primary_key=True))
"""


def test_both_engines_are_asked_about_several_databases(folder: Path) -> None:
    """Their ``env.py`` writes a file for each, which is looked into and left nowhere."""
    url = "sqlite:///data.sqlite"
    (folder / "app.py").write_text(APP.format(package="flask_migrate", url=url))
    made = type_flask(alembic_python(), folder, "db", "init", "--multidb")
    assert made.code == 0, made.text
    (folder / "migrations" / "versions" / "a1.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'a1'\ndown_revision = None\n{SEVERAL}"
    )
    application = APP.format(package="flask_migrate", url=url)
    binds = "app.config['SQLALCHEMY_BINDS'] = {'other': 'sqlite:///other.sqlite'}\n"
    (folder / "base.py").write_text(re.sub(r"^(?=db = )", binds, application, flags=re.MULTILINE))
    assert binds in (folder / "base.py").read_text()
    (folder / "app.py").write_text(
        "from base import app\nfrom flask_schema.cli import db as group\napp.cli.add_command(group, 'schema')\n"
    )
    typed = type_flask(alembic_python(), folder, "schema", "adopt", "--json", both=True)
    found = json.loads(typed.out)
    assert [one["pending"] for one in found["databases"]] == [1, 1]
    assert (found["sql"]["compared"], found["sql"]["differences"], found["sql"]["uncompared"]) == (1, [], [])
    assert list(folder.glob("*.sql")) == []
