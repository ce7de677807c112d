"""A small application in a folder of its own, and a way to type commands at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_schema import Migrate

Typing = Callable[..., Result]


@dataclass
class Site:
    """An application, its folder, and its models, to which tests add tables."""

    app: Flask
    db: Any
    folder: Path

    @property
    def versions(self) -> Path:
        return self.folder / "migrations" / "versions"

    def type(self, *words: str, status: int = 0, **options: Any) -> Result:
        """Type ``flask db ...`` and expect an exit code."""
        done = self.app.test_cli_runner().invoke(args=["db", *words], **options)
        assert done.exit_code == status, done.output
        return done

    def table(self, name: str, *columns: sa.Column[Any]) -> sa.Table:
        return sa.Table(name, self.db.metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)

    def write(self, revision: str, parent: str | None, body: str = "pass", message: str = "", extra: str = "") -> Path:
        """Write a revision file whose upgrade does ``body``."""
        self.versions.mkdir(parents=True, exist_ok=True)
        parents = repr(tuple(parent.split())) if parent and " " in parent else repr(parent)
        path = self.versions / f"{revision}.py"
        path.write_text(
            f'"""{message or revision}"""\nfrom flask_schema import op\nimport sqlalchemy as sa\n'
            f"revision = {revision!r}\ndown_revision = {parents}\n{extra}\n"
            f"def upgrade():\n    {body}\n\ndef downgrade():\n    pass\n"
        )
        return path

    def names(self) -> list[str]:
        """The tables in the database, without the version table."""
        engine = sa.create_engine(self.app.config["SQLALCHEMY_DATABASE_URI"], poolclass=sa.NullPool)
        try:
            return sorted(set(sa.inspect(engine).get_table_names()) - {"alembic_version"})
        finally:
            engine.dispose()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory."""
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def make_site(folder: Path, request: pytest.FixtureRequest) -> Callable[..., Site]:
    def make(url: str | None = None, binds: dict[str, str] | None = None, **options: Any) -> Site:
        app = Flask("site", root_path=str(folder))
        app.config["SQLALCHEMY_DATABASE_URI"] = url or f"sqlite:///{folder / 'data.sqlite'}"
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": sa.NullPool}
        app.config["SQLALCHEMY_BINDS"] = {
            name: {"url": one, "poolclass": sa.NullPool} for name, one in (binds or {}).items()
        }
        db = SQLAlchemy(app)
        Migrate(app, db, **options)
        return Site(app, db, folder)

    return make


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site()
