"""Databases of every kind of application, and what is said when one cannot be reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flask_sqlalchemy
import flask_sqlalchemy_lite
import pytest
import sqlalchemy as sa
from flask import Flask

from flask_schema.databases import Database, explain_error, find_databases
from flask_schema.errors import (
    ConfigurationError,
    DatabaseError,
    DatabaseUnknown,
    DatabaseUnreachable,
    DriverMissing,
    UrlInvalid,
)

SECRET = "s3cr3t/pass"


def with_table(*, name: str = "t") -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata


def bound_app(binds: dict[str, str] | None = None) -> tuple[Flask, Any]:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    app.config["SQLALCHEMY_BINDS"] = binds or {}
    db = flask_sqlalchemy.SQLAlchemy()
    db.init_app(app)
    return app, db


def test_flask_sqlalchemy_with_binds() -> None:
    app, db = bound_app({"users": "sqlite://", "empty": "sqlite://"})
    sa.Table("u", db.metadatas["users"], sa.Column("id", sa.Integer, primary_key=True))
    default, users = find_databases(app=app, db=db)
    assert (default.name, users.name) == ("", "users")
    assert default.metadatas == (db.metadata,)
    assert users.metadatas == (db.metadatas["users"],)
    with app.app_context():
        assert default.engine is db.engine
        assert users.engine is db.engines["users"]


def test_named_databases_only() -> None:
    app, db = bound_app({"users": "sqlite://", "empty": "sqlite://"})
    assert [one.name for one in find_databases(app=app, db=db, names=("empty", "default"))] == ["", "empty"]
    with pytest.raises(DatabaseUnknown, match="'nobody'") as caught:
        find_databases(app=app, db=db, names=("nobody",))
    assert caught.value.hint == "the application has 'users', 'empty', 'default'"


def test_flask_sqlalchemy_lite() -> None:
    app = Flask(__name__)
    app.config["SQLALCHEMY_ENGINES"] = {"default": "sqlite://", "users": "sqlite://"}
    db = flask_sqlalchemy_lite.SQLAlchemy(app)
    main, other = with_table(), with_table()
    default, users = find_databases(app=app, db=db, metadata={"default": main, "users": [other]})
    assert (default.name, default.metadatas) == ("", (main,))
    assert (users.name, users.metadatas) == ("users", (other,))
    assert [one.metadatas for one in find_databases(app=app, db=db)] == [()]


def test_plain_sqlalchemy_in_all_its_forms(tmp_path: Path) -> None:
    class Base(sa.orm.DeclarativeBase):
        pass

    engine = sa.create_engine("sqlite://")
    url = f"sqlite:///{tmp_path / 'a.sqlite'}"
    for source in (engine, url, sa.make_url(url), lambda: engine, lambda: url):
        (found,) = find_databases(db=Base, engine=source)
        assert found.metadatas == (Base.metadata,)
        with found.connect() as connection:
            assert connection.scalar(sa.text("SELECT 1")) == 1
    first, second = with_table(), with_table()
    (found,) = find_databases(db=[first, second], engine=engine)
    assert found.metadatas == (first, second)
    (found,) = find_databases(metadata=Base, engine=engine)
    assert found.engine is engine
    engine.dispose()


def test_the_url_of_the_configuration_is_the_last_resort() -> None:
    app = Flask(__name__)
    with pytest.raises(ConfigurationError, match="there is no database to migrate"):
        find_databases(app=app, metadata=sa.MetaData())
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///x"
    (found,) = find_databases(app=app, metadata=sa.MetaData())
    assert found.url == "sqlite:///x"


def test_what_is_no_metadata_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="neither a MetaData nor a class with one"):
        find_databases(db=object(), engine="sqlite://")


def test_an_extension_that_was_not_initialised() -> None:
    with pytest.raises(ConfigurationError, match="engines cannot be found") as caught:
        find_databases(app=Flask(__name__), db=flask_sqlalchemy.SQLAlchemy())
    assert "db.init_app(app)" in str(caught.value.hint)


def test_looking_up_databases_makes_no_engine_and_needs_no_driver() -> None:
    calls: list[int] = []

    def source() -> str:
        calls.append(1)
        return "oracle+cx_oracle://"

    (found,) = find_databases(metadata=sa.MetaData(), engine=source)
    assert calls == []
    assert found.dialect.name == "oracle"
    with pytest.raises(ModuleNotFoundError):
        _ = found.engine


@pytest.mark.parametrize(
    ("url", "error", "message", "hint"),
    [
        ("postgres://u:{}@h/d", UrlInvalid, "begins with 'postgres://'", "write postgresql:// instead"),
        ("postgrsql://u:{}@h/d", UrlInvalid, "begins with 'postgrsql://'", "write postgresql:// instead"),
        ("postgresql+nothing://u:{}@h/d", UrlInvalid, "begins with 'postgresql+nothing://'", "postgresql://"),
        ("{}", UrlInvalid, "the database URL cannot be used", "dialect://user@host/database"),
        ("postgresql+asyncpg://u:{}@h/d", DriverMissing, "'asyncpg' is not installed", "'flask-schema[postgresql]'"),
        ("mysql://u:{}@h/d", DriverMissing, "'MySQLdb' is not installed", "begin the URL with mysql+pymysql://"),
        (
            "postgresql+psycopg://u:{}@127.0.0.1:1/d",
            DatabaseUnreachable,
            "cannot connect to",
            "check that it is running",
        ),
        ("postgresql+psycopg2://u:{}@127.0.0.1:1/d", DatabaseUnreachable, "cannot connect to", "check that it is"),
        ("mysql+pymysql://u:{}@127.0.0.1:1/d", DatabaseUnreachable, "cannot connect to", "check that it is running"),
        ("sqlite:////nowhere/at/all.sqlite", DatabaseUnreachable, "unable to open database file", "check that it is"),
    ],
)
def test_what_can_be_wrong_is_one_line_without_the_password(
    url: str, error: type[DatabaseError], message: str, hint: str
) -> None:
    (found,) = find_databases(metadata=sa.MetaData(), engine=url.format(SECRET.replace("/", "%2F")))
    with pytest.raises(error) as caught, found.connect():
        pass
    said = f"{caught.value}"
    assert message in said
    assert hint in str(caught.value.hint)
    assert "\n" not in said
    assert SECRET not in said
    assert SECRET.replace("/", "%2F") not in said


def test_a_server_that_repeats_the_password_is_masked() -> None:
    url = sa.make_url("postgresql://me:hunter2@h/d")
    error = sa.exc.OperationalError("connect", {}, Exception("FATAL: bad secret hunter2 for me\n  LINE 2"))
    explained = explain_error(error, url)
    assert isinstance(explained, DatabaseUnreachable)
    assert "hunter2" not in explained.message
    assert explained.message.endswith("FATAL: bad secret *** for me LINE 2")


def test_other_errors_are_not_about_connections() -> None:
    assert explain_error(ValueError("x")) is None
    assert explain_error(ModuleNotFoundError("x", name="some_module")) is None


def test_the_url_is_masked() -> None:
    found = Database("", (), "postgresql+psycopg://me:hunter2@h/d?sslpassword=abc")
    assert found.url == "postgresql+psycopg://me:***@h/d?sslpassword=***"
    assert "hunter2" not in repr(found)


def test_an_asynchronous_engine_is_refused() -> None:
    class Asynchronous:
        sync_engine = object()

    with pytest.raises(ConfigurationError, match="synchronous engine"):
        _ = Database("", (), Asynchronous()).engine


@pytest.mark.parametrize("backend", ["postgresql", "cockroachdb"])
def test_the_url_of_an_asynchronous_driver_is_refused(backend: str) -> None:
    pytest.importorskip("psycopg")
    if backend == "cockroachdb":
        pytest.importorskip("sqlalchemy_cockroachdb")
    driver = {"postgresql": "psycopg_async", "cockroachdb": "asyncpg"}[backend]
    pytest.importorskip({"psycopg_async": "psycopg"}.get(driver, driver))
    with pytest.raises(ConfigurationError, match="synchronous engine") as refused:
        _ = Database("", (), f"{backend}+{driver}://me@h/d").engine
    assert f"'{backend}+psycopg://...'" in (refused.value.hint or "")
