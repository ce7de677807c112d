"""MySQL 8's information_schema, which differs from MariaDB's, from rows as that server gives them.

https://dev.mysql.com/doc/refman/8.4/en/information-schema-columns-table.html and its neighbours.
"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func, text
from sqlalchemy.dialects import mysql

from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.mysql.dialect import MysqlDialect
from flask_schema.dialects.mysql.show_create import parse_show_create
from flask_schema.diff.compare import diff
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.snapshot.elements import Column, DataType

from .conftest import Writer


def column(place: int, name: str, sql: str, default: str | None = None, extra: str = "", **more: Any) -> dict[str, Any]:
    return {
        "TABLE_SCHEMA": "bank",
        "TABLE_NAME": "account",
        "COLUMN_NAME": name,
        "ORDINAL_POSITION": place,
        "COLUMN_DEFAULT": default,
        "IS_NULLABLE": "YES",
        "DATA_TYPE": sql.partition("(")[0].partition(" ")[0],
        "CHARACTER_SET_NAME": None,
        "COLLATION_NAME": None,
        "COLUMN_TYPE": sql.encode(),
        "EXTRA": extra,
        "COLUMN_COMMENT": b"",
        "GENERATION_EXPRESSION": "",
        **more,
    }


UTF8 = {"CHARACTER_SET_NAME": "utf8mb4", "COLLATION_NAME": "utf8mb4_0900_ai_ci"}
COLUMNS = [
    column(1, "id", "bigint unsigned", extra="auto_increment", IS_NULLABLE="NO"),
    column(2, "flag", "tinyint(1)", "1"),
    column(3, "name", "varchar(50)", "it's", **UTF8),
    column(4, "digits", "varchar(5)", "7", **UTF8),
    column(5, "nothing", "varchar(5)", "", **UTF8),
    column(6, "price", "decimal(10,2)", "1.50"),
    column(7, "made", "datetime", "CURRENT_TIMESTAMP", "DEFAULT_GENERATED"),
    column(
        8,
        "seen",
        "timestamp(3)",
        "CURRENT_TIMESTAMP(3)",
        "DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)",
        IS_NULLABLE="NO",
    ),
    column(9, "key", "char(36)", "uuid()", "DEFAULT_GENERATED", **UTF8),
    column(10, "greeting", "varchar(20)", "concat(_utf8mb4\\'a\\',_utf8mb4\\'b\\')", "DEFAULT_GENERATED", **UTF8),
    column(11, "doubled", "int", extra="VIRTUAL GENERATED", GENERATION_EXPRESSION="(`level` * 2)"),
    column(
        12,
        "upper",
        "varchar(9)",
        extra="STORED GENERATED",
        GENERATION_EXPRESSION="if((`name` = _utf8mb4\\'x\\'),_utf8mb4\\'y\\',`name`)",
        **UTF8,
    ),
    column(13, "data", "json"),
    column(14, "bits", "bit(3)", "b'101'"),
    column(15, "kind", "enum('a','b')", "a", **UTF8),
    column(16, "latin", "varchar(9)", CHARACTER_SET_NAME="latin1", COLLATION_NAME="latin1_bin"),
    column(17, "level", "int", "3"),
    column(18, "day", "date", "2020-01-01"),
]
INDEX = {
    "TABLE_SCHEMA": "bank",
    "TABLE_NAME": "account",
    "NON_UNIQUE": 1,
    "SUB_PART": None,
    "INDEX_TYPE": "BTREE",
    "COLLATION": "A",
    "EXPRESSION": None,
    "SEQ_IN_INDEX": 1,
}
INDEXES = [
    {**INDEX, "INDEX_NAME": "PRIMARY", "COLUMN_NAME": "id", "NON_UNIQUE": 0},
    {**INDEX, "INDEX_NAME": "ix_lower", "COLUMN_NAME": None, "EXPRESSION": "lower(`name`)"},
    {**INDEX, "INDEX_NAME": "ix_lower", "COLUMN_NAME": "level", "COLLATION": "D", "SEQ_IN_INDEX": 2},
    {**INDEX, "INDEX_NAME": "ix_name", "COLUMN_NAME": "name", "SUB_PART": 9},
    {**INDEX, "INDEX_NAME": "uq_digits", "COLUMN_NAME": "digits", "NON_UNIQUE": 0},
]
TABLES = [
    {
        "TABLE_SCHEMA": "bank",
        "TABLE_NAME": "account",
        "TABLE_TYPE": "BASE TABLE",
        "ENGINE": "InnoDB",
        "TABLE_COLLATION": "utf8mb4_0900_ai_ci",
        "CREATE_OPTIONS": "row_format=COMPACT",
        "TABLE_COMMENT": "",
    }
]
CHECKS = [
    {"TABLE_SCHEMA": "bank", "TABLE_NAME": "account", "CONSTRAINT_NAME": "ck_level", "CHECK_CLAUSE": "(`level` > 0)"},
    {
        "TABLE_SCHEMA": "bank",
        "TABLE_NAME": "account",
        "CONSTRAINT_NAME": "account_chk_1",
        "CHECK_CLAUSE": "((`level` < 9) and (`name` <> _utf8mb4\\'it\\\\\\'s\\'))",
    },
]


class Answer:
    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def mappings(self) -> list[dict[str, Any]]:
        return self.rows


class Recording:
    """A connection that answers with the rows above, and notes what it was asked."""

    def __init__(self) -> None:
        self.dialect = sa.create_engine("mysql+pymysql://").dialect
        self.dialect.server_version_info = (8, 0, 36)
        self.asked: list[str] = []

    def exec_driver_sql(self, sql: str, **_: Any) -> Answer:
        self.asked.append(sql)
        answers = {
            "DATABASE()": [{"name": "bank"}],
            ".TABLES ": TABLES,
            ".COLUMNS ": COLUMNS,
            ".STATISTICS ": INDEXES,
            ".CHECK_CONSTRAINTS ": CHECKS,
        }
        return Answer(next((rows for part, rows in answers.items() if part in sql), []))


@pytest.fixture
def dialect() -> MysqlDialect:
    return MysqlDialect(Recording().dialect)


def models() -> sa.MetaData:
    metadata = sa.MetaData()
    table = sa.Table(
        "account",
        metadata,
        sa.Column("id", mysql.BIGINT(unsigned=True), primary_key=True),
        sa.Column("flag", sa.Boolean, server_default=sa.true()),
        sa.Column("name", sa.String(50), server_default="it's"),
        sa.Column("digits", sa.String(5), server_default="7"),
        sa.Column("nothing", sa.String(5), server_default=""),
        sa.Column("price", sa.Numeric(10, 2), server_default="1.5"),
        sa.Column("made", sa.DateTime, server_default=func.now()),
        sa.Column(
            "seen",
            mysql.TIMESTAMP(fsp=3),
            nullable=False,
            server_default=text("CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)"),
        ),
        sa.Column("key", sa.CHAR(36), server_default=func.uuid()),
        sa.Column("greeting", sa.String(20), server_default=text("concat('a', 'b')")),
        sa.Column("doubled", sa.Integer, sa.Computed("level * 2")),
        sa.Column("upper", sa.String(9), sa.Computed("if((`name` = 'x'), 'y', name)", persisted=True)),
        sa.Column("data", sa.JSON),
        sa.Column("bits", mysql.BIT(3), server_default=text("b'101'")),
        sa.Column("kind", sa.Enum("a", "b"), server_default="a"),
        sa.Column("latin", mysql.VARCHAR(9, charset="latin1", collation="latin1_bin")),
        sa.Column("level", sa.Integer, server_default="3"),
        sa.Column("day", sa.Date, server_default="2020-01-01"),
        sa.CheckConstraint("level > 0", name="ck_level"),
        sa.CheckConstraint("(level < 9) AND (name != 'it''s')"),
        sa.UniqueConstraint("digits", name="uq_digits"),
        mysql_row_format="COMPACT",
    )
    sa.Index("ix_lower", func.lower(table.c.name), table.c.level.desc())
    sa.Index("ix_name", table.c.name, mysql_length=9)
    return metadata


def test_what_mysql_8_says_of_a_table_is_what_the_models_say(dialect: MysqlDialect) -> None:
    connection: Any = Recording()
    read = dialect.read(connection, Scope())
    settled = dialect.settle(read, dialect.snapshot_of_models([models()]), None)
    found = [
        (one.describe(), getattr(one, "before", None), getattr(one, "after", None))
        for one in diff(settled.before, settled.after)
    ]
    assert found == []
    assert len(connection.asked) <= 10


def test_mysql_8_has_json_and_no_check_for_it(dialect: MysqlDialect) -> None:
    connection: Any = Recording()
    (table,) = dialect.read(connection, Scope()).tables.values()
    assert table.column("data") == Column("data", DataType("JSON"))
    assert len(table.checks) == 2


def test_a_server_without_checks_is_not_asked_for_them() -> None:
    connection: Any = Recording()
    connection.dialect.server_version_info = (5, 7, 44)
    dialect = MysqlDialect(connection.dialect)
    (table,) = dialect.read(connection, Scope()).tables.values()
    assert table.checks == ()
    assert not any("CHECK_CONSTRAINTS" in sql for sql in connection.asked)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((5, 7, 44), ["ALTER TABLE t CHANGE c d INTEGER NULL", "ALTER TABLE t DROP CHECK k"]),
        ((8, 0, 16), ["ALTER TABLE t RENAME COLUMN c TO d", "ALTER TABLE t DROP CHECK k"]),
        ((8, 4, 0), ["ALTER TABLE t RENAME COLUMN c TO d", "ALTER TABLE t DROP CONSTRAINT k"]),
    ],
)
def test_words_follow_the_version(version: tuple[int, ...], expected: list[str]) -> None:
    connection = Recording()
    connection.dialect.server_version_info = version
    writer = Writer(MysqlDialect(connection.dialect))
    recorder = Recorder(writer.dialect.translation)
    op = Directives(recorder)
    nullable: dict[str, Any] = {"existing_nullable": True} if version < (8,) else {}
    op.alter_column("t", "c", new_column_name="d", existing_type=sa.Integer(), **nullable)
    op.drop_constraint("k", "t", type_="check")
    assert writer.write(*recorder.operations) == expected


def test_the_text_of_show_create_table() -> None:
    shown = parse_show_create(
        """CREATE TEMPORARY TABLE `flask_schema_scratch` (
  `a` int DEFAULT NULL,
  `b` varchar(9) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'it''s (' COMMENT 'AS (x)',
  `c` decimal(10,2) GENERATED ALWAYS AS ((`a` * 2)) STORED,
  `d` timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  `e` varchar(40) DEFAULT (concat(_utf8mb4'a',_utf8mb4',')),
  `f``g` enum('x','y,z') DEFAULT 'x',
  `h` double DEFAULT '-1.5' /*!80023 INVISIBLE */,
  KEY `ix` ((lower(`b`)),`a` DESC),
  CONSTRAINT `flask_schema_scratch_chk_10` CHECK ((`a` < 9)),
  CONSTRAINT `flask_schema_scratch_chk_2` CHECK (((`a` > 0) and (`b` <> _utf8mb4'x')))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci"""
    )
    assert {name: (one.type_sql, one.default, one.computed) for name, one in shown.columns.items()} == {
        "a": ("INTEGER", None, None),
        "b": ("VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_bin", "'it''s ('", None),
        "c": ("DECIMAL(10,2)", None, "a * 2"),
        "d": ("TIMESTAMP(3)", "CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)", None),
        "e": ("VARCHAR(40)", "concat('a', ',')", None),
        "f`g": ("ENUM('x','y,z')", "'x'", None),
        "h": ("DOUBLE", "-1.5", None),
    }
    assert shown.checks == ("(a > 0) and (b <> 'x')", "a < 9")
    assert shown.keys == {"ix": "((lower(`b`)),`a` DESC)"}
