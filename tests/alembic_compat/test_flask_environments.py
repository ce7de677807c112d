"""Applications with the files that Flask-Migrate writes, after its import was changed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

import flask_schema
from flask_schema import Migrate
from flask_schema.errors import ConfigurationError
from tests.alembic_compat.environments import ASYNC, FLASK, FLASK_OF_SEVERAL
from tests.alembic_compat.folders import SCRIPT, TEMPLATE, TEMPLATE_OF_SEVERAL, tables_in

INI = """\
[alembic]
# file_template = %%(rev)s_%%(slug)s

[loggers]
keys = root

[handlers]
keys =

[formatters]
keys =

[logger_root]
handlers =
"""

pytestmark = pytest.mark.filterwarnings("ignore:'get_engine' is deprecated:DeprecationWarning")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(root: Path, env: str, template: str = TEMPLATE, ini: str = INI, name: str = "migrations") -> Path:
    versions = root / name / "versions"
    versions.mkdir(parents=True)
    (root / name / "env.py").write_text(env)
    (root / name / "alembic.ini").write_text(ini)
    (root / name / "script.py.mako").write_text(template)
    return versions


def application(url: str, binds: dict[str, str] | None = None, **options: Any) -> Flask:
    app = Flask("shop")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": sa.NullPool}
    app.config["SQLALCHEMY_BINDS"] = {
        name: {"url": one, "poolclass": sa.NullPool} for name, one in (binds or {}).items()
    }
    db = SQLAlchemy(app)
    sa.Table("account", db.metadatas[None], sa.Column("id", sa.Integer, primary_key=True))
    for bind in binds or {}:
        models = db.metadatas.setdefault(bind, sa.MetaData())
        sa.Table("log", models, sa.Column("id", sa.Integer, primary_key=True))
    Migrate(app, db, **options)
    return app


@pytest.mark.databases("sqlite", "postgresql")
def test_the_shape_for_one_database(root: Path, database_url: str) -> None:
    write(root, FLASK)
    with application(database_url).app_context():
        [path] = flask_schema.migrate(message="first").paths
        assert "from alembic import op" in path.read_text()
        assert len(flask_schema.upgrade().steps) == 1
        assert tables_in(database_url) == ["account"]
        assert flask_schema.migrate(message="nothing").paths == ()
        flask_schema.check()
        output = io.StringIO()
        flask_schema.upgrade(sql=True, output=output)
        assert "CREATE TABLE account" in output.getvalue()
        flask_schema.downgrade()
        assert tables_in(database_url) == []


def test_binds_are_for_env_py_to_know(root: Path, sqlite_url: str) -> None:
    """The shape for one database migrates one, as it does with Flask-Migrate."""
    write(root, FLASK)
    other = f"sqlite:///{root / 'other.sqlite'}"
    with application(sqlite_url, {"other": other}).app_context():
        flask_schema.migrate(message="first")
        assert [run.name for run in flask_schema.upgrade().databases] == [""]
    assert tables_in(other) == []


def test_the_shape_for_several_databases(root: Path, sqlite_url: str, postgresql_url: str) -> None:
    template = TEMPLATE_OF_SEVERAL.replace('re.split(r",\\s*", config.get_main_option("databases"))', '["", "other"]')
    write(root, FLASK_OF_SEVERAL, template)
    with application(sqlite_url, {"other": postgresql_url}).app_context():
        [path] = flask_schema.migrate(message="first").paths
        assert "def upgrade_():" in path.read_text()
        result = flask_schema.upgrade()
        assert [(run.name, len(run.steps)) for run in result.databases] == [("", 1), ("other", 1)]
        assert (tables_in(sqlite_url), tables_in(postgresql_url)) == (["account"], ["log"])
        assert flask_schema.migrate(message="nothing").paths == ()
        flask_schema.upgrade(sql=True, output=io.StringIO())
        assert "CREATE TABLE account" in (root / ".sql").read_text()
        assert "CREATE TABLE log" in (root / "other.sql").read_text()
        flask_schema.downgrade()
        assert (tables_in(sqlite_url), tables_in(postgresql_url)) == ([], [])


def test_an_asynchronous_engine_is_for_env_py_to_use(root: Path, postgresql_url: str) -> None:
    """As aioflask has it: ``db`` gives an asynchronous engine, which only env.py knows to run."""
    from sqlalchemy.ext.asyncio import create_async_engine

    url = "postgresql+psycopg_async://" + postgresql_url.partition("://")[2]
    engine = create_async_engine(url, poolclass=sa.NullPool)
    models = sa.MetaData()
    sa.Table("account", models, sa.Column("id", sa.Integer, primary_key=True))

    class Database:
        metadata = models
        engines = {None: engine}  # noqa: RUF012

        def get_engine(self) -> Any:
            return engine

    app = Flask("shop")
    Migrate(app, Database())
    env = ASYNC.partition("import asyncio")[0].replace("fileConfig(config.config_file_name)", "pass")
    env += """
