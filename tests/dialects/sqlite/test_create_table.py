"""The parser and the editor of CREATE TABLE, with SQLite's own pragmas as the judge."""

from __future__ import annotations

import sqlite3
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flask_schema.dialects.sqlite.create_table import parse_create_table
from flask_schema.dialects.sqlite.table_editor import TableEditor
from flask_schema.dialects.sqlite.tokens import quoted, tokens_of

NAMES = st.sampled_from(
    ["id", "Name", "order", "a b", 'quo"te', "per%cent", "naïve", "表", "check", "✓", "x'y", "[b]", "key", "as_", "_$1"]
)
BLANKS = st.sampled_from([" ", "\n\t", "  ", " -- a comment, with (\n", " /* x, ' ) */ "])
TYPES = st.sampled_from(
    ["", "INTEGER", "varchar(50)", "DECIMAL( 10 , 2 )", "double  precision", "Text", '"odd type"', "unsigned big int"]
)
CLAUSES = st.sampled_from(
    [
        "NOT NULL",
        "NULL",
        "CONSTRAINT nn NOT NULL ON CONFLICT FAIL",
        "DEFAULT 5",
        "DEFAULT -1.5e3",
        "DEFAULT 'it''s, (x'",
        "DEFAULT (1 + (2 * 3))",
        "DEFAULT CURRENT_TIMESTAMP",
        "DEFAULT x'ff'",
        'DEFAULT "word"',
        "UNIQUE",
        "UNIQUE ON CONFLICT IGNORE",
        "CONSTRAINT u1 UNIQUE",
        "CHECK (1 > 0)",
        "CONSTRAINT \"c k\" CHECK ('a)' <> ')b')",
        "COLLATE nocase",
        "REFERENCES other",
        "REFERENCES other (x) ON DELETE CASCADE ON UPDATE SET NULL MATCH SIMPLE",
        "REFERENCES [other] DEFERRABLE INITIALLY DEFERRED",
        "CONSTRAINT alone",
    ]
)
CONSTRAINTS = st.sampled_from(
    [
        "UNIQUE ({0})",
        "CONSTRAINT pk PRIMARY KEY ({0} DESC)",
        "PRIMARY KEY ({0}, {1})",
        "CHECK ({0} IS NOT 7)",
        "FOREIGN KEY ({0}) REFERENCES other (x) ON DELETE SET DEFAULT",
        "CONSTRAINT u2 UNIQUE ({0} COLLATE rtrim, {1})",
    ]
)


@st.composite
def create_tables(draw: st.DrawFn) -> str:
    names = draw(st.lists(NAMES, min_size=2, max_size=5, unique_by=str.lower))
    definitions = []
    for name in names:
        parts = [quoted(name), draw(TYPES), *draw(st.lists(CLAUSES, max_size=4))]
        definitions.append(draw(BLANKS).join(part for part in parts if part))
    for pattern in draw(st.lists(CONSTRAINTS, max_size=3)):
        definitions.append(pattern.format(quoted(names[0]), quoted(names[1])))
    body = ("," + draw(BLANKS)).join(definitions)
    return f"CREATE TABLE{draw(BLANKS)}{quoted(draw(NAMES))} ({draw(BLANKS)}{body}{draw(BLANKS)})"


