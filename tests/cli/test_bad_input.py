"""Each mistake is one line that says what and where, a hint, and an exit code; and nothing is half-applied."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from flask_schema import Migrate
from tests.cli.conftest import Site

PASSWORD = "hunter2-secret"


def complaint(result: Result) -> tuple[str, str]:
    """The error line and the hint of a command that failed; there must be one of each."""
    lines = [line for line in result.stderr.splitlines() if not line.startswith("  statement: ")]
    assert len(lines) == 2, result.output
    assert lines[0].startswith("Error: ")
    assert lines[1].startswith("hint: ")
    assert "Traceback" not in result.output
    return lines[0].removeprefix("Error: "), lines[1].removeprefix("hint: ")


@pytest.mark.parametrize(
    ("words", "status", "error", "hint"),
    [
        (["upgrade", "zzzz"], 1, "there is no revision 'zzzz'", "flask db history"),
        (["upgrade", "abcd1ef"], 1, "there is no revision 'abcd1ef'", "did you mean abcd1eee"),
        (["upgrade", "abcd"], 1, "'abcd' is the beginning of several revisions: abcd1eee, abcd2fff", "write more"),
        (["upgrade", "head"], 1, "'head' means one head, and there are several", "flask db merge heads"),
        (["upgrade", "-1"], 1, "an upgrade cannot go down to -1", "flask db downgrade -- -1"),
        (["upgrade", "a@b@c"], 1, "there is no branch 'a@b'", "branch labels of this history"),
        (["upgrade", "a:b"], 2, "a range like a:b is for SQL only", "--sql"),
        (["downgrade", "+1"], 1, "a downgrade cannot go up to +1", "flask db upgrade +1"),
        (["downgrade", "abcd1eee"], 1, "abcd1eee is not a downgrade", "flask db current"),
        (["show", "zzzz"], 1, "there is no revision 'zzzz'", "flask db history"),
        (["show", ""], 2, "'' is not a revision", "write an id"),
        (["history", "-r", "zzzz"], 2, "'zzzz' is not a range", "older:newer"),
        (["history", "-r", "abcd2fff:abcd1eee"], 1, "is not an ancestor of", "from an older to a newer"),
        (["stamp", "zzzz"], 1, "there is no revision 'zzzz'", "flask db history"),
        (["revision", "-m", "x"], 1, "there are several heads", "flask db merge heads"),
        (
            ["revision", "-m", "x", "--head", "base", "--rev-id", "abcd1eee"],
            1,
            "there is a revision abcd1eee",
            "--rev-id",
        ),
        (["squash", "abcd1eee:abcd1eee"], 2, "is one revision, and a squash needs at least two", "longer"),
    ],
)
def test_wrong_revisions(site: Site, words: list[str], status: int, error: str, hint: str) -> None:
    site.write("abcd1eee", None)
    site.write("abcd2fff", None)
    said, advice = complaint(site.type(*words, status=status))
    assert error in said
    assert hint in advice


def test_a_file_with_a_syntax_error(site: Site) -> None:
    path = site.write("aaaa1", None)
    path.write_text("revision = 'aaaa1'\ndown_revision = (\n")
    for command in ("heads", "upgrade", "current"):
        said = site.type(command, status=1).stderr
        assert said.startswith("Error: ")
        assert f"({path}:2)" in said
        assert "Traceback" not in said


HISTORIES: dict[str, tuple[list[tuple[str, str | None]], str]] = {
    "missing parent": ([("aaaa1", "gone9")], "gone9"),
    "cycle": ([("aaaa1", "bbbb2"), ("bbbb2", "aaaa1")], "aaaa1"),
}


@pytest.mark.parametrize("case", HISTORIES)
def test_histories_that_cannot_be(site: Site, case: str) -> None:
    revisions, named = HISTORIES[case]
    for revision, parent in revisions:
        site.write(revision, parent)
    for command in ("heads", "upgrade", "history"):
        result = site.type(command, status=1)
        assert named in result.stderr
        assert result.stderr.startswith("Error: ")
        assert ".py" in result.stderr
        assert site.names() == []


def test_two_files_with_one_id(site: Site) -> None:
    text = site.write("aaaa1", None).read_text()
    (site.versions / "copy.py").write_text(text)
    said = site.type("upgrade", status=1).stderr
    assert "aaaa1" in said
    assert "copy.py" in said


def test_no_migrations_directory(site: Site) -> None:
    for command in ("heads", "history", "upgrade", "current", "downgrade"):
        said, hint = complaint(site.type(command, status=1))
        assert said == "there is no migrations directory migrations"
        assert "flask db init" in hint
    said, hint = complaint(site.type("-d", "elsewhere", "heads", status=1))
    assert "elsewhere" in said
    said, hint = complaint(site.type("migrate", "-m", "x", status=1))
    assert "flask db init" in hint


@pytest.mark.parametrize(
    ("url", "error", "hint"),
    [
        (
            "postgresql+psycopg://me:{}@127.0.0.1:1/d",
            "cannot connect to the database postgresql+psycopg://me:***@",
            "running",
        ),
        ("mysql+pymysql://me:{}@127.0.0.1:1/d", "cannot connect to the database mysql+pymysql://me:***@", "running"),
    ],
)
def test_a_database_that_does_not_answer(make_site: Callable[..., Site], url: str, error: str, hint: str) -> None:
    site = make_site(url.format(PASSWORD))
    site.write("aaaa1", None)
    for words in (["upgrade"], ["current"], ["downgrade"], ["stamp", "head"], ["check"]):
        result = site.type(*words, status=1)
        said, advice = complaint(result)
        assert error in said
        assert hint in advice
        assert PASSWORD not in result.output
        traced = site.type(*words, "--traceback", status=1)
        assert "Traceback (most recent call last)" in traced.stderr
        assert PASSWORD not in traced.output


@pytest.mark.parametrize(
    ("url", "error", "hint"),
    [
        ("postgres://me:{}@h/d", "begins with 'postgres://'", "write postgresql:// instead"),
        (
            "postgresql+asyncpg://me:{}@h/d",
            "the database driver 'asyncpg' is not installed",
            "flask-schema[postgresql]",
        ),
        ("nonsense {}", "the database URL cannot be used", "dialect://"),
    ],
)
def test_a_url_that_cannot_be_used(folder: Any, url: str, error: str, hint: str) -> None:
    app = Flask("plain")
    Migrate(app, sa.MetaData(), url=url.format(PASSWORD))
    site = Site(app, None, folder)
    site.write("aaaa1", None)
    result = site.type("upgrade", status=1)
    said, advice = complaint(result)
    assert error in said
    assert hint in advice
    assert PASSWORD not in result.output


def test_a_database_ahead_of_the_files(site: Site) -> None:
    path = site.write("aaaa1", None)
    site.type("upgrade")
    path.unlink()
    site.write("bbbb2", None)
    for command in ("upgrade", "current", "downgrade"):
        said, hint = complaint(site.type(command, status=1))
        assert "the database stands at revision aaaa1, and no file has that id" in said
        assert "git log --all" in hint


def test_models_that_cannot_be_compiled(site: Site) -> None:
    site.table("accounts", sa.Column("tags", sa.ARRAY(sa.Integer)))
    site.type("init")
    for words in (["migrate", "-m", "x"], ["check"]):
        said, hint = complaint(site.type(*words, status=1))
        assert "the models cannot be expressed for sqlite" in said
        assert ".with_variant()" in hint
    assert list(site.versions.glob("*.py")) == []


BROKEN = """op.create_table("first", sa.Column("id", sa.Integer))
    op.execute("INSERT INTO first (id) VALUES (1)")
    op.execute("INSERT INTO nowhere (id) VALUES (1)")
    op.create_table("last", sa.Column("id", sa.Integer))"""


@pytest.mark.databases("sqlite", "postgresql")
def test_a_failing_statement_leaves_nothing(make_site: Callable[..., Site], database_url: str) -> None:
    site = make_site(database_url)
    site.write("aaaa1", None, "op.create_table('zero', sa.Column('id', sa.Integer))")
    path = site.write("bbbb2", "aaaa1", BROKEN)
    result = site.type("upgrade", status=1)
    said, hint = complaint(result)
    assert "nowhere" in said
    assert f"({path}:" in said
    assert "revision bbbb2" in said
    assert "aaaa1" in hint
    assert "statement: INSERT INTO nowhere (id) VALUES (1)" in result.stderr
    assert "Upgrade <base> -> aaaa1" in result.stdout
    assert "bbbb2" not in result.stdout
    assert site.names() == ["zero"]
    assert site.type("current").stdout == "aaaa1\n"


def test_a_script_that_raises_is_named_by_line(site: Site) -> None:
    path = site.write("aaaa1", None, "1 / 0")
    said, _ = complaint(site.type("upgrade", status=1))
    assert f"{path}:8" in said
    assert "ZeroDivisionError" in said


def test_an_application_without_migrate(folder: Any) -> None:
    from flask_schema.cli import db

    app = Flask("bare")
    app.cli.add_command(db)
    result = app.test_cli_runner().invoke(args=["db", "heads"])
    assert result.exit_code == 1
    said, hint = complaint(result)
    assert said == "the application 'bare' does not know Migrate"
    assert "Migrate(app, db)" in hint


@pytest.mark.parametrize("words", [["upgrade", "--nonsense"], ["nonsense"], ["revision", "-m"], ["squash"]])
def test_a_wrong_command_line_is_a_usage_error(site: Site, words: list[str]) -> None:
    result = site.type(*words, status=2)
    assert "Error: " in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unexpected_error_is_one_line_too(site: Site) -> None:
    (site.folder / "migrations" / "versions").mkdir(parents=True)
    site.write("aaaa1", None)

    def explode(*_: Any) -> bool:
        raise LookupError(f"postgresql://me:{PASSWORD}@h/d\n  is odd")

    site.table("accounts")
    site.app.config["SCHEMA_INCLUDE_OBJECT"] = explode
    site.type("upgrade")
    result = site.type("check", status=1)
    assert re.search(r"^Error: .*LookupError: postgresql://me:\*\*\*@h/d is odd", result.stderr)
    assert "--traceback" in result.stderr
    assert PASSWORD not in result.output
    assert "Traceback" in site.type("check", "--traceback", status=1).stderr


def test_a_wrong_setting_is_refused_with_a_suggestion(site: Site) -> None:
    (site.folder / "pyproject.toml").write_text("[tool.flask-schema]\nfile-tmplate = 'x'\n")
    said, hint = complaint(site.type("heads", status=1))
    assert "there is no setting 'file_tmplate' (in [tool.flask-schema])" in said
    assert "pyproject.toml" in said
    assert hint == "did you mean 'file_template'?"
