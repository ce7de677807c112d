"""On SQLite revisions may share a transaction, and nobody can tell: not by an error, nor by another connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.runtime.transactions import Transactions
from tests.scenarios.projects import Place, tables_in, versions_in

CREATE = 'op.create_table("{0}", sa.Column("id", sa.Integer, primary_key=True))'


@contextmanager
def counted_commits() -> Iterator[list[str]]:
    """The transactions that begin in the block, as a list that grows."""
    begun: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield begun
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def three(place: Place, last: str = CREATE.format("c")) -> None:
    place.write("0a", None, CREATE.format("a"), 'op.drop_table("a")')
    place.write("0b", "0a", CREATE.format("b"), 'op.drop_table("b")')
    place.write("0c", "0b", last)


def test_revisions_share_a_transaction(place: Place, sqlite_url: str) -> None:
    three(place)
    with counted_commits() as begun:
        answer = place.fine("upgrade")
    assert len(begun) == 1
    assert [line for line in answer.out.splitlines() if "Upgrade" in line][-1].startswith("Upgrade 0b -> 0c")
    assert tables_in(sqlite_url) == ["a", "alembic_version", "b", "c"]
    place.fine("downgrade", "0a")
    assert tables_in(sqlite_url) == ["a", "alembic_version", "c"]


def test_a_failure_undoes_one_revision_and_keeps_the_others(place: Place, sqlite_url: str) -> None:
    three(place, f"{CREATE.format('c')}; op.execute('INSERT INTO nowhere VALUES (1)')")
    answer = place.wrong("upgrade")
    assert "Upgrade 0a -> 0b" in answer.out
    assert "0c," not in answer.out
    assert "the database is at 0b as before" in answer.text
    assert versions_in(sqlite_url) == ["0b"]
    assert tables_in(sqlite_url) == ["a", "alembic_version", "b"]


def test_a_rebuild_with_foreign_keys_enforced_begins_again_alone(place: Place, sqlite_url: str) -> None:
    place.write("0a", None, CREATE.format("a"))
    place.write(
        "0b",
        "0a",
        'op.create_table("b", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer), '
        'sa.Column("a", sa.Integer, sa.ForeignKey("a.id"))); '
        'op.execute("INSERT INTO a VALUES (1)"); op.execute("INSERT INTO b VALUES (1, 2, 1)")',
    )
    place.write("0c", "0b", 'op.alter_column("a", "id", type_=sa.BigInteger()); op.drop_column("b", "n")')
    place.write("0d", "0c", CREATE.format("d"))

    def enforce(driver: Any, _record: Any) -> None:
        driver.execute("PRAGMA foreign_keys = ON")

    sa.event.listen(sa.Engine, "connect", enforce)
    try:
        place.fine("upgrade")
    finally:
        sa.event.remove(sa.Engine, "connect", enforce)
    assert versions_in(sqlite_url) == ["0d"]
    with sa.create_engine(sqlite_url).connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM b").all() == [(1, 1)]


@pytest.mark.parametrize(
    "last",
    [
        f"other = sa.create_engine(op.get_bind().engine.url); other.connect().execute(sa.text('SELECT * FROM b')); "
        f"{CREATE.format('c')}",
        f"import sqlite3; sqlite3.connect(op.get_bind().engine.url.database).execute('SELECT * FROM b'); "
        f"{CREATE.format('c')}",
        f"op.get_bind().commit(); {CREATE.format('c')}",
        f"op.get_bind().rollback(); {CREATE.format('c')}",
        f"with op.get_context().autocommit_block(): {CREATE.format('c')}",
    ],
)
def test_a_script_with_ways_of_its_own_finds_the_earlier_revisions_committed(
    place: Place, sqlite_url: str, last: str
) -> None:
    three(place, last)
    place.fine("upgrade")
    assert versions_in(sqlite_url) == ["0c"]
    assert tables_in(sqlite_url) == ["a", "alembic_version", "b", "c"]


def test_a_large_database_has_a_transaction_a_revision(
    place: Place, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_schema.dialects.sqlite.transactions._SMALL_BYTES", 0)
    three(place)
    with counted_commits() as begun:
        place.fine("upgrade")
    assert len(begun) == 3


def test_a_transaction_is_not_shared_for_long(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flask_schema.runtime.transactions._SHARED_SECONDS", 0.0)
    three(place)
    with counted_commits() as begun:
        place.fine("upgrade")
    assert len(begun) == 3


def test_a_database_that_ends_the_transaction_itself_is_asked_where_it_is(
    place: Place, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(place, "op.execute('INSERT INTO nowhere VALUES (1)')")
    abandon = Transactions.abandon

    def full_disk(self: Transactions) -> bool:
        self.connection.connection.cursor().execute("ROLLBACK")  # as SQLite does by itself when the disk is full
        return abandon(self)

    monkeypatch.setattr(Transactions, "abandon", full_disk)
    answer = place.wrong("upgrade")
    assert "the database is at the beginning" in answer.text
    assert "Upgrade" not in answer.out
    assert versions_in(sqlite_url) == []
