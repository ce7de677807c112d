"""What Flask-Migrate 4.1 offers, and the same here: functions, arguments, attributes, options of each command."""

from __future__ import annotations

import inspect
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
from flask import Flask

import flask_schema
from flask_schema import Migrate
from flask_schema.cli import db as group
from tests.adopt.projects import FIRST, SECOND, make_app, rows_in, write_migrations, write_revision

FUNCTIONS = {
    "list_templates": [],
    "init": ["directory", "multidb", "template", "package"],
    "revision": [
        "directory", "message", "autogenerate", "sql", "head", "splice", "branch_label", "version_path", "rev_id",
    ],
    "migrate": [
        "directory", "message", "sql", "head", "splice", "branch_label", "version_path", "rev_id", "x_arg",
    ],
    "edit": ["directory", "revision"],
    "merge": ["directory", "revisions", "message", "branch_label", "rev_id"],
    "upgrade": ["directory", "revision", "sql", "tag", "x_arg"],
    "downgrade": ["directory", "revision", "sql", "tag", "x_arg"],
    "show": ["directory", "revision"],
    "history": ["directory", "rev_range", "verbose", "indicate_current"],
    "heads": ["directory", "verbose", "resolve_dependencies"],
    "branches": ["directory", "verbose"],
    "current": ["directory", "verbose"],
    "stamp": ["directory", "revision", "sql", "tag", "purge"],
    "check": ["directory"],
}  # fmt: skip
OPTIONS = {
    "list-templates": set(),
    "init": {"--multidb", "-t", "--template", "--package"},
    "revision": {
        "-m", "--message", "--autogenerate", "--sql", "--head", "--splice", "--branch-label", "--version-path",
        "--rev-id",
    },
    "migrate": {
        "-m", "--message", "--sql", "--head", "--splice", "--branch-label", "--version-path", "--rev-id", "-x",
        "--x-arg",
    },
    "edit": {"revision"},
    "merge": {"-m", "--message", "--branch-label", "--rev-id", "revisions"},
    "upgrade": {"--sql", "--tag", "-x", "--x-arg", "revision"},
    "downgrade": {"--sql", "--tag", "-x", "--x-arg", "revision"},
    "show": {"revision"},
    "history": {"-r", "--rev-range", "-v", "--verbose", "-i", "--indicate-current"},
    "heads": {"-v", "--verbose", "--resolve-dependencies"},
    "branches": {"-v", "--verbose"},
    "current": {"-v", "--verbose"},
    "stamp": {"--sql", "--tag", "--purge", "revisions"},
    "check": set(),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_take_the_same_arguments_in_the_same_places(name: str) -> None:
    signature = inspect.signature(getattr(flask_schema, name))
    assert list(signature.parameters)[: len(FUNCTIONS[name])] == FUNCTIONS[name]
    assert all(one.default is not one.empty for one in signature.parameters.values())


@pytest.mark.parametrize("name", OPTIONS)
def test_commands_take_the_same_options(name: str) -> None:
    found = {opt for parameter in group.commands[name].params for opt in (*parameter.opts, *parameter.secondary_opts)}
    assert OPTIONS[name] | {"-d", "--directory"} <= found


def test_the_group_takes_directory_and_x() -> None:
    found = {opt for parameter in group.params for opt in parameter.opts}
    assert {"-d", "--directory", "-x", "--x-arg"} <= found


def test_the_release_of_alembic_is_three_numbers() -> None:
    assert [type(part) for part in flask_schema.alembic_version] == [int, int, int]


def test_the_extension_says_what_it_was_given(sqlite_url: str, folder: Path) -> None:
    app, db = make_app(sqlite_url, folder)
    migrate = Migrate(directory=Path("somewhere"), command="schema", include_schemas=True)
    assert migrate.db is None
    migrate.init_app(app, db)
    assert (migrate.db, migrate.directory, migrate.command) == (db, "somewhere", "schema")
    assert migrate.alembic_ctx_kwargs == {"include_schemas": True}
    assert migrate.configure(print) is print
    assert migrate.configure_callbacks == [print]
    state = app.extensions["migrate"]
    assert (state.db, state.metadata, state.directory) == (db, db.metadata, "somewhere")
    assert (Migrate().directory, Migrate().command) == ("migrations", "db")


def test_metadata_that_was_given_comes_first(folder: Path) -> None:
    app, metadata = Flask("plain"), sa.MetaData()
    Migrate(app, metadata=metadata, url="sqlite://")
    assert app.extensions["migrate"].metadata is metadata


def test_the_database_of_one_application_is_not_taken_for_another(sqlite_url: str, folder: Path) -> None:
    first, db = make_app(sqlite_url, folder)
    migrate = Migrate()
    migrate.init_app(first, db)
    second = Flask("second")
    migrate.init_app(second, metadata=sa.MetaData(), url="sqlite://")
    assert second.extensions["migrate"].db is None


def run(app: Flask, name: str, **arguments: Any) -> Any:
    with app.app_context():
        return getattr(flask_schema, name)(**arguments)


def test_sql_of_a_downgrade_is_that_of_one_step(sqlite_url: str, folder: Path) -> None:
    write_migrations(folder)
    app, db = make_app(sqlite_url, folder)
    Migrate(app, db)
    output = StringIO()
    run(app, "downgrade", sql=True, output=output)
    assert "DROP COLUMN age" in output.getvalue()
    assert "DROP TABLE person" not in output.getvalue()


def test_merging_nothing_named_merges_the_heads(sqlite_url: str, folder: Path) -> None:
    write_migrations(folder)
    write_revision(folder / "migrations" / "versions", "cccc", "aaaa", "pass")
    app, db = make_app(sqlite_url, folder)
    Migrate(app, db)
    assert set(run(app, "merge", revisions="").parents) == {"bbbb", "cccc"}


def test_a_change_of_a_type_is_told_with_both_types(sqlite_url: str, folder: Path) -> None:
    write_migrations(folder)
    app, db = make_app(sqlite_url, folder)
    Migrate(app, db)
    run(app, "upgrade")
    db.metadata.tables["person"].c.name.type = sa.String(10)
    done = app.test_cli_runner().invoke(args=["db", "migrate", "-m", "shorter"])
    assert done.exit_code == 0, done.output
    assert "Detected type change from VARCHAR(length=50) to String(length=10) on person.name" in done.stderr
    assert "from alembic import op" in next(folder.glob("migrations/versions/*shorter.py")).read_text()


def test_a_template_folder_makes_an_ini_file(sqlite_url: str, folder: Path) -> None:
    own = folder / "template"
    own.mkdir()
    (own / "alembic.ini.mako").write_text("# ini\n[alembic]\nscript_location = ${script_location}\nt = %%(rev)s\n")
    (own / "env.py").write_text("# env\nfrom alembic import context\ncontext.configure()\ncontext.run_migrations()\n")
    (own / "script.py.mako").write_text("# script ${message}\nrevision = ${repr(up_revision)}\n")
    app, db = make_app(sqlite_url, folder)
    Migrate(app, db, directory="deep/inside")
    run(app, "init", template="./template")
    assert (folder / "deep/inside/alembic.ini").read_text().splitlines()[1:] == [
        "[alembic]",
        "script_location = deep/inside",
        "t = %%(rev)s",
    ]
    assert (folder / "deep/inside/env.py").read_text().startswith("# env")
    assert (folder / "deep/inside/script.py.mako").read_text().startswith("# script ${message}")
    assert run(app, "heads").revisions == ()


def test_a_template_that_does_not_render_writes_nothing(sqlite_url: str, folder: Path) -> None:
    own = folder / "template"
    own.mkdir()
    (own / "alembic.ini.mako").write_text("[alembic]\nx = ${nothing_of_that_name.y}\n")
    app, db = make_app(sqlite_url, folder)
    Migrate(app, db)
    with pytest.raises(flask_schema.SchemaError, match="does not render"):
        run(app, "init", template="./template")
    assert not (folder / "migrations").exists()


def test_the_environment_names_the_directory(sqlite_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_revision(folder / "elsewhere" / "versions", "aaaa", None, FIRST)
    write_revision(folder / "elsewhere" / "versions", "bbbb", "aaaa", SECOND)
    monkeypatch.setenv("FLASK_DB_DIRECTORY", "elsewhere")
    app, db = make_app(sqlite_url, folder)
    Migrate(app, db)
    assert [one.revision.revision for one in run(app, "heads").revisions] == ["bbbb"]
    assert app.test_cli_runner().invoke(args=["db", "heads"]).stdout == "bbbb (head)\n"


# -- get_config -------------------------------------------------------------------------------


def test_a_program_gets_the_configuration(sqlite_url: str, folder: Path) -> None:
    write_migrations(folder)
    app, db = make_app(sqlite_url, folder)
    migrate = Migrate(app, db)

    @migrate.configure
    def name_files(config):  # type: ignore[no-untyped-def]
        config.set_main_option("file_template", "one_%%(rev)s")

    config = migrate.get_config(x_arg=["a=b"], opts=["autogenerate"])
    assert config.get_main_option("file_template") == "one_%(rev)s"
    assert config.get_main_option("script_location") == "migrations"
    assert (config.cmd_opts.x, config.cmd_opts.autogenerate) == (["a=b"], True)
    assert migrate.get_config("other", x_arg="c=d").cmd_opts.x == ["c=d"]
    with app.app_context():
        import_module("flask_schema.alembic_compat.command").upgrade(migrate.get_config(), "heads")
    assert rows_in(sqlite_url) == ["bbbb"]


def test_a_command_of_the_other_package_is_told_whose_application_it_is(sqlite_url: str, folder: Path) -> None:
    app, db = make_app(sqlite_url, folder)
    migrate = Migrate(app, db)

    @click.command()
    def upgrade() -> None:
        migrate.get_config()

    assert upgrade.callback is not None
    upgrade.callback.__module__ = "flask_migrate.cli"
    result = app.test_cli_runner().invoke(upgrade, [])
    assert result.exit_code == 1
    assert "pip uninstall Flask-Migrate" in result.stderr


def test_a_template_for_several_databases_says_pass_where_nothing_changes(folder: Path) -> None:
    """Templates that were written for Alembic take what they are given, also where it is nothing."""
    app = Flask("site")
    metadatas = {"": sa.MetaData(), "second": sa.MetaData()}
    sa.Table("thing", metadatas["second"], sa.Column("id", sa.Integer, primary_key=True))
    urls = {name: f"sqlite:///{folder / f'data{name}.sqlite'}" for name in metadatas}
    Migrate(app, metadata=metadatas, url=urls, databases=["", "second"])
    (folder / "migrations" / "versions").mkdir(parents=True)
    (folder / "migrations" / "script.py.mako").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision = ${repr(up_revision)}\ndown_revision = None\n\n"
        'def upgrade(engine_name):\n    globals()["upgrade_%s" % engine_name]()\n\n'
        '% for name in ["", "second"]:\n\ndef upgrade_${name}():\n'
        '    ${context.get("%s_upgrades" % name, "pass")}\n\n% endfor\n'
    )
    done = app.test_cli_runner().invoke(args=["db", "migrate", "-m", "x"])
    assert done.exit_code == 0, done.output
    (path,) = (folder / "migrations" / "versions").glob("*.py")
    assert "def upgrade_():\n    pass\n" in path.read_text()
    assert app.test_cli_runner().invoke(args=["db", "upgrade"]).exit_code == 0
