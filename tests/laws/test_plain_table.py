"""A plain table is written in the words of SQLAlchemy's compiler, to the letter."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles, deregister
from sqlalchemy.schema import CreateTable

from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.postgresql.compiler import PostgresqlCompiler
from flask_schema.dialects.postgresql.dialect import PostgresqlDialect
from flask_schema.dialects.sqlite.compiler import SqliteCompiler, writable_table
from flask_schema.dialects.sqlite.dialect import SqliteDialect
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.snapshot.elements import QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot
from tests.laws.strategies import TABLE_NAMES, tables

POSTGRESQL = PostgresqlDialect(postgresql.dialect())  # type: ignore[no-untyped-call]
SQLITE = SqliteDialect(sqlite.dialect())  # type: ignore[no-untyped-call]
SOME_TABLES = st.sampled_from(TABLE_NAMES).flatmap(lambda name: tables(name, TABLE_NAMES))
SCHEMAS = st.sampled_from((None, "Other"))


def by_sqlalchemy(compiler: Compiler, table: Table) -> str:
    return compiler.ddl(CreateTable(compiler.constructs.table(table), if_not_exists=True))


@given(SOME_TABLES, SCHEMAS)
def test_on_postgresql(table: Table, schema: str | None) -> None:
    surroundings = ReplayedSurroundings(POSTGRESQL, Snapshot("postgresql"))
    compiler = PostgresqlCompiler(POSTGRESQL.sqlalchemy, surroundings)
    table = replace(table, name=QualifiedName(table.name.name, schema))
    assert compiler.table_definition(table, if_not_exists=True) == by_sqlalchemy(compiler, table)


@given(SOME_TABLES)
def test_on_sqlite(table: Table) -> None:
    compiler = SqliteCompiler(SQLITE.sqlalchemy, "sqlite", ReplayedSurroundings(SQLITE, Snapshot("sqlite")))
    written = compiler.table_definition(table, if_not_exists=True)
    assert written == by_sqlalchemy(compiler, writable_table(table))


def test_a_compiler_of_the_application_is_heard() -> None:
    surroundings = ReplayedSurroundings(POSTGRESQL, Snapshot("postgresql"))
    compiler = PostgresqlCompiler(POSTGRESQL.sqlalchemy, surroundings)
    table = Table(QualifiedName("t"), ())
    compiles(CreateTable)(lambda construct, *_, **__: "CREATE ANYTHING")
    try:
        assert compiler.table_definition(table) == "CREATE ANYTHING"
    finally:
        deregister(CreateTable)
    assert compiler.table_definition(table).startswith("CREATE TABLE t")


def test_most_tables_are_plain() -> None:
    """Else the laws above would compare SQLAlchemy's compiler with itself."""
    compiler = PostgresqlCompiler(POSTGRESQL.sqlalchemy, ReplayedSurroundings(POSTGRESQL, Snapshot("postgresql")))
    table = Table(QualifiedName("t"), ())
    assert (
        compiler.plain_tables.definition(table, ["a INTEGER"], if_not_exists=False)
        == "CREATE TABLE t (\n\ta INTEGER\n)"
    )
    assert compiler.plain_tables.definition(replace(table, prefixes=("TEMPORARY",)), ["a"], if_not_exists=False) is None
