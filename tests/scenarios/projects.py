"""Small projects on disk: an application, its migrations directory, and ``flask db`` typed in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from flask_schema import Migrate

REVISION = '''"""{message}

Revision ID: {revision}
Revises: {parent}
"""

import sqlalchemy as sa
from flask_schema import op

revision = {revision!r}
down_revision = {parent!r}
branch_labels = None
depends_on = None


def upgrade():
    {up}


def downgrade():
    {down}
'''


@dataclass(frozen=True)
class Answer:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    def error(self) -> str:
        """The line of the one error that was printed; everything about its form is held here."""
        lines = self.err.splitlines()
        errors = [line for line in lines if line.startswith("Error: ")]
        assert len(errors) == 1, self.text
        assert "Traceback" not in self.text
        assert sum(line.startswith("hint: ") for line in lines) == 1, self.text
        assert len(errors[0]) < 500
        return errors[0]

    def hint(self) -> str:
        return next(line for line in self.err.splitlines() if line.startswith("hint: "))


@dataclass
class Place:
    """A project in a folder, which is the current one while a test runs."""

    folder: Path
    app: Flask

    @property
    def versions(self) -> Path:
        return self.folder / "migrations" / "versions"

    def db(self, *words: str) -> Answer:
        """Type ``flask db WORDS``."""
        result: Result = self.app.test_cli_runner().invoke(args=["db", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    def fine(self, *words: str) -> Answer:
        """Type a command that must work."""
        answer = self.db(*words)
        assert answer.code == 0, answer.text
        return answer

    def wrong(self, *words: str, code: int = 1) -> Answer:
        """Type a command that must end in one clear error."""
        answer = self.db(*words)
        assert answer.code == code, answer.text
        if code == 1:
            answer.error()
        return answer

    def write(self, revision: str, parent: str | Sequence[str] | None, up: str = "pass", down: str = "pass") -> Path:
        """Write a revision file."""
        self.versions.mkdir(parents=True, exist_ok=True)
        path = self.versions / f"{revision}_file.py"
        path.write_text(
            REVISION.format(revision=revision, parent=parent, message=f"message of {revision}", up=up, down=down)
        )
        return path


def plain_app(metadata: Any, url: Any, **options: Any) -> Flask:
    """An application with plain SQLAlchemy models."""
    app = Flask("plain")
    Migrate(app, metadata=metadata, url=url, **options)
    return app


def tables_in(url: str) -> list[str]:
    """The names of a database's tables, the version table included."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return sorted(sa.inspect(connection).get_table_names())


def versions_in(url: str) -> list[str]:
    """The rows of the version table; empty where there is none."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return []
        return sorted(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars())


def models() -> sa.MetaData:
    """A table with a column."""
    metadata = sa.MetaData()
    sa.Table("thing", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
    return metadata


MakePlace = Callable[..., Place]
