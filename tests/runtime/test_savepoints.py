"""Savepoints that a script makes on the connection, on databases that commit schema changes by themselves too."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_schema.errors import MigrationFailed
from tests.databases import Database
from tests.runtime.sites import Site

SCRIPT = """op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.Integer))
    connection = op.get_bind()
    connection.execute(sa.text("INSERT INTO t VALUES (1, 1)"))
    try:
        with connection.begin_nested():
            connection.execute(sa.text("INSERT INTO t VALUES (2, 2)"))
            connection.execute(sa.text("INSERT INTO t VALUES (1, 2)"))
    except sa.exc.IntegrityError:
        pass
    op.add_column("t", sa.Column("b", sa.Integer))
    with Session(bind=connection) as session:
        with session.begin_nested():
            session.execute(sa.text("UPDATE t SET b = 1"))
        session.commit()
    rows = sa.table("t", sa.column("id"), sa.column("b"))
    with connection.begin_nested() as undone:
        op.execute("UPDATE t SET b = 9")
        op.bulk_insert(rows, [{{"id": 8, "b": 8}}, {{"id": 9, "b": 9}}])
        undone.rollback()
    with connection.begin_nested():
        op.execute(rows.update().values(b=2))
    {}"""


def test_what_stands_in_one_is_kept_or_undone(tmp_path: Path, database: Database, engine: sa.Engine) -> None:
    site = Site(tmp_path, database.url)
    site.add(SCRIPT.format("pass"), head="from sqlalchemy.orm import Session")
    site.upgrade()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM t").fetchall() == [(1, 1, 2)]


def test_a_failure_behind_one_says_what_took_effect(tmp_path: Path, database: Database, engine: sa.Engine) -> None:
    site = Site(tmp_path, database.url)
    site.add(SCRIPT.format("1 / 0"), head="from sqlalchemy.orm import Session")
    with pytest.raises(MigrationFailed, match="division by zero") as failed:
        site.upgrade()
    said = failed.value.hint or ""
    with engine.connect() as connection:
        left = connection.exec_driver_sql("SELECT * FROM t").fetchall() if "CREATE TABLE" in said else []
    assert bool(left) == ("VALUES (1, 1)" in said)
    assert left in ([], [(1, 1, None)], [(1, 1, 2)])
    assert (left == [(1, 1, 2)]) == ("UPDATE" in said)
    assert not any(undone in said for undone in ("VALUES (2, 2)", "b = 9", "VALUES (8, 8)"))
