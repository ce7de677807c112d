from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.scenarios.projects import MakePlace, Place, models, plain_app


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    place = tmp_path / "project"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def make_place(folder: Path) -> MakePlace:
    """A function that makes a project of an application, or of plain models on a URL."""

    def make(url: Any = None, app: Flask | None = None, metadata: Any = None, **options: Any) -> Place:
        if app is None:
            app = plain_app(models() if metadata is None else metadata, url, **options)
        return Place(folder, app)

    return make


@pytest.fixture
def place(make_place: MakePlace, sqlite_url: str) -> Place:
    """A project on SQLite with a migrations directory and no revisions."""
    made = make_place(sqlite_url)
    made.fine("init")
    return made
