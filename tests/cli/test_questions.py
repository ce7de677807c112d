"""What ``flask db migrate`` asks on a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from flask_schema import Migrate
from flask_schema.actions.one_time_values import value_from_text
from flask_schema.cli import writing
from flask_schema.errors import UsageError
from flask_schema.snapshot.elements import Column, DataType
from tests.databases import DatabaseMaker
from tests.scenarios.projects import Place, plain_app


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> Place:
    """A table with a row, and a terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(writing, "_is_terminal", lambda: True)
    engine = sa.create_engine(sqlite_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20))")
        connection.exec_driver_sql("INSERT INTO t VALUES (1, 'x')")
    return Place(tmp_path, plain_app(models(), sqlite_url))


def models(*columns: sa.Column[Any]) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)
    return metadata


def typed(place: Place, metadata: sa.MetaData, url: str, answers: str) -> str:
    app = plain_app(metadata, url)
    Place(place.folder, app).fine("init")
    result = app.test_cli_runner().invoke(args=["db", "migrate", "-m", "x"], input=answers)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_value_for_rows_that_exist(place: Place, sqlite_url: str) -> None:
    wanted = models(
        sa.Column("name", sa.String(20)),
        sa.Column("age", sa.Integer, nullable=False),
        sa.Column("born", sa.Date, nullable=False),
        sa.Column("kind", sa.String(5), nullable=False),
        sa.Column("ready", sa.Boolean, nullable=False, default=False),
    )
    said = typed(place, wanted, sqlite_url, "many\n3\n2020-02-29\n\n")
    assert "t.age (INTEGER) must not be NULL, and rows that exist have nothing for it." in said
    assert "'many' is no value of INTEGER" in said
    assert said.count("A value for them") == 4
    text = next(place.versions.glob("*.py")).read_text()
    assert '.values({"age": 3})' in text
    assert '.values({"born": datetime.date(2020, 2, 29)})' in text
    assert (
        '# fails on a table that has rows: NOT NULL without a default\n    op.add_column("t", sa.Column("kind"' in text
    )


def test_a_rename_that_is_one(place: Place, sqlite_url: str) -> None:
    said = typed(place, models(sa.Column("full_name", sa.String(20))), sqlite_url, "y\n")
    assert "Was column t.name to full_name renamed?" in said
    assert 'new_column_name="full_name"' in next(place.versions.glob("*.py")).read_text()


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [(sa.Boolean(), "Yes", True), (sa.Text(), "yes", "yes"), (sa.Enum("a", "b"), "b", "b"), (sa.JSON(), "[1]", [1])],
)
def test_what_is_typed_becomes_a_value_of_the_type(kind: Any, text: str, value: object) -> None:
    assert value_from_text(text, Column("c", DataType("X", kind))) == value


@pytest.mark.parametrize("kind", [sa.Boolean(), sa.Enum("a", "b"), sa.DateTime(), sa.Numeric(), sa.Uuid()])
def test_what_is_no_value_of_the_type(kind: Any) -> None:
    with pytest.raises(UsageError):
        value_from_text("?", Column("c", DataType("X", kind)))


def test_a_rename_is_for_the_database_that_has_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_database: DatabaseMaker
) -> None:
    monkeypatch.chdir(tmp_path)
    urls = {"": make_database("sqlite").url, "logs": make_database("sqlite").url}
    logs = sa.MetaData()
    sa.Table("log", logs, sa.Column("id", sa.Integer, primary_key=True), sa.Column("line", sa.Text))
    for metadata, url in ((models(sa.Column("name", sa.Text)), urls[""]), (logs, urls["logs"])):
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        metadata.create_all(engine)
    new = sa.MetaData()
    sa.Table("log", new, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))
    app = Flask("site")
    Migrate(app, {"": models(sa.Column("name", sa.Text)), "logs": new}, url=urls)
    place = Place(tmp_path, app)
    place.fine("init")
    wrong = place.wrong("migrate", "--rename", "log.lne:log.text", code=2).text
    assert "there is no 'log.lne' in the database that could be 'log.text' in the models" in wrong
    said = place.fine("migrate", "-m", "x", "--rename", "log.line:log.text").text
    assert "  [logs] rename column log.line to text\n" in said
