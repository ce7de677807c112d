"""A project changes over, goes on here, and goes back: with the real Flask-Migrate and Alembic in a process of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.adopt.projects import APP, Typed, alembic_python, rows_in, type_flask, write_revision
from tests.conftest import DatabaseMaker

THIRD = "op.create_table('note', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('text', sa.Text()))"
FOURTH = "with op.batch_alter_table('note') as batch:\n        batch.alter_column('text', nullable=False)"


def must(typed: Typed) -> Typed:
    assert typed.code == 0, typed.text
    return typed


def columns_of(url: str, table: str) -> dict[str, bool]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return {one["name"]: one["nullable"] for one in sa.inspect(connection).get_columns(table)}


@pytest.mark.parametrize(("name", "rewrite"), [("sqlite", ("--rewrite",)), ("postgresql", ())])
def test_over_and_back(make_database: DatabaseMaker, folder: Path, name: str, rewrite: tuple[str, ...]) -> None:
    """Each step is typed at one folder: theirs, ours, theirs, ours."""
    python = alembic_python()
    url = make_database(name).url.replace("postgresql+psycopg:", "postgresql+psycopg2:")
    (folder / "app.py").write_text(APP.format(package="flask_migrate", url=url))
    versions = folder / "migrations" / "versions"

    def theirs(*words: str) -> Typed:
        return must(type_flask(python, folder, "db", *words))

    def ours(*words: str) -> Typed:
        return must(type_flask(python, folder, "db", *words, both=True))

    theirs("init")
    theirs("migrate", "-m", "first", "--rev-id", "aaaa")
    theirs("upgrade")
    script = (
        "from flask_schema.cli import db; from flask.cli import FlaskGroup; group = FlaskGroup(); "
        "group.add_command(db, 'schema'); group.main(['--app', 'app', 'schema', 'adopt', {words}])"
    )
    adopt_words = ("--change-import", *rewrite, "--yes")
    must(_run(python, folder, script.format(words=", ".join(map(repr, adopt_words)))))
    assert "from flask_schema import Migrate" in (folder / "app.py").read_text()
    assert (folder / "migrations" / "env.py").exists() is not bool(rewrite)

    assert ours("current").out == "aaaa (head)\n"
    ours("check")
    write_revision(versions, "bbbb", "aaaa", THIRD, "op.drop_table('note')")
    ours("upgrade")
    assert rows_in(url) == ["bbbb"]

    ours("adopt", "--back", "--change-import", *rewrite, "--yes")
    assert "from flask_migrate import Migrate" in (folder / "app.py").read_text()
    write_revision(versions, "cccc", "bbbb", FOURTH)
    theirs("upgrade")
    assert rows_in(url) == ["cccc"]
    assert columns_of(url, "note")["text"] is False

    must(_run(python, folder, script.format(words="'--change-import', '--yes'")))
    assert ours("current").out == "cccc (head)\n"
    ours("downgrade", "base")
    ours("upgrade")
    assert columns_of(url, "note")["text"] is False


def _run(python: str, folder: Path, script: str) -> Typed:
    import os
    import subprocess

    import flask_schema

    environment = {**os.environ, "PYTHONPATH": str(Path(flask_schema.__file__).parents[1])}
    done = subprocess.run(
        [python, "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return Typed(done.returncode, done.stdout, done.stderr)
