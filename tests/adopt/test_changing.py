"""``adopt --change-import`` and ``--rewrite``: shown first, written only with consent, nothing lost, once is enough."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_schema import Migrate
from flask_schema.actions.adopt.changing import FLASK_MIGRATE_NAMES
from flask_schema.actions.adopt.source_changes import FileChange
from flask_schema.actions.adopt.writing import write_changes
from flask_schema.errors import SchemaError
from tests.adopt.projects import APP, ENV, bind_flask_migrate, make_app, type_adopt, write_migrations, write_revision


@pytest.fixture
def site(sqlite_url: str, folder: Path) -> tuple[Flask, Any]:
    write_migrations(folder)
    (folder / "app.py").write_text(APP.format(package="flask_migrate", url=sqlite_url))
    app, db = make_app(sqlite_url, folder)
    bind_flask_migrate(app, db)
    return app, db


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file but databases and what Python keeps."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("words", [("--change-import",), ("--rewrite",), ("--change-import", "--rewrite")])
@pytest.mark.parametrize("wish", ["--dry-run", None])
def test_nothing_is_written_without_consent(
    site: tuple[Flask, Any], folder: Path, words: tuple[str, ...], wish: str | None
) -> None:
    before = files_in(folder)
    typed = type_adopt(site[0], *words, *([wish] if wish else []))
    assert typed.code == (0 if wish else 2), typed.text
    assert "+from flask_schema import " in typed.out
    assert files_in(folder) == before
    if wish is None:
        assert "hint: add --yes" in typed.err


def test_the_import_is_changed_and_the_old_file_kept(site: tuple[Flask, Any], folder: Path) -> None:
    app_file = folder / "app.py"
    app_file.chmod(0o640)
    before = app_file.read_text()
    typed = type_adopt(site[0], "--change-import", "--yes")
    assert typed.code == 0, typed.text
    assert app_file.read_text() == before.replace("from flask_migrate", "from flask_schema")
    assert stat.S_IMODE(app_file.stat().st_mode) == 0o640
    (kept,) = (folder / "migrations" / "before-adopt").glob("*/app.py.txt")
    assert kept.read_text() == before
    after = files_in(folder)
    again = type_adopt(site[0], "--change-import", "--yes")
    assert (again.code, again.out) == (0, "There is nothing to change.\n")
    assert files_in(folder) == after


def test_what_is_in_the_way_of_the_import_is_told(site: tuple[Flask, Any], folder: Path) -> None:
    (folder / "other.py").write_text("from flask_migrate import _MigrateConfig\n")
    (folder / "requirements.txt").write_text("Flask-Migrate\n")
    typed = type_adopt(site[0], "--change-import", "--yes")
    assert typed.code == 3
    assert "left as it is: other.py:1: _MigrateConfig from flask_migrate" in typed.err
    assert "change it yourself: requirements.txt:1: Flask-Migrate" in typed.err
    assert "from flask_schema" in (folder / "app.py").read_text()
    assert "from flask_migrate" in (folder / "other.py").read_text()


def test_the_migrations_are_rewritten_and_go_on(site: tuple[Flask, Any], folder: Path, sqlite_url: str) -> None:
    home = folder / "migrations"
    (home / "env.py").write_text(ENV)  # changed by its owner, so it is kept
    typed = type_adopt(site[0], "--rewrite", "--yes")
    assert typed.code == 0, typed.text
    for path in (home / "versions" / "aaaa_.py", home / "versions" / "bbbb_.py", home / "script.py.mako"):
        assert "from flask_schema import op\nimport sqlalchemy as sa\n" in path.read_text()
        assert "alembic import" not in path.read_text()
    assert (home / "env.py").read_text() == ENV.replace("from alembic import", "from flask_schema import")
    after = files_in(folder)
    assert type_adopt(site[0], "--rewrite", "--yes").out == "There is nothing to change.\n"
    assert files_in(folder) == after
    app, db = make_app(sqlite_url, folder, name="ours")
    Migrate(app, db)
    done = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert done.exit_code == 0, done.output
    assert app.test_cli_runner().invoke(args=["db", "check"]).exit_code == 0


def test_other_imports_from_alembic_stay(site: tuple[Flask, Any], folder: Path) -> None:
    path = write_revision(folder / "migrations" / "versions", "cccc", "bbbb", "pass")
    text = path.read_text().replace(
        "from alembic import op\n", "import alembic\nfrom alembic import op, util\nfrom alembic.operations import ops\n"
    )
    path.write_text(text)
    assert type_adopt(site[0], "--rewrite", "--yes").code == 0
    assert path.read_text() == text


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own env.py counts as a template that is not needed."""
    import ast

    from flask_schema.actions.adopt import env_file

    table = {env_file.digest_of(one): ("flask",) for one in env_file.statements_of(ast.parse(ENV))}
    monkeypatch.setattr(env_file, "_stock", lambda: table)


