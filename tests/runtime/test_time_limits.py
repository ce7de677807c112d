"""Time limits of statements and locks, on a real PostgreSQL."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from flask_schema import Migrate, init, upgrade
from flask_schema.errors import MigrationFailed
from tests.runtime.sites import Site

REVISION = """
from flask_schema import op
revision = "a1"
down_revision = None
def upgrade():
    op.execute({statement!r})
def downgrade():
    pass
"""


@pytest.fixture
def site(tmp_path: Path, postgresql_url: str) -> Any:
    def make(statement: str, **settings: Any) -> Flask:
        app = Flask("site")
        folder = tmp_path / "migrations"
        Migrate(app, sa.MetaData(), directory=folder, url=postgresql_url, **settings)
        with app.app_context():
            init()
        (folder / "versions" / "a1.py").write_text(REVISION.format(statement=statement))
        return app

    return make


def test_a_statement_that_takes_too_long_is_stopped(site: Any) -> None:
    app = site("SELECT pg_sleep(30)", statement_timeout_seconds=0.1)
    with app.app_context(), pytest.raises(MigrationFailed, match="statement timeout"):
        upgrade()


def test_a_lock_is_waited_for_so_long_and_so_often(site: Any, postgresql_url: str, open_engine: Any) -> None:
    engine = open_engine(postgresql_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x integer)")
    app = site("ALTER TABLE t ADD COLUMN y integer", lock_timeout_seconds=0.1, lock_attempts=2)
    with engine.begin() as other:
        other.exec_driver_sql("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        with app.app_context(), pytest.raises(MigrationFailed, match="lock timeout"):
            upgrade()


def test_a_lock_that_is_given_up_meanwhile_is_no_failure(site: Any, postgresql_url: str, open_engine: Any) -> None:
    engine = open_engine(postgresql_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x integer)")
    app = site("ALTER TABLE t ADD COLUMN y integer", lock_timeout_seconds=0.1, lock_attempts=5)
    other = engine.connect()
    other.exec_driver_sql("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")

    def give_up() -> None:
        time.sleep(0.4)
        other.rollback()
        other.close()

    thread = threading.Thread(target=give_up)
    thread.start()
    with app.app_context():
        upgrade()
    thread.join()
    assert {one["name"] for one in sa.inspect(engine).get_columns("t")} == {"x", "y"}


def test_what_the_server_says_beside_an_error_is_told(site: Any, postgresql_url: str, open_engine: Any) -> None:
    with open_engine(postgresql_url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x integer)")
        connection.exec_driver_sql("CREATE VIEW v AS SELECT x FROM t")
    app = site("DROP TABLE t")
    result = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert "detail: view v depends on table t" in result.output
    assert "the server's hint: Use DROP ... CASCADE" in result.output


def test_what_a_failed_concurrent_index_leaves_is_told(tmp_path: Path, postgresql_url: str, open_engine: Any) -> None:
    with open_engine(postgresql_url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t AS SELECT 1 AS a FROM generate_series(1, 2)")
    site = Site(tmp_path, postgresql_url)
    site.add('op.create_index("ix", "t", ["a"], unique=True, postgresql_concurrently=True)')
    with pytest.raises(MigrationFailed) as failed:
        site.upgrade()
    assert "left behind may be index ix, invalid" in (failed.value.hint or "")
    with open_engine(postgresql_url).begin() as connection:
        connection.exec_driver_sql("DELETE FROM t")
    site.upgrade()
