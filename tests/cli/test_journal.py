"""The journal: opt-in, written with each revision, read by ``history --applied``, and no business of autogenerate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flask_schema.errors import MigrationFailed
from flask_schema.runtime.journal import checksum_of
from tests.cli.conftest import Site


@pytest.fixture
def noted(make_site: Callable[..., Site]) -> Site:
    return make_site(journal=True)


def runs(site: Site, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(site.type("history", "--applied", "--json", *words).stdout)
    return found


def test_there_is_none_unless_asked_for(site: Site) -> None:
    site.write("aaaa1111", None)
    site.type("upgrade")
    assert site.names() == []
    said = site.type("history", "--applied", status=1).stderr
    assert "SCHEMA_JOURNAL = True" in said


def test_each_run_is_noted(noted: Site) -> None:
    noted.write("aaaa1111", None, 'op.create_table("t", sa.Column("id", sa.Integer))', message="accounts")
    noted.write("bbbb2222", "aaaa1111")
    noted.type("upgrade")
    noted.type("downgrade")
    down, second, first = runs(noted)
    assert (first["revision"], first["direction"], first["message"]) == ("aaaa1111", "upgrade", "accounts")
    assert first["rows"] == ["aaaa1111"]
    assert first["started"].endswith("+00:00")
    assert first["tool"].startswith("flask-schema ")
    assert first["outcome"] == second["outcome"] == "done"
    assert len(first["checksum"]) == 64
    assert (down["revision"], down["direction"], down["rows"]) == ("bbbb2222", "downgrade", ["aaaa1111"])
    assert first["host"]


def test_the_lines(noted: Site) -> None:
    noted.write("aaaa1111", None, message="accounts")
    noted.type("upgrade")
    assert "upgrade aaaa1111, accounts (0.0" in noted.type("history", "--applied").stdout
    assert "Checksum: " in noted.type("history", "--applied", "-v").stdout
    noted.type("stamp", "base")
    assert "stamp <base>" in noted.type("history", "--applied", "-n", "1").stdout
    noted.type("history", "--applied", "--graph", status=2)


def test_a_failure_is_noted_although_all_was_rolled_back(noted: Site) -> None:
    noted.write("aaaa1111", None, 'op.create_table("t", sa.Column("id", sa.Integer))')
    noted.write("bbbb2222", "aaaa1111", 'op.create_table("t", sa.Column("id", sa.Integer))')
    noted.type("upgrade", status=1)
    failed, done = runs(noted)
    assert (done["revision"], done["outcome"]) == ("aaaa1111", "done")
    assert (failed["revision"], failed["outcome"], failed["rows"]) == ("bbbb2222", "failed", ["aaaa1111"])
    assert "already exists" in failed["error"]


def test_a_journal_that_begins_later_says_where(make_site: Callable[..., Site]) -> None:
    site = make_site()
    site.write("aaaa1111", None)
    site.write("bbbb2222", "aaaa1111")
    site.type("upgrade", "aaaa1111")
    site.app.config["SCHEMA_JOURNAL"] = True
    site.type("upgrade")
    assert [(one["revision"], one["direction"]) for one in runs(site)] == [
        ("bbbb2222", "upgrade"),
        ("aaaa1111", "stamp"),
    ]
    assert "warning" not in site.type("upgrade").stderr


def test_autogenerate_does_not_see_it(noted: Site) -> None:
    noted.write("aaaa1111", None)
    noted.type("upgrade")
    assert "schema_history" in noted.names()
    noted.type("check")


def test_another_table_of_that_name_is_compared(site: Site) -> None:
    site.write("aaaa1111", None, 'op.create_table("schema_history", sa.Column("id", sa.Integer, primary_key=True))')
    site.type("upgrade")
    assert "schema_history" in site.type("check", status=1).output


def test_revisions_of_one_transaction(make_site: Callable[..., Site]) -> None:
    site = make_site(journal=True, transaction_per_migration=False)
    site.write("aaaa1111", None)
    site.write("bbbb2222", "aaaa1111")
    site.type("upgrade")
    assert [one["rows"] for one in runs(site)] == [["bbbb2222"], ["aaaa1111"]]


def test_a_revision_put_below_is_told_with_what_runs_it(noted: Site) -> None:
    noted.write("aaaa1111", None)
    noted.write("cccc3333", "aaaa1111")
    noted.type("upgrade")
    noted.write("bbbb2222", "aaaa1111", 'op.create_table("late", sa.Column("id", sa.Integer))')
    noted.write("cccc3333", "bbbb2222")
    said = noted.type("upgrade").stderr
    assert "bbbb2222 was put below cccc3333 later and has never run here" in said
    noted.type("downgrade", "bbbb2222")
    noted.type("stamp", "aaaa1111")
    assert "warning" not in noted.type("upgrade").stderr
    assert "late" in noted.names()


def test_a_revision_that_comes_in_late_is_told(site: Site) -> None:
    site.write("aaaa1111", None)
    site.write("bbbb2222", "aaaa1111")
    site.type("upgrade")
    site.write("cccc3333", "aaaa1111")
    site.write("dddd4444", "bbbb2222 cccc3333")
    said = site.type("upgrade").stderr
    assert "cccc3333 follows aaaa1111, which this database had long passed" in said
    assert "dddd4444 follows" not in said


def test_the_journal_says_what_a_lost_revision_was(noted: Site) -> None:
    noted.write("aaaa1111", None)
    path = noted.write("bbbb2222", "aaaa1111", message="transfers")
    noted.type("upgrade")
    path.unlink()
    assert "ran upgrade bbbb2222 (transfers) at 20" in noted.type("upgrade", status=1).stderr


def test_a_squash_is_not_taken_for_one_that_never_ran(noted: Site) -> None:
    noted.write("aaaa1111", None)
    noted.write("bbbb2222", "aaaa1111")
    noted.write("cccc3333", "bbbb2222")
    noted.type("upgrade")
    noted.type("squash", "aaaa1111:bbbb2222")
    assert "warning" not in noted.type("upgrade").stderr


def test_sql_files_hold_no_journal(noted: Site) -> None:
    noted.write("aaaa1111", None)
    assert "schema_history" not in noted.type("upgrade", "--sql").stdout


def test_what_changes_a_checksum(tmp_path: Path) -> None:
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text('"""one"""\n\n\ndef upgrade():  # now\n    op.drop_table("t")\n')
    second.write_text("def upgrade():\n    'two'\n    op.drop_table(\n        't')\n")
    assert checksum_of(first) == checksum_of(second)
    second.write_text("def upgrade():\n    op.drop_table('u')\n")
    assert checksum_of(first) != checksum_of(second)
    second.write_text("def upgrade(:\n")
    assert checksum_of(second) is None


def test_functions(noted: Site) -> None:
    from flask_schema import applied, ensure_version, upgrade

    noted.write("aaaa1111", None, "raise ValueError('no')")
    with noted.app.app_context():
        assert ensure_version() == (("", True),)
        assert ensure_version() == (("", False),)
        with pytest.raises(MigrationFailed):
            upgrade()
        [entry] = applied(limit=1).entries[""]
    assert entry.outcome == "failed"
    assert "ValueError: no" in str(entry.error)
