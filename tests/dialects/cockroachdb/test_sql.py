"""The SQL for CockroachDB, word by word, and what is said of its errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.cockroachdb.spelling import expression_key, spelled_type, without_casts
from flask_schema.dialects.dialect import Dialect
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.diff.compare import diff
from flask_schema.errors import OperationRefused
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.snapshot.elements import Index, IndexElement, QualifiedName
from flask_schema.snapshot.snapshot import Snapshot


@pytest.fixture
def dialect() -> Dialect:
    return dialect_for(sa.make_url("cockroachdb://root@localhost/bank").get_dialect()())


def written(dialect: Dialect, script: Callable[[Any], None]) -> list[str]:
    """The statements of a script, with blanks made single."""
    recorder = Recorder(dialect.translation)
    script(Directives(recorder))
    surroundings = ReplayedSurroundings(dialect, Snapshot("cockroachdb"))
    return [" ".join(str(one.sql).split()) for one in dialect.statements(recorder.operations, surroundings)]


def test_the_tutorial(dialect: Dialect) -> None:
    overdrawn = sa.Computed("CASE WHEN balance < 0 THEN True ELSE False END")

    def script(op: Any) -> None:
        op.create_table("accounts", sa.Column("id", sa.Uuid(), primary_key=True), sa.Column("balance", sa.Integer()))
        op.add_column("accounts", sa.Column("overdrawn", sa.Boolean(), overdrawn))

    assert written(dialect, script) == [
        "CREATE TABLE accounts ( id UUID NOT NULL, balance INTEGER, PRIMARY KEY (id) )",
        "ALTER TABLE accounts ADD COLUMN overdrawn BOOLEAN AS (CASE WHEN balance < 0 THEN True ELSE False END) STORED",
    ]


def test_neighbouring_columns_share_one_statement(dialect: Dialect) -> None:
    def script(op: Any) -> None:
        op.add_column("accounts", sa.Column("a", sa.Integer()))
        op.add_column("accounts", sa.Column("b", sa.Integer()))
        op.alter_column("accounts", "c", nullable=False)
        op.alter_column("accounts", "c", type_=sa.Text(), existing_type=sa.String(5))
        op.add_column("others", sa.Column("a", sa.Integer()))

    assert written(dialect, script) == [
        "ALTER TABLE accounts ADD COLUMN a INTEGER, ADD COLUMN b INTEGER, ALTER COLUMN c SET NOT NULL",
        "ALTER TABLE accounts ALTER COLUMN c TYPE TEXT",
        "ALTER TABLE others ADD COLUMN a INTEGER",
    ]


def test_columns_of_one_table_wait_for_each_other(dialect: Dialect) -> None:
    recorder = Recorder(dialect.translation)
    op = Directives(recorder)
    op.add_column("accounts", sa.Column("a", sa.Integer()))
    op.alter_column("accounts", "b", nullable=True)
    op.add_column("others", sa.Column("a", sa.Integer()))
    op.drop_column("accounts", "c")
    first, second, other, drop = recorder.operations
    assert dialect.joins([], first)
    assert dialect.joins([first], second)
    assert not dialect.joins([first, second], other)
    assert not dialect.joins([first], drop)


@pytest.mark.parametrize(
    ("script", "sql"),
    [
        (lambda op: op.drop_constraint("uq", "t", type_="unique"), "DROP INDEX t@uq CASCADE"),
        (lambda op: op.drop_constraint("fk", "t", type_="foreignkey"), "ALTER TABLE t DROP CONSTRAINT fk"),
        (lambda op: op.drop_index("ix", "t", if_exists=True), "DROP INDEX IF EXISTS t@ix"),
        (lambda op: op.drop_index("ix"), "DROP INDEX ix"),
        (lambda op: op.create_index("ix", "t", ["a"], postgresql_concurrently=True), "CREATE INDEX ix ON t (a)"),
        (lambda op: op.execute("ALTER TABLE t SET LOCALITY GLOBAL;"), "ALTER TABLE t SET LOCALITY GLOBAL;"),
    ],
)
def test_statements_of_its_own(dialect: Dialect, script: Callable[[Any], None], sql: str) -> None:
    assert written(dialect, script) == [sql]


def test_exclude_is_refused(dialect: Dialect) -> None:
    with pytest.raises(OperationRefused, match="CockroachDB has no EXCLUDE"):
        written(dialect, lambda op: op.create_exclude_constraint("x", "t", ("a", "=")))


def test_no_transaction_is_open_around_a_schema_change(dialect: Dialect) -> None:
    assert dialect.capabilities.ddl_in_autocommit
    assert not dialect.capabilities.transactional_ddl
    assert list(dialect.write_begin()) == list(dialect.write_commit()) == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("XXA00", "in part"),
        ("55000", "still running"),
        ("40001", "run again"),
        ("42701", "another session"),
        ("40003", "not known"),
        ("0A000", "cannot do it"),
    ],
)
def test_recorded_errors_are_explained(dialect: Dialect, state: str, words: str) -> None:
    class Recorded(Exception):
        sqlstate = state

    explained = dialect.explain(sa.exc.DBAPIError("ALTER TABLE t", None, Recorded("restart transaction")))
    assert explained is not None
    assert words in explained[0]
    assert explained[1]


@pytest.mark.parametrize(
    ("said", "spelled"),
    [
        ("INT8", "BIGINT"),
        ("INTEGER", "BIGINT"),
        ("STRING", "VARCHAR"),
        ("STRING(50)", "VARCHAR(50)"),
        ("TEXT", "VARCHAR"),
        ("DECIMAL(10,2)", "NUMERIC(10,2)"),
        ("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"),
        ("TIMESTAMPTZ(3)", "TIMESTAMP(3) WITH TIME ZONE"),
        ("JSONB", "JSONB"),
        ("INT8[]", "BIGINT[]"),
        ("bank.mood", "bank.mood"),
    ],
)
def test_types_have_one_spelling(said: str, spelled: str) -> None:
    assert spelled_type(said) == spelled


def test_casts_are_noise_outside_of_texts() -> None:
    assert without_casts("'a:::b':::STRING") == "'a:::b'"
    assert without_casts("now():::TIMESTAMPTZ") == "now()"
    assert expression_key("(balance > (-5):::INT8)") == expression_key("balance > -5")
    assert expression_key("'A' = x") != expression_key("'a' = x")


def test_views_functions_and_schemas(dialect: Dialect) -> None:
    def script(op: Any) -> None:
        op.create_schema("bank")
        op.create_view("v", "SELECT 1", materialized=True, if_not_exists=True)
        op.replace_view("w", "SELECT 2;", schema="bank")
        op.replace_view("w", "SELECT 3", schema="bank", recreate=True)
        op.replace_function("f", "CREATE FUNCTION f() RETURNS INT LANGUAGE SQL AS 'SELECT 1'")
        op.drop_function("f", "")
        op.drop_trigger("t", "Accounts", if_exists=True)
        op.drop_schema("bank", cascade=True)

    assert written(dialect, script) == [
        "CREATE SCHEMA bank",
        "CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT 1",
        "CREATE OR REPLACE VIEW bank.w AS SELECT 2",
        "DROP VIEW bank.w",
        "CREATE VIEW bank.w AS SELECT 3",
        "CREATE OR REPLACE FUNCTION f() RETURNS INT LANGUAGE SQL AS 'SELECT 1'",
        "DROP FUNCTION f()",
        'DROP TRIGGER IF EXISTS t ON "Accounts"',
        "DROP SCHEMA bank CASCADE",
    ]


def test_there_are_no_extensions(dialect: Dialect) -> None:
    with pytest.raises(OperationRefused, match="CockroachDB has no extensions"):
        written(dialect, lambda op: op.create_extension("citext"))


def test_a_column_that_comes_is_not_used_in_the_statement_that_adds_it(dialect: Dialect) -> None:
    def script(op: Any) -> None:
        op.add_column("accounts", sa.Column("a", sa.Integer()))
        op.add_column("accounts", sa.Column("b", sa.Integer(), sa.Computed("a + 1")))
        op.alter_column("accounts", "a", nullable=False)

    assert written(dialect, script) == [
        "ALTER TABLE accounts ADD COLUMN a INTEGER",
        "ALTER TABLE accounts ADD COLUMN b INTEGER AS (a + 1) STORED, ALTER COLUMN a SET NOT NULL",
    ]


def test_a_key_is_altered_where_it_is_dropped_and_created(dialect: Dialect) -> None:
    def script(op: Any) -> None:
        op.drop_constraint("accounts_pkey", "accounts", type_="primary")
        op.alter_column("accounts", "b", nullable=False)
        op.create_primary_key("accounts_pkey", "accounts", ["a", "b"])

    assert written(dialect, script) == [
        "ALTER TABLE accounts ALTER COLUMN b SET NOT NULL",
        "ALTER TABLE accounts ALTER PRIMARY KEY USING COLUMNS (a, b)",
    ]
    recorder = Recorder(dialect.translation)
    script(Directives(recorder))
    drop, alter, create = recorder.operations
    assert dialect.joins([], drop)
    assert dialect.joins([drop], alter)
    assert dialect.joins([drop, alter], create)
    assert not dialect.joins([drop, create], drop)


@pytest.mark.parametrize(
    ("script", "sql"),
    [
        (
            lambda op: op.alter_enum("mood", values=["a", "new", "c"], existing_values=["a", "b", "c"]),
            ["ALTER TYPE mood ADD VALUE 'new' AFTER 'a'", "ALTER TYPE mood DROP VALUE 'b'"],
        ),
        (
            lambda op: op.alter_column("t", "n", existing_type=sa.Integer(), autoincrement=True),
            ["ALTER TABLE t ALTER COLUMN n SET DEFAULT unique_rowid()"],
        ),
        (
            lambda op: op.alter_column(
                "t", "n", existing_type=sa.Integer(), existing_server_default=sa.Computed("a + 1"), server_default=None
            ),
            ["ALTER TABLE t ALTER COLUMN n DROP STORED"],
        ),
        (
            lambda op: op.alter_column(
                "t", "n", existing_server_default=sa.Identity(), server_default=sa.Identity(always=True, increment=3)
            ),
            ["ALTER TABLE t ALTER COLUMN n SET GENERATED ALWAYS", "ALTER TABLE t ALTER COLUMN n SET INCREMENT BY 3"],
        ),
        (
            lambda op: op.alter_column("t", "n", existing_nullable=True, server_default=sa.Identity(always=True)),
            [
                "ALTER TABLE t ALTER COLUMN n SET NOT NULL",
                "ALTER TABLE t ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY",
                "SELECT setval(pg_get_serial_sequence('t', 'n'), max(n)) FROM t HAVING max(n) >= 1",
            ],
        ),
        (lambda op: op.rename_index("ix", "iy", "t"), ["ALTER INDEX t@ix RENAME TO iy"]),
    ],
)
def test_more_statements_of_its_own(dialect: Dialect, script: Callable[[Any], None], sql: list[str]) -> None:
    recorder = Recorder(dialect.translation)
    script(Directives(recorder))
    surroundings = ReplayedSurroundings(dialect, None)
    assert [str(one.sql) for one in dialect.statements(recorder.operations, surroundings)] == sql


@pytest.mark.parametrize(
    "script",
    [
        lambda op: op.create_unique_constraint("uq", "t", ["a"], deferrable=True),
        lambda op: op.create_table("t", sa.Column("a", sa.Integer(), sa.ForeignKey("u.id", initially="DEFERRED"))),
        lambda op: op.alter_enum("mood", values=["b", "a"], existing_values=["a", "b"]),
    ],
)
def test_what_the_server_does_not_have_is_refused_before(dialect: Dialect, script: Callable[[Any], None]) -> None:
    with pytest.raises(OperationRefused, match="CockroachDB"):
        written(dialect, script)


def test_noise_of_indexes_is_no_difference(dialect: Dialect) -> None:
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, *(sa.Column(name, sa.Text()) for name in "abc"))
    sa.Index("ix_storing", "a", postgresql_include=["b", "c"], _table=table)
    sa.Index("ix_expression", sa.func.lower(table.c.a), table.c.b)
    models = dialect.snapshot_of_models([metadata])
    shown = models.tables[QualifiedName("t")]
    noisy = replace(
        shown,
        indexes=(
            Index("ix_expression", (IndexElement("crdb_internal_idx_expr"), IndexElement("b"))),
            Index("ix_storing", tuple(IndexElement(name) for name in "abc")),
        ),
    )
    before = Snapshot("cockroachdb", tables={shown.name: noisy})
    settled = dialect.settle(before, models, None)
    assert settled.notes == ("index ix_expression on t: CockroachDB does not tell its expression; not compared",)
    assert diff(settled.before, settled.after) == ()


def test_several_statements_in_one_text_do_not_share_a_transaction(dialect: Dialect) -> None:
    text = """
        CREATE TYPE mood AS ENUM ('a;b', e'c\\';d'); -- one; two
        CREATE TABLE "t;" (mood mood); /* ; */ CREATE FUNCTION f() RETURNS INT LANGUAGE SQL AS $x$ SELECT 1; $x$;
    """
    assert written(dialect, lambda op: op.execute(text)) == [
        "CREATE TYPE mood AS ENUM ('a;b', e'c\\';d')",
        '-- one; two CREATE TABLE "t;" (mood mood)',
        "/* ; */ CREATE FUNCTION f() RETURNS INT LANGUAGE SQL AS $x$ SELECT 1; $x$",
    ]
    both = sa.text("UPDATE t SET a = 'x' WHERE b = '\\:y'; DROP TABLE u")
    assert written(dialect, lambda op: op.execute(both)) == ["UPDATE t SET a = 'x' WHERE b = ':y'", "DROP TABLE u"]
    bound = sa.text("UPDATE t SET a = :a; DROP TABLE u").bindparams(a=1)
    assert len(written(dialect, lambda op: op.execute(bound))) == 1
    own = "BEGIN; UPDATE t SET a = 1; COMMIT"
    assert written(dialect, lambda op: op.execute(own)) == [own]


def test_a_unique_constraint_is_known_by_its_table_too(dialect: Dialect) -> None:
    def script(op: Any) -> None:
        op.create_table("t", sa.Column("a", sa.Integer()), sa.UniqueConstraint("a", name="uq"))
        op.drop_constraint("uq", "t")

    recorder = Recorder(dialect.translation)
    script(Directives(recorder))
    create, drop = recorder.operations
    surroundings = ReplayedSurroundings(dialect, Snapshot("cockroachdb"))
    list(dialect.statements([create], surroundings))
    surroundings.replay(create)
    assert [one.sql for one in dialect.statements([drop], surroundings)] == ["DROP INDEX t@uq CASCADE"]
