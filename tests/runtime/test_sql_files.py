"""SQL files for tables that no revision file creates: known where a script says what they are, else asked for."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from flask_schema.errors import OfflineRefused
from tests.runtime.sites import Site

TABLE = "sa.Table('old', sa.MetaData(), sa.Column('id', sa.Integer), sa.Column('a', sa.String))"
BATCH = """with op.batch_alter_table('old', copy_from=TABLE) as batch:
        batch.alter_column('a', nullable=False)
        batch.create_unique_constraint('uq', ['id'])"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, f"sqlite:///{tmp_path / 'app.db'}")


def test_copy_from_says_what_the_table_is(site: Site) -> None:
    site.add(BATCH, head=f"TABLE = {TABLE}")
    site.add("op.alter_column('old', 'id', nullable=False)")  # known from then on
    with sqlite3.connect(":memory:") as connection:
        connection.executescript("CREATE TABLE old (id INTEGER, a VARCHAR); INSERT INTO old VALUES (1, 'x')")
        connection.executescript(site.sql())
        assert connection.execute("SELECT * FROM old").fetchall() == [(1, "x")]
        [text] = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'old'").fetchone()
    assert " ".join(text.split()) == (
        'CREATE TABLE "old" ( id INTEGER NOT NULL, a VARCHAR NOT NULL, CONSTRAINT uq UNIQUE (id) )'
    )


@pytest.mark.parametrize("start", [False, True])
def test_a_table_that_no_file_creates_is_asked_for(site: Site, start: bool) -> None:
    if start:
        site.add("op.execute('CREATE TABLE old (id INTEGER)')")
    site.add("op.alter_column('old', 'id', nullable=False)")
    with pytest.raises(OfflineRefused, match="what table old looks like cannot be known without a database"):
        site.sql()


def test_a_raw_table_does_not_stop_what_is_known(site: Site) -> None:
    site.add("op.execute('CREATE TABLE old (id INTEGER)')")
    site.add("op.add_column('old', sa.Column('a', sa.Integer()))")
    site.add("op.create_table('new', sa.Column('id', sa.Integer()))")
    site.add("op.alter_column('new', 'id', nullable=False)")
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(site.sql())
        names = [row[1] for row in connection.execute("PRAGMA table_info(old)")]
        assert names == ["id", "a"]
        assert [row[3] for row in connection.execute("PRAGMA table_info(new)")] == [1]
