"""The SQL of each directive, exactly, with no database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func, text
from sqlalchemy.dialects import mysql

from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import OfflineRefused, OperationRefused
from flask_schema.operations.enums import CreateEnum
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.operations.sequences import CreateSequence
from flask_schema.snapshot.elements import Enum, QualifiedName, Sequence

from .conftest import Writer

Script = Callable[[Directives], Any]


def written(writer: Writer, script: Script) -> list[str]:
    recorder = Recorder(writer.dialect.translation)
    script(Directives(recorder))
    return writer.write(*recorder.operations)


SQL: list[tuple[Script, list[str]]] = [
    # -- alter_column: the name
    (
        lambda op: op.alter_column("t", "c", new_column_name="d", existing_type=sa.Integer(), existing_nullable=True),
        ["ALTER TABLE t CHANGE c d INTEGER NULL"],
    ),
    (
        lambda op: op.alter_column(
            "t",
            "c",
            new_column_name="d",
            existing_type=sa.Integer(),
            existing_nullable=False,
            existing_server_default="q",
        ),
        ["ALTER TABLE t CHANGE c d INTEGER NOT NULL DEFAULT 'q'"],
    ),
    (
        lambda op: op.alter_column(
            "t",
            "c",
            new_column_name="d",
            existing_type=sa.Integer(),
            existing_nullable=True,
            existing_server_default=func.coalesce(sa.null(), sa.null()),
        ),
        ["ALTER TABLE t CHANGE c d INTEGER NULL DEFAULT (coalesce(NULL, NULL))"],
    ),
    (
        lambda op: op.alter_column(
            "t", "c", new_column_name="d", existing_type=sa.Integer(), existing_autoincrement=True
        ),
        ["ALTER TABLE t RENAME COLUMN c TO d"],
    ),
    (
        lambda op: op.alter_column("MyTable", "ColumnOne", new_column_name="columnTwo"),
        ["ALTER TABLE `MyTable` RENAME COLUMN `ColumnOne` TO `columnTwo`"],
    ),
    # -- alter_column: default
    (lambda op: op.alter_column("t", "c", server_default="x"), ["ALTER TABLE t ALTER COLUMN c SET DEFAULT 'x'"]),
    (lambda op: op.alter_column("t", "c", server_default=None), ["ALTER TABLE t ALTER COLUMN c DROP DEFAULT"]),
    (lambda op: op.alter_column("t", "c", server_default=text("5")), ["ALTER TABLE t ALTER COLUMN c SET DEFAULT 5"]),
    (
        lambda op: op.alter_column("t", "c", server_default=func.uuid()),
        ["ALTER TABLE t ALTER COLUMN c SET DEFAULT (uuid())"],
    ),
    (
        lambda op: op.alter_column("t", "c", existing_type=sa.Text(), server_default="x"),
        ["ALTER TABLE t ALTER COLUMN c SET DEFAULT ('x')"],
    ),
    (
        lambda op: op.alter_column(
            "t", "c", existing_type=sa.DateTime(), existing_nullable=False, server_default=text("CURRENT_TIMESTAMP")
        ),
        ["ALTER TABLE t MODIFY c DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP"],
    ),
    (
        lambda op: op.alter_column(
            "t",
            "c",
            existing_type=mysql.TIMESTAMP(fsp=3),
            existing_nullable=True,
            server_default=text("CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)"),
        ),
        ["ALTER TABLE t MODIFY c TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)"],
    ),
    # -- alter_column: all else
    (
        lambda op: op.alter_column("t", "c", type_=sa.String(9), existing_nullable=False, existing_comment="it's"),
        ["ALTER TABLE t MODIFY c VARCHAR(9) NOT NULL COMMENT 'it''s'"],
    ),
    (
        lambda op: op.alter_column("t", "c", nullable=False, existing_type=sa.Integer()),
        ["ALTER TABLE t MODIFY c INTEGER NOT NULL"],
    ),
    (
        lambda op: op.alter_column("t", "c", nullable=False, type_=sa.Integer(), server_default="q"),
        ["ALTER TABLE t MODIFY c INTEGER NOT NULL DEFAULT 'q'"],
    ),
    (
        lambda op: op.alter_column("t", "c", nullable=False, type_=sa.Integer(), server_default=None),
        ["ALTER TABLE t MODIFY c INTEGER NOT NULL"],
    ),
    (
        lambda op: op.alter_column("t", "c", existing_type=sa.Integer(), autoincrement=True),
        ["ALTER TABLE t MODIFY c INTEGER NOT NULL AUTO_INCREMENT"],
    ),
    (
        lambda op: op.alter_column(
            "t", "c", existing_type=sa.Integer(), existing_autoincrement=True, autoincrement=False
        ),
        ["ALTER TABLE t MODIFY c INTEGER NOT NULL"],
    ),
    (
        lambda op: op.alter_column(
            "t", "c", existing_type=sa.Boolean(), existing_nullable=True, comment="of 50%", schema="s"
        ),
        ["ALTER TABLE s.t MODIFY c BOOL NULL COMMENT 'of 50%'"],
    ),
    (
        lambda op: op.alter_column(
            "t",
            "c",
            type_=mysql.ENUM("a", "b'c"),
            existing_type=mysql.ENUM("a"),
            existing_nullable=False,
            existing_server_default="a",
        ),
        ["ALTER TABLE t MODIFY c ENUM('a','b''c') NOT NULL DEFAULT 'a'"],
    ),
    # -- constraints
    (lambda op: op.drop_constraint("f", "t", type_="foreignkey"), ["ALTER TABLE t DROP FOREIGN KEY f"]),
    (lambda op: op.drop_constraint("u", "t", type_="unique"), ["ALTER TABLE t DROP INDEX u"]),
    (lambda op: op.drop_constraint("k", "t", type_="check"), ["ALTER TABLE t DROP CONSTRAINT k"]),
    (lambda op: op.drop_constraint("p", "t", type_="primary"), ["ALTER TABLE t DROP PRIMARY KEY"]),
    (
        lambda op: op.create_primary_key("pk", "t", ["a", "B"]),
        ["ALTER TABLE t ADD CONSTRAINT pk PRIMARY KEY (a, `B`)"],
    ),
    (lambda op: op.create_unique_constraint(None, "t", ["a"]), ["ALTER TABLE t ADD UNIQUE (a)"]),
    (
        lambda op: op.create_check_constraint("ck", "t", "a LIKE 'x%'"),
        ["ALTER TABLE t ADD CONSTRAINT ck CHECK (a LIKE 'x%')"],
    ),
    (
        lambda op: op.create_foreign_key("fk", "t", "u", ["a"], ["b"], ondelete="CASCADE", referent_schema="s"),
        ["ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(a) REFERENCES s.u (b) ON DELETE CASCADE"],
    ),
    # -- indexes
    (lambda op: op.create_index("ix", "t", ["a", "b"], unique=True), ["CREATE UNIQUE INDEX ix ON t (a, b)"]),
    (
        lambda op: op.create_index("ix", "t", ["a", "b"], mysql_length={"a": 9}, mysql_using="hash"),
        ["CREATE INDEX ix ON t (a(9), b) USING hash"],
    ),
    (lambda op: op.create_index("ix", "t", ["a", "b"], mysql_length=9), ["CREATE INDEX ix ON t (a(9), b(9))"]),
    (
        lambda op: op.create_index("ix", "t", ["a"], mysql_prefix="FULLTEXT", mysql_with_parser="ngram"),
        ["CREATE FULLTEXT INDEX ix ON t (a) WITH PARSER ngram"],
    ),
    (
        lambda op: op.create_index("ix", "t", [text("lower(a)"), text("b DESC"), text("c(5)")]),
        ["CREATE INDEX ix ON t ((lower(a)), b DESC, c(5))"],
    ),
    (lambda op: op.drop_index("ix", table_name="t", schema="s"), ["DROP INDEX ix ON s.t"]),
    # -- tables
    (lambda op: op.rename_table("t", "u", schema="s"), ["ALTER TABLE s.t RENAME TO s.u"]),
    (lambda op: op.drop_table("t", if_exists=True), ["DROP TABLE IF EXISTS t"]),
    (lambda op: op.create_table_comment("t", "it's 50%"), ["ALTER TABLE t COMMENT 'it''s 50%'"]),
    (lambda op: op.drop_table_comment("t"), ["ALTER TABLE t COMMENT ''"]),
    (
        lambda op: op.create_table(
            "t",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("at", sa.TIMESTAMP(), server_default=func.now(), comment="when"),
            sa.Column("n", mysql.INTEGER(unsigned=True), sa.Computed("id + 1", persisted=True)),
            sa.PrimaryKeyConstraint("id"),
            sa.Index("ix_n", "n"),
            comment="c",
            mysql_engine="InnoDB",
            mysql_charset="utf8mb4",
            mysql_collate="utf8mb4_bin",
            mysql_row_format="DYNAMIC",
        ),
        [
            (
                "CREATE TABLE t ( id INTEGER NOT NULL AUTO_INCREMENT, "
                "at TIMESTAMP NULL COMMENT 'when' DEFAULT now(), "
                "n INTEGER UNSIGNED GENERATED ALWAYS AS (id + 1) STORED, PRIMARY KEY (id) )"
                "ENGINE=InnoDB CHARSET=utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT=DYNAMIC COMMENT='c'"
            ),
            "CREATE INDEX ix_n ON t (n)",
        ],
    ),
    (
        lambda op: op.create_table("t", sa.Column("n", sa.Integer()), sa.Index("ix_n", "n"), if_not_exists=True),
        ["CREATE TABLE IF NOT EXISTS t ( n INTEGER, INDEX ix_n (n) )"],
    ),
    # -- columns
    (
        lambda op: op.add_column("t", sa.Column("c", sa.String(5), server_default="x", nullable=False)),
        ["ALTER TABLE t ADD COLUMN c VARCHAR(5) NOT NULL DEFAULT 'x'"],
    ),
    (
        lambda op: op.add_column("t", sa.Column("c", sa.Integer(), sa.ForeignKey("u.id", name="fk"), index=True)),
        [
            "ALTER TABLE t ADD COLUMN c INTEGER",
            "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(c) REFERENCES u (id)",
            "CREATE INDEX ix_t_c ON t (c)",
        ],
    ),
    (lambda op: op.drop_column("t", "c", schema="s"), ["ALTER TABLE s.t DROP COLUMN c"]),
]


@pytest.mark.parametrize(("script", "expected"), SQL, ids=lambda one: one[0][:60] if isinstance(one, list) else "")
def test_sql(writer: Writer, script: Script, expected: list[str]) -> None:
    assert written(writer, script) == expected


REFUSED: list[tuple[Script, str]] = [
    (lambda op: op.alter_column("t", "c", nullable=False), "existing_type"),
    (lambda op: op.drop_constraint("x", "t"), "type_"),
    (lambda op: op.drop_index("ix"), "table_name"),
]


@pytest.mark.parametrize(("script", "argument"), REFUSED, ids=[argument for _, argument in REFUSED])
def test_what_offline_sql_needs_is_named(writer: Writer, script: Script, argument: str) -> None:
    with pytest.raises(OfflineRefused) as refused:
        written(writer, script)
    assert argument in (refused.value.hint or "")


def test_what_a_script_does_not_say_of_a_column_is_assumed_and_told(writer: Writer) -> None:
    recorder = Recorder(writer.dialect.translation)
    Directives(recorder).alter_column("t", "c", existing_type=sa.Integer(), comment="c")
    [statement] = writer.dialect.statements(recorder.operations, ReplayedSurroundings(writer.dialect, None))
    assert statement.sql == "ALTER TABLE t MODIFY c INTEGER NULL COMMENT 'c'"
    assert statement.comment == "t.c is taken to allow NULL and have no default"


def test_guards_of_mariadb(mariadb_writer: Writer) -> None:
    def script(op: Directives) -> None:
        op.add_column("t", sa.Column("c", sa.Integer()), if_not_exists=True)
        op.drop_column("t", "c", if_exists=True)
        op.create_index("ix", "t", ["c"], if_not_exists=True, mariadb_length=None)
        op.drop_index("ix", "t", if_exists=True)
        op.drop_constraint("ck", "t", type_="check", if_exists=True)

    assert written(mariadb_writer, script) == [
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS c INTEGER",
        "ALTER TABLE t DROP COLUMN IF EXISTS c",
        "CREATE INDEX IF NOT EXISTS ix ON t (c)",
        "DROP INDEX IF EXISTS ix ON t",
        "ALTER TABLE t DROP CONSTRAINT IF EXISTS ck",
    ]


@pytest.mark.parametrize(
    "script",
    [
        lambda op: op.add_column("t", sa.Column("c", sa.Integer()), if_not_exists=True),
        lambda op: op.drop_column("t", "c", if_exists=True),
        lambda op: op.create_index("ix", "t", ["c"], if_not_exists=True),
        lambda op: op.drop_index("ix", "t", if_exists=True),
        lambda op: op.drop_constraint("ck", "t", type_="check", if_exists=True),
    ],
)
def test_guards_that_mysql_lacks_need_a_database(writer: Writer, script: Script) -> None:
    with pytest.raises(OfflineRefused):
        written(writer, script)


def test_options_of_both_names_count_behind_mariadb(mariadb_writer: Writer) -> None:
    def script(op: Directives) -> None:
        op.create_table("t", sa.Column("a", sa.Text()), mysql_engine="InnoDB", mariadb_charset="utf8mb4")
        op.create_index("ix", "t", ["a"], mysql_length=5)

    assert written(mariadb_writer, script) == [
        "CREATE TABLE t ( a TEXT )ENGINE=InnoDB CHARSET=utf8mb4",
        "CREATE INDEX ix ON t (a(5))",
    ]


def test_match_is_refused(writer: Writer) -> None:
    with pytest.raises(OperationRefused, match="MATCH"):
        written(writer, lambda op: op.create_foreign_key("fk", "t", "u", ["a"], ["b"], match="FULL"))


def test_exclude_is_refused(writer: Writer) -> None:
    with pytest.raises(OperationRefused, match="EXCLUDE"):
        written(writer, lambda op: op.drop_constraint("x", "t", type_="exclude"))


def test_what_a_replayed_table_says_need_not_be_said(writer: Writer) -> None:
    """Offline, a table that the SQL itself creates is known."""

    def script(op: Directives) -> None:
        op.create_table(
            "t",
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("c", sa.String(5), nullable=False, server_default="x", comment="k"),
        )
        op.alter_column("t", "c", type_=sa.String(9))
        op.drop_constraint("whatever", "t", type_="primary")
        op.create_primary_key(None, "t", ["id", "c"])
        op.create_unique_constraint("uq", "t", ["c"])
        op.drop_constraint("uq", "t")

    assert written(writer, script)[1:] == [
        "ALTER TABLE t MODIFY c VARCHAR(9) NOT NULL DEFAULT 'x' COMMENT 'k'",
        "ALTER TABLE t DROP PRIMARY KEY, ADD INDEX idx_autoinc_id (id)",
        "ALTER TABLE t ADD PRIMARY KEY (id, c), DROP INDEX idx_autoinc_id",
        "ALTER TABLE t ADD UNIQUE uq (c)".replace("UNIQUE uq", "CONSTRAINT uq UNIQUE"),
        "ALTER TABLE t DROP INDEX uq",
    ]


def test_mysql_has_no_sequences(writer: Writer) -> None:
    with pytest.raises(OperationRefused, match="no sequences"):
        writer.write(CreateSequence(Sequence(QualifiedName("s"))))


def test_mysql_has_no_enum_types(writer: Writer) -> None:
    with pytest.raises(OperationRefused, match="enum"):
        writer.write(CreateEnum(Enum(QualifiedName("mood"), ("sad",))))
