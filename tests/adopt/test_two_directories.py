"""``pyproject.toml`` and ``Migrate(directory=...)`` may name two directories; then it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_schema import Migrate
from tests.adopt.projects import make_app, write_migrations


@pytest.mark.parametrize(
    ("written", "given", "is_told"),
    [
        ("migrations", "other", True),
        ("migrations", "migrations", False),
        ("migrations", Path("migrations").absolute, False),
        ("migrations", None, False),
        (None, "migrations", False),
    ],
)
def test_a_disagreement_is_told(sqlite_url: str, folder: Path, written: str, given: object, is_told: bool) -> None:
    directory = given() if callable(given) else given
    write_migrations(folder)
    write_migrations(folder / "x")
    (folder / "x" / "migrations").rename(folder / "other")
    (folder / "pyproject.toml").write_text(f'[tool.flask-schema]\ndirectory = "{written}"\n' if written else "")
    app, db = make_app(sqlite_url, folder)
    Migrate(app, db, directory=directory)
    answer = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert answer.exit_code == 0, answer.output
    said = "note: pyproject.toml says that the migrations are in migrations, and Migrate(...) says in other"
    assert (said in answer.stderr) is is_told
    assert "note" not in app.test_cli_runner().invoke(args=["db", "-d", "other", "current"]).stderr
