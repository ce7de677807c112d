"""What SQLite alters by itself, batch blocks, attached databases, and where an operation takes no rebuild."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.sqlite.dialect import SqliteDialect
from flask_schema.dialects.surroundings import LiveSurroundings
from flask_schema.errors import ObjectMissing, OperationRefused
from flask_schema.operations.columns import AddColumn, AlterColumn, ColumnFacets, DropColumn
from flask_schema.operations.constraints import (
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    DropConstraint,
)
from flask_schema.operations.groups import AlterTable, TableTemplate
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.operations.operation import Operation
from flask_schema.operations.tables import CreateTable, CreateTableComment, DropTable, DropTableComment, RenameTable
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    ExcludeConstraint,
    ForeignKey,
    Index,
    IndexElement,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)
from tests.dialects.sqlite.live_database import Database

T = QualifiedName("t")


def column(name: str, sql: str = "INTEGER", **facets: Any) -> Column:
    return Column(name, DataType(sql), **facets)


def alter(column: str, table: QualifiedName = T, **facets: Any) -> AlterColumn:
    return AlterColumn(table, column, after=ColumnFacets(**facets))


@pytest.fixture
def one(db: Database) -> Database:
    db.sql(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INTEGER, b TEXT, c INT CHECK (c > 0));"
        "INSERT INTO t VALUES (1, 'x', 3)"
    )
    return db


NATIVE: list[tuple[Operation, list[str]]] = [
    (AddColumn(T, column("d", "VARCHAR(5)")), ["ALTER TABLE t ADD COLUMN d VARCHAR(5)"]),
    (
        AddColumn(T, column("d", nullable=False, default="'it''s'")),
        ["ALTER TABLE t ADD COLUMN d INTEGER DEFAULT 'it''s' NOT NULL"],
    ),
    (AddColumn(T, column("d", default="-5")), ["ALTER TABLE t ADD COLUMN d INTEGER DEFAULT (-5)"]),
    (
        AddColumn(T, column("d", computed=Computed("a * 2", False))),
        ["ALTER TABLE t ADD COLUMN d INTEGER GENERATED ALWAYS AS (a * 2) VIRTUAL"],
    ),
    (
        AddColumn(T, column("d"), (ForeignKey(("d",), QualifiedName("p"), ("id",), "fk", ondelete="CASCADE"),)),
        ["ALTER TABLE t ADD COLUMN d INTEGER CONSTRAINT fk REFERENCES p (id) ON DELETE CASCADE"],
    ),
    (
        AddColumn(T, column("d"), (CheckConstraint("d < 5"),), (Index("ix_d", (IndexElement("d"),), unique=True),)),
        ["ALTER TABLE t ADD COLUMN d INTEGER CHECK (d < 5)", "CREATE UNIQUE INDEX ix_d ON t (d)"],
    ),
    (DropColumn(T, "b"), ["ALTER TABLE t DROP COLUMN b"]),
    (DropColumn(T, "c"), ["ALTER TABLE t DROP COLUMN c"]),
    (DropColumn(T, "z", if_exists=True), []),
    (alter("b", name="Name"), ['ALTER TABLE t RENAME COLUMN b TO "Name"']),
    (alter("b", comment="nothing to do"), []),
    (alter("b", nullable=True), []),
    (AddColumn(T, column("b"), if_not_exists=True), []),
    (RenameTable(T, "s"), ["ALTER TABLE t RENAME TO s"]),
    (
        CreateIndex(T, Index("i", (IndexElement("b", collation="NOCASE", descending=True),), where="a > 1")),
        ['CREATE INDEX i ON t (b COLLATE "NOCASE" DESC) WHERE a > 1'],
    ),
    (
        CreateIndex(T, Index("i", (IndexElement("lower(b)", is_column=False), IndexElement("a"))), if_not_exists=True),
        ["CREATE INDEX IF NOT EXISTS i ON t (lower(b), a)"],
    ),
    (DropIndex(None, "nope", if_exists=True), ["DROP INDEX IF EXISTS nope"]),
    (CreateTableComment(T, "said"), []),
    (DropTableComment(T), []),
    (DropTable(QualifiedName("nope"), if_exists=True), ["DROP TABLE IF EXISTS nope"]),
]


@pytest.mark.parametrize(
    ("operation", "sent"), NATIVE, ids=lambda one: one.describe() if hasattr(one, "describe") else ""
)
def test_native(one: Database, operation: Operation, sent: list[str]) -> None:
    rows = one.rows("SELECT a, b FROM t")
    one.run(operation)
    assert one.sent == sent
    if not isinstance(operation, (RenameTable, DropColumn, AlterColumn)):
        assert one.rows("SELECT a, b FROM t") == rows


REBUILT: list[Operation] = [
    AddColumn(T, column("d", default="(abs(-5))")),
    AddColumn(T, column("d", default="CURRENT_TIMESTAMP")),
    AddColumn(T, column("d", computed=Computed("a * 2", True))),
    AddColumn(T, column("d", default="1"), (ForeignKey(("d",), QualifiedName("p"), ("id",)),)),
    AddColumn(T, column("d"), (UniqueConstraint(("d",)),)),
    AddColumn(T, column("d"), (PrimaryKey(("d",)),)),
    AddColumn(T, column("d"), insert_before="a"),
]


@pytest.mark.parametrize("operation", REBUILT, ids=repr)
def test_what_add_column_cannot_do_takes_a_rebuild(one: Database, operation: AddColumn) -> None:
    one.sql("INSERT INTO p VALUES (1)")
    one.run(operation)
    assert one.rebuilds == 1
    assert one.rows("SELECT a, b, c FROM t") == [(1, "x", 3)]
    assert one.table("t").column("d") is not None
    assert one.sound()


def test_renaming_reaches_other_tables(one: Database) -> None:
    one.sql(
        "CREATE TABLE k (x INT REFERENCES p (id)); CREATE VIEW v AS SELECT id FROM p;"
        "CREATE TRIGGER g AFTER INSERT ON k BEGIN DELETE FROM p WHERE id = 0; END"
    )
    one.run(RenameTable(QualifiedName("p"), "Parent"), alter("id", QualifiedName("Parent"), name="key"))
    assert one.rows('SELECT "table", "to" FROM pragma_foreign_key_list(\'k\')') == [("Parent", "key")]
    assert one.text("v") == 'CREATE VIEW v AS SELECT "key" FROM "Parent"'
    one.run(RenameTable(QualifiedName("Parent"), "PARENT"))
    assert one.rows("SELECT name FROM sqlite_master WHERE name LIKE 'parent'") == [("PARENT",)]
    assert one.rows("SELECT \"table\" FROM pragma_foreign_key_list('k')") == [("PARENT",)]


def test_legacy_alter_table_of_the_application_is_given_back(one: Database) -> None:
    @sa.event.listens_for(one.engine, "connect")
    def legacy(driver: Any, _record: Any) -> None:
        driver.execute("PRAGMA legacy_alter_table = ON")

    one.engine.dispose()
    one.sql("CREATE VIEW v AS SELECT a, b FROM t")
    one.run(alter("a", name="z"), alter("b", type=DataType("VARCHAR(9)")), RenameTable(T, "s"))
    assert one.text("v") == 'CREATE VIEW v AS SELECT z, b FROM "s"'
    with one.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA legacy_alter_table").scalar() == 1


def test_create_table_as_sqlalchemy_does(db: Database) -> None:
    metadata = sa.MetaData()
    table = sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("p", sa.ForeignKey("t.id", ondelete="SET NULL"), comment="up"),
        sa.Column("x", sa.Text, server_default=sa.text("'a' || 'b'"), nullable=False, index=True),
        sa.Column("n", sa.Numeric(10, 2), sa.CheckConstraint("n > 0"), unique=True),
        sqlite_autoincrement=True,
        sqlite_strict=False,
    )
    element = db.dialect.translation.table(table)
    db.run(CreateTable(element))
    wanted = db.dialect.snapshot_of_models([metadata]).tables[T]
    assert db.table("t") == wanted
    again = db.table("t")
    db.run(DropTable(T, before=again), CreateTable(again), CreateTable(again, if_not_exists=True))
    assert db.table("t") == again
    assert "AUTOINCREMENT" in db.text("t")


def test_a_plain_integer_key_gets_no_autoincrement(db: Database) -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True, autoincrement=True))
    db.run(CreateTable(db.dialect.translation.table(table)))
    assert "AUTOINCREMENT" not in db.text("t")


def test_exclude_is_refused(one: Database) -> None:
    with pytest.raises(OperationRefused, match="no EXCLUDE constraints, asked for on t"):
        one.run(CreateExcludeConstraint(T, ExcludeConstraint((("a", "="),), "ex")))


def test_what_waits_for_company(db: Database) -> None:
    joins = db.dialect.joins
    add, drop, other = AddColumn(T, column("d")), DropColumn(T, "a"), DropColumn(QualifiedName("s"), "a")
    create = CreateTable(Table(T, (column("a"),)))
    assert joins((), add)
    assert joins((add,), drop)
    assert joins((add,), other)
    assert not joins((add, alter("a", name="z")), other)
    assert not joins((other,), alter("a", name="z"))
    assert not joins((add,), create)
    assert not joins((), create)
    assert not joins((), DropIndex(None, "i"))
    assert joins((add,), AlterTable(T, (drop,)))


def test_each_table_is_rebuilt_once_whatever_the_order(db: Database) -> None:
    u = QualifiedName("u")
    db.sql(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT UNIQUE, b INT); CREATE TABLE u (x INT REFERENCES t (a), y INT)"
    )
    db.run(
        alter("b", nullable=False),
        DropConstraint(u, "u_x_fkey"),
        DropConstraint(T, "t_a_key"),
        alter("y", u, type=DataType("TEXT")),
        DropColumn(T, "a"),
        AddColumn(u, column("z")),
    )
    assert db.rebuilds == 2
    assert db.columns("t") == ["id", "b"]
    assert db.text("u") == 'CREATE TABLE "u" (x INT, y TEXT, z INTEGER)'


def test_autoincrement_waits_for_its_key(db: Database) -> None:
    db.sql("CREATE TABLE t (a INTEGER NOT NULL, b INT, PRIMARY KEY (a, b))")
    db.run(
        DropConstraint(T, None, kind="primary"),
        alter("a", autoincrement=True),
        CreatePrimaryKey(T, PrimaryKey(("a",))),
    )
    assert "PRIMARY KEY AUTOINCREMENT" in db.text("t")
    assert db.rebuilds == 1


# -- batch blocks -----------------------------------------------------------------------------


def test_a_batch_block_is_one_rebuild(one: Database) -> None:
    block = AlterTable(
        T,
        (
            alter("b", type=DataType("VARCHAR(9)"), name="label"),
            CreateCheckConstraint(T, CheckConstraint("a < 100", "small")),
            AddColumn(T, column("d"), insert_after="a"),
            CreateTableComment(T, "ignored"),
        ),
    )
    one.run(block)
    assert one.rebuilds == 1
    assert one.columns("t") == ["a", "d", "label", "c"]
    assert one.rows("SELECT * FROM t") == [(1, None, "x", 3)]


def test_recreate_always_and_never(one: Database) -> None:
    one.run(AlterTable(T, (AddColumn(T, column("d")),), recreate="always"))
    assert one.rebuilds == 1
    one.run(AlterTable(T, (AddColumn(T, column("e")),), recreate="never"))
    assert one.rebuilds == 0
    with pytest.raises(OperationRefused, match="only do it by a rebuild") as raised:
        one.run(AlterTable(T, (alter("a", nullable=False),), recreate="never"))
    assert raised.value.hint == "leave recreate='never' out of batch_alter_table"


def test_what_a_batch_block_says_of_the_whole_table(one: Database) -> None:
    template = TableTemplate(
        constraints=(UniqueConstraint(("a", "b"), "uq_ab"),),
        options=(("strict", True),),
        order=(("c", "a"), ("b", "c")),
    )
    one.run(AlterTable(T, (alter("c", type=DataType("INTEGER")),), template=template))
    table = one.table("t")
    assert table.column_names == ("b", "c", "a")
    assert table.unique_constraints == (UniqueConstraint(("a", "b"), "uq_ab"),)
    assert table.options == (("strict", True),)
    assert one.rows("SELECT * FROM t") == [("x", 3, 1)]


def test_names_that_only_the_batch_block_knows(one: Database) -> None:
    known = Table(T, (column("c"),), checks=(CheckConstraint("c > 0", "positive"),))
    one.run(AlterTable(T, (DropConstraint(T, "positive", kind="check"),), template=TableTemplate(known)))
    assert one.table("t").checks == ()
    one.sql("CREATE TABLE u (a INT UNIQUE REFERENCES p)")
    u = QualifiedName("u")
    convention = (("fk", "to_%(referred_table_name)s_from_%(table_name)s"), ("uq", "unique_%(column_0_name)s"))
    one.run(
        AlterTable(
            u,
            (DropConstraint(u, "unique_a", kind="unique"), DropConstraint(u, "to_p_from_u", kind="foreignkey")),
            template=TableTemplate(naming_convention=convention),
        )
    )
    assert one.text("u") == 'CREATE TABLE "u" (a INT)'


# -- attached databases -----------------------------------------------------------------------


def test_a_table_of_an_attached_database(db: Database, tmp_path: Path) -> None:
    other = QualifiedName("t", "other")
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"ATTACH '{tmp_path / 'other.db'}' AS other")
        for sql in (
            "CREATE TABLE other.p (id INTEGER PRIMARY KEY)",
            "CREATE TABLE other.t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, p INT REFERENCES p)",
            "CREATE INDEX other.i ON t (a)",
            "CREATE TRIGGER other.g AFTER INSERT ON t BEGIN DELETE FROM p; END",
            "INSERT INTO other.t VALUES (8, 'x', NULL)",
            "CREATE TABLE t (a TEXT)",
        ):
            connection.exec_driver_sql(sql)
        connection.commit()
        surroundings = LiveSurroundings(db.dialect, connection)
        operations: list[Operation] = [
            alter("a", other, type=DataType("VARCHAR(5)"), name="b"),
            AddColumn(other, column("c")),
            CreateForeignKey(other, ForeignKey(("c",), QualifiedName("p", "other"), ("id",))),
            CreateIndex(other, Index("j", (IndexElement("b"),))),
        ]
        db.dialect.begin(connection)
        for statement in db.dialect.statements(operations, surroundings):
            connection.exec_driver_sql(statement.sql)
        db.dialect.before_commit(connection)
        connection.commit()
        db.dialect.after_transaction(connection)
        found = db.dialect.read(connection, Scope(schemas=(None, "other")))
        table = found.tables[other]
        assert table.column_names == ("id", "b", "p", "c")
        assert [index.name for index in table.indexes] == ["i", "j"]
        assert [key.referred_table for key in table.foreign_keys] == [QualifiedName("p", "other")] * 2
        assert found.tables[T].column_names == ("a",)
        assert [row[0] for row in connection.exec_driver_sql("SELECT id FROM other.t")] == [8]
        assert connection.exec_driver_sql("SELECT seq FROM other.sqlite_sequence").scalar() == 8
        assert connection.exec_driver_sql("SELECT name FROM other.sqlite_master WHERE type = 'trigger'").scalar() == "g"


# -- older versions ---------------------------------------------------------------------------


def test_an_older_sqlite(one: Database) -> None:
    dialect = SqliteDialect(one.engine.dialect)
    dialect.sqlalchemy.server_version_info = (3, 24, 0)
    one.dialect = dialect
    with pytest.raises(OperationRefused, match=r"cannot rename column t\.a: SQLite can since 3\.25"):
        one.run(alter("a", name="z"))
    one.run(DropColumn(T, "a"))
    assert one.rebuilds == 1


def test_drop_index_that_is_not_there(one: Database) -> None:
    with pytest.raises(ObjectMissing, match="no index nope on t"):
        one.run(alter("a", nullable=False), DropIndex(T, "nope"))
