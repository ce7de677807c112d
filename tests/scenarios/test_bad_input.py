"""Whatever is wrong: one line that says what and where, one that says what to do, an exit code, nothing half-done."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.scenarios.projects import MakePlace, Place, models, plain_app, tables_in, versions_in

SECRET = "hunter2-very-secret"


# -- the history ------------------------------------------------------------------------------


def test_an_unknown_revision(place: Place, sqlite_url: str) -> None:
    place.write("aaaa1111", None)
    for command in ("upgrade", "show", "stamp", "edit"):
        assert "'zzzz'" in place.wrong(command, "zzzz").error()
    assert "flask db history" in place.wrong("upgrade", "zzzz").hint()
    assert tables_in(sqlite_url) == []


def test_an_ambiguous_revision_lists_the_choices(place: Place) -> None:
    place.write("aaaa1111", None)
    place.write("aaaa2222", "aaaa1111")
    error = place.wrong("upgrade", "aaaa").error()
    assert "aaaa1111" in error
    assert "aaaa2222" in error


def test_a_syntax_error_is_named_with_its_line(place: Place) -> None:
    path = place.write("aaaa1111", None)
    path.write_text("revision = 'aaaa1111'\ndown_revision = None\n\n\ndef upgrade(:\n    pass\n")
    place.write("bbbb2222", "aaaa1111")
    error = place.wrong("upgrade").error()
    assert f"{path.name}:5" in error


def test_a_missing_parent(place: Place, sqlite_url: str) -> None:
    path = place.write("bbbb2222", "aaaa1111")
    for command in ("heads", "upgrade", "history"):
        error = place.wrong(command).error()
        assert "aaaa1111" in error
        assert path.name in error
    assert tables_in(sqlite_url) == []


def test_a_duplicate_id(place: Place, sqlite_url: str) -> None:
    first = place.write("aaaa1111", None)
    second = first.with_name("other.py")
    second.write_text(first.read_text())
    error = place.wrong("upgrade").error()
    assert "aaaa1111" in error
    assert first.name in error or second.name in error
    assert tables_in(sqlite_url) == []


def test_a_cycle(place: Place) -> None:
    place.write("aaaa1111", "cccc3333")
    place.write("bbbb2222", "aaaa1111")
    place.write("cccc3333", "bbbb2222")
    assert "aaaa1111" in place.wrong("heads").error()


def test_two_heads_say_what_to_type(place: Place, sqlite_url: str) -> None:
    place.write("aaaa1111", None)
    place.write("bbbb2222", "aaaa1111")
    place.write("cccc3333", "aaaa1111")
    answer = place.wrong("upgrade")
    assert "bbbb2222" in answer.error()
    assert "cccc3333" in answer.error()
    assert "flask db merge" in answer.hint()
    assert versions_in(sqlite_url) == []
    place.fine("upgrade", "heads")
    assert versions_in(sqlite_url) == ["bbbb2222", "cccc3333"]
    assert "flask db merge" in place.wrong("migrate", "-m", "x").hint()
    place.fine("merge", "-m", "together")
    place.fine("upgrade")
    assert len(versions_in(sqlite_url)) == 1


def test_no_migrations_directory(make_place: MakePlace, sqlite_url: str) -> None:
    place = make_place(sqlite_url)
    for words in (["heads"], ["history"], ["upgrade"], ["current"], ["migrate"], ["revision", "-m", "x"], ["merge"]):
        answer = place.wrong(*words)
        assert "migrations" in answer.error()
        assert "flask db init" in answer.hint()
    assert tables_in(sqlite_url) == []


def test_a_directory_that_holds_files_is_not_filled(place: Place) -> None:
    before = sorted(place.folder.rglob("*"))
    assert "not empty" in place.wrong("init").error()
    assert sorted(place.folder.rglob("*")) == before


def test_an_unwritable_file_name(place: Place) -> None:
    for bad in ("a/b", "../../x", "a@b", "a-b", "a+b", "a:b", ""):
        answer = place.wrong("revision", "-m", "x", "--rev-id", bad)
        assert answer.hint()
    assert list(place.versions.glob("*.py")) == []


def test_an_id_that_is_taken(place: Place) -> None:
    path = place.write("aaaa1111", None)
    text = path.read_text()
    assert "aaaa1111" in place.wrong("revision", "-m", "x", "--rev-id", "aaaa1111").error()
    assert path.read_text() == text


# -- the database -----------------------------------------------------------------------------


def test_a_database_that_does_not_answer(make_place: MakePlace) -> None:
    place = make_place(f"postgresql+psycopg://ada:{SECRET}@127.0.0.1:1/bank?connect_timeout=2")
    place.fine("init")
    place.write("aaaa1111", None)
    for words in (["current"], ["upgrade"], ["check"], ["migrate", "-m", "x"], ["stamp"], ["downgrade"]):
        answer = place.wrong(*words)
        assert "127.0.0.1" in answer.error()
        assert SECRET not in answer.text
    assert SECRET not in place.db("upgrade", "--traceback").text


def test_a_login_that_is_refused(make_place: MakePlace, postgresql_url: str) -> None:
    url = sa.make_url(postgresql_url).set(username="nobody_here", password=SECRET)
    place = make_place(url.render_as_string(hide_password=False))
    place.fine("init")
    answer = place.wrong("current")
    assert "nobody_here" in answer.error()
    assert SECRET not in answer.text
    assert SECRET not in place.db("current", "--traceback").text


def test_a_database_that_is_not_there(make_place: MakePlace, postgresql_url: str) -> None:
    place = make_place(sa.make_url(postgresql_url).set(database="not_there").render_as_string(hide_password=False))
    place.fine("init")
    assert "not_there" in place.wrong("current").error()


def test_a_sqlite_file_in_a_folder_that_is_not_there(make_place: MakePlace) -> None:
    place = make_place("sqlite:////nowhere/at/all.db")
    place.fine("init")
    assert "/nowhere/at/all.db" in place.wrong("upgrade").error()


@pytest.mark.parametrize("driver", ["pg8000", "asyncpg"])
def test_a_driver_that_is_not_installed(make_place: MakePlace, driver: str) -> None:
    place = make_place(f"postgresql+{driver}://ada:{SECRET}@localhost/bank")
    place.fine("init")
    answer = place.wrong("current")
    assert driver in answer.error()
    assert "pip install 'flask-schema[postgresql]'" in answer.hint()
    assert SECRET not in answer.text


def test_sql_needs_no_driver(make_place: MakePlace) -> None:
    place = make_place("postgresql+pg8000://ada@localhost/bank")
    place.fine("init")
    place.write("aaaa1111", None, "op.create_table('thing', sa.Column('id', sa.Integer, primary_key=True))")
    assert "CREATE TABLE thing" in place.fine("upgrade", "--sql").out


@pytest.mark.parametrize(
    ("url", "said", "advice"),
    [
        (f"postgres://ada:{SECRET}@localhost/bank", "postgres://", "postgresql://"),
        (f"postgresqll://ada:{SECRET}@localhost/bank", "postgresqll", "postgresql://"),
        ("nonsense", "URL", "dialect://"),
        (f"postgresql://ada:{SECRET}@localhost:port/bank", "URL", "dialect://"),
        ("access://localhost/bank", "access", "://"),
        ("", "", ""),
    ],
)
def test_a_wrong_url(make_place: MakePlace, url: str, said: str, advice: str) -> None:
    place = make_place(url)
    place.fine("init")
    answer = place.wrong("current")
    assert said in answer.error()
    assert advice in answer.hint()
    assert SECRET not in answer.text
    assert SECRET not in place.db("current", "--traceback").text


def test_a_database_ahead_of_the_files(place: Place, sqlite_url: str) -> None:
    place.write("aaaa1111", None)
    path = place.write("bbbb2222", "aaaa1111")
    place.fine("upgrade")
    path.unlink()
    for words in (["upgrade"], ["current"], ["downgrade", "-1"], ["migrate", "-m", "x"], ["stamp"], ["check"]):
        answer = place.wrong(*words)
        assert "bbbb2222" in answer.error()
        assert "flask db stamp --purge" in answer.hint()
    assert versions_in(sqlite_url) == ["bbbb2222"]
    assert len(list(place.versions.glob("*.py"))) == 1
    place.fine("stamp", "--purge", "aaaa1111")
    assert versions_in(sqlite_url) == ["aaaa1111"]


def test_a_database_ahead_of_no_files_at_all(place: Place, sqlite_url: str) -> None:
    path = place.write("aaaa1111", None)
    place.fine("upgrade")
    path.unlink()
    for words in (["upgrade"], ["current"], ["migrate", "-m", "x"], ["check"]):
        assert "aaaa1111" in place.wrong(*words).error()
    assert list(place.versions.glob("*.py")) == []
    assert versions_in(sqlite_url) == ["aaaa1111"]


def test_models_that_cannot_be_compiled(make_place: MakePlace, sqlite_url: str) -> None:
    metadata = sa.MetaData()
    sa.Table("odd", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("what", sa.types.NullType()))
    place = make_place(sqlite_url, metadata=metadata)
    place.fine("init")
    for words in (["migrate", "-m", "x"], ["check"]):
        assert "odd.what" in place.wrong(*words).error()
    assert list(place.versions.glob("*.py")) == []


# -- running ----------------------------------------------------------------------------------

FAILING = """op.create_table("one", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO one (id) VALUES (1)")
    op.execute("INSERT INTO nowhere (id) VALUES (1)")
    op.create_table("two", sa.Column("id", sa.Integer, primary_key=True))"""


@pytest.mark.databases("sqlite", "postgresql")
def test_a_statement_that_fails_leaves_nothing(make_place: MakePlace, database_url: str) -> None:
    place = make_place(database_url)
    place.fine("init")
    place.write("aaaa1111", None, 'op.create_table("kept", sa.Column("id", sa.Integer, primary_key=True))')
    path = place.write("bbbb2222", "aaaa1111", FAILING)
    answer = place.wrong("upgrade")
    assert "nowhere" in answer.error()
    assert path.name in answer.error()
    assert "bbbb2222" in answer.error()
    assert "INSERT INTO nowhere" in answer.err
    assert "aaaa1111" in answer.hint()
    assert tables_in(database_url) == ["alembic_version", "kept"]
    assert versions_in(database_url) == ["aaaa1111"]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_script_that_fails_leaves_nothing(make_place: MakePlace, database_url: str) -> None:
    place = make_place(database_url)
    place.fine("init")
    up = 'op.create_table("one", sa.Column("id", sa.Integer, primary_key=True))\n    1 / 0'
    path = place.write("aaaa1111", None, up)
    line = next(number for number, text in enumerate(path.read_text().splitlines(), 1) if "1 / 0" in text)
    assert f"{path.name}:{line}" in place.wrong("upgrade").error()
    assert tables_in(database_url) == []
    traceback = place.db("upgrade", "--traceback")
    assert traceback.code == 1
    assert "Traceback" in traceback.err
    assert "ZeroDivisionError" in traceback.err


def test_a_script_that_cannot_be_imported(place: Place, sqlite_url: str) -> None:
    path = place.write("aaaa1111", None)
    path.write_text(path.read_text().replace("import sqlalchemy as sa", "import not_there_at_all"))
    error = place.wrong("upgrade").error()
    assert "not_there_at_all" in error
    assert path.name in error
    assert tables_in(sqlite_url) == []


def test_a_downgrade_that_is_not_written(place: Place, sqlite_url: str) -> None:
    path = place.write("aaaa1111", None)
    path.write_text(path.read_text().partition("def downgrade")[0])
    place.fine("upgrade")
    assert "downgrade" in place.wrong("downgrade").error()
    assert versions_in(sqlite_url) == ["aaaa1111"]


def test_a_downgrade_below_the_base(place: Place) -> None:
    place.write("aaaa1111", None)
    place.fine("upgrade")
    place.fine("downgrade")
    place.wrong("downgrade")


def test_an_env_file_that_fails(place: Place, sqlite_url: str) -> None:
    place.write("aaaa1111", None)
    env = place.folder / "migrations" / "env.py"
    env.write_text("from flask_schema import context\n\nraise ValueError('no luck')\n")
    error = place.wrong("upgrade").error()
    assert "no luck" in error
    assert "env.py:3" in error
    assert tables_in(sqlite_url) == []


def test_a_template_that_fails(place: Place) -> None:
    (place.folder / "migrations" / "script.py.mako").write_text("${nothing_of_that_name}\n")
    assert "script.py.mako" in place.wrong("revision", "-m", "x").error()
    assert list(place.versions.glob("*.py")) == []


def test_a_locked_database(place: Place, sqlite_url: str) -> None:
    place.write("aaaa1111", None, 'op.create_table("one", sa.Column("id", sa.Integer, primary_key=True))')
    url = f"{sqlite_url}?timeout=0.1"
    locked = Place(place.folder, plain_app(models(), url))
    holder = sqlite3.connect(Path(sqlite_url.removeprefix("sqlite:///")))
    holder.execute("BEGIN IMMEDIATE")
    try:
        assert "locked" in locked.wrong("upgrade").error()
    finally:
        holder.close()
    locked.fine("upgrade")


# -- usage ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["upgrade", "--sqll"],
        ["upgrade", "one", "two"],
        ["downgrade", "-z"],
        ["upgrade", "base:head"],
        ["downgrade", "base", "--sql", "--nonsense"],
        ["nonsense"],
        ["history", "-n", "many"],
        ["history", "-r", "a:b:c"],
        ["init", "-t", "nonsense"],
        ["revision", "--head"],
    ],
)
def test_usage_errors_end_with_2(place: Place, words: list[str], sqlite_url: str) -> None:
    place.write("aaaa1111", None)
    answer = place.wrong(*words, code=2)
    assert "Traceback" not in answer.text
    assert tables_in(sqlite_url) == []


def test_a_misspelt_option_is_named(place: Place) -> None:
    assert "--sqll" in place.wrong("upgrade", "--sqll", code=2).err
    assert "option" in place.wrong("upgrade", "--sqll", code=2).err


# -- settings ---------------------------------------------------------------------------------


def test_a_misspelt_setting_is_refused_with_the_likeliest(make_place: MakePlace, sqlite_url: str) -> None:
    from flask_schema.errors import UnknownSetting

    with pytest.raises(UnknownSetting) as caught:
        make_place(sqlite_url, verson_table="x")
    assert "version_table" in str(caught.value.hint)
    place = make_place(sqlite_url)
    place.app.config["SCHEMA_VERSON_TABLE"] = "x"
    answer = place.wrong("current")
    assert "verson_table" in answer.error().lower()
    assert "version_table" in answer.hint().lower()


def test_a_misspelt_setting_in_pyproject(place: Place) -> None:
    (place.folder / "pyproject.toml").write_text('[tool.flask-schema]\nverson_table = "x"\n')
    answer = place.wrong("heads")
    assert "pyproject.toml" in answer.error()
    assert "version_table" in answer.hint()


def test_a_setting_of_the_wrong_type(place: Place) -> None:
    (place.folder / "pyproject.toml").write_text("[tool.flask-schema]\nversion_table = 3\n")
    assert "version_table" in place.wrong("heads").error()


def test_a_pyproject_that_cannot_be_parsed(place: Place) -> None:
    (place.folder / "pyproject.toml").write_text("[tool.flask-schema\n")
    assert "pyproject.toml" in place.wrong("heads").error()


def test_a_database_of_no_name(make_place: MakePlace, sqlite_url: str) -> None:
    place = make_place(sqlite_url, databases=["users"])
    place.fine("init")
    place.write("aaaa1111", None)
    assert "users" in place.wrong("upgrade").error()


def test_an_application_without_the_extension(folder: Path) -> None:
    from flask import Flask

    from flask_schema.cli import db

    app = Flask("bare")
    app.cli.add_command(db)
    place = Place(folder, app)
    (folder / "migrations" / "versions").mkdir(parents=True)
    answer = place.wrong("upgrade")
    assert "bare" in answer.error()
    assert "Migrate(app, db)" in answer.hint()
