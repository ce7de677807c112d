"""Indexes and constraints under other names: SQLite has no statement for it, and their texts stay."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import ObjectMissing, OperationRefused
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.snapshot.snapshot import Snapshot
from tests.dialects.sqlite.live_database import Database

SCHEMA = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (
    id INTEGER, a TEXT COLLATE NOCASE, p_id INTEGER, -- of p
    CONSTRAINT "the key" PRIMARY KEY (id), constraint  uq UNIQUE (a) ON CONFLICT IGNORE,
    CONSTRAINT ck CHECK (a <> 'CONSTRAINT ck'), FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ix ON t (a COLLATE BINARY DESC) WHERE a <> 'ix';
INSERT INTO p VALUES (1);
INSERT INTO t VALUES (1, 'b', 1);
"""


def run(db: Database, script: Any) -> None:
    recorder = Recorder(db.dialect.translation)
    script(Directives(recorder))
    db.run(*recorder.operations)


@pytest.mark.parametrize("table", ["t", None])
def test_an_index_keeps_its_text(db: Database, table: str | None) -> None:
    db.sql(SCHEMA)
    run(db, lambda op: op.rename_index("IX", "new name", table))
    assert db.text("new name") == "CREATE UNIQUE INDEX \"new name\" ON t (a COLLATE BINARY DESC) WHERE a <> 'ix'"
    run(db, lambda op: op.rename_index("new name", "ix", table))
    assert [row[1] for row in db.catalog() if row[0] == "index" and row[3]] == ["ix"]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("the key", 'CONSTRAINT "the key" PRIMARY KEY (id)', 'CONSTRAINT "new" PRIMARY KEY (id)'),
        ("uq", "constraint  uq UNIQUE (a) ON CONFLICT IGNORE", 'CONSTRAINT "new" UNIQUE (a) ON CONFLICT IGNORE'),
        ("ck", "CONSTRAINT ck CHECK (a <> 'CONSTRAINT ck')", "CONSTRAINT \"new\" CHECK (a <> 'CONSTRAINT ck')"),
        ("t_p_id_fkey", "FOREIGN KEY (p_id)", 'CONSTRAINT "new" FOREIGN KEY (p_id)'),
    ],
)
def test_a_constraint_keeps_its_text_but_for_the_name(db: Database, name: str, before: str, after: str) -> None:
    db.sql(SCHEMA)
    text = db.text("t")
    assert before in text
    run(db, lambda op: op.rename_constraint(name, "new", "t"))
    assert db.text("t") == text.replace("CREATE TABLE t", 'CREATE TABLE "t"').replace(before, after)
    assert db.rows("SELECT * FROM t") == [(1, "b", 1)]
    assert db.sound()


def test_renames_share_one_rebuild_with_other_changes(db: Database) -> None:
    db.sql(SCHEMA)

    def script(op: Any) -> None:
        op.rename_constraint("ck", "new", "t")
        op.alter_column("t", "a", nullable=False)
        op.drop_constraint("new", "t", type_="check")

    run(db, script)
    assert db.rebuilds == 1
    assert "CHECK" not in db.text("t")


def test_what_is_not_there_is_said(db: Database) -> None:
    db.sql(SCHEMA)
    with pytest.raises(ObjectMissing, match="there is no index nope"):
        run(db, lambda op: op.rename_index("nope", "new"))
    with pytest.raises(ObjectMissing, match="there is no constraint nope on t"):
        run(db, lambda op: op.rename_constraint("nope", "new", "t"))
    with pytest.raises(OperationRefused, match="belongs to a constraint"):
        run(db, lambda op: op.rename_index("sqlite_autoindex_t_1", "new", "t"))


@pytest.mark.parametrize("schema", [None, "aux"])
def test_offline_it_is_the_same_in_an_attached_schema_too(schema: str | None) -> None:
    dialect = dialect_for(sa.make_url("sqlite://").get_dialect()())
    recorder = Recorder(dialect.translation)
    op = Directives(recorder)
    key = sa.ForeignKey(f"{schema}.p.id" if schema else "p.id", name="fk")
    op.create_table("p", sa.Column("id", sa.Integer(), primary_key=True), schema=schema)
    op.create_table(
        "t",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("x", sa.Integer(), key, index=True),
        sa.CheckConstraint("x > 0", name="ck"),
        schema=schema,
    )
    index = "ix_aux_t_x" if schema else "ix_t_x"
    op.alter_column("t", "x", nullable=False, schema=schema)
    op.rename_constraint("ck", "positive", "t", schema=schema)
    op.rename_column("t", "x", "y", schema=schema)
    op.rename_index(index, "ix", "t", schema=schema)
    surroundings = ReplayedSurroundings(dialect, Snapshot("sqlite"))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("ATTACH ':memory:' AS aux")
        for operation in recorder.operations:
            for statement in dialect.statements([operation], surroundings):
                if not statement.online_only:
                    connection.execute(str(statement.sql))
            surroundings.replay(operation)
        rows = connection.execute(f"SELECT name, sql FROM {schema or 'main'}.sqlite_master").fetchall()
        other = connection.execute(f"SELECT name FROM {'main' if schema else 'aux'}.sqlite_master").fetchall()
    texts = dict(rows)
    assert other == []
    assert set(texts) == {"p", "t", "ix"}
    assert " ".join(texts["t"].split()) == (
        'CREATE TABLE "t" ( id INTEGER NOT NULL, y INTEGER NOT NULL, PRIMARY KEY (id), '
        'CONSTRAINT fk FOREIGN KEY(y) REFERENCES p (id), CONSTRAINT "positive" CHECK (y > 0) )'
    )
