"""What create_all made, read back, is what the models say; and what other hands made is read as it is."""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from flask_schema.dialects.dialect import Scope
from flask_schema.errors import DatabaseError
from flask_schema.snapshot.elements import (
    Computed,
    ForeignKey,
    Index,
    IndexElement,
    QualifiedName,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.snapshot import Snapshot
from tests.dialects.sqlite.live_database import Database

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Colour(enum.Enum):
    red = 1
    green = 2


def every_type() -> list[Any]:
    return [
        sa.Integer(), sa.SmallInteger(), sa.BigInteger(), sa.Boolean(), sa.Boolean(create_constraint=True, name="b"),
        sa.String(), sa.String(50), sa.String(50, collation="NOCASE"), sa.Text(), sa.Text(collation="RTRIM"),
        sa.Unicode(7), sa.UnicodeText(), sa.CHAR(3), sa.NCHAR(4), sa.NVARCHAR(5), sa.VARCHAR(6), sa.CLOB(),
        sa.Numeric(), sa.Numeric(10), sa.Numeric(10, 2), sa.DECIMAL(8, 3), sa.Float(), sa.Float(53), sa.Double(),
        sa.REAL(), sa.Date(), sa.Time(), sa.DateTime(), sa.DateTime(timezone=True), sa.TIMESTAMP(), sa.Interval(),
        sa.LargeBinary(), sa.LargeBinary(9), sa.BLOB(), sa.VARBINARY(4), sa.JSON(), sqlite.JSON(), sa.Uuid(),
        sa.Uuid(native_uuid=False), sa.UUID(), sa.Enum("a", "b'c"), sa.Enum(Colour), sa.PickleType(),
        sa.Enum("x", "y", name="xy", create_constraint=True), sa.BINARY(3),
        *(kind() for kind in (sqlite.DATETIME, sqlite.DATE, sqlite.TIME)),
    ]  # fmt: skip


def models() -> sa.MetaData:
    metadata = sa.MetaData(naming_convention=NAMING)
    sa.Table(
        "Parent Table",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("order", sa.String(20), unique=True, index=True, nullable=False, server_default="it's 100%"),
        sa.Column("Code", sa.Integer, server_default=sa.text("-1")),
        sa.Column("at", sa.DateTime, server_default=sa.func.now(), comment="when"),
        sa.Column("low", sa.String, server_default=sa.func.lower("ABC")),
        sa.Column("half", sa.Integer, sa.CheckConstraint("half > 0", name="half")),
        sa.Column("twice", sa.Integer, sa.Computed("half * 2")),
        sa.Column("thrice", sa.Integer, sa.Computed("(half * 3)", persisted=True)),
        sa.CheckConstraint('"Code" IN (1, 2)', name="code"),
        sa.UniqueConstraint("Code", "half", name="uq_two"),
        sqlite_autoincrement=True,
        comment="parents",
    )
    sa.Table(
        "naïve",
        metadata,
        sa.Column("a", sa.Integer, primary_key=True),
        sa.Column("b", sa.String, primary_key=True, server_default="x"),
        sa.Column("p", sa.ForeignKey("Parent Table.id", ondelete="CASCADE", onupdate="SET NULL")),
        sa.Column("self", sa.Integer),
        sa.Column("plain", sa.String(10), nullable=False, sqlite_on_conflict_not_null="IGNORE"),
        sa.ForeignKeyConstraint(["self", "b"], ["naïve.a", "naïve.b"], deferrable=True, initially="DEFERRED"),
        sa.UniqueConstraint("plain", sqlite_on_conflict="REPLACE"),
        sa.Index("ix_expr", sa.text("lower(b)"), sa.text("a DESC")),
        sqlite_with_rowid=False,
    )
    part = sa.Table(
        "part",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("x", sa.Integer),
        sa.Column("y", sa.Text),
        sa.Column("z", sa.Text, unique=True, sqlite_on_conflict_unique="FAIL"),
        sqlite_strict=True,
    )
    sa.Index("ix_part", part.c.x, unique=True, sqlite_where=part.c.x > 5)
    sa.Index("ix_desc", part.c.x.desc(), sa.func.upper(part.c.y))
    sa.Index("ix_collated", part.c.y.collate("NOCASE"), part.c.y.collate("RTRIM").desc())
    sa.Index("ix_sum", part.c.x + 1)
    return metadata


def assert_same(db: Database, metadata: sa.MetaData) -> None:
    metadata.create_all(db.engine)
    wanted = db.dialect.snapshot_of_models([metadata])
    found = db.read()
    assert ordered(found) == ordered(wanted)
    settled = db.dialect.settle(found, wanted, None)
    assert ordered(settled.before) == ordered(settled.after)


def ordered(snapshot: Snapshot) -> dict[QualifiedName, Table]:
    """The tables with their constraints in one order: order means nothing for them."""
    return {
        name: replace(
            table,
            unique_constraints=tuple(sorted(table.unique_constraints, key=repr)),
            foreign_keys=tuple(sorted(table.foreign_keys, key=repr)),
            checks=tuple(sorted(table.checks, key=repr)),
        )
        for name, table in snapshot.tables.items()
    }


def test_create_all_read_back_is_what_the_models_say(db: Database) -> None:
    assert_same(db, models())


def test_unnamed_constraints_read_back(db: Database) -> None:
    metadata = models()
    metadata.naming_convention = sa.MetaData().naming_convention
    assert_same(db, metadata)


def test_every_type_reads_back(db: Database) -> None:
    metadata = sa.MetaData()
    columns = [sa.Column(f"c{place}", kind) for place, kind in enumerate(every_type())]
    sa.Table("types", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)
    assert_same(db, metadata)


def test_python_type_is_written_back_the_same(db: Database) -> None:
    compile_type = db.dialect.sqlalchemy.type_compiler_instance.process
    for kind in every_type():
        sql = compile_type(kind)
        found = db.dialect.python_type(sql)
        assert compile_type(found) == sql, (kind, found)
    assert repr(db.dialect.python_type("varchar(50)")) == "String(length=50)"
    assert repr(db.dialect.python_type("numeric(10,2)")) == "Numeric(precision=10, scale=2)"
    assert isinstance(db.dialect.python_type("INT"), sa.Integer)
    assert compile_type(db.dialect.python_type("UNSIGNED BIG INT")) == "UNSIGNED BIG INT"


def test_how_many_statements_it_takes(db: Database) -> None:
    sent: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    models().create_all(db.engine)
    sent.clear()
    db.read()
    assert len(sent) == 1


HANDMADE = """
create table Parent (Id integer primary key asc, [full name] text collate nocase not null, k int unique);
CREATE TABLE child (
    id integer primary key autoincrement, -- counts
    parent_id INT REFERENCES parent ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    amount DECIMAL(10,2) DEFAULT (0) CHECK (amount >= 0),
    total AS (amount * 2),
    CONSTRAINT pair UNIQUE (Amount, PARENT_ID)
);
CREATE UNIQUE INDEX Odd ON child (ID DESC, lower(amount), parent_id COLLATE nocase) WHERE amount > 0;
CREATE VIEW v (a, b) AS SELECT id, amount FROM child;
CREATE TRIGGER tr AFTER INSERT ON child BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE search USING fts5(body);
CREATE TABLE _flask_schema_new_child (a);
"""


def test_a_schema_made_by_hand(db: Database) -> None:
    db.sql(HANDMADE)
    found = db.read()
    assert [name.name for name in found.tables] == ["Parent", "child"]
    parent, child = found.tables.values()
    assert [column.type.sql for column in parent.columns] == ["INTEGER", 'TEXT COLLATE "NOCASE"', "INTEGER"]
    assert [column.nullable for column in parent.columns] == [False, False, True]
    assert parent.unique_constraints == (UniqueConstraint(("k",)),)
    assert [column.autoincrement for column in child.columns] == [True, False, False, False]
    assert child.columns[2].type.sql == "DECIMAL(10, 2)"
    assert child.columns[2].default == "0"
    assert child.columns[3].computed == Computed("amount * 2", False)
    assert [check.expression for check in child.checks] == ["amount >= 0"]
    assert child.unique_constraints == (UniqueConstraint(("amount", "parent_id"), "pair"),)
    assert child.foreign_keys == (
        ForeignKey(
            ("parent_id",), QualifiedName("parent"), (), ondelete="CASCADE", deferrable=True, initially="DEFERRED"
        ),
    )
    assert child.indexes == (
        Index(
            "Odd",
            (
                IndexElement("id", descending=True),
                IndexElement("lower(amount)", is_column=False),
                IndexElement("parent_id", collation="NOCASE"),
            ),
            unique=True,
            where="amount > 0",
        ),
    )
    assert child.sql is not None
    assert "-- counts" in child.sql
    view = found.views[QualifiedName("v")]
    assert view.definition == "SELECT id, amount FROM child"
    assert dict(view.options) == {"columns": ("a", "b")}
    assert [name for _, name in found.triggers] == ["tr"]


def test_a_foreign_key_without_columns_means_the_key_of_its_target(db: Database) -> None:
    db.sql("CREATE TABLE p (a INTEGER PRIMARY KEY); CREATE TABLE c (x REFERENCES p)")
    assert db.table("c").foreign_keys[0].referred_columns == ("a",)


def test_scope(db: Database) -> None:
    db.sql("CREATE TABLE a (x); CREATE INDEX i ON a (x); CREATE TABLE b (x); CREATE TABLE c (x)")
    with db.engine.connect() as connection:
        read = db.dialect.read
        some = read(connection, Scope(include_table=lambda schema, name: name != "b"))
        assert [name.name for name in some.tables] == ["a", "c"]
        one = read(connection, Scope(only_tables=frozenset({QualifiedName("A")})))
        assert [name.name for name in one.tables] == ["a"]
        assert [index.name for index in one.tables[QualifiedName("a")].indexes] == ["i"]


def test_attached_databases_are_schemas(db: Database, tmp_path: Any) -> None:
    metadata = sa.MetaData(schema="other")
    sa.Table("p", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "c",
        metadata,
        sa.Column("id", sa.ForeignKey("other.p.id"), primary_key=True),
        sa.Column("x", sa.Text, index=True),
    )
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"ATTACH '{tmp_path / 'other.db'}' AS other")
        metadata.create_all(connection)
        found = db.dialect.read(connection, Scope(schemas=(None, "other")))
        wanted = db.dialect.snapshot_of_models([metadata])
        assert dict(found.tables) == dict(wanted.tables)
        assert QualifiedName("p", "other") in found.tables


