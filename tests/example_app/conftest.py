"""The bank on a database whose tables come straight from the models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from example_app import create_app
from example_app.models import db


@pytest.fixture
def bank(database_url: str) -> Iterator[Flask]:
    """The bank with no accounts, on each database, inside its application context."""
    app = create_app(database_url)
    app.testing = True
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def unmigrated_bank(tmp_path: Path) -> Iterator[Flask]:
    """The bank on a SQLite database without tables."""
    app = create_app(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    app.testing = True
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(bank: Flask) -> FlaskClient:
    return bank.test_client()
