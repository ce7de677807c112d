"""A small bank: accounts, and transfers between them, on any database that ``DATABASE_URL`` names.

Run it from the folder that holds ``example_app``::

    flask --app example_app db upgrade
    flask --app example_app run
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from flask import Flask

from example_app.models import db
from flask_schema import Migrate

migrate = Migrate()


def create_app(database_url: str | None = None) -> Flask:
    """Return the bank as a Flask application.

    ``database_url`` chooses the database. When it is None the environment variable ``DATABASE_URL`` does, and
    when that is unset too the bank keeps its accounts in ``bank.sqlite`` in the instance folder.
    """
    from example_app import api, commands, pages

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = choose_driver(
        database_url or os.environ.get("DATABASE_URL") or "sqlite:///bank.sqlite"
    )
    app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY") or secrets.token_hex()  # several processes need one key
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"

    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent / "migrations"))
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(api.blueprint)
    app.cli.add_command(commands.bank)
    return app


def choose_driver(database_url: str) -> str:
    """Return ``database_url`` with psycopg named as the driver where it only says ``postgres`` or ``postgresql``."""
    for prefix in ("postgres://", "postgresql://"):
        if database_url.startswith(prefix):
            return "postgresql+psycopg://" + database_url.removeprefix(prefix)
    return database_url