import asyncio
from flask import current_app

bound = current_app.extensions["migrate"]


def work(connection):
    context.configure(connection=connection, target_metadata=bound.db.metadata, **bound.configure_args)
    with context.begin_transaction():
        context.run_migrations()


async def online():
    async with bound.db.get_engine().connect() as connection:
        await connection.run_sync(work)


asyncio.run(online())
"""
    write(root, env)
    with app.app_context():
        flask_schema.migrate(message="first")
        flask_schema.upgrade()
        assert tables_in(postgresql_url) == ["account"]
        flask_schema.downgrade()
    assert tables_in(postgresql_url) == []


def test_the_ini_file_in_the_directory_has_settings(root: Path, sqlite_url: str) -> None:
    ini = (
        "[alembic]\nfile_template = %%(slug)s_by_ini\ntruncate_slug_length = 5\nscript_location = elsewhere\n"
        "version_locations = %(here)s/more\n"
    )
    write(root, FLASK.replace("fileConfig(config.config_file_name)", ""), ini=ini)
    (root / "migrations" / "more").mkdir()
    with application(sqlite_url).app_context():
        [path] = flask_schema.migrate(message="first things").paths
    assert path == root / "migrations" / "more" / "first__by_ini.py"
    with application(sqlite_url, file_template="%(rev)s_by_app").app_context():
        [path] = flask_schema.revision(message="second").paths
    assert path.name.endswith("_by_app.py")


def test_the_directory_may_come_from_the_environment(
    root: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, FLASK, name="schema")
    monkeypatch.setenv("FLASK_DB_DIRECTORY", "schema")
    with application(sqlite_url).app_context():
        [path] = flask_schema.migrate(message="first").paths
    assert path.parent == root / "schema" / "versions"


def test_an_application_beside_a_project_of_alembic(root: Path, sqlite_url: str) -> None:
    """``alembic init`` made the files, and ``Migrate(app, db)`` was added: the ini file says where they are."""
    write(root, FLASK.replace("fileConfig(config.config_file_name)", ""), name="alembic")
    (root / "alembic" / "alembic.ini").unlink()
    (root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/alembic\n")
    with application(sqlite_url).app_context():
        [path] = flask_schema.migrate(message="first").paths
    assert path.parent == root / "alembic" / "versions"


def test_functions_under_configure_set_what_env_py_finds(root: Path, sqlite_url: str) -> None:
    env = """
from alembic import context

config = context.config
assert config.get_main_option("word") == "of the application"
assert config.get_section_option("mine", "other") == "50%"
assert config.attributes["object"] is not None
context.configure(version_table="from_env")
context.run_migrations()
"""
    versions = write(root, env)
    app = application(sqlite_url)

    @app.extensions["migrate"].migrate.configure
    def configure(config: Any) -> Any:
        config.set_main_option("word", "of the application")
        config.set_section_option("mine", "other", "50%%")
        config.attributes["object"] = object()
        assert config.get_main_option("word") == "of the application"
        return config

    (versions / "a.py").write_text(
        SCRIPT.format(message="a", revision="a", parent=None, up="pass", down="pass", head="", arguments="")
    )
    with app.app_context():
        flask_schema.upgrade()
    assert tables_in(sqlite_url) == ["from_env"]


def test_a_file_that_cannot_be_read_is_said_with_its_name(root: Path, sqlite_url: str) -> None:
    write(root, FLASK, ini="[alembic]\nfile_template = %(rev)s\n")
    with application(sqlite_url).app_context(), pytest.raises(ConfigurationError) as caught:
        flask_schema.heads()
    assert caught.value.file == str(Path("migrations") / "alembic.ini")
    assert "percent" in str(caught.value.hint)
