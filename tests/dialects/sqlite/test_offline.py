"""SQL files: what is written without a database runs as it stands, and does what the live run does."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import ObjectMissing, OfflineRefused
from flask_schema.operations.columns import AddColumn, AlterColumn, ColumnFacets, DropColumn
from flask_schema.operations.constraints import CreateUniqueConstraint, DropConstraint
from flask_schema.operations.groups import AlterTable, TableTemplate
from flask_schema.operations.indexes import CreateIndex
from flask_schema.operations.operation import Operation
from flask_schema.operations.tables import CreateTable, RenameTable
from flask_schema.snapshot.elements import (
    Column,
    DataType,
    ForeignKey,
    Index,
    IndexElement,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.snapshot import Snapshot
from tests.dialects.sqlite.live_database import Database

T = QualifiedName("t")


def column(name: str, sql: str = "INTEGER", **facets: Any) -> Column:
    return Column(name, DataType(sql), **facets)


def written(db: Database, snapshot: Snapshot | None, operations: Sequence[Operation]) -> str:
    """The SQL file for operations, each compiled by itself, as they come."""
    surroundings = ReplayedSurroundings(db.dialect, snapshot)
    lines = list(db.dialect.write_begin())
    for operation in operations:
        for statement in db.dialect.statements([operation], surroundings):
            if not statement.online_only:
                lines.append(statement.sql)
        surroundings.replay(operation)
    lines += db.dialect.write_commit()
    return "".join(f"{line};\n" for line in lines)


CHANGES: list[Operation] = [
    AddColumn(T, column("extra", "VARCHAR(5)", default="'e'")),
    AlterColumn(T, "a", after=ColumnFacets(type=DataType("NUMERIC(9, 2)"), nullable=False)),
    AlterColumn(T, "extra", after=ColumnFacets(name="more", type=DataType("TEXT"))),
    CreateUniqueConstraint(T, UniqueConstraint(("more", "a"), "uq")),
    DropConstraint(T, "ck"),
    CreateIndex(T, Index("i2", (IndexElement("more"),))),
    DropColumn(T, "b"),
    RenameTable(T, "s"),
    AlterColumn(QualifiedName("s"), "a", after=ColumnFacets(default="7")),
]

SCHEMA = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b TEXT, p INT REFERENCES p, CONSTRAINT ck CHECK (a > 0));
CREATE INDEX i ON t (a DESC) WHERE a > 5;
CREATE TABLE l (x);
CREATE TRIGGER g AFTER UPDATE ON t BEGIN INSERT INTO l VALUES (new.a); END;
CREATE VIEW v (n) AS SELECT a FROM t;
INSERT INTO p VALUES (3);
INSERT INTO t (a, p) VALUES (6, 3);
"""


def test_a_file_does_what_the_live_run_does(db: Database, tmp_path: Path) -> None:
    db.sql(SCHEMA)
    text = written(db, db.read(), CHANGES)
    copy = tmp_path / "copy.db"
    shutil.copy(db.path, copy)
    shell = shutil.which("sqlite3")
    if shell is not None:
        done = subprocess.run([shell, "-bail", str(copy)], input=text, capture_output=True, text=True, check=True)
        assert done.stdout == ""
    else:
        connection = sqlite3.connect(copy)
        connection.executescript(text)
        connection.close()
    db.run(*CHANGES)
    twin = Database(copy)
    assert twin.read().tables == db.read().tables
    assert twin.rows("SELECT * FROM s") == db.rows("SELECT * FROM s") == [(1, 6, 3, "e")]
    assert [row[:3] for row in twin.catalog()] == [row[:3] for row in db.catalog()]
    assert twin.rows("SELECT n FROM v") == [(6,)]
    assert twin.sound()
    twin.close()


def test_a_table_that_the_file_itself_creates_is_known(db: Database) -> None:
    key = ForeignKey(("p",), QualifiedName("p"), ())
    table = Table(
        T,
        (column("id", nullable=False), column("a", "TEXT", default="'it''s; 100%'"), column("p")),
        PrimaryKey(("id",)),
        foreign_keys=(key,),
        indexes=(Index("i", (IndexElement("a"),)),),
        options=(("autoincrement", True),),
    )
    text = written(db, None, [CreateTable(table), AlterColumn(T, "a", after=ColumnFacets(type=DataType("VARCHAR(3)")))])
    db.sql("CREATE TABLE p (id INTEGER PRIMARY KEY);" + text)
    found = db.table("t")
    assert found.column("a") == column("a", "VARCHAR(3)", default="'it''s; 100%'")
    assert found.foreign_keys == (ForeignKey(("p",), QualifiedName("p"), ("id",)),)
    assert [index.name for index in found.indexes] == ["i"]
    assert "AUTOINCREMENT" in db.text("t")


def test_what_only_a_database_knows_is_refused_by_name(db: Database) -> None:
    with pytest.raises(OfflineRefused, match=r"cannot alter column t\.a \(nullable\): what table t looks like"):
        written(db, None, [AlterColumn(T, "a", after=ColumnFacets(nullable=False))])
    assert "ADD COLUMN d INTEGER" in written(db, None, [AddColumn(T, column("d"))])
    assert "RENAME COLUMN a TO b" in written(db, None, [AlterColumn(T, "a", after=ColumnFacets(name="b"))])


def test_copy_from_tells_what_the_table_looks_like(db: Database) -> None:
    known = Table(T, (column("a"), column("b", "TEXT")), PrimaryKey(("a",)))
    change = AlterColumn(T, "b", after=ColumnFacets(nullable=False))
    text = written(db, None, [AlterTable(T, (change,), template=TableTemplate(known))])
    db.sql("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, 'x');" + text)
    assert db.rows("SELECT * FROM t") == [(1, "x")]
    assert db.table("t").columns[1].nullable is False


def test_a_text_that_no_longer_fits_is_not_used(db: Database) -> None:
    db.sql("CREATE TABLE t (a INT /* as it was */)")
    snapshot = db.read()
    assert "as it was" not in written(db, snapshot, [AddColumn(T, column("b")), CHANGES[1]])
    assert "/* as it was */" in written(db, snapshot, [CHANGES[1]])


def test_a_trigger_that_no_longer_fits_is_not_written(db: Database) -> None:
    db.sql(SCHEMA)
    rename = AlterColumn(T, "a", after=ColumnFacets(name="z"))
    with pytest.raises(OfflineRefused, match="trigger of t"):
        written(db, db.read(), [rename, AlterColumn(T, "b", after=ColumnFacets(nullable=False))])


def test_replayed_surroundings(db: Database) -> None:
    db.sql("CREATE TABLE t (a INT)")
    known = ReplayedSurroundings(db.dialect, db.read())
    assert known.table(QualifiedName("nope")) is None
    assert [table.name for table in known.tables()] == [T]
    with pytest.raises(ObjectMissing):
        known.replay(DropColumn(T, "nope"))
    unknown = ReplayedSurroundings(db.dialect, None)
    unknown.replay(DropColumn(T, "nope"))
    for question in (unknown.snapshot, unknown.tables, lambda: unknown.query("SELECT 1")):
        with pytest.raises(OfflineRefused):
            question()


def test_bulk_rows_and_percent_signs_stay_as_they_are(db: Database) -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("a%b", sa.String(5), server_default="5%"))
    text = written(db, None, [CreateTable(db.dialect.translation.table(table))])
    db.sql(text)
    assert db.columns("t") == ["a%b"]
    assert db.table("t").columns[0].default == "'5%'"