def test_a_text_that_cannot_be_read_is_said(db: Database) -> None:
    db.sql("CREATE TABLE a (x)")
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        connection.exec_driver_sql("UPDATE sqlite_master SET sql = 'CREATE TABLE a' WHERE name = 'a'")
        with pytest.raises(DatabaseError, match="table a cannot be read"):
            db.dialect.read(connection, Scope())
        connection.rollback()


# -- settling ---------------------------------------------------------------------------------


def settle(db: Database, metadata: sa.MetaData) -> tuple[Snapshot, Snapshot]:
    settled = db.dialect.settle(db.read(), db.dialect.snapshot_of_models([metadata]), None)
    return settled.before, settled.after


def test_other_spellings_of_the_same_settle(db: Database) -> None:
    db.sql(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER DEFAULT ( 1 ), b TEXT DEFAULT (lower( 'X' )),"
        " c BOOL DEFAULT TRUE, d INTEGER AS (A*2), CHECK ( [a]<>0 AND (b = 'x') ), CONSTRAINT named"
        " CHECK (a  IN (1,2)));"
        'CREATE INDEX i ON t (LOWER("b")) WHERE (a > 0)'
    )
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer, server_default=sa.text("1")),
        sa.Column("b", sa.Text, server_default=sa.text("lower('X')")),
        sa.Column("c", sa.Boolean, server_default=sa.true()),
        sa.Column("d", sa.Integer, sa.Computed("a * 2")),
        sa.CheckConstraint("a != 0 AND b = 'x'"),
        sa.CheckConstraint("a IN (1, 2)", name="named"),
        sa.Index("i", sa.text("lower(b)"), sqlite_where=sa.text("a > 0")),
    )
    before, after = settle(db, metadata)
    assert ordered(before) == ordered(after)


def test_what_differs_stays_different(db: Database) -> None:
    sa.event.listen(db.engine, "connect", lambda driver, _: driver.create_function("unknown_function", 1, abs))
    db.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER DEFAULT '1', b TEXT DEFAULT 'x', c INTEGER AS (a + 1),"
        " CHECK (a > 0), CHECK (unknown_function(a)))"
    )
    db.execute("CREATE INDEX i ON t (lower(b)) WHERE a > 0")
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer, server_default=sa.text("1")),
        sa.Column("b", sa.Text, server_default="X"),
        sa.Column("c", sa.Integer, sa.Computed("a + 2")),
        sa.CheckConstraint("a >= 0"),
        sa.CheckConstraint("other_function(a)"),
        sa.Index("i", sa.text("lower(b)"), sqlite_where=sa.text("a >= 0")),
    )
    before, after = settle(db, metadata)
    was, wanted = before.tables[QualifiedName("t")], after.tables[QualifiedName("t")]
    assert [one == other for one, other in zip(was.columns, wanted.columns, strict=True)] == [True, False, False, False]
    assert not set(was.checks) & set(wanted.checks)
    assert was.indexes != wanted.indexes
