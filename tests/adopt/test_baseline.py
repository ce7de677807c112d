"""``adopt --from-database``: a history that begins with the schema that is there."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from flask_schema import Migrate
from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.registry import dialect_for
from flask_schema.diff.compare import diff
from flask_schema.operations.operation import Operation
from tests.adopt.projects import rows_in, tables_in, type_adopt, write_revision
from tests.conftest import DatabaseMaker

SQL = """
CREATE TABLE owner (id INTEGER PRIMARY KEY, name VARCHAR(20) DEFAULT 'x' NOT NULL UNIQUE, CHECK (length(name) > 0));
CREATE TABLE pet (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES owner (id) ON DELETE CASCADE,
                  price NUMERIC(10, 2), born DATE DEFAULT CURRENT_DATE);
CREATE INDEX ix_price ON pet (price) WHERE price > 3;
CREATE VIEW dear AS SELECT id FROM pet WHERE price > 100;
"""


def execute(url: str, sql: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in filter(str.strip, sql.split(";\n")):
            connection.execute(sa.text(statement))


def make_plain_app(url: str | dict[str, str], metadata: Any = None, **options: Any) -> Flask:
    app = Flask("site")
    Migrate(app, metadata=metadata if metadata is not None else sa.MetaData(), url=url, **options)
    return app


def differences(first: str, second: str) -> tuple[Operation, ...]:
    """What would have to be done to make one database the other."""
    engines = [sa.create_engine(url, poolclass=sa.NullPool) for url in (first, second)]
    with engines[0].connect() as one, engines[1].connect() as other:
        dialect = dialect_for(one.dialect)
        everything = Scope(views_and_routines=True)
        settled = dialect.settle(dialect.read(one, everything), dialect.read(other, everything), one)
        return diff(settled.before, settled.after)


def written(folder: Path) -> str:
    (path,) = (folder / "migrations" / "versions").glob("*.py")
    return path.read_text()


@pytest.mark.databases("sqlite", "postgresql")
def test_the_baseline_makes_what_is_there(database_url: str, database: Any, folder: Path, make_database: Any) -> None:
    execute(database_url, SQL)
    typed = type_adopt(make_plain_app(database_url), "--from-database", "--yes", "--rev-id", "base1", "-m", "as it was")
    assert typed.code == 0, typed.text
    assert "create table owner" in typed.out
    assert "The database is at base1 (head)." in typed.out
    assert "create view dear" in typed.out
    assert (folder / "migrations" / "versions" / "base1_as_it_was.py").is_file()
    assert rows_in(database_url) == ["base1"]
    other = make_database(database.name).url
    upgraded = make_plain_app(other).test_cli_runner().invoke(args=["db", "upgrade"])
    assert upgraded.exit_code == 0, upgraded.output
    assert differences(database_url, other) == ()


def test_nothing_is_written_without_consent(sqlite_url: str, folder: Path) -> None:
    execute(sqlite_url, SQL)
    app = make_plain_app(sqlite_url)
    dry = type_adopt(app, "--from-database", "--dry-run")
    assert (dry.code, list(folder.iterdir())) == (0, [])
    assert dry.out.startswith("  create table owner\n")
    assert type_adopt(app, "--from-database").code == 2
    assert list(folder.iterdir()) == []
    assert "alembic_version" not in tables_in(sqlite_url)


def test_a_history_that_begins_already_is_left_alone(sqlite_url: str, folder: Path) -> None:
    execute(sqlite_url, SQL)
    write_revision(folder / "migrations" / "versions", "aaaa", None, "pass")
    typed = type_adopt(make_plain_app(sqlite_url), "--from-database", "--yes")
    assert typed.code == 1
    assert "there are 1 revisions already" in typed.err


def test_a_version_table_without_its_files_is_not_overwritten(sqlite_url: str) -> None:
    execute(
        sqlite_url, "CREATE TABLE alembic_version (version_num VARCHAR(32));\nINSERT INTO alembic_version VALUES ('f')"
    )
    typed = type_adopt(make_plain_app(sqlite_url), "--from-database", "--yes")
    assert typed.code == 1
    assert "is at f, and there is no such revision file" in typed.err
    assert rows_in(sqlite_url) == ["f"]


def test_an_empty_database_has_no_baseline(sqlite_url: str, folder: Path) -> None:
    typed = type_adopt(make_plain_app(sqlite_url), "--from-database", "--yes")
    assert typed.code == 1
    assert "holds nothing to begin with" in typed.err
    assert list(folder.iterdir()) == []


def test_what_the_filters_leave_out_is_left_out(sqlite_url: str, folder: Path) -> None:
    execute(sqlite_url, SQL)

    def include_name(name: str, kind: str, parents: Any) -> bool:
        return kind != "table" or name != "pet"

    typed = type_adopt(make_plain_app(sqlite_url, include_name=include_name), "--from-database", "--yes")
    assert typed.code == 0, typed.text
    assert '"owner"' in written(folder)
    assert '"pet"' not in written(folder)


def test_several_databases_have_one_baseline(make_database: DatabaseMaker, folder: Path) -> None:
    urls = {"": make_database("sqlite").url, "second": make_database("sqlite").url}
    execute(urls[""], "CREATE TABLE here (id INTEGER PRIMARY KEY)")
    execute(urls["second"], "CREATE TABLE there (id INTEGER PRIMARY KEY)")
    app = make_plain_app(urls, {name: sa.MetaData() for name in urls}, databases=["", "second"])
    typed = type_adopt(app, "--from-database", "--yes", "--rev-id", "base1")
    assert typed.code == 0, typed.text
    assert 'def upgrade_second() -> None:\n    op.create_table(\n        "there"' in written(folder)
    assert [rows_in(url) for url in urls.values()] == [["base1"], ["base1"]]


# -- models -----------------------------------------------------------------------------------


def test_models_need_a_library_that_is_asked_for_by_name(
    sqlite_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(sqlite_url, SQL)
    monkeypatch.setattr("flask_schema.actions.adopt.models_file.find_spec", lambda name: None)
    typed = type_adopt(make_plain_app(sqlite_url), "--from-database", "--yes", "--models", "models.py")
    assert typed.code == 1
    assert "hint: run: pip install 'flask-schema[models]'" in typed.err
    assert list(folder.iterdir()) == []


def test_models_are_those_of_the_library(sqlite_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(sqlite_url, SQL)
    seen: list[sa.MetaData] = []

    class Generator:
        def __init__(self, metadata: sa.MetaData, bind: Any, options: set[str]) -> None:
            seen.append(metadata)

        def generate(self) -> str:
            return "# models\n"

    place = "flask_schema.actions.adopt.models_file"
    module: ModuleType | SimpleNamespace = SimpleNamespace(DeclarativeGenerator=Generator)
    monkeypatch.setattr(f"{place}.find_spec", lambda name: object())
    monkeypatch.setattr(f"{place}.import_module", lambda name: module)
    app = make_plain_app(sqlite_url)
    typed = type_adopt(app, "--from-database", "--yes", "--models", "models.py")
    assert typed.code == 0, typed.text
    assert (folder / "models.py").read_text() == "# models\n"
    assert sorted(seen[0].tables) == ["owner", "pet"]


@pytest.mark.skipif(find_spec("sqlacodegen") is None, reason="sqlacodegen is not installed")
def test_models_of_the_real_library_are_what_the_database_is(
    sqlite_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(sqlite_url, "CREATE TABLE owner (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL)")
    typed = type_adopt(make_plain_app(sqlite_url), "--from-database", "--yes", "--models", "written_models.py")
    assert typed.code == 0, typed.text
    monkeypatch.syspath_prepend(folder)
    app = make_plain_app(sqlite_url, import_module("written_models").Base.metadata)
    checked = app.test_cli_runner().invoke(args=["db", "check"])
    assert checked.exit_code == 0, checked.output
