"""The ways in which applications keep their models and engines, and what they must not see of each other."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy_lite import SQLAlchemy as SQLAlchemyLite

import flask_schema
from flask_schema import Migrate
from flask_schema.errors import (
    ConfigurationError,
    DatabaseAhead,
    DirectoryNotEmpty,
    NoContext,
    RevisionNotFound,
    SchemaError,
)
from tests.databases import DatabaseMaker
from tests.scenarios.projects import Place, models, plain_app, tables_in, versions_in


def flask_sqlalchemy_app(url: str, binds: dict[str, str] | None = None, **options: object) -> Flask:
    db = SQLAlchemy()
    app = Flask("shop")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_BINDS=binds or {})
    db.init_app(app)
    db.Table("product", sa.Column("id", sa.Integer, primary_key=True))
    for name in binds or {}:
        db.Table(f"{name}_row", sa.Column("id", sa.Integer, primary_key=True), bind_key=name)
    Migrate(app, db, **options)  # type: ignore[arg-type]
    return app


def round_trip(place: Place) -> None:
    place.fine("init")
    place.fine("migrate", "-m", "all of it")
    place.fine("upgrade")
    place.fine("check")
    assert "No changes" in place.fine("migrate", "-m", "nothing").out


def test_flask_sqlalchemy(folder: Path, sqlite_url: str) -> None:
    round_trip(Place(folder, flask_sqlalchemy_app(sqlite_url)))
    assert tables_in(sqlite_url) == ["alembic_version", "product"]


@pytest.mark.parametrize("multidb", [True, False])
def test_flask_sqlalchemy_with_binds(folder: Path, make_database: DatabaseMaker, multidb: bool) -> None:
    first, second, third = (make_database("sqlite").url for _ in range(3))
    place = Place(folder, flask_sqlalchemy_app(first, {"users": second, "logs": third}))
    place.fine("init", *(["--multidb"] if multidb else []))
    place.fine("migrate", "-m", "all of it")
    place.fine("upgrade")
    assert tables_in(first) == ["alembic_version", "product"]
    assert tables_in(second) == ["alembic_version", "users_row"]
    assert tables_in(third) == ["alembic_version", "logs_row"]
    assert versions_in(first) == versions_in(second) == versions_in(third)
    place.fine("check")
    shown = place.fine("current").out
    assert "users" in shown
    assert "logs" in shown
    place.fine("downgrade")
    assert tables_in(second) == ["alembic_version"]


def test_a_bind_without_models_is_left_alone(folder: Path, make_database: DatabaseMaker) -> None:
    first, second = (make_database("sqlite").url for _ in range(2))
    db = SQLAlchemy()
    app = Flask("shop")
    app.config.update(SQLALCHEMY_DATABASE_URI=first, SQLALCHEMY_BINDS={"foreign": second})
    db.init_app(app)
    db.Table("product", sa.Column("id", sa.Integer, primary_key=True))
    Migrate(app, db)
    round_trip(Place(folder, app))
    assert tables_in(second) == []


def test_a_bind_that_comes_later(folder: Path, make_database: DatabaseMaker) -> None:
    first, second = (make_database("sqlite").url for _ in range(2))
    round_trip(Place(folder, flask_sqlalchemy_app(first)))
    place = Place(folder, flask_sqlalchemy_app(first, {"users": second}))
    place.fine("upgrade")
    place.fine("migrate", "-m", "users")
    place.fine("upgrade")
    assert tables_in(first) == ["alembic_version", "product"]
    assert tables_in(second) == ["alembic_version", "users_row"]
    place.fine("check")


def test_one_bind_alone(folder: Path, make_database: DatabaseMaker) -> None:
    first, second = (make_database("sqlite").url for _ in range(2))
    place = Place(folder, flask_sqlalchemy_app(first, {"users": second}, databases=["users"]))
    round_trip(place)
    assert tables_in(first) == []
    assert tables_in(second) == ["alembic_version", "users_row"]


def test_flask_sqlalchemy_lite(folder: Path, sqlite_url: str) -> None:
    db = SQLAlchemyLite()
    app = Flask("lite")
    app.config["SQLALCHEMY_ENGINES"] = {"default": sqlite_url}
    db.init_app(app)
    Migrate(app, db, metadata=models())
    round_trip(Place(folder, app))
    assert tables_in(sqlite_url) == ["alembic_version", "thing"]


def test_flask_sqlalchemy_lite_with_two_engines(folder: Path, make_database: DatabaseMaker) -> None:
    first, second = (make_database("sqlite").url for _ in range(2))
    db = SQLAlchemyLite()
    app = Flask("lite")
    app.config["SQLALCHEMY_ENGINES"] = {"default": first, "other": second}
    db.init_app(app)
    other = sa.MetaData()
    sa.Table("other_row", other, sa.Column("id", sa.Integer, primary_key=True))
    Migrate(app, db, metadata={"default": models(), "other": other})
    round_trip(Place(folder, app))
    assert tables_in(first) == ["alembic_version", "thing"]
    assert tables_in(second) == ["alembic_version", "other_row"]


def test_lite_without_models_drops_nothing(folder: Path, sqlite_url: str) -> None:
    round_trip(Place(folder, plain_app(models(), sqlite_url)))
    db = SQLAlchemyLite()
    app = Flask("lite")
    app.config["SQLALCHEMY_ENGINES"] = {"default": sqlite_url}
    db.init_app(app)
    Migrate(app, db)
    place = Place(folder, app)
    answer = place.wrong("migrate", "-m", "x")
    assert "metadata" in answer.hint()
    place.wrong("check")
    place.fine("upgrade")


class Base(sa.orm.DeclarativeBase):
    pass


class Thing(Base):
    __tablename__ = "thing"
    id: sa.orm.Mapped[int] = sa.orm.mapped_column(primary_key=True)


PLAIN = {
    "metadata and url": lambda app, url: Migrate(app, metadata=models(), url=url),
    "metadata in the place of db": lambda app, url: Migrate(app, models(), url=url),
    "a base": lambda app, url: Migrate(app, Base, url=url),
    "an engine": lambda app, url: Migrate(app, metadata=models(), engine=sa.create_engine(url, poolclass=sa.NullPool)),
    "a function": lambda app, url: Migrate(app, metadata=models(), engine=lambda: sa.create_engine(url)),
    "a function of the url": lambda app, url: Migrate(app, metadata=models(), url=lambda: url),
    "a URL object": lambda app, url: Migrate(app, metadata=models(), url=sa.make_url(url)),
    "a list": lambda app, url: Migrate(app, metadata=[sa.MetaData(), models()], url=url),
    "given later": lambda app, url: Migrate().init_app(app, metadata=models(), url=url),
    "in two parts": lambda app, url: Migrate(metadata=models()).init_app(app, url=url),
    "by name": lambda app, url: Migrate(app, metadata={"": models()}, url={"": url}),
}


@pytest.mark.parametrize("way", PLAIN)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_plain_sqlalchemy(folder: Path, sqlite_url: str, way: str) -> None:
    app = Flask("plain")
    PLAIN[way](app, sqlite_url)
    round_trip(Place(folder, app))
    assert tables_in(sqlite_url) == ["alembic_version", "thing"]


def test_a_percent_sign_in_a_password_is_no_matter(folder: Path) -> None:
    app = Flask("plain")
    Migrate(app, metadata=models(), url="postgresql+psycopg://ada:50%25%40x@127.0.0.1:1/bank?connect_timeout=2")
    place = Place(folder, app)
    place.fine("init")
    text = place.wrong("current").text
    assert "50%" not in text
    assert "@x" not in text


def test_metadata_without_a_database(folder: Path) -> None:
    app = Flask("plain")
    Migrate(app, metadata=models())
    place = Place(folder, app)
    place.fine("init")
    assert "url=" in place.wrong("upgrade").hint()


def test_an_asynchronous_engine_is_refused_with_a_reason(folder: Path) -> None:
    class Asynchronous:
        sync_engine = None

        def connect(self) -> None:
            raise AssertionError

    app = Flask("plain")
    Migrate(app, metadata=models(), engine=Asynchronous())
    place = Place(folder, app)
    place.fine("init")
    assert "asynchronous" in place.wrong("upgrade").error()


# -- settings ---------------------------------------------------------------------------------


def test_configure_functions_run_in_their_order(folder: Path, sqlite_url: str) -> None:
    app = Flask("plain")
    migrate = Migrate(app, metadata=models(), url=sqlite_url)
    seen = []

    @migrate.configure
    def first(settings):  # type: ignore[no-untyped-def]
        seen.append("first")
        settings.set_main_option("file_template", "one_%(rev)s")
        return settings

    @migrate.configure
    def second(settings):  # type: ignore[no-untyped-def]
        seen.append("second")
        settings["file_template"] = "two_%(rev)s"

    place = Place(folder, app)
    place.fine("init")
    place.fine("revision", "-m", "x", "--rev-id", "abcd")
    assert (place.versions / "two_abcd.py").exists()
    assert seen[:2] == ["first", "second"]


def test_the_stronger_place_wins(folder: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def directory_used(app: Flask, *words: str) -> str:
        place = Place(folder, app)
        answer = place.wrong("current", *words)
        return answer.error().split("directory ")[1].split(" ")[0]

    (folder / "pyproject.toml").write_text('[tool.flask-schema]\nversion_table = "v"\n')
    app = plain_app(models(), sqlite_url)
    assert directory_used(app) == "migrations"
    (folder / "pyproject.toml").write_text('[tool.flask-schema]\ndirectory = "of_pyproject"\n')
    assert directory_used(app) == "of_pyproject"
    app.config["SCHEMA_DIRECTORY"] = "of_config"
    assert directory_used(app) == "of_config"
    app = plain_app(models(), sqlite_url, directory="of_arguments")
    app.config["SCHEMA_DIRECTORY"] = "of_config"
    assert directory_used(app) == "of_arguments"
    monkeypatch.setenv("FLASK_DB_DIRECTORY", "of_environment")
    assert directory_used(app) == "of_environment"
    assert directory_used(app, "-d", "of_command") == "of_command"


def test_the_directory_of_the_group_and_of_the_command(folder: Path, sqlite_url: str) -> None:
    app = plain_app(models(), sqlite_url)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["db", "-d", "one", "init"]).exit_code == 0
    assert runner.invoke(args=["db", "init", "--directory", "two"]).exit_code == 0
    assert runner.invoke(args=["db", "-d", "one", "heads", "-d", "two"]).exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["one", "two"]


def test_the_group_under_another_name(folder: Path, sqlite_url: str) -> None:
    app = plain_app(models(), sqlite_url, command="schema")
    runner = app.test_cli_runner()
    assert runner.invoke(args=["schema", "init"]).exit_code == 0
    answer = runner.invoke(args=["schema", "show", "zzzz"])
    assert answer.exit_code == 1
    assert "flask schema history" in answer.stderr


def test_options_of_context_configure_are_taken(folder: Path, sqlite_url: str) -> None:
    metadata = models()
    sa.Table("other", metadata, sa.Column("id", sa.Integer, primary_key=True))
    applied = []
    app = plain_app(
        metadata,
        sqlite_url,
        version_table="versions_of_ours",
        include_object=lambda _object, name, *_: name != "other",
        on_version_apply=lambda **given: applied.append(given["heads"]),
        compare_server_default=False,
        user_module_prefix="m.",
        render_as_batch=True,
        transaction_per_migration=False,
        include_schemas=False,
    )
    place = Place(folder, app)
    round_trip(place)
    assert tables_in(sqlite_url) == ["thing", "versions_of_ours"]
    assert len(applied) == 1


def test_an_env_file_can_be_deleted_or_decide(folder: Path, sqlite_url: str) -> None:
    place = Place(folder, plain_app(models(), sqlite_url))
    place.fine("init")
    env = folder / "migrations" / "env.py"
    env.write_text(
        "from flask_schema import context\n"
        "context.configure(version_table=context.get_x_argument(as_dictionary=True)['table'])\n"
        "with context.begin_transaction():\n"
        "    context.run_migrations()\n"
    )
    place.fine("migrate", "-m", "x", "-x", "table=by_env")
    place.fine("upgrade", "-x", "table=by_env")
    assert tables_in(sqlite_url) == ["by_env", "thing"]
    env.unlink()
    place.fine("downgrade", "--sql", "head:base")
    assert place.fine("current").code == 0


def test_no_logging_is_set_up(folder: Path, sqlite_url: str) -> None:
    import logging

    app = plain_app(models(), sqlite_url)
    before = (logging.root.level, list(logging.root.handlers), app.logger.disabled)
    round_trip(Place(folder, app))
    assert (logging.root.level, list(logging.root.handlers), app.logger.disabled) == before


# -- Python functions -------------------------------------------------------------------------


def test_the_commands_as_functions(folder: Path, sqlite_url: str, capfd: pytest.CaptureFixture[str]) -> None:
    app = plain_app(models(), sqlite_url)
    with app.app_context():
        assert flask_schema.init().directory == folder / "migrations"
        with pytest.raises(DirectoryNotEmpty):
            flask_schema.init()
        written = flask_schema.migrate(message="things")
        [path] = written.paths
        assert path.exists()
        assert [step.revision.revision for step in flask_schema.upgrade().steps] == [written.revision]
        assert flask_schema.upgrade().steps == ()
        [state] = flask_schema.current()
        assert state.revisions == (written.revision,)
        flask_schema.check()
        assert len(flask_schema.downgrade().steps) == 1
        flask_schema.stamp(revision="head")
        flask_schema.stamp(revision="base")
        with pytest.raises(RevisionNotFound):
            flask_schema.upgrade(revision="zzzz")
        flask_schema.upgrade(x_arg="a=b")
        path.unlink()
        with pytest.raises(DatabaseAhead):
            flask_schema.upgrade()
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == ""


def test_functions_need_an_application() -> None:
    with pytest.raises((NoContext, ConfigurationError)) as caught:
        flask_schema.upgrade()
    assert "app_context" in str(caught.value.hint)


# -- several at once --------------------------------------------------------------------------


def test_two_applications_in_one_process(tmp_path: Path, make_database: DatabaseMaker) -> None:
    first, second = (make_database("sqlite").url for _ in range(2))
    places = []
    for url, name in ((first, "one"), (second, "two")):
        metadata = sa.MetaData()
        sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True))
        app = plain_app(metadata, url, directory=str(tmp_path / name))
        places.append(Place(tmp_path, app))
    for words in (["init"], ["migrate", "-m", "x"], ["upgrade"]):
        for place in places:
            place.fine(*words)
    assert tables_in(first) == ["alembic_version", "one"]
    assert tables_in(second) == ["alembic_version", "two"]
    with places[0].app.app_context():
        outer = flask_schema.current()
        with places[1].app.app_context():
            assert flask_schema.current()[0].url != outer[0].url
        assert flask_schema.current() == outer


def test_one_extension_for_two_applications(tmp_path: Path, make_database: DatabaseMaker) -> None:
    first, second = (make_database("sqlite").url for _ in range(2))
    migrate = Migrate(metadata=models())
    apps = []
    for name, url in (("one", first), ("two", second)):
        app = Flask(name)
        migrate.init_app(app, url=url, directory=tmp_path / name)
        apps.append(app)
    for app in apps:
        with app.app_context():
            flask_schema.init()
            flask_schema.migrate(message="x")
            flask_schema.upgrade()
    assert tables_in(first) == tables_in(second) == ["alembic_version", "thing"]


def test_threads_do_not_see_each_other(tmp_path: Path, make_database: DatabaseMaker) -> None:
    count = 6
    urls = [make_database("sqlite").url for _ in range(count)]
    problems: list[BaseException] = []
    start = threading.Barrier(count)

    def run(number: int) -> None:
        metadata = sa.MetaData()
        for table in range(3):
            sa.Table(f"t{number}_{table}", metadata, sa.Column("id", sa.Integer, primary_key=True))
        app = plain_app(metadata, urls[number], directory=str(tmp_path / str(number)))
        try:
            start.wait()
            with app.app_context():
                flask_schema.init()
                flask_schema.migrate(message="x")
                for _ in range(3):
                    flask_schema.upgrade()
                    flask_schema.downgrade(revision="base")
                flask_schema.upgrade()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    for number, url in enumerate(urls):
        assert tables_in(url) == ["alembic_version", *(f"t{number}_{table}" for table in range(3))]


def test_errors_are_of_one_family() -> None:
    assert issubclass(RevisionNotFound, SchemaError)
    assert flask_schema.SchemaError is SchemaError


def test_render_item_writes_types_its_own_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    import flask_schema

    class Money(sa.types.TypeDecorator[int]):
        impl = sa.Integer
        cache_ok = True

    def render_item(kind: str, item: object, context: SimpleNamespace) -> str | bool:
        if kind == "type" and isinstance(item, Money):
            context.imports.add("from shop.types import Money")
            return "Money()"
        return False

    monkeypatch.chdir(tmp_path)
    metadata = sa.MetaData()
    sa.Table("prices", metadata, sa.Column("id", sa.Integer(), primary_key=True), sa.Column("net", Money()))
    app = Flask("shop")
    flask_schema.Migrate(app, metadata, url=f"sqlite:///{tmp_path / 'shop.db'}", render_item=render_item)
    with app.app_context():
        flask_schema.init()
        (path,) = flask_schema.migrate(message="prices").paths
    text = path.read_text()
    assert "from shop.types import Money" in text
    assert 'sa.Column("net", Money())' in text
