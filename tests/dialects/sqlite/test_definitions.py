"""A CREATE TABLE that is read in pieces says what it says as a whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from flask_schema.dialects.sqlite.create_table import parse_create_table
from flask_schema.dialects.sqlite.definitions import Definitions
from flask_schema.dialects.sqlite.from_text import table_of
from flask_schema.snapshot.elements import Index, IndexElement, QualifiedName, Table

NAME = QualifiedName("t")
INDEXES = (Index("ix", (IndexElement("A"), IndexElement("lower(b)", is_column=False))),)

COLUMNS = (
    "a INTEGER NOT NULL", "a INTEGER PRIMARY KEY AUTOINCREMENT", 'a NUMERIC(10, 2) DEFAULT (-1.5)', "a",
    "a TEXT DEFAULT 'x, y' COLLATE NOCASE", "a TEXT DEFAULT ')('", "a TEXT DEFAULT '((' CHECK (a <> '))')",
    "a TEXT DEFAULT 'it''s' NOT NULL ON CONFLICT FAIL", 'a "odd, type(" UNIQUE', "a REFERENCES p(x) ON DELETE CASCADE",
    "a AS (1 + (2)) STORED", "a DEFAULT -- here, there\n 1", "a /* one, two ( */ TEXT", "a TEXT -- one, two TEXT\n", "a DATETIME DEFAULT (now(1, 2))",
    "[a] CHECK (a IN (1, 2, 3)) CHECK (a > (0))", "a CONSTRAINT c CHECK (a LIKE '(%') DEFERRABLE", "`a` TEXT NULL",
    "a INT CONSTRAINT nn NOT NULL CONSTRAINT u UNIQUE ON CONFLICT IGNORE", "a DEFAULT x'2C28'", "a DEFAULT +1 REFERENCES p",
)  # fmt: skip
CONSTRAINTS = (
    "PRIMARY KEY (a)", "PRIMARY KEY (A)", "CONSTRAINT pk PRIMARY KEY (a, b)", "PRIMARY KEY (a AUTOINCREMENT)",
    "UNIQUE (b, a)", "CONSTRAINT u UNIQUE (b)", 'CONSTRAINT "odd, name(" UNIQUE (b) ON CONFLICT FAIL',
    "UNIQUE (b COLLATE nocase DESC)", "CHECK (b > 0)", "CONSTRAINT c CHECK (b IN (1, ')', '(('))", "CHECK (b <> ',')",
    "CONSTRAINT c CHECK (b) CONSTRAINT d CHECK (a)", "CHECK (a) CHECK (b)", "CONSTRAINT c CHECK ((a) = (b))",
    "FOREIGN KEY(b) REFERENCES p (x)", "FOREIGN KEY(b, a) REFERENCES p (x, y) ON DELETE SET NULL ON UPDATE CASCADE",
    "CONSTRAINT f FOREIGN KEY(b) REFERENCES p (x) ON DELETE NO ACTION", "FOREIGN KEY (b) REFERENCES p ON UPDATE RESTRICT",
    "CONSTRAINT f FOREIGN KEY(b) REFERENCES p (x) DEFERRABLE INITIALLY DEFERRED", "constraint g unique (a)",
    'FOREIGN KEY("b") REFERENCES "P p" ("x") ON DELETE CASCADE', "FOREIGN KEY(B) REFERENCES p (x)",
    "CHECK (b -- and, no\n > 0)", "CONSTRAINT c CHECK (b > /* , */ 0)", "CONSTRAINT only",
)  # fmt: skip
HEADS = (
    "CREATE TABLE t (",
    "CREATE TABLE t(\n\t",
    'CREATE TABLE "t (" (',
    "CREATE TABLE IF NOT EXISTS t (",
    "create table t (",
)
TAILS = (")", "\n)", ") WITHOUT ROWID", ")STRICT", ") STRICT, WITHOUT ROWID", ") -- the end)", "\n)\n;")


def whole(text: str) -> Table:
    """The table as it is read all at once."""
    return table_of(parse_create_table(text, places=False), NAME, INDEXES)


def exactly(table: Table | None) -> object:
    """A table with what is not compared."""
    return (table, table.sql) if table is not None else None


@given(st.data())
def test_pieces_say_what_the_whole_says(data: st.DataObject) -> None:
    definitions = Definitions(None)
    for _ in range(data.draw(st.integers(1, 4))):
        columns = data.draw(st.lists(st.sampled_from(COLUMNS), max_size=2))
        columns = [one.replace("a", data.draw(st.sampled_from("ac")), 1) for one in columns]
        constraints = data.draw(st.lists(st.sampled_from(CONSTRAINTS), max_size=4))
        comma = data.draw(st.sampled_from((", ", ",", ", \n\t", "\n, ", " ,")))
        body = comma.join([*columns, "b INTEGER", *constraints])
        text = data.draw(st.sampled_from(HEADS)) + body + data.draw(st.sampled_from(TAILS))
        if text.upper().count("PRIMARY KEY") > 1:
            continue  # SQLite takes one
        found = definitions.table(text, NAME, INDEXES)
        if found is not None:
            assert exactly(found) == exactly(whole(text))


@pytest.mark.parametrize("text", [*COLUMNS, *CONSTRAINTS])
def test_each_definition_is_one_that_sqlite_takes(text: str) -> None:
    first = f"{text}, b" if text in COLUMNS else f"a INTEGER, b, {text}"
    table = f"CREATE TABLE t ({first})"
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(table)
    assert exactly(Definitions(None).table(table, NAME)) in (None, exactly(table_of(parse_create_table(table), NAME)))


def test_what_sqlalchemy_writes_is_read_in_pieces() -> None:
    metadata = sa.MetaData()
    table = sa.Table(
        "t",
        metadata,
        sa.Column("A", sa.Integer, primary_key=True),
        sa.Column("b", sa.Numeric(10, 2), sa.CheckConstraint("b IN (1, 2)"), server_default="0"),
        sa.Column("c", sa.Enum("x", "y", name="e", create_constraint=True), sa.ForeignKey("p.x", ondelete="CASCADE")),
        sa.UniqueConstraint("b", "c", name="u"),
        sa.CheckConstraint("c <> '),('", name="c"),
    )
    sa.Table("p", metadata, sa.Column("x", sa.Integer))
    dialect = sqlite.dialect()  # type: ignore[no-untyped-call]
    text = str(sa.schema.CreateTable(table).compile(dialect=dialect)).strip()
    found = Definitions(None).table(text, NAME, INDEXES)
    assert found is not None
    assert exactly(found) == exactly(whole(text))


def test_constraints_of_one_table_are_never_the_same_object() -> None:
    text = "CREATE TABLE t (a INT, CHECK (a > 0), CHECK (a > 0), UNIQUE (a), UNIQUE (a))"
    table = Definitions(None).table(text, NAME) or table_of(parse_create_table(text), NAME)
    assert [len(one) for one in (table.checks, table.unique_constraints)] == [2, 2]
    assert table.checks[0] is not table.checks[1]
    assert table.unique_constraints[0] is not table.unique_constraints[1]


def test_equal_columns_are_one() -> None:
    definitions = Definitions(None)
    one = definitions.table(
        "CREATE TABLE t (\n\tid INTEGER NOT NULL, \n\tn NUMERIC(10, 2), \n\tPRIMARY KEY (id)\n)", NAME
    )
    other = definitions.table(
        "CREATE TABLE s (\n\tid INTEGER NOT NULL, \n\tn NUMERIC(10, 2), \n\tCHECK (n > 0)\n)", NAME
    )
    assert one is not None
    assert other is not None
    assert all(first is second for first, second in zip(one.columns, other.columns, strict=True))
