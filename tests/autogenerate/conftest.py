from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.alembic_compat.autogenerate.compare import comparators
from flask_schema.alembic_compat.autogenerate.render import renderers
from flask_schema.operations import extending
from flask_schema.runtime.context import MigrationContext
from tests.scenarios.projects import Place, plain_app

Compared = Callable[..., MigrationContext]


@pytest.fixture(autouse=True)
def unchanged_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone after it."""
    monkeypatch.setattr(comparators, "_registry", dict(comparators._registry))
    monkeypatch.setattr(renderers, "_registry", dict(renderers._registry))
    monkeypatch.setattr(extending, "_IMPLEMENTATIONS", dict(extending._IMPLEMENTATIONS))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    place = tmp_path / "project"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def make_place(folder: Path, sqlite_url: str) -> Callable[..., Place]:
    """A function that makes a project with a migrations directory, on SQLite unless told otherwise."""

    def make(metadata: sa.MetaData, url: str = sqlite_url, **options: Any) -> Place:
        made = Place(folder, plain_app(metadata, url, **options))
        if not made.versions.parent.exists():
            made.fine("init")
        return made

    return make


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(sqlite_url, poolclass=sa.NullPool)
    with engine.connect() as opened:
        yield opened


@pytest.fixture
def shop() -> sa.MetaData:
    """Two tables, a key between them, a unique constraint and an index."""
    metadata = sa.MetaData()
    sa.Table("customer", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50)))
    sa.Table(
        "orders",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.ForeignKey("customer.id"), nullable=False),
        sa.Column("number", sa.Integer, sa.CheckConstraint("number > 0", name="positive"), unique=True),
        sa.Column("placed", sa.DateTime, index=True, server_default=sa.func.now()),
    )
    return metadata


def source(place: Place) -> str:
    """The text of the newest revision file."""
    newest = max(place.versions.glob("*.py"), key=lambda path: path.stat().st_mtime_ns)
    return newest.read_text()


def body(place: Place, function: str = "upgrade") -> str:
    """The statements of one function of the newest revision file."""
    text = source(place)
    _, _, rest = text.partition(f"def {function}() -> None:\n")
    return rest.partition("\n\n\n")[0].strip()
