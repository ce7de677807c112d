"""``op.backfill`` on real databases: in batches, stopped in the middle and taken up again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.errors import MigrationFailed, ObjectMissing, OfflineRefused, OperationRefused
from tests.databases import Database
from tests.runtime.sites import Site

ROWS = 10_000
FILL = (
    """op.backfill("accounts", {"balance": sa.text("id * 2"), "note": "50% :x"}, "balance IS NULL", progress=watch)"""
)
STOPPING = """
import json, os
LOG = os.environ["BACKFILL_LOG"]
STOP_AT = int(os.environ["BACKFILL_STOP_AT"])
def watch(done, total):
    with open(LOG, "a") as log:
        log.write(json.dumps([done, total]) + "\\n")
    if done == STOP_AT:
        raise RuntimeError("stopped from outside")
"""


@pytest.fixture
def site(tmp_path: Path, database: Database, engine: sa.Engine) -> Site:
    numbers = sa.Table(
        "accounts",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("region", sa.String(5), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("balance", sa.Integer),
        sa.Column("note", sa.String(20)),
        sa.Column("price", sa.Numeric(10, 2)),
        sa.Column("at", sa.DateTime),
    )
    numbers.metadata.create_all(engine)
    with engine.begin() as connection:
        rows = [{"id": n, "region": "ab"[n % 2], "number": n // 2} for n in range(1, ROWS + 1)]
        connection.execute(numbers.insert(), rows)
    return Site(tmp_path, database.url)


def scalar(engine: sa.Engine, query: str) -> Any:
    with engine.connect() as connection:
        return connection.execute(sa.text(query)).scalar()


def watched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stop_at: int) -> Path:
    log = tmp_path / "progress"
    log.unlink(missing_ok=True)
    monkeypatch.setenv("BACKFILL_LOG", str(log))
    monkeypatch.setenv("BACKFILL_STOP_AT", str(stop_at))
    return log


def test_stopped_and_resumed(site: Site, engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.add(FILL, head=STOPPING)
    log = watched(monkeypatch, tmp_path, stop_at=4000)
    with pytest.raises(MigrationFailed, match="stopped from outside") as caught:
        site.upgrade()
    assert "backfill balance, note of accounts (4000 rows)" in str(caught.value.hint)
    assert log.read_text().split("\n")[:4] == [f"[{n}, 10000]" for n in (1000, 2000, 3000, 4000)]
    assert scalar(engine, "SELECT count(*) FROM accounts WHERE balance IS NULL") == 6000
    with engine.begin() as connection:  # a mark on what is done: a second run must not touch it
        connection.exec_driver_sql("UPDATE accounts SET note = 'done' WHERE balance IS NOT NULL")
    log = watched(monkeypatch, tmp_path, stop_at=-1)
    site.upgrade()
    assert log.read_text().split() == " ".join(f"[{n}, 6000]" for n in range(1000, 7000, 1000)).split()
    assert scalar(engine, "SELECT count(*) FROM accounts WHERE balance = id * 2") == ROWS
    assert scalar(engine, "SELECT count(*) FROM accounts WHERE note = 'done'") == 4000
    assert scalar(engine, "SELECT count(*) FROM accounts WHERE note = '50% :x'".replace(":x", r"\:x")) == 6000


def test_each_batch_is_one_statement_outside_a_transaction(
    site: Site, engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection sees each batch at once, and can write between two: nothing holds a lock meanwhile."""
    head = f"""
other = sa.create_engine({site.url!r}, poolclass=sa.NullPool)
seen = []
def watch(done, total):
    with other.begin() as connection:
        connection.exec_driver_sql("UPDATE accounts SET region = 'seen' WHERE id = %d" % done)
        seen.append(connection.exec_driver_sql("SELECT count(*) FROM accounts WHERE balance IS NOT NULL").scalar())
    if done == 10000:
        assert seen == [2500, 5000, 7500, 10000], seen
"""
    site.add(FILL.replace("progress", "batch_size=2500, progress"), head=head)
    site.upgrade()
    assert scalar(engine, "SELECT count(*) FROM accounts WHERE region = 'seen'") == 4


