"""What an operation does beyond the catalog, and what is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from flask_schema.dialects.constructs import TypeText
from flask_schema.dialects.dialect import Scope
from flask_schema.errors import OfflineRefused, OperationRefused
from flask_schema.operations import columns, constraints, enums, indexes, operation, statements, tables
from flask_schema.snapshot import elements
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Computed,
    Enum,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.snapshot import Snapshot
from tests.dialects.postgresql.effects.conftest import Database, Writer

T = QualifiedName("t")


def test_every_operation_has_its_statements(server: Database) -> None:
    import flask_schema.operations.facade  # noqa: F401 - fills the catalogue

    compiler = server.dialect.compiler_class
    known = {"create_schema"}
    assert [name for name in operation.CATALOGUE if not hasattr(compiler, name) and name not in known] == []


# -- reading ------------------------------------------------------------------------------------


def test_number_of_queries_does_not_grow(server: Database) -> None:
    metadata = sa.MetaData()
    for number in range(40):
        sa.Table(
            f"t{number}", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Text, index=True)
        )
    metadata.create_all(server.engine)
    server.queries.clear()
    assert len(server.read().tables) == 40
    assert len([one for one in server.queries if "pg_catalog.version" not in one]) <= 8
    before = len(server.queries)
    assert server.differences(metadata) == ()
    assert len(server.queries) - before <= 8  # reading only: nothing is asked where nothing differs


def test_what_is_not_ours_is_left_out(server: Database) -> None:
    server.sql(
        "CREATE TABLE parted (id integer, at date) PARTITION BY RANGE (at)",
        "CREATE TABLE part PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
        "CREATE INDEX ix_parted ON parted (id)",
        "CREATE VIEW v AS SELECT 1 AS one",
        "CREATE MATERIALIZED VIEW m AS SELECT 1 AS one",
        "CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a'",
        "CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER tr BEFORE INSERT ON parted FOR EACH ROW EXECUTE FUNCTION tf()",
    )
    snapshot = server.read()
    assert set(snapshot.tables) == {QualifiedName("parted")}
    assert snapshot.tables[QualifiedName("parted")].indexes[0].name == "ix_parted"
    assert snapshot.sequences == {}
    assert not snapshot.views
    whole = server.read(Scope(views_and_routines=True))
    assert {name.name for name in whole.views} == {"v", "m"}
    assert {key[0].name for key in whole.functions} == {"f", "tf"}
    assert [one.name for one in whole.triggers.values()] == ["tr"]


def test_names_are_qualified_where_they_are_not_in_the_default_schema(server: Database) -> None:
    server.sql(
        "CREATE SCHEMA shared",
        "CREATE FUNCTION shared.next_code() RETURNS text LANGUAGE sql AS $$SELECT 'x'$$",
        "CREATE FUNCTION own() RETURNS text LANGUAGE sql AS $$SELECT 'x'$$",
        "CREATE TABLE t (a text DEFAULT shared.next_code(), b text DEFAULT own())",
    )
    with server.engine.connect() as connection:
        connection.exec_driver_sql("SET search_path = public, shared")
        read = server.dialect.read(connection, Scope()).tables[T]
        assert [one.default for one in read.columns] == ["shared.next_code()", "own()"]
        metadata = sa.MetaData()
        sa.Table(
            "t",
            metadata,
            sa.Column("a", sa.Text, server_default=sa.text("shared.next_code()")),
            sa.Column("b", sa.Text, server_default=sa.text("own()")),
        )
        after = server.dialect.snapshot_of_models([metadata])
        assert server.dialect.settle(Snapshot.of("postgresql", [read]), after, connection).before.tables[T] == read
        assert connection.exec_driver_sql("SHOW search_path").scalar() == "public, shared"


def test_only_the_tables_asked_for(server: Database) -> None:
    server.sql("CREATE TABLE a (x integer)", "CREATE TABLE b (x integer)")
    read = server.read(Scope(include_table=lambda schema, name: schema is None and name == "b"))
    assert set(read.tables) == {QualifiedName("b")}
    assert set(server.read(Scope(only_tables=frozenset({QualifiedName("a")}))).tables) == {QualifiedName("a")}


# -- settling -----------------------------------------------------------------------------------


def one_table(*items: sa.schema.SchemaItem, name: str = "t") -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(name, metadata, *items)
    return metadata


def test_a_bad_expression_is_noted_and_spoils_nothing_else(server: Database) -> None:
    server.sql("CREATE TABLE t (a integer DEFAULT 1, b text DEFAULT ('x' || 'y'), CHECK (a > 0 AND length(b) > 1))")
    metadata = one_table(
        sa.Column("a", sa.Integer, server_default=sa.text("no_such_function()")),
        sa.Column("b", sa.Text, server_default=sa.text("'x'||'y'")),
        sa.CheckConstraint("a>0 and length(b)>1"),
    )
    settled = server.settle(metadata)
    assert len(settled.notes) == 1
    assert "t.a" in settled.notes[0]
    assert "no_such_function" in settled.notes[0]
    assert [one.describe() for one in server.differences(metadata)] == ["alter column t.a (default)"]


def test_real_differences_are_found(server: Database) -> None:
    server.sql(
        "CREATE TABLE t (a integer DEFAULT 1, b varchar(5) DEFAULT 'x', c integer GENERATED ALWAYS AS (a + 1) STORED, "
        "CONSTRAINT ck CHECK (a > 0))",
        "CREATE INDEX ix ON t (lower(b)) WHERE a > 1",
        "CREATE INDEX iy ON t (lower(b)) WITH (fillfactor = 70)",
    )
    metadata = one_table(
        sa.Column("a", sa.Integer, server_default="2"),
        sa.Column("b", sa.String(6), server_default="X"),
        sa.Column("c", sa.Integer, sa.Computed("a + 2")),
        sa.CheckConstraint("a > 1", name="ck"),
        sa.Index("ix", sa.text("lower(b)"), postgresql_where=sa.text("a > 2")),
        sa.Index("iy", sa.text("LOWER(b)")),
    )
    found = sorted(one.describe() for one in server.differences(metadata))
    assert found == [
        "alter column t.a (default)",
        "alter column t.b (type, default)",
        "alter column t.c (computed)",
        "create check constraint ck on t",
        "create index ix on t (lower(b))",
        "create index iy on t (LOWER(b))",
        "drop check constraint ck on t",
        "drop index ix on t",
        "drop index iy on t",
    ]


def test_a_renamed_column_keeps_its_default(server: Database) -> None:
    server.sql("CREATE TABLE t (old text DEFAULT ('x' || 'y'))")
    new = sa.Column("new", sa.Text, server_default=sa.text("'x'||'y'"), info={"renamed_from": "old"})
    assert [one.describe() for one in server.differences(one_table(new))] == ["rename column t.old to new"]


def test_an_enum_that_changes_and_a_default_of_it(server: Database) -> None:
    server.sql(
        "CREATE TYPE mood AS ENUM ('a', 'b')", "CREATE TABLE t (m mood DEFAULT 'a', CHECK (m <> 'b' OR m IS NULL))"
    )
    metadata = one_table(
        sa.Column("m", sa.Enum("a", "b", "c", name="mood"), server_default="c"),
        sa.CheckConstraint("m <> 'b' or m is null"),
    )
    settled = server.settle(metadata)
    assert settled.notes == ()
    described = [one.describe() for one in server.differences(metadata)]
    assert described == ["alter enum mood (add 'c')", "alter column t.m (default)"]
    server.run(*server.differences(metadata))
    assert server.differences(metadata) == ()


def test_without_any_right_texts_are_compared_and_it_is_said(server: Database) -> None:
    server.sql("CREATE TABLE t (a integer DEFAULT (1 + 2))")
    metadata = one_table(sa.Column("a", sa.Integer, server_default=sa.text("1+2")))
    with server.engine.connect() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        before = server.dialect.read(connection, Scope())
        settled = server.dialect.settle(before, server.dialect.snapshot_of_models([metadata]), connection)
        assert len(settled.notes) == 1
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    assert server.differences(metadata) == ()


def test_settling_leaves_an_open_transaction_as_it_was(server: Database) -> None:
    server.sql("CREATE TABLE t (a integer DEFAULT (1 + 2))")
    metadata = one_table(sa.Column("a", sa.Integer, server_default=sa.text("1+2")))
    with server.engine.connect() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (5)")
        before = server.dialect.read(connection, Scope())
        server.dialect.settle(before, server.dialect.snapshot_of_models([metadata]), connection)
        connection.commit()
    assert server.rows("SELECT a FROM t") == [(5,)]
    assert server.rows("SELECT count(*) FROM pg_class WHERE relname LIKE '%flask_schema%'") == [(0,)]


# -- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [columns.ColumnFacets(identity=Identity()), columns.ColumnFacets(autoincrement=True)])
def test_numbers_go_on_behind_the_rows(server: Database, after: columns.ColumnFacets) -> None:
    server.sql("CREATE TABLE t (id integer PRIMARY KEY, x integer)", "INSERT INTO t VALUES (1), (41)")
    server.run(columns.AlterColumn(T, "id", columns.ColumnFacets(identity=None, autoincrement=False), after))
    server.sql("INSERT INTO t (x) VALUES (1)")
    assert server.rows("SELECT max(id) FROM t") == [(42,)]


def test_a_serial_counts_as_far_as_its_new_type(server: Database) -> None:
    server.sql("CREATE TABLE t (id serial PRIMARY KEY)")
    facets = columns.ColumnFacets(type=elements.DataType("BIGINT"))
    server.run(columns.AlterColumn(T, "id", columns.ColumnFacets(autoincrement=True), facets))
    assert server.rows("SELECT format_type(seqtypid, NULL) FROM pg_sequence") == [("bigint",)]


# -- enums --------------------------------------------------------------------------------------


def test_a_new_value_is_used_in_the_same_revision(server: Database) -> None:
    server.sql("CREATE TYPE mood AS ENUM ('b', 'd')", "CREATE TABLE t (m mood)", "INSERT INTO t VALUES ('b')")
    name = QualifiedName("mood")
    server.run(
        enums.AlterEnum(Enum(name, ("b", "d")), Enum(name, ("a", "b", "c", "d", "e"))),
        statements.Execute("UPDATE t SET m = 'c'"),
    )
    assert server.rows("SELECT m::text FROM t") == [("c",)]
    order = "SELECT string_agg(enumlabel, '' ORDER BY enumsortorder) FROM pg_enum"
    assert server.rows(order) == [("abcde",)]


def test_a_rebuilt_enum_takes_checks_indexes_defaults_and_rows_along(server: Database) -> None:
    server.sql(
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'gone')",
        "CREATE TABLE t (m mood DEFAULT 'ok', ms mood[] DEFAULT '{sad,ok}', CONSTRAINT ck CHECK (m <> 'sad'))",
        "CREATE INDEX ix ON t (m) WHERE m = 'ok'",
        "INSERT INTO t VALUES ('ok', '{sad,ok}')",
    )
    name = QualifiedName("mood")
    server.run(enums.AlterEnum(Enum(name, ("sad", "ok", "gone")), Enum(name, ("ok", "bad")), (("sad", "bad"),)))
    assert server.rows("SELECT m::text, ms::text FROM t") == [("ok", "{bad,ok}")]
    table = server.table("t")
    assert table.column("m") is not None
    assert [one.name for one in table.checks] == ["ck"]
    assert [one.name for one in table.indexes] == ["ix"]
    assert server.read().enums[name].values == ("ok", "bad")


def test_types_are_created_once_and_asked_for_at_once(server: Database) -> None:
    letters = sa.Enum("a", "b", name="letters")
    items = [sa.Column(f"c{place}", sa.Enum("x", name=f"e{place}")) for place in range(5)]
    metadata = one_table(sa.Column("l", letters), sa.Column("ls", pg.ARRAY(letters)), *items)
    server.sql("CREATE TYPE letters AS ENUM ('a', 'b')")
    server.queries.clear()
    server.run(tables.CreateTable(server.dialect.translation.table(metadata.tables["t"])))
    assert len([one for one in server.sent if one.startswith("CREATE TYPE")]) == 5
    assert len([one for one in server.queries if "to_regtype" in one]) == 1


def test_offline_creates_a_type_once(writer: Writer) -> None:
    column = writer.dialect.translation.column(sa.Column("m", sa.Enum("a", name="mood")))
    written = writer.write(
        tables.CreateTable(Table(T, (column,))),
        columns.AddColumn(QualifiedName("u"), replace(column, name="n")),
    )
    assert written == [
        "CREATE TYPE mood AS ENUM ('a')",
        "CREATE TABLE t ( m mood )",
        "ALTER TABLE u ADD COLUMN n mood",
    ]


# -- indexes ------------------------------------------------------------------------------------


def test_an_invalid_index_is_removed_before_the_next_try(server: Database) -> None:
    server.sql("CREATE TABLE t (a integer)", "INSERT INTO t VALUES (1), (1)")
    create = indexes.CreateIndex(T, Index("ix", (IndexElement("a"),), unique=True), concurrently=True)
    with pytest.raises(sa.exc.IntegrityError):
        server.run(create)
    assert server.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass") == [(False,)]
    assert server.table("t").indexes == ()
    server.sql("DELETE FROM t")
    server.run(create)
    assert server.sent[0] == "DROP INDEX CONCURRENTLY ix"
    assert server.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass") == [(True,)]


# -- names --------------------------------------------------------------------------------------


def test_names_that_the_server_makes_up_are_known_offline(server: Database, writer: Writer) -> None:
    long = "a_table_with_a_name_that_is_nearly_as_long_as_can_be"
    made = Table(
        QualifiedName(long),
        tuple(elements.Column(name, elements.DataType("INTEGER")) for name in ("id", "first_column", "größte_spalte")),
        PrimaryKey(("id",)),
        (UniqueConstraint(("first_column", "größte_spalte")), UniqueConstraint(("first_column",))),
        (ForeignKey(("first_column",), QualifiedName(long), ("id",)),),
        (
            CheckConstraint("first_column > 1"),
            CheckConstraint("first_column < id"),
            CheckConstraint("id < first_column"),
        ),
    )
    server.run(tables.CreateTable(made))
    drops = [constraints.DropConstraint(made.name, None, before=one) for one in reversed(made.constraints)]
    snapshot = Snapshot.of("postgresql", [made])
    named = [writer.write(one, snapshot=snapshot)[0] for one in drops]
    server.sql(*named)
    assert server.table(long).constraints == ()


def test_an_unnamed_constraint_that_is_not_known_is_refused(writer: Writer) -> None:
    with pytest.raises((OperationRefused, OfflineRefused)):
        writer.write(constraints.DropConstraint(T, None, "check"))


# -- the rest -----------------------------------------------------------------------------------


def test_bulk_insert_and_execute(server: Database) -> None:
    server.sql("CREATE TABLE t (a integer, b text)")
    table = sa.table("t", sa.column("a", sa.Integer), sa.column("b", sa.Text))
    server.run(
        statements.BulkInsert(table, ({"a": 1, "b": "50%:x"}, {"a": 2, "b": "it's"})),
        statements.BulkInsert(table, ({"a": 3}, {"b": "c"}), multiinsert=False),
        statements.Execute("UPDATE t SET b = 'q%' WHERE a = 3"),
    )
    assert sorted(server.rows("SELECT a, b FROM t"), key=repr) == [(1, "50%:x"), (2, "it's"), (3, "q%"), (None, "c")]


def test_a_column_that_is_created_again_keeps_what_stands_on_it(server: Database) -> None:
    server.sql(
        "CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a + 1) VIRTUAL, CONSTRAINT ck CHECK (b > 0))",
        "INSERT INTO t (a) VALUES (1)",
    )
    before = columns.ColumnFacets(computed=Computed("a + 1", False), type=elements.DataType("INTEGER"))
    server.run(columns.AlterColumn(T, "b", before, columns.ColumnFacets(computed=Computed("a + 2", True))))
    table = server.table("t")
    assert server.rows("SELECT a, b FROM t") == [(1, 3)]
    assert [one.name for one in table.checks] == ["ck"]
    column = table.column("b")
    assert column is not None
    assert column.computed == Computed("a + 2", True)


@pytest.mark.parametrize(
    ("sql", "python"),
    [
        ("VARCHAR(50)", sa.VARCHAR(50)),
        ("TIMESTAMP(3) WITH TIME ZONE", pg.TIMESTAMP(timezone=True, precision=3)),
        ("NUMERIC(10, 2)", sa.NUMERIC(10, 2)),
        ("UUID", pg.UUID()),
        ("INTEGER[]", pg.ARRAY(sa.INTEGER())),
        ("JSONB", pg.JSONB()),
        ("DOUBLE PRECISION", pg.DOUBLE_PRECISION()),
        ("geometry(point, 4326)", TypeText("geometry(point, 4326)")),
    ],
)
def test_types_as_python(writer: Writer, sql: str, python: sa.types.TypeEngine[object]) -> None:
    found = writer.dialect.python_type(sql)
    assert type(found) is type(python)
    assert found.compile(writer.dialect.sqlalchemy) == sql == python.compile(writer.dialect.sqlalchemy)


def test_errors_are_explained(server: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught, server.engine.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    explained = server.dialect.explain(caught.value)
    assert explained is not None
    assert "no table" in explained[0]
    assert server.dialect.explain(ValueError("x")) is None


def test_rebuilding_an_enum_needs_a_database(writer: Writer) -> None:
    name = QualifiedName("mood")
    with pytest.raises(OfflineRefused):
        writer.write(enums.AlterEnum(Enum(name, ("a", "b")), Enum(name, ("a",))))
