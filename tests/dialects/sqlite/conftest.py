"""Databases for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.dialects.sqlite.live_database import Database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "test.db")
    yield made
    made.close()


@pytest.fixture
def enforcing(tmp_path: Path) -> Iterator[Database]:
    """A database whose connections enforce foreign keys."""
    made = Database(tmp_path / "enforcing.db")

    @sa.event.listens_for(made.engine, "connect")
    def enforce(driver: Any, _record: Any) -> None:
        driver.execute("PRAGMA foreign_keys = ON")

    yield made
    made.close()
