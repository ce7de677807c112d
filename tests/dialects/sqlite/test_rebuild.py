"""The rebuild keeps everything that it is not asked to change: read before and after with plain SQL."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.errors import MigrationFailed, ObjectMissing, OperationRefused
from flask_schema.operations.columns import AddColumn, AlterColumn, ColumnFacets, DropColumn
from flask_schema.operations.constraints import (
    CreateCheckConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
)
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.operations.statements import Execute
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    PrimaryKey,
    QualifiedName,
    UniqueConstraint,
)
from tests.dialects.sqlite.live_database import Database


def name(table: str) -> QualifiedName:
    return QualifiedName(table)


def column(name: str, sql: str = "INTEGER", **facets: Any) -> Column:
    return Column(name, DataType(sql), **facets)


def alter(table: str, column: str, **facets: Any) -> AlterColumn:
    if isinstance(facets.get("type"), str):
        facets["type"] = DataType(facets["type"])
    return AlterColumn(QualifiedName(table), column, after=ColumnFacets(**facets))


SCHEMA = """
CREATE TABLE parent (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- counts up
    code TEXT COLLATE NOCASE NOT NULL DEFAULT 'x' UNIQUE ON CONFLICT IGNORE,
    amount DECIMAL(10,2) DEFAULT (1 + 1) CHECK (amount >= 0),
    "odd ""name" TEXT, /* with a comment */
    twice AS (amount * 2), thrice INTEGER GENERATED ALWAYS AS (amount * 3) STORED,
    CONSTRAINT named CHECK (code <> ''),
    CHECK (length(code) < 100),
    UNIQUE (amount, "odd ""name")
);
CREATE TABLE child (
    id INTEGER PRIMARY KEY,
    parent_id INTEGER REFERENCES parent ON DELETE CASCADE,
    parent_code TEXT REFERENCES parent (code) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    other INTEGER REFERENCES child (id)
);
CREATE INDEX plain ON parent (amount DESC);
CREATE UNIQUE INDEX partial ON parent (code COLLATE RTRIM, amount) WHERE amount > 5;
CREATE INDEX expressive ON parent (lower(code), "odd ""name");
CREATE TABLE log (what TEXT);
CREATE TRIGGER after_parent AFTER UPDATE OF code ON parent BEGIN INSERT INTO log VALUES (new.code || '%;'); END;
CREATE TRIGGER on_child AFTER INSERT ON child BEGIN UPDATE parent SET amount = amount + 1 WHERE id = new.parent_id; END;
CREATE VIEW totals (code, n) AS SELECT code, count(*) FROM parent JOIN child ON parent.id = parent_id GROUP BY 1;
CREATE TRIGGER through_view INSTEAD OF INSERT ON totals BEGIN INSERT INTO parent (code) VALUES (new.code); END;
INSERT INTO parent (id, code, amount, "odd ""name") VALUES (3, 'three', 30, 'o'), (7, 'seven', 70, NULL);
INSERT INTO parent (id, code) VALUES (90, 'gone');
DELETE FROM parent WHERE id = 90;
INSERT INTO child (parent_id, parent_code, other) VALUES (3, 'three', NULL), (7, 'SEVEN', 1);
"""


@pytest.fixture
def full(db: Database) -> Database:
    db.sql(SCHEMA)
    return db


def contents(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    tables = [row[0] for row in db.rows("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    return {table: db.rows(f'SELECT * FROM "{table}" ORDER BY 1') for table in tables}


def without_name(sql: str, table: str) -> str:
    """A CREATE TABLE whose name stands bare: the rename of a rebuild puts quotes around it."""
    return sql.replace(f'CREATE TABLE "{table}"', f"CREATE TABLE {table}", 1)


def test_only_what_was_asked_for_changes(full: Database) -> None:
    before, rows = full.catalog(), contents(full)
    full.run(alter("parent", "amount", type="NUMERIC(12, 4)"))
    assert full.rebuilds == 1
    after = full.catalog()
    for was, now in zip(before, after, strict=True):
        assert was[:3] == now[:3]
        if was[1] == "parent":
            wanted = str(was[3]).replace("DECIMAL(10,2)", "NUMERIC(12, 4)")
            assert without_name(str(now[3]), "parent") == wanted
        else:
            assert was[3] == now[3]
    assert contents(full) == rows
    assert full.rows("SELECT seq FROM sqlite_sequence WHERE name = 'parent'") == [(90,)]
    assert full.sound()
    full.sql("INSERT INTO totals (code) VALUES ('view'); UPDATE parent SET code = 'changed' WHERE id = 3")
    assert full.rows("SELECT id FROM parent WHERE code = 'view'") == [(91,)]
    assert full.rows("SELECT what FROM log") == [("changed%;",)]


def test_collations_change_only_when_said(full: Database) -> None:
    full.run(alter("parent", "code", type="VARCHAR(9)"))
    assert "code VARCHAR(9) COLLATE NOCASE NOT NULL" in full.text("parent")
    binary, nocase = ColumnFacets(type=DataType("TEXT")), ColumnFacets(type=DataType('TEXT COLLATE "NOCASE"'))
    full.sql("DELETE FROM child")
    full.run(AlterColumn(name("parent"), "code", before=nocase, after=binary))
    assert "code TEXT NOT NULL" in full.text("parent")
    full.run(AlterColumn(name("parent"), "code", before=binary, after=nocase))
    assert 'code TEXT COLLATE "NOCASE" NOT NULL' in full.text("parent")


def test_one_pass_for_all_operations_of_a_table(full: Database) -> None:
    full.run(
        alter("parent", "code", nullable=True, default="'new'"),
        AddColumn(name("parent"), column("extra", "TEXT", nullable=False, default="(lower('ABC'))")),
        DropConstraint(name("parent"), "named"),
        CreateUniqueConstraint(name("parent"), UniqueConstraint(("extra", "id"), "uq_extra")),
        CreateIndex(name("parent"), Index("ix_extra", (IndexElement("extra", descending=True),))),
        DropIndex(name("parent"), "plain"),
    )
    assert full.rebuilds == 1
    assert full.rows("SELECT id, extra FROM parent ORDER BY id") == [(3, "abc"), (7, "abc")]
    indexes = {row[0] for row in full.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")}
    assert indexes == {"partial", "expressive", "ix_extra"}
    text = full.text("parent")
    assert "CONSTRAINT named" not in text
    assert "CONSTRAINT uq_extra UNIQUE (extra, id)" in text
    assert "code TEXT COLLATE NOCASE DEFAULT 'new' UNIQUE ON CONFLICT IGNORE" in text
    assert full.sound()


def test_other_tables_keep_pointing_to_it(full: Database) -> None:
    keys = full.rows("SELECT * FROM pragma_foreign_key_list('child')")
    full.run(alter("parent", "code", type="VARCHAR(20)"))
    assert full.rows("SELECT * FROM pragma_foreign_key_list('child')") == keys
    assert {row[2] for row in keys} == {"parent", "child"}
    full.run(alter("child", "other", type="BIGINT"))
    assert full.rows("SELECT * FROM pragma_foreign_key_list('child')") == keys


def test_enforced_foreign_keys_do_not_cascade(enforcing: Database) -> None:
    enforcing.sql(SCHEMA)
    rows = contents(enforcing)
    enforcing.run(alter("parent", "amount", type="REAL", default=None))
    assert enforcing.restarts == 1
    assert contents(enforcing)["child"] == rows["child"]
    with enforcing.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert enforcing.sound()


def test_a_broken_foreign_key_rolls_back(enforcing: Database) -> None:
    enforcing.sql(SCHEMA)
    before, rows = enforcing.catalog(), contents(enforcing)
    with pytest.raises(MigrationFailed, match="child row 1 has no parent in parent"):
        enforcing.run(
            alter("child", "parent_id", nullable=False),
            Execute("UPDATE child SET parent_id = 55 WHERE id = 1"),
        )
    assert enforcing.catalog() == before
    assert contents(enforcing) == rows


def test_violations_that_were_there_before_do_not_stop_it(full: Database) -> None:
    full.sql("UPDATE child SET parent_id = 55 WHERE id = 1")
    full.run(alter("child", "parent_id", type="BIGINT"))
    with pytest.raises(MigrationFailed, match="no parent in log"):
        full.run(
            Execute("CREATE UNIQUE INDEX log_what ON log (what)"),
            CreateForeignKey(name("child"), ForeignKey(("parent_code",), name("log"), ("what",), "fk_log")),
        )


def test_a_failing_statement_leaves_the_database_as_it_was(full: Database) -> None:
    before, rows = full.catalog(), contents(full)
    with pytest.raises(sa.exc.OperationalError, match="nowhere"):
        full.run(
            AddColumn(name("log"), column("at", "TEXT")),
            alter("parent", "code", type="VARCHAR(9)"),
            Execute("INSERT INTO nowhere VALUES (1)"),
        )
    assert full.catalog() == before
    assert contents(full) == rows


def test_a_leftover_of_a_killed_process_is_swept(full: Database) -> None:
    full.sql("CREATE TABLE _flask_schema_new_parent (x)")
    assert name("_flask_schema_new_parent") not in full.read().tables
    full.run(alter("parent", "code", type="VARCHAR(9)"))
    assert not full.rows("SELECT 1 FROM sqlite_master WHERE name LIKE '%flask_schema%'")


def test_nothing_is_sent_for_what_is_already_so(full: Database) -> None:
    full.run(alter("parent", "code", nullable=False, comment="ignored", identity=None))
    assert full.sent == []


# -- kinds of tables --------------------------------------------------------------------------


def test_without_rowid_and_strict(db: Database) -> None:
    db.sql(
        "CREATE TABLE w (a TEXT, b INT NOT NULL, PRIMARY KEY (a DESC, b)) STRICT, WITHOUT ROWID;"
        "INSERT INTO w VALUES ('x', 1), ('y', 2)"
    )
    db.run(alter("w", "b", type="INTEGER", default="7"))
    assert without_name(db.text("w"), "w") == (
        "CREATE TABLE w (a TEXT, b INTEGER DEFAULT 7 NOT NULL, PRIMARY KEY (a DESC, b)) STRICT, WITHOUT ROWID"
    )
    assert db.rows("SELECT * FROM w ORDER BY 1") == [("x", 1), ("y", 2)]


def test_rowids_are_kept(db: Database) -> None:
    db.sql("CREATE TABLE r (a TEXT); INSERT INTO r (rowid, a) VALUES (5, 'five'), (9, 'nine')")
    db.run(alter("r", "a", type="VARCHAR(5)"))
    assert db.rows("SELECT rowid, a FROM r") == [(5, "five"), (9, "nine")]
    db.sql("CREATE TABLE q (rowid TEXT, _rowid_ TEXT); INSERT INTO q (oid, rowid) VALUES (8, 'x')")
    db.run(alter("q", "rowid", type="VARCHAR(5)"))
    assert db.rows("SELECT oid, rowid FROM q") == [(8, "x")]


def test_values_are_converted_by_affinity_and_never_lost(db: Database) -> None:
    db.sql("CREATE TABLE v (a TEXT); INSERT INTO v VALUES ('12'), ('twelve'), (NULL)")
    db.run(alter("v", "a", type="INTEGER"))
    assert db.rows("SELECT a, typeof(a) FROM v") == [(12, "integer"), ("twelve", "text"), (None, "null")]


def test_autoincrement_on_and_off(db: Database) -> None:
    db.sql("CREATE TABLE a (id INTEGER NOT NULL, x TEXT, PRIMARY KEY (id)); INSERT INTO a VALUES (4, 'x')")
    db.run(alter("a", "id", autoincrement=True))
    assert "PRIMARY KEY AUTOINCREMENT" in db.text("a")
    assert db.rows("SELECT name, seq FROM sqlite_sequence") == [("a", 4)]
    db.sql("INSERT INTO a (x) VALUES ('y'); DELETE FROM a WHERE id = 5")
    db.run(alter("a", "x", type="VARCHAR(3)"))
    assert db.rows("SELECT name, seq FROM sqlite_sequence") == [("a", 5)]
    db.run(alter("a", "id", autoincrement=False))
    assert "AUTOINCREMENT" not in db.text("a")
    assert db.rows("SELECT count(*) FROM sqlite_sequence") == [(0,)]


def test_an_empty_autoincrement_table_goes_on_counting(db: Database) -> None:
    db.sql("CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, x);INSERT INTO a VALUES (4, 'x'); DELETE FROM a")
    db.run(alter("a", "x", type="TEXT"))
    db.sql("INSERT INTO a (x) VALUES ('next')")
    assert db.rows("SELECT id FROM a") == [(5,)]


def test_generated_columns(db: Database) -> None:
    db.sql("CREATE TABLE g (a INTEGER, b AS (a + 1), c INT AS (a + 2) STORED); INSERT INTO g VALUES (1)")
    db.run(alter("g", "a", default="5"))
    assert db.rows("SELECT * FROM g") == [(1, 2, 3)]
    db.run(alter("g", "c", computed=Computed("a + 20", True)))
    assert db.rows("SELECT * FROM g") == [(1, 2, 21)]
    db.run(alter("g", "c", computed=None))
    assert db.rows("SELECT * FROM g") == [(1, 2, 21)]
    assert [row[6] for row in db.rows("PRAGMA table_xinfo('g')")] == [0, 2, 0]
    db.run(alter("g", "c", computed=Computed("a * 9", False)))
    assert db.rows("SELECT * FROM g") == [(1, 2, 9)]
    db.run(AddColumn(name("g"), column("d", computed=Computed("a * 7", True))))
    assert db.rows("SELECT d FROM g") == [(7,)]


def test_self_referential_and_composite_foreign_keys(enforcing: Database) -> None:
    enforcing.sql(
        "CREATE TABLE tree (id INTEGER PRIMARY KEY, up INTEGER REFERENCES tree ON DELETE CASCADE, k TEXT,"
        " UNIQUE (id, k));"
        "CREATE TABLE leaf (t INTEGER, k TEXT, x TEXT, FOREIGN KEY (t, k) REFERENCES tree (id, k) ON DELETE CASCADE);"
        "INSERT INTO tree VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 2, 'c'); INSERT INTO leaf VALUES (3, 'c', 'x')"
    )
    enforcing.run(alter("tree", "k", type="VARCHAR(3)"), alter("leaf", "x", type="VARCHAR(3)", nullable=False))
    assert enforcing.rows("SELECT * FROM tree") == [(1, None, "a"), (2, 1, "b"), (3, 2, "c")]
    assert enforcing.rows("SELECT * FROM leaf") == [(3, "c", "x")]
    assert enforcing.rows("SELECT \"table\" FROM pragma_foreign_key_list('tree')") == [("tree",)]
    assert [row[:2] for row in enforcing.rows('SELECT "table", "to" FROM pragma_foreign_key_list(\'leaf\')')] == [
        ("tree", "id"),
        ("tree", "k"),
    ]
    assert enforcing.sound()


ODD = [
    "order",
    "a b",
    'quo"te',
    "per%cent",
    "naïve",
    "Mixed",
    "x'y",
    "[br]",
    "colon:name",
    "semi;colon",
    "back`tick",
    "✓",
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_names(db: Database, odd: str) -> None:
    metadata = sa.MetaData()
    sa.Table(
        odd,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(odd, sa.String(5), index=True),
        sa.Column("up", sa.Integer),
        sa.UniqueConstraint(odd, "id", name=f"uq {odd}"),
    )
    table = metadata.tables[odd]
    table.append_constraint(sa.ForeignKeyConstraint(["up"], [table.c.id], name=f"fk {odd}"))
    metadata.create_all(db.engine)
    with db.engine.begin() as connection:
        connection.execute(table.insert(), [{"id": 1, odd: "v", "up": 1}])
    wanted = db.dialect.snapshot_of_models([metadata])
    assert dict(db.read().tables) == dict(wanted.tables)
    db.run(
        alter(odd, odd, type="VARCHAR(50)", default="'50%'"),
        DropConstraint(name(odd), f"uq {odd}"),
        CreateCheckConstraint(name(odd), CheckConstraint("up > 0", f"ck {odd}")),
    )
    assert db.rebuilds == 1
    found = db.read().tables[name(odd)]
    assert found.columns[1] == column(odd, "VARCHAR(50)", default="'50%'")
    assert [check.name for check in found.checks] == [f"ck {odd}"]
    assert not found.unique_constraints
    assert [index.elements[0].expression for index in found.indexes] == [odd]
    assert [key.name for key in found.foreign_keys] == [f"fk {odd}"]
    db.run(alter(odd, odd, name=f"{odd} new"))
    db.run(DropColumn(name(odd), f"{odd} new"))
    assert [one.name for one in db.read().tables[name(odd)].columns] == ["id", "up"]
    assert db.rows("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL") == [(0,)]


# -- constraints ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "gone"),
    [
        (DropConstraint(name("bug"), "bug_url_key"), "UNIQUE (url)"),
        (DropConstraint(name("bug"), "uq_bug_url", kind="unique"), "UNIQUE (url)"),
        (DropConstraint(name("bug"), None, kind="unique", before=UniqueConstraint(("url",))), "UNIQUE (url)"),
        (DropConstraint(name("bug"), "any", before=UniqueConstraint(("url",), "any")), "UNIQUE (url)"),
        (DropConstraint(name("bug"), "fk_bug_owner_person"), "FOREIGN KEY(owner) REFERENCES person"),
        (DropConstraint(name("bug"), "bug_owner_fkey", kind="foreignkey"), "FOREIGN KEY(owner) REFERENCES person"),
        (DropConstraint(name("bug"), None, before=CheckConstraint("url  <>''")), "CHECK (url <> '')"),
        (DropConstraint(name("bug"), "bug_url_check"), "CHECK (url <> '')"),
        (DropConstraint(name("bug"), "CK_Named", kind="check"), "CONSTRAINT ck_named CHECK (owner > 0)"),
        (DropConstraint(name("bug"), "bug_pkey", kind="primary"), "PRIMARY KEY (id)"),
        (DropConstraint(name("bug"), "pk_bug"), "PRIMARY KEY (id)"),
    ],
)
def test_constraints_are_dropped_by_name_convention_or_content(
    db: Database, operation: DropConstraint, gone: str
) -> None:
    rest = ["UNIQUE (url)", "FOREIGN KEY(owner) REFERENCES person", "CHECK (url <> '')", "PRIMARY KEY (id)"]
    rest += ["CONSTRAINT ck_named CHECK (owner > 0)", "UNIQUE (url, owner)"]
    db.sql(
        "CREATE TABLE person (id INTEGER PRIMARY KEY);"
        f"CREATE TABLE bug (id INTEGER, url TEXT, owner INT, {', '.join(rest)});"
        "INSERT INTO bug VALUES (1, 'u', NULL)"
    )
    db.run(operation)
    text = db.text("bug")
    assert gone not in text
    assert [one for one in rest if one not in text] == [gone]
    assert db.rows("SELECT * FROM bug") == [(1, "u", None)]


def test_of_two_constraints_with_one_name_the_one_that_is_meant_is_dropped(db: Database) -> None:
    db.sql("CREATE TABLE t (a INT, b INT, CONSTRAINT e CHECK (a > 0), CONSTRAINT e CHECK (b > 0))")
    drop = DropConstraint(name("t"), "e", kind="check", before=CheckConstraint("b  > 0", "e"))
    db.run(drop)
    assert db.table("t").checks == (CheckConstraint("a > 0", "e"),)
    db.sql("DROP TABLE t; CREATE TABLE t (a INT, b INT, CONSTRAINT e CHECK (a > 0), CONSTRAINT e CHECK (b > 0))")
    assert replace(drop, before=CheckConstraint("b > 0", "e")).find(db.table("t")) == CheckConstraint("b > 0", "e")


def test_a_constraint_on_its_column_is_dropped(db: Database) -> None:
    db.sql("CREATE TABLE t (a TEXT UNIQUE NOT NULL, b INT CONSTRAINT pos CHECK (b > 0) REFERENCES p)")
    db.run(DropConstraint(name("t"), "t_a_key"), DropConstraint(name("t"), "pos"))
    assert without_name(db.text("t"), "t") == "CREATE TABLE t (a TEXT NOT NULL, b INT REFERENCES p)"


def test_a_key_that_was_the_rowid_stays_not_null(db: Database) -> None:
    db.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)")
    db.run(DropConstraint(name("t"), None, kind="primary"), CreatePrimaryKey(name("t"), PrimaryKey(("a",), "pk_t")))
    assert without_name(db.text("t"), "t") == (
        "CREATE TABLE t (id INTEGER NOT NULL, a TEXT, CONSTRAINT pk_t PRIMARY KEY (a))"
    )


def test_a_missing_constraint_names_those_that_are_there(db: Database) -> None:
    db.sql("CREATE TABLE t (a TEXT UNIQUE, CONSTRAINT c CHECK (a > 1))")
    with pytest.raises(ObjectMissing, match="no constraint nope on t") as raised:
        db.run(DropConstraint(name("t"), "nope"))
    assert raised.value.hint == "it has unnamed unique (a), c"
    db.run(DropConstraint(name("t"), "nope", if_exists=True))
    assert db.sent == []


def test_constraints_are_created(db: Database) -> None:
    db.sql("CREATE TABLE p (a INT, b INT, UNIQUE (a, b)); CREATE TABLE t (a INT, b INT, c INT NOT NULL)")
    key = ForeignKey(
        ("a", "b"), name("p"), ("a", "b"), "fk", "CASCADE", "SET NULL", deferrable=True, initially="DEFERRED"
    )
    db.run(
        CreatePrimaryKey(name("t"), PrimaryKey(("c",), "pk")),
        CreateForeignKey(name("t"), key),
        CreateForeignKey(name("t"), ForeignKey(("c",), name("t"), ())),
        CreateCheckConstraint(name("t"), CheckConstraint("a < 100 OR b LIKE '50%'")),
        CreateUniqueConstraint(name("t"), UniqueConstraint(("a",), options=(("on_conflict", "FAIL"),))),
    )
    assert db.rebuilds == 1
    found = db.table("t")
    assert found.primary_key == PrimaryKey(("c",), "pk")
    assert set(found.foreign_keys) == {key, ForeignKey(("c",), name("t"), ("c",))}
    assert found.checks == (CheckConstraint("a < 100 OR b LIKE '50%'"),)
    assert found.unique_constraints == (UniqueConstraint(("a",), options=(("on_conflict", "FAIL"),)),)


# -- dropping columns -------------------------------------------------------------------------


def test_a_dropped_column_takes_along_what_is_only_about_it(db: Database) -> None:
    db.sql(
        "CREATE TABLE p (a INT UNIQUE);"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT REFERENCES p (a) CHECK (a > 0), b INT,"
        " UNIQUE (a), CHECK (a < 10), CHECK (b > 0), FOREIGN KEY (a) REFERENCES p (a));"
        "CREATE INDEX ia ON t (a, b); CREATE INDEX ib ON t (b); INSERT INTO t VALUES (1, 2, 3)"
    )
    db.run(DropColumn(name("t"), "A"))
    assert without_name(db.text("t"), "t") == "CREATE TABLE t (id INTEGER PRIMARY KEY, b INT, CHECK (b > 0))"
    assert db.rows("SELECT * FROM t") == [(1, 3)]
    assert db.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 't'") == [("ib",)]


def test_a_constraint_that_went_along_can_be_dropped_again(db: Database) -> None:
    db.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, CONSTRAINT small CHECK (a < 10), UNIQUE (a))")
    db.run(
        DropColumn(name("t"), "a"),
        DropConstraint(name("t"), "small", kind="check"),
        DropConstraint(name("t"), "uq_t_a", kind="unique"),
    )
    assert without_name(db.text("t"), "t") == "CREATE TABLE t (id INTEGER PRIMARY KEY)"


TRIGGERED = "CREATE TABLE t (a INT UNIQUE, b INT); CREATE TABLE l (x); CREATE TRIGGER g AFTER {} BEGIN {}; END"


@pytest.mark.parametrize(
    ("schema", "who"),
    [
        ("CREATE TABLE t (a INT, b INT, CHECK (a < b))", "the check (a < b) uses it"),
        ("CREATE TABLE t (a INT, b INT CONSTRAINT ordered CHECK (a < b))", "the check ordered uses it"),
        ("CREATE TABLE t (a INT, b INT AS (a + 1))", "the computed column b uses it"),
        ("CREATE TABLE t (a INT, b INT); CREATE INDEX i ON t (b, a + 1)", "the index i uses it"),
        ("CREATE TABLE t (a INT, b INT); CREATE INDEX i ON t (b) WHERE a > 1", "the index i uses it"),
        ("CREATE TABLE t (a INT UNIQUE, b INT); CREATE TABLE o (x REFERENCES t (a))", "foreign keys of o point to it"),
        ("CREATE TABLE t (a INT, b INT); CREATE VIEW v AS SELECT a FROM t", "view v would break"),
        (
            "CREATE TABLE t (a INT, b INT); CREATE VIEW v AS SELECT a FROM t; "
            "CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN INSERT INTO t (b) VALUES (new.a); END",
            "view v would break",
        ),
        (TRIGGERED.format("INSERT ON t", "INSERT INTO l VALUES (new.a)"), "trigger of t"),
        (TRIGGERED.format("INSERT ON l", "UPDATE t SET a = 1"), "trigger of l"),
        (TRIGGERED.format("UPDATE OF a ON t", "DELETE FROM l"), "the trigger g uses it"),
        ("CREATE TABLE t (a INT)", "only column"),
    ],
)
def test_a_column_in_use_is_not_dropped(db: Database, schema: str, who: str) -> None:
    db.sql(schema)
    before = db.catalog()
    with pytest.raises(OperationRefused) as raised:
        db.run(DropColumn(name("t"), "a"))
    assert who in str(raised.value)
    assert db.catalog() == before


def test_a_view_that_was_broken_before_is_in_nobodys_way(db: Database) -> None:
    db.sql(
        "CREATE TABLE t (a INT UNIQUE, b INT); CREATE VIEW v AS SELECT gone FROM elsewhere; "
        "CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN INSERT INTO t (b) VALUES (1); END"
    )
    db.run(DropColumn(name("t"), "a"))
    assert without_name(db.text("t"), "t") == "CREATE TABLE t (b INT)"


def test_a_check_and_its_columns_go_in_one_pass(db: Database) -> None:
    db.sql("CREATE TABLE t (a INT, b INT, c INT, CONSTRAINT pair CHECK (a < b))")
    db.run(DropColumn(name("t"), "a"), DropConstraint(name("t"), "pair"), DropColumn(name("t"), "b"))
    assert without_name(db.text("t"), "t") == "CREATE TABLE t (c INT)"


# -- columns ----------------------------------------------------------------------------------


def test_columns_are_added_in_place(db: Database) -> None:
    db.sql("CREATE TABLE t (a INT, b INT, CHECK (a > 0)); INSERT INTO t VALUES (1, 2)")
    db.run(
        AddColumn(name("t"), column("first", default="0"), insert_before="a"),
        AddColumn(name("t"), column("mid", default="5"), insert_after="a"),
        AlterColumn(name("t"), "b", insert_before="first"),
    )
    assert db.columns("t") == ["b", "first", "a", "mid"]
    assert db.rows("SELECT * FROM t") == [(2, 0, 1, 5)]


def test_not_null_without_a_default_needs_an_empty_table(db: Database) -> None:
    db.sql("CREATE TABLE t (a INT); CREATE TABLE e (a INT); INSERT INTO t VALUES (1)")
    db.run(AddColumn(name("e"), column("b", nullable=False)))
    assert db.rows("SELECT \"notnull\" FROM pragma_table_info('e')") == [(0,), (1,)]
    with pytest.raises(MigrationFailed, match="t has rows, and its new column b is NOT NULL without a default"):
        db.run(AddColumn(name("t"), column("b", nullable=False)))
    with pytest.raises(MigrationFailed, match="has rows"):
        db.run(AddColumn(name("t"), column("b", nullable=False), constraints=(UniqueConstraint(("b",)),)))


def test_not_null_is_refused_while_there_are_nulls(db: Database) -> None:
    db.sql("CREATE TABLE t (a INT); INSERT INTO t VALUES (NULL)")
    with pytest.raises(MigrationFailed, match=r"t.a holds NULLs"):
        db.run(alter("t", "a", nullable=False))
    db.run(Execute("UPDATE t SET a = 1"), alter("t", "a", nullable=False))
    assert db.text("t").endswith("(a INT NOT NULL)")


def test_identity_is_refused(db: Database) -> None:
    db.sql("CREATE TABLE t (a INT)")
    with pytest.raises(OperationRefused, match=r"no identity columns, asked for on t.a"):
        db.run(alter("t", "a", identity=Identity()))


def test_what_is_missing_is_named(db: Database) -> None:
    db.sql("CREATE TABLE t (a INT)")
    with pytest.raises(ObjectMissing, match=r"no column t.nope"):
        db.run(alter("t", "nope", nullable=False))
    with pytest.raises(ObjectMissing, match="no table nope"):
        db.run(alter("nope", "a", nullable=False))
    with pytest.raises(ObjectMissing, match=r"no column t.nope"):
        db.run(DropColumn(name("t"), "nope"))
    db.run(DropColumn(name("t"), "nope", if_exists=True))
    with pytest.raises(OperationRefused, match=r"there is a column t.A already"):
        db.run(alter("t", "a", nullable=False), AddColumn(name("t"), column("A")))


def test_rename_and_change_in_one_revision(full: Database) -> None:
    full.run(
        alter("parent", "amount", name="sum", type="REAL"),
        alter("parent", "sum", nullable=False),
        alter("parent", "code", name="Label"),
    )
    assert full.rebuilds == 1
    text = full.text("parent")
    assert '"sum" REAL NOT NULL DEFAULT (1 + 1) CHECK ("sum" >= 0)' in text
    assert 'twice AS ("sum" * 2)' in text
    assert full.rows("SELECT sql FROM sqlite_master WHERE name = 'partial'")[0][0].endswith('WHERE "sum" > 5')
    assert '"Label"' in full.text("totals")
    assert '"Label"' in full.text("after_parent")
    assert {row[4] for row in full.rows("SELECT * FROM pragma_foreign_key_list('child')")} == {None, "Label", "id"}
    assert full.rows("SELECT * FROM totals") == [("seven", 1), ("three", 1)]
    assert full.sound()


def test_an_operation_before_a_rename_uses_the_old_name(db: Database) -> None:
    db.sql("CREATE TABLE t (a INT, b INT); INSERT INTO t VALUES (1, 2)")
    db.run(
        AddColumn(name("t"), column("x", "TEXT")),
        CreateCheckConstraint(name("t"), CheckConstraint("a > 0", "ck")),
        alter("t", "a", name="z"),
        alter("t", "z", type="BIGINT"),
        alter("t", "x", name="a"),
    )
    assert db.columns("t") == ["z", "b", "a"]
    assert 'CHECK ("z" > 0)' in db.text("t")
    assert '"z" BIGINT' in db.text("t")
    assert db.rows("SELECT * FROM t") == [(1, 2, None)]


def test_a_hundred_thousand_rows(db: Database) -> None:
    connection = sqlite3.connect(db.path)
    connection.executescript(
        "CREATE TABLE big (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INT, CONSTRAINT c CHECK (b >= 0));"
        "CREATE INDEX ib ON big (b); CREATE TABLE kid (big_id INT REFERENCES big)"
    )
    connection.executemany("INSERT INTO big VALUES (?, ?, ?)", ((n, f"row {n}", n % 97) for n in range(100_000)))
    connection.execute("INSERT INTO kid SELECT id FROM big")
    connection.commit()
    connection.close()
    checksum = "SELECT count(*), sum(id), sum(b), sum(length(a)), max(a) FROM big"
    before = db.rows(checksum)
    started = time.perf_counter()
    db.run(alter("big", "b", type="BIGINT"), DropConstraint(name("big"), "c"))
    assert time.perf_counter() - started < 30
    assert db.rows(checksum) == before
    assert db.sound()


def test_rows_get_the_default_that_a_column_was_added_with(db: Database) -> None:
    """Also when the same rebuild takes it away or puts another in its place."""
    db.sql("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)")
    added = (column("a", "TEXT", default="'x'", nullable=False), column("b", "INTEGER", default="7"))
    gone = ColumnFacets(default=None), ColumnFacets(default="8")
    operations = [
        *(AddColumn(name("t"), one) for one in added),
        *(
            AlterColumn(name("t"), one.name, before=ColumnFacets.of(one), after=after)
            for one, after in zip(added, gone, strict=True)
        ),
    ]
    db.run(*operations)
    assert db.rows("SELECT a, b FROM t") == [("x", 7)]
    db.execute("INSERT INTO t (id, a) VALUES (2, 'y')")
    assert db.rows("SELECT a, b FROM t WHERE id = 2") == [("y", 8)]