@pytest.mark.usefixtures("stock")
def test_a_template_is_removed_and_comes_back(site: tuple[Flask, Any], folder: Path) -> None:
    before = files_in(folder)
    env = folder / "migrations" / "env.py"
    typed = type_adopt(site[0], "--change-import", "--rewrite", "--yes")
    assert typed.code == 0, typed.text
    assert f"migrations/env.py: removed, {len(ENV.splitlines())} lines of a template" in typed.out
    assert not env.exists()
    assert type_adopt(site[0]).code == 0
    back = type_adopt(site[0], "--back", "--change-import", "--rewrite", "--yes")
    assert back.code == 0, back.text
    now = {name: text for name, text in files_in(folder).items() if "before-adopt" not in name}
    assert now == before
    assert type_adopt(site[0], "--back", "--change-import", "--rewrite", "--yes").out == "There is nothing to change.\n"


def test_what_alembic_cannot_do_is_told_on_the_way_back(site: tuple[Flask, Any], folder: Path) -> None:
    versions = folder / "migrations" / "versions"
    write_revision(
        versions,
        "cccc",
        "bbbb",
        "op.create_view('v', 'SELECT 1')\n"
        "    op.alter_column('person', 'name', new_column_name='title', existing_type=sa.String(50))\n"
        "    op.alter_column('person', 'title', nullable=False)\n"
        "    with op.batch_alter_table('person') as batch_op:\n"
        "        batch_op.alter_column('age', nullable=False)",
    )
    path = write_revision(versions, "dddd", "cccc", "pass")
    path.write_text(path.read_text() + "\nreplaces = ('x', 'y')\n")
    typed = type_adopt(site[0], "--back", "--rewrite", "--yes")
    assert typed.code == 3
    told = [line for line in typed.err.splitlines() if line.startswith("left as it is")]
    assert told == [
        "left as it is: migrations/versions/cccc_.py:20: op.create_view: Alembic cannot do that",
        "left as it is: migrations/versions/cccc_.py:22: op.alter_column outside 'with op.batch_alter_table' on SQLite:"
        " Alembic cannot do that",
        "left as it is: migrations/versions/dddd_.py:26: replaces: Alembic cannot do that",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--back",), "--back says which way"),
        (("--from-database", "--rewrite"), "there is nothing to change"),
        (("--models", "x.py"), "goes with --from-database"),
    ],
)
def test_options_that_make_no_sense_together(site: tuple[Flask, Any], words: tuple[str, ...], said: str) -> None:
    typed = type_adopt(site[0], *words)
    assert typed.code == 2
    assert said in typed.err


def test_names_of_flask_migrate_are_all_offered() -> None:
    import flask_schema

    assert [name for name in FLASK_MIGRATE_NAMES if not hasattr(flask_schema, name)] == []


def test_a_file_that_was_changed_in_the_meantime_is_left_alone(folder: Path) -> None:
    first, second = folder / "a.py", folder / "b.py"
    first.write_text("one\n")
    second.write_text("other\n")
    with pytest.raises(SchemaError, match="changed in the meantime"):
        write_changes([FileChange(first, "one\n", "two\n"), FileChange(second, "one\n", "two\n")], folder, folder)
    assert (first.read_text(), second.read_text()) == ("one\n", "other\n")


def test_a_file_that_cannot_be_written_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "a.py"
    path.write_text("one\n")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(SchemaError, match="No space left"):
        write_changes([FileChange(path, "one\n", "two\n")], folder, folder)
    assert path.read_text() == "one\n"
    assert [one.name for one in folder.iterdir() if one.name.endswith(".adopt")] == []
