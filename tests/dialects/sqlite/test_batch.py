"""What a batch block says of the whole table: its constraints, their names, its rows."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.errors import ObjectMissing
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from tests.dialects.sqlite.live_database import Database


def run(db: Database, script: Any) -> None:
    recorder = Recorder(db.dialect.translation)
    script(Directives(recorder))
    db.run(*recorder.operations)


def test_an_unnamed_check_that_the_block_restates_is_there_once(db: Database) -> None:
    db.sql("CREATE TABLE t (x INTEGER, CHECK (x > 5))")

    def script(op: Any) -> None:
        with op.batch_alter_table("t", recreate="always", table_args=[sa.CheckConstraint("x > 5")]) as batch:
            batch.add_column(sa.Column("y", sa.Integer()))

    run(db, script)
    assert db.text("t").count("CHECK") == 1


def test_a_named_check_beside_an_unnamed_one_is_added(db: Database) -> None:
    db.sql("CREATE TABLE t (x INTEGER, CHECK (x > 5))")

    def script(op: Any) -> None:
        check = sa.CheckConstraint("x < 50", name="small")
        with op.batch_alter_table("t", recreate="always", table_args=[check]) as batch:
            batch.add_column(sa.Column("y", sa.Integer()))

    run(db, script)
    assert "CHECK (x > 5)" in db.text("t")
    assert "CONSTRAINT small CHECK (x < 50)" in db.text("t")


def test_a_rebuild_gives_names_by_the_convention_of_the_block(db: Database) -> None:
    db.sql(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER UNIQUE CHECK (x > 0), y INTEGER, CONSTRAINT u UNIQUE (y))"
    )
    convention = {"ck": "ck_%(table_name)s_positive", "uq": "uq_%(table_name)s_%(column_0_name)s"}

    def script(op: Any) -> None:
        with op.batch_alter_table("t", naming_convention=convention) as batch:
            batch.alter_column("y", nullable=False)

    run(db, script)
    text = db.text("t")
    assert 'CONSTRAINT "uq_t_x" UNIQUE' in text
    assert 'CONSTRAINT "ck_t_positive" CHECK' in text
    assert "CONSTRAINT u UNIQUE" in text
    assert text.count("CONSTRAINT") == 3


def test_a_changed_type_loses_no_value_unless_it_is_told_how_to_convert(db: Database) -> None:
    db.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, data VARCHAR(50)); INSERT INTO t VALUES (1, '22'), (2, 'd1')")
    run(db, lambda op: op.alter_column("t", "data", type_=sa.Integer()))
    assert db.rows("SELECT data, typeof(data) FROM t ORDER BY id") == [(22, "integer"), ("d1", "text")]


@pytest.mark.parametrize("using", ["CAST(data AS INTEGER)", sa.cast(sa.column("data"), sa.Integer())])
def test_sqlite_using_converts_the_rows(db: Database, using: Any) -> None:
    db.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, data VARCHAR(50)); INSERT INTO t VALUES (1, '22'), (2, '8.5')")
    run(db, lambda op: op.alter_column("t", "data", type_=sa.Integer(), sqlite_using=using))
    assert db.rows("SELECT data FROM t ORDER BY id") == [(22,), (8,)]


def test_sqlite_using_converts_without_a_change_of_type(db: Database) -> None:
    db.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, data VARCHAR(50)); INSERT INTO t VALUES (1, 'a')")
    run(db, lambda op: op.alter_column("t", "data", existing_type=sa.String(50), sqlite_using="upper(data)"))
    assert db.rows("SELECT data FROM t") == [("A",)]


def test_a_column_that_a_block_drops_and_adds_again_keeps_its_keys_and_indexes(db: Database) -> None:
    db.sql("CREATE TABLE p (id INTEGER PRIMARY KEY)")
    db.sql(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, seconds INTEGER AS (id * 2) STORED, p_id INTEGER REFERENCES p (id), "
        "CONSTRAINT once UNIQUE (seconds, p_id))"
    )
    db.sql("CREATE INDEX by_seconds ON t (p_id, seconds)")
    db.sql("CREATE INDEX by_p ON t (p_id)")

    def script(op: Any) -> None:
        with op.batch_alter_table("t") as batch:
            batch.drop_column("seconds")
            batch.drop_column("p_id")
            batch.drop_index("by_p")
            batch.add_column(sa.Column("p_id", sa.BigInteger()))
            batch.add_column(sa.Column("seconds", sa.BigInteger(), sa.Computed("id * 3", persisted=True)))

    run(db, script)
    inspector = sa.inspect(db.engine)
    assert [index["name"] for index in inspector.get_indexes("t")] == ["by_seconds"]
    assert [one["name"] for one in inspector.get_unique_constraints("t")] == ["once"]
    assert [one["constrained_columns"] for one in inspector.get_foreign_keys("t")] == [["p_id"]]
    assert "id * 3" in db.text("t")


def test_outside_a_block_nothing_comes_back_with_a_column_of_the_same_name(db: Database) -> None:
    db.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER)")
    db.sql("CREATE INDEX by_x ON t (x)")

    def script(op: Any) -> None:
        op.drop_column("t", "x")
        op.add_column("t", sa.Column("x", sa.Integer()))

    run(db, script)
    assert sa.inspect(db.engine).get_indexes("t") == []


def test_a_table_is_made_of_what_the_block_says_it_is(db: Database) -> None:
    db.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(9) UNIQUE, gone TEXT)")
    db.sql("CREATE INDEX by_gone ON t (gone)")
    db.sql("INSERT INTO t VALUES (1, 'a', 'x'), (2, 'b', 'y')")
    known = sa.Table(
        "t",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(90), index=True),
    )

    def script(op: Any) -> None:
        with op.batch_alter_table("t", copy_from=known) as batch:
            batch.create_unique_constraint("once", ["name"])

    run(db, script)
    inspector = sa.inspect(db.engine)
    assert [(one["name"], str(one["type"])) for one in inspector.get_columns("t")] == [
        ("id", "INTEGER"),
        ("name", "VARCHAR(90)"),
    ]
    assert [one["name"] for one in inspector.get_unique_constraints("t")] == ["once"]
    assert [one["name"] for one in inspector.get_indexes("t")] == ["ix_t_name"]
    assert db.rows("SELECT * FROM t") == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("recreate", ["auto", "always"])
def test_a_column_is_added_to_the_table_as_it_is_unless_it_is_always_made_anew(db: Database, recreate: str) -> None:
    db.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(9) UNIQUE)")
    known = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text()))

    def script(op: Any) -> None:
        with op.batch_alter_table("t", copy_from=known, recreate=recreate) as batch:
            batch.add_column(sa.Column("x", sa.Integer()))

    run(db, script)
    assert ("UNIQUE" in db.text("t")) == (recreate == "auto")


def test_of_foreign_keys_that_say_the_same_the_named_one_counts(db: Database) -> None:
    db.sql("CREATE TABLE p (id INTEGER PRIMARY KEY)")
    db.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, p_id INTEGER, x TEXT, FOREIGN KEY (p_id) REFERENCES p (id))")

    def add_named(op: Any) -> None:
        with op.batch_alter_table("t") as batch:
            batch.create_foreign_key("to_p", "p", ["p_id"], ["id"], ondelete="CASCADE")

    def drop_x(op: Any) -> None:
        with op.batch_alter_table("t") as batch:
            batch.add_column(sa.Column("y", sa.Integer()))
            batch.drop_column("x")

    run(db, add_named)
    assert db.text("t").count("REFERENCES") == 2
    with pytest.warns(sa.exc.SAWarning, match="could not be located"):  # the one that nothing reflects
        [key] = sa.inspect(db.engine).get_foreign_keys("t")
    assert (key["name"], key["options"]) == ("to_p", {"ondelete": "CASCADE"})
    run(db, drop_x)
    assert db.text("t").count("REFERENCES") == 1
    assert "CONSTRAINT to_p" in db.text("t")


def test_the_name_of_a_foreign_key_that_comes_with_a_column_is_read_again(db: Database) -> None:
    db.sql("CREATE TABLE p (id INTEGER PRIMARY KEY)")
    db.sql("CREATE TABLE t (id INTEGER PRIMARY KEY)")

    def script(op: Any) -> None:
        with op.batch_alter_table("t") as batch:
            batch.add_column(sa.Column("p_id", sa.Integer(), sa.ForeignKey("p.id", name="to_p")))

    run(db, script)
    assert [key["name"] for key in sa.inspect(db.engine).get_foreign_keys("t")] == ["to_p"]


def test_the_one_unnamed_constraint_of_a_kind_is_meant_by_none(db: Database) -> None:
    db.sql("CREATE TABLE p (id INTEGER PRIMARY KEY)")
    db.sql("CREATE TABLE t (a INTEGER UNIQUE, b INTEGER, FOREIGN KEY (a) REFERENCES p (id))")

    def script(op: Any) -> None:
        op.drop_constraint(None, "t", type_="foreignkey")
        op.create_foreign_key(None, "t", "p", ["b"], ["id"], ondelete="CASCADE")

    run(db, script)
    assert "FOREIGN KEY (b) REFERENCES p (id) ON DELETE CASCADE" in db.text("t")
    assert "FOREIGN KEY (a)" not in db.text("t")
    assert "UNIQUE" in db.text("t")
    db.sql("CREATE TABLE two (a INTEGER UNIQUE, b INTEGER UNIQUE)")
    for kind in ("unique", None):
        with pytest.raises(ObjectMissing, match="unnamed"):
            run(db, lambda op: op.drop_constraint(None, "two", type_=kind))  # noqa: B023 - called at once


def test_nameless_constraints_are_dropped_where_all_of_a_kind_go(db: Database) -> None:
    """As scripts do that read the names from an inspector, which has none for them."""
    db.sql("CREATE TABLE p (id INTEGER PRIMARY KEY)")
    db.sql("CREATE TABLE t (a INTEGER UNIQUE REFERENCES p (id), b INTEGER, FOREIGN KEY (b) REFERENCES p (id))")

    def script(op: Any) -> None:
        op.drop_constraint(None, "t", type_="foreignkey")
        op.drop_constraint(None, "t", type_="foreignkey")
        op.create_foreign_key(None, "t", "p", ["b"], ["id"], ondelete="CASCADE")
        op.create_foreign_key(None, "t", "p", ["a"], ["id"], ondelete="CASCADE")

    run(db, script)
    assert db.text("t").count("REFERENCES") == db.text("t").count("ON DELETE CASCADE") == 2
    assert "UNIQUE" in db.text("t")


@pytest.mark.parametrize(
    "place", ["flag BOOLEAN CHECK (flag IN (0, 1)), n INTEGER", 'flag BOOLEAN, n INTEGER, CHECK ("flag" IN (0, 1))']
)
def test_a_flag_that_becomes_a_number_is_not_held_to_two_values(db: Database, place: str) -> None:
    db.sql(f"CREATE TABLE t ({place}, CHECK (n IN (0, 1)), CONSTRAINT own CHECK (flag IN (0, 1)))")
    run(db, lambda op: op.alter_column("t", "flag", existing_type=sa.Boolean(), type_=sa.Integer()))
    assert db.text("t").count("CHECK") == 2
    assert "CHECK (n IN (0, 1))" in db.text("t")
    assert "CONSTRAINT own" in db.text("t")


def test_an_unnamed_check_goes_with_the_type_that_brought_it(db: Database) -> None:
    db.sql("CREATE TABLE t (kind VARCHAR(1), CHECK (kind IN ('a', 'b')))")
    kind = sa.Enum("a", "b", native_enum=False, create_constraint=True)
    run(db, lambda op: op.alter_column("t", "kind", existing_type=kind, type_=sa.String(5)))
    assert "CHECK" not in db.text("t")


def test_the_unnamed_check_of_an_old_type_goes_with_it(db: Database) -> None:
    db.sql(
        "CREATE TABLE t (gone BOOLEAN CHECK (gone IN (0, 1)), kind VARCHAR(1), kept BOOLEAN, n INTEGER, "
        "CHECK (kind IN ('a', 'b')), CHECK (kept IN (0, 1)), CHECK (n IN (1, kept)), CONSTRAINT k CHECK (n IN (1, 2)))"
    )

    def script(op: Any) -> None:
        with op.batch_alter_table("t") as batch:
            batch.alter_column("gone", type_=sa.String(36), existing_type=sa.Boolean())
            batch.alter_column("kind", type_=sa.Enum("a", "c", name="kind", create_constraint=True))
            batch.alter_column("n", type_=sa.BigInteger())

    run(db, script)
    found = sorted(one["sqltext"] for one in sa.inspect(db.engine).get_check_constraints("t"))
    assert found == ["kept IN (0, 1)", "kind IN ('a', 'c')", "n IN (1, 2)", "n IN (1, kept)"]


@pytest.mark.parametrize(("kind", "other"), [("BLOB", sa.Text()), ("VARCHAR(9)", sa.LargeBinary())])
def test_bytes_and_text_become_each_other(db: Database, kind: str, other: Any) -> None:
    value = "X'c3a9'" if kind == "BLOB" else "'\u00e9'"
    db.sql(f"CREATE TABLE t (v {kind}); INSERT INTO t VALUES ({value}), (NULL)")
    run(db, lambda op: op.alter_column("t", "v", type_=other))
    expected = "\u00e9" if kind == "BLOB" else b"\xc3\xa9"
    assert db.rows("SELECT v FROM t") == [(expected,), (None,)]


def test_a_block_without_changes_makes_the_table_anew_where_it_is_told_to(db: Database) -> None:
    db.sql("CREATE TABLE t (id INTEGER NOT NULL, PRIMARY KEY (id))")

    def script(op: Any) -> None:
        with op.batch_alter_table("t", recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass

    run(db, script)
    assert "AUTOINCREMENT" in db.text("t")


@pytest.mark.parametrize("error", [ValueError, KeyError])
def test_what_a_block_does_not_find_can_be_handled_as_alembics_errors(db: Database, error: type[Exception]) -> None:
    db.sql("CREATE TABLE t (a INTEGER)")

    def script(op: Any) -> None:
        with op.batch_alter_table("t") as batch:
            batch.drop_constraint("fk", type_="foreignkey")

    with pytest.raises(error):
        run(db, script)