def made(sql: str) -> sqlite3.Connection:
    """A database with the table; the example is given up where SQLite refuses it."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(sql)
    except sqlite3.Error:
        connection.close()
        assume(False)
    return connection


@settings(max_examples=300, deadline=None)
@given(create_tables())
def test_parts_are_those_that_sqlite_found(sql: str) -> None:
    connection = made(sql)
    try:
        stored = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'table'").fetchone()[0]
        parsed = parse_create_table(stored)
        table = quoted(parsed.name)
        columns = connection.execute(f"PRAGMA table_xinfo({table})").fetchall()
        assert [column.name for column in parsed.columns] == [row[1] for row in columns]
        for column, row in zip(parsed.columns, columns, strict=True):
            assert (column.clause("not null") is not None) == bool(row[3]) or row[5]
            default = [clause.text for clause in column.clauses if clause.kind == "default"]
            assert (default[-1].strip("()") if default else None) == (row[4].strip("()") if row[4] else None)
        keys = [clause for clause in parsed.clauses() if clause.kind == "foreign key"]
        assert len(keys) == len({row[0] for row in connection.execute(f"PRAGMA foreign_key_list({table})")})
        primary = next((clause for clause in parsed.clauses() if clause.kind == "primary key"), None)
        in_key = [row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5]]
        assert list(primary.columns if primary else ()) == in_key
        unique = {clause.columns for clause in parsed.clauses() if clause.kind == "unique"}
        indexes = connection.execute(f"PRAGMA index_list({table})").fetchall()
        found = {
            tuple(one[2] for one in connection.execute(f"PRAGMA index_info({quoted(row[1])})"))
            for row in indexes
            if row[3] == "u"
        }
        assert found <= unique
    finally:
        connection.close()


@settings(max_examples=200, deadline=None)
@given(create_tables())
def test_spans_cut_the_text_into_its_parts(sql: str) -> None:
    made(sql).close()
    parsed = parse_create_table(sql)
    spans = [column.span for column in parsed.columns] + [clause.span for clause in parsed.constraints]
    assert spans == sorted(spans)
    pieces, place = [], 0
    for span in spans:
        pieces += [sql[place : span.start], sql[span.start : span.end]]
        place = span.end
    assert "".join([*pieces, sql[place:]]) == sql
    between = [sql[one.end : other.start] for one, other in pairwise(spans)]
    assert all([token.text for token in tokens_of(text)] in ([","], []) for text in between)
    for column in parsed.columns:
        for clause in column.clauses:
            assert column.span.start < clause.span.start < clause.span.end <= column.span.end


@settings(max_examples=200, deadline=None)
@given(create_tables())
def test_what_is_put_in_and_taken_out_leaves_the_text_as_it_was(sql: str) -> None:
    made(sql).close()
    editor = TableEditor(sql)
    editor.add_column("zz TEXT DEFAULT 'x'")
    made(editor.text).close()
    editor.drop_column("zz")
    assert editor.text == sql
    editor.add_constraint("CONSTRAINT zz UNIQUE (" + quoted(editor.parsed.columns[0].name) + ")")
    made(editor.text).close()
    editor.drop_clause(*editor.named("zz"))
    assert editor.text == sql


@settings(max_examples=200, deadline=None)
@given(create_tables(), st.data())
def test_every_edit_makes_a_table_that_sqlite_takes(sql: str, data: st.DataObject) -> None:
    made(sql).close()
    editor = TableEditor(sql)
    name = data.draw(st.sampled_from([column.name for column in editor.parsed.columns]))
    editor.set_type(name, "NUMERIC(7, 3)")
    editor.set_collation(name, data.draw(st.sampled_from([None, "nocase"])))
    editor.set_not_null(name, data.draw(st.booleans()))
    editor.set_default(name, data.draw(st.sampled_from([None, "'d'", "(1 + 1)"])))
    made(editor.text).close()
    column = editor.column(name)
    assert column is not None
    assert column.type == "NUMERIC(7, 3)"
    for place in range(len(parse_create_table(sql).clauses())):
        editor = TableEditor(sql)
        editor.drop_clause(editor.parsed.clauses()[place])
        made(editor.text).close()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIRTUAL TABLE t USING fts5(a)",
        "CREATE TABLE t (a",
        "SELECT 1",
        "CREATE TABLE t (a INTEGER",
    ],
)
def test_a_text_that_is_no_definition_is_refused(sql: str) -> None:
    with pytest.raises(ValueError, match=r"expected|closed"):
        parse_create_table(sql)


def test_options_autoincrement_and_generated_columns() -> None:
    parsed = parse_create_table(
        "CREATE TABLE t (id INTEGER PRIMARY KEY ASC AUTOINCREMENT, a GENERATED ALWAYS AS (id * 2) STORED,"
        " b INT AS (a), c GENERATED INTEGER, UNIQUE (a) UNIQUE (b)) STRICT"
    )
    assert parsed.strict
    assert not parsed.without_rowid
    key = parsed.columns[0].clauses[0]
    assert key.autoincrement is not None
    assert [column.is_generated for column in parsed.columns] == [False, True, True, False]
    assert [column.type for column in parsed.columns] == ["INTEGER", "", "INT", "GENERATED INTEGER"]
    assert parsed.columns[1].clauses[0].stored
    assert [clause.columns for clause in parsed.constraints] == [("a",), ("b",)]
    assert parse_create_table("CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID").without_rowid


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("CREATE TABLE t (a INT, -- about a\n b INT)", "b", "CREATE TABLE t (a INT -- about a\n)"),
        ("CREATE TABLE t (a INT, b INT, c INT)", "a", "CREATE TABLE t (b INT, c INT)"),
        ("CREATE TABLE t (a INT, b INT CHECK (b > 0), c INT)", "b", "CREATE TABLE t (a INT, c INT)"),
    ],
)
def test_drop_column_text(before: str, name: str, after: str) -> None:
    editor = TableEditor(before)
    editor.drop_column(name)
    assert editor.text == after


def test_autoincrement_moves_to_the_column_and_back() -> None:
    editor = TableEditor("CREATE TABLE t (\n\tid INTEGER NOT NULL, \n\tPRIMARY KEY (id)\n)")
    editor.set_autoincrement("id", True)
    assert editor.text == "CREATE TABLE t (\n\tid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL\n)"
    editor.set_autoincrement("id", False)
    assert editor.text == "CREATE TABLE t (\n\tid INTEGER PRIMARY KEY NOT NULL\n)"
