"""A connection that is lost while a revision runs: the first error is told, and what had taken effect."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_schema.errors import MigrationFailed
from tests.databases import Database
from tests.runtime.sites import Site

KILL = {
    "postgresql": "SELECT pg_terminate_backend(pg_backend_pid())",
    "mysql": "KILL CONNECTION_ID()",
}
SCRIPTS = {
    "in a revision": "op.execute({kill!r})",
    "in a block": "with op.get_context().autocommit_block():\n        op.execute({kill!r})",
    "by the script": "op.get_bind().exec_driver_sql({kill!r})",
    "behind SQLAlchemy's back": "op.get_bind().connection.cursor().execute({kill!r})",
    "in rows": """from sqlalchemy import event
    event.listen(op.get_bind(), "before_cursor_execute", lambda c, cursor, *_: cursor.execute({kill!r}))
    op.bulk_insert(sa.table("t", sa.column("a")), [{{"a": 2}}, {{"a": 3}}])""",
}


@pytest.mark.databases("postgresql", "mysql")
@pytest.mark.parametrize("place", SCRIPTS)
def test_the_loss_is_what_is_told(tmp_path: Path, database: Database, engine: sa.Engine, place: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
    site = Site(tmp_path, database.url)
    site.add(f"op.execute('INSERT INTO t VALUES (1)')\n    {SCRIPTS[place].format(kill=KILL[database.name])}")
    with pytest.raises(MigrationFailed, match=r"(?i)terminat|closed|kill|lost|interrupted|gone") as failed:
        site.upgrade()
    said = failed.value.hint or ""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM t").fetchall()
    assert bool(rows) == ("VALUES (1)" in said)
    assert "at the beginning" in said