def test_an_interrupt_says_what_is_left_behind(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watched(monkeypatch, tmp_path, stop_at=2000)
    stopping = STOPPING.replace('RuntimeError("stopped from outside")', "KeyboardInterrupt")
    site.add(FILL.replace("watch)", "watch, batch_size=1000)"), head=stopping)
    result = site.app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert "Running upgrade -> a1 was interrupted; the database is at the beginning" in said
    assert "(2000 rows)" in said
    assert said.endswith("Aborted!")


def test_what_stood_before_and_after_it(site: Site, engine: sa.Engine) -> None:
    """A column is added, filled and then used: the additions before are committed, those after are one transaction."""
    site.add(
        'op.add_column("accounts", sa.Column("level", sa.Integer))\n'
        '    op.backfill("accounts", {"level": 7}, "level IS NULL")\n'
        '    op.alter_column("accounts", "level", existing_type=sa.Integer(), nullable=False)\n'
        '    op.create_index("ix_level", "accounts", ["level"])'
    )
    site.upgrade()
    [level] = [one for one in sa.inspect(engine).get_columns("accounts") if one["name"] == "level"]
    assert level["nullable"] is False
    assert scalar(engine, "SELECT sum(level) FROM accounts") == 7 * ROWS
    assert [one["name"] for one in sa.inspect(engine).get_indexes("accounts")] == ["ix_level"]


def test_a_condition_with_or_stays_within_its_batch(site: Site, engine: sa.Engine) -> None:
    head = "sizes = []\ndef watch(done, total):\n    sizes.append(done)\n    assert done <= 3000 * len(sizes), sizes"
    where = "balance IS NULL OR balance < 0"
    site.add(f'op.backfill("accounts", {{"balance": 1}}, {where!r}, batch_size=3000, progress=watch)', head=head)
    site.upgrade()
    assert scalar(engine, "SELECT sum(balance) FROM accounts") == ROWS


def test_a_key_of_two_columns(site: Site, engine: sa.Engine) -> None:
    site.add(
        'op.backfill("accounts", {"balance": 1}, sa.column("balance").is_(None), key=["region", "number"], batch_size=999)'
    )
    site.upgrade()
    assert scalar(engine, "SELECT sum(balance) FROM accounts") == ROWS


def test_a_condition_that_stays_true_comes_to_an_end(site: Site, engine: sa.Engine) -> None:
    site.add('op.backfill("accounts", {"balance": sa.text("coalesce(balance, 0) + 1")}, "id > 0", batch_size=4000)')
    site.upgrade()
    assert scalar(engine, "SELECT sum(balance) FROM accounts") == ROWS


def test_values_are_bound_as_their_columns_ask(site: Site, engine: sa.Engine) -> None:
    head = "import datetime, decimal"
    values = '{"price": decimal.Decimal("1.50"), "at": datetime.datetime(2024, 5, 6, 7, 8)}'
    site.add(f'op.backfill("accounts", {values}, "price IS NULL")', head=head)
    site.upgrade()
    found = sa.Table("accounts", sa.MetaData(), autoload_with=engine)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(found.c.price, found.c["at"]).distinct()).all()
    assert [(str(row[0]), row[1].isoformat()) for row in rows] == [("1.50", "2024-05-06T07:08:00")]


def test_the_pause_stands_between_batches(site: Site) -> None:
    site.add('op.backfill("accounts", {"balance": 1}, "balance IS NULL", batch_size=4000, pause_seconds=0.15)')
    began = time.perf_counter()
    site.upgrade()
    assert time.perf_counter() - began >= 0.3  # two pauses between three batches, and none after the last


def test_a_failing_batch_is_reported_with_its_statement(site: Site, engine: sa.Engine) -> None:
    site.add('op.backfill("accounts", {"region": None}, "id > 5000")')
    with pytest.raises(MigrationFailed, match="backfill region of accounts") as caught:
        site.upgrade()
    assert "UPDATE accounts" in str(caught.value.statement)
    assert scalar(engine, "SELECT count(*) FROM accounts WHERE region IS NULL") == 0


def test_what_was_committed_before_a_failing_batch_is_reported(site: Site, engine: sa.Engine) -> None:
    site.add(
        'op.add_column("accounts", sa.Column("level", sa.Integer))\n'
        '    op.backfill("accounts", {"region": None}, "id > 5000")'
    )
    with pytest.raises(MigrationFailed) as caught:
        site.upgrade()
    assert "level" in {one["name"] for one in sa.inspect(engine).get_columns("accounts")}
    assert "1 statements had taken effect: ALTER TABLE accounts ADD COLUMN level INTEGER" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        ('"nowhere", {"x": 1}, "x IS NULL"', ObjectMissing, "there is no table nowhere"),
        ('"accounts", {"x": 1}, "x IS NULL"', ObjectMissing, "there is no column accounts.x"),
        ('"keyless", {"x": 1}, "x IS NULL"', OperationRefused, "no primary key"),
    ],
)
def test_what_cannot_be_filled(site: Site, engine: sa.Engine, call: str, error: type[Exception], said: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE keyless (x INTEGER)")
    site.add(f"op.backfill({call})")
    with pytest.raises(error, match=said):
        site.upgrade()


def test_offline_it_is_refused_by_name(site: Site) -> None:
    site.add('op.backfill("accounts", {"balance": 1}, "balance IS NULL")')
    with pytest.raises(OfflineRefused, match=r"op\.backfill cannot backfill balance of accounts as SQL text"):
        site.sql()


def test_files_that_hold_one_can_still_be_replayed(site: Site) -> None:
    """What comes after it can be written as SQL, with the schema known that it leaves as it was."""
    site.add('op.create_table("made", sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer))')
    site.add('op.backfill("made", {"x": 1}, "x IS NULL")')
    site.add('op.alter_column("made", "x", existing_type=sa.Integer(), nullable=False)')
    assert "NOT NULL" in site.sql("a2:a3")
