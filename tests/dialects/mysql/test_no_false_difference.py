"""What ``create_all`` made, read back, differs from the models in nothing."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func, text
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects.mysql import mariadb

from flask_schema.dialects.dialect import Dialect
from flask_schema.dialects.mysql.data_types import canonical_type

from .conftest import Database

TYPES: list[Any] = [
    sa.Integer,
    sa.BigInteger,
    sa.SmallInteger,
    sa.Boolean,
    sa.String(20),
    sa.Text,
    sa.Unicode(30),
    sa.UnicodeText,
    sa.Numeric,
    sa.Numeric(10, 2),
    sa.Numeric(12),
    sa.Float,
    sa.Float(53),
    sa.Float(10),
    sa.Double,
    sa.Date,
    sa.DateTime,
    sa.DateTime(timezone=True),
    sa.Time,
    sa.TIMESTAMP,
    sa.LargeBinary,
    sa.LargeBinary(100),
    sa.JSON,
    sa.Interval,
    sa.PickleType,
    sa.Uuid,
    sa.Enum("a", "b'c", "d e", "f%g"),
    sa.Enum("x", "y", native_enum=False),
    sa.REAL,
    sa.CHAR,
    sa.CHAR(5),
    sa.VARCHAR(9),
    sa.NCHAR(4),
    sa.NVARCHAR(5),
    sa.BINARY,
    sa.BINARY(4),
    sa.VARBINARY(7),
    sa.BLOB,
    sa.String(10, collation="utf8mb4_unicode_ci"),
    sa.String(10, collation="utf8mb4_general_ci"),
    mysql.TINYINT,
    mysql.TINYINT(1),
    mysql.TINYINT(1, unsigned=True),
    mysql.TINYINT(4),
    mysql.INTEGER(11),
    mysql.INTEGER(unsigned=True),
    mysql.INTEGER(5, zerofill=True),
    mysql.INTEGER(zerofill=True),
    mysql.BIGINT(20, unsigned=True),
    mysql.MEDIUMINT,
    mysql.MEDIUMINT(unsigned=True, zerofill=True),
    mysql.SMALLINT(unsigned=True),
    mysql.DECIMAL(8, 3, unsigned=True),
    mysql.NUMERIC(5),
    mysql.DOUBLE(10, 3),
    mysql.DOUBLE,
    mysql.FLOAT(10, 2),
    mysql.FLOAT(unsigned=True),
    mysql.REAL(10, 3),
    mysql.BIT,
    mysql.BIT(8),
    mysql.YEAR,
    mysql.YEAR(4),
    mysql.TIMESTAMP(fsp=6),
    mysql.DATETIME(fsp=3),
    mysql.TIME(fsp=2),
    mysql.TINYTEXT,
    mysql.MEDIUMTEXT,
    mysql.LONGTEXT,
    mysql.TEXT(50),
    mysql.TEXT(5000),
    mysql.TEXT(70000),
    mysql.TINYBLOB,
    mysql.MEDIUMBLOB,
    mysql.LONGBLOB,
    mysql.BLOB(200),
    mysql.BLOB(70000),
    mysql.SET("a", "b"),
    mysql.ENUM("a", "ö", "c d", "e UNSIGNED"),
    mysql.ENUM("a", "b", charset="latin1"),
    mysql.VARCHAR(10, charset="latin1"),
    mysql.VARCHAR(10, charset="utf8mb4"),
    mysql.VARCHAR(10, collation="utf8mb4_bin"),
    mysql.VARCHAR(10, charset="utf8"),
    mysql.VARCHAR(10, binary=True),
    mysql.VARCHAR(10, charset="latin1", collation="latin1_bin"),
    mysql.VARCHAR(10, national=True),
    mysql.VARCHAR(5, ascii=True),
    mysql.VARCHAR(5, unicode=True),
    mysql.NVARCHAR(6),
    mysql.NCHAR(6),
    mysql.CHAR(6, charset="ascii"),
    mysql.TEXT(charset="latin1", length=300),
    mysql.LONGTEXT(collation="utf8mb4_bin"),
    mysql.JSON,
]
MARIADB_TYPES: list[Any] = [mariadb.INET6, mariadb.INET4, sa.UUID(), sa.UUID(as_uuid=False), sa.Uuid]

DEFAULTS: list[tuple[Any, Any]] = [
    (sa.Integer, "5"),
    (sa.Integer, text("5")),
    (sa.Integer, "-3"),
    (sa.Integer, text("1 + 2")),
    (sa.Integer, text("TRUE")),
    (sa.Integer, text("0x10")),
    (sa.Integer, func.coalesce(None, 3)),
    (sa.BigInteger, "123456789012"),
    (sa.Boolean, sa.true()),
    (sa.Boolean, sa.false()),
    (sa.Boolean, "0"),
    (sa.Boolean, text("true")),
    (sa.Boolean, text("b'1'")),
    (sa.String(20), "it's"),
    (sa.String(20), "back\\slash"),
    (sa.String(20), text("'x'")),
    (sa.String(20), text("upper('x')")),
    (sa.String(40), func.uuid()),
    (sa.String(40), text("(uuid())")),
    (sa.String(20), ""),
    (sa.String(20), "5"),
    (sa.String(20), text("5")),
    (sa.String(20), "50% :x"),
    (sa.String(20), text("concat('a', 'b')")),
    (sa.String(20), text("'a' 'b'")),
    (sa.String(20), text("NULL")),
    (sa.String(3), text("_utf8mb4'x'")),
    (sa.DateTime, func.now()),
    (sa.DateTime, text("CURRENT_TIMESTAMP")),
    (sa.DateTime, text("now()")),
    (sa.DateTime, text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")),
    (sa.DateTime, text("NULL ON UPDATE CURRENT_TIMESTAMP")),
    (sa.DateTime, "2020-01-01"),
    (sa.DateTime, "2020-01-01 10:00:00"),
    (sa.TIMESTAMP, text("NOW() ON UPDATE NOW()")),
    (mysql.DATETIME(fsp=6), text("CURRENT_TIMESTAMP(6)")),
    (mysql.TIMESTAMP(fsp=3), text("CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)")),
    (sa.Date, "2020-01-01"),
    (sa.Date, text("(current_date)")),
    (sa.Time, "10:00"),
    (sa.Numeric(10, 2), "1"),
    (sa.Numeric(10, 2), "1.5"),
    (sa.Numeric(10, 2), text("0.1+0.2")),
    (sa.Float, "1.50"),
    (sa.Float, "0.1"),
    (sa.Float, "1e10"),
    (sa.Float, text(".5")),
    (mysql.BIT(3), text("b'101'")),
    (mysql.YEAR, "2020"),
    (mysql.INTEGER(5, zerofill=True), "7"),
    (mysql.INTEGER(unsigned=True), "0"),
    (mysql.SET("a", "b"), "a,b"),
    (sa.Enum("a", "b"), "a"),
    (sa.JSON, text("('[]')")),
    (sa.JSON, text("(json_object())")),
    (sa.Text, text("('abc')")),
    (sa.LargeBinary, text("('x')")),
    (sa.BINARY(4), text("'ab'")),
]


def models_of_types(types: list[Any]) -> sa.MetaData:
    metadata = sa.MetaData()
    for number, one in enumerate(types):
        options: dict[str, Any] = {"mysql_charset": "utf8mb4", "mariadb_charset": "utf8mb4"} if number % 2 else {}
        sa.Table(
            f"typed{number:03}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("taken", one),
            sa.Column("needed", one, nullable=False),
            **options,
        )
    return metadata


def models_of_defaults() -> sa.MetaData:
    metadata = sa.MetaData()
    for number, (one, default) in enumerate(DEFAULTS):
        sa.Table(
            f"default{number:03}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("it", one, server_default=default),
        )
    return metadata


def models_of_elements(prefix: str) -> sa.MetaData:
    metadata = sa.MetaData()

    def own(**options: Any) -> Any:
        return {f"{prefix}_{key}": value for key, value in options.items()}

    table = sa.Table(
        "elements",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer, sa.CheckConstraint("a > 0")),
        sa.Column("b", sa.String(20), index=True),
        sa.Column("c", sa.String(20), unique=True),
        sa.Column("d", sa.String(20)),
        sa.Column("virtual", sa.Integer, sa.Computed("a + 1")),
        sa.Column("stored", sa.Integer, sa.Computed("a * 2", persisted=True), nullable=True),
        sa.Column("called", sa.String(50), sa.Computed("concat(b, '-', UPPER(c))", persisted=False)),
        sa.Column("Key", sa.Integer),
        sa.Column("select", sa.Integer),
        sa.Column("Möx", sa.Integer, comment="it's 50% \\ ö"),
        sa.Column("p%c", sa.Integer),
        sa.Column("kind", sa.Enum("x", "y", native_enum=False, create_constraint=True, name="ck_kind")),
        sa.Column("flag", sa.Boolean(create_constraint=True, name="ck_flag")),
        sa.CheckConstraint("a < 100 AND b != 'x'", name="ck_and"),
        sa.CheckConstraint("(b IN ('a','b')) or (d is not null)"),
        sa.CheckConstraint("length(b) between 1 and 20", name="ck_length"),
        sa.CheckConstraint("b like 'a%'", name="ck_like"),
        sa.CheckConstraint("not (a = 5)", name="ck_not"),
        sa.CheckConstraint("a + -1 < 3 * (a - 2)", name="ck_signs"),
        sa.CheckConstraint("case when a > 1 then b else 'z' end <> 'q'", name="ck_case"),
        sa.CheckConstraint("`Key` > 0", name="ck_quoted"),
        sa.Index("ix_length", "d", "b", **own(length={"d": 5})),
        sa.Index("ix_text", text("a DESC")),
        sa.Index("ix_unique", "d", "a", unique=True),
        sa.Index("ix_words", "d", **own(prefix="FULLTEXT")),
        sa.Index("ix_hash", "a", "b", **own(using="hash")),
        sa.UniqueConstraint("a", "b", name="uq_named"),
        sa.UniqueConstraint("d"),
        comment="hello 'x' 50%",
        **own(engine="InnoDB", charset="utf8mb4", row_format="DYNAMIC"),
    )
    sa.Index("ix_order", table.c.b.desc(), table.c.a)
    if prefix == "mariadb":  # which indexes as much of a text as fits into a key
        table.append_column(sa.Column("long", sa.Text))
        table.append_column(sa.Column("longer", sa.VARCHAR(2000)))
        sa.Index("ix_long", table.c.long)
        sa.Index("ix_longer", table.c.longer)
    return metadata


def models_of_keys(prefix: str) -> sa.MetaData:
    metadata = sa.MetaData()

    def own(**options: Any) -> Any:
        return {f"{prefix}_{key}": value for key, value in options.items()}

    number = sa.Integer
    key: dict[str, Any] = {"primary_key": True}
    sa.Table(
        "parent",
        metadata,
        sa.Column("id", number, **key),
        sa.Column("x", number, nullable=False),
        sa.Column("y", number, nullable=False),
        sa.UniqueConstraint("x", "y"),
    )
    sa.Table(
        "child",
        metadata,
        sa.Column("id", sa.BigInteger, **key),
        sa.Column("unnamed", sa.ForeignKey("parent.id")),
        sa.Column("named", sa.ForeignKey("parent.id", name="fk_named", ondelete="CASCADE")),
        sa.Column("indexed", sa.ForeignKey("parent.id"), index=True),
        sa.Column("single", sa.ForeignKey("parent.id"), unique=True),
        sa.Column("self", sa.ForeignKey("child.id", ondelete="RESTRICT")),
        sa.Column("x", number),
        sa.Column("y", number),
        sa.ForeignKeyConstraint(
            ["x", "y"], ["parent.x", "parent.y"], name="fk_both", onupdate="SET NULL", ondelete="NO ACTION"
        ),
    )
    sa.Table("two", metadata, sa.Column("a", number, **key), sa.Column("b", number, **key))
    sa.Table(
        "second_numbered",
        metadata,
        sa.Column("a", number, autoincrement=False, **key),
        sa.Column("b", number, autoincrement=True, **key),
        **own(engine="InnoDB"),
    )
    sa.Table("unnumbered", metadata, sa.Column("a", number, autoincrement=False, **key))
    sa.Table("worded", metadata, sa.Column("a", sa.String(10), **key))
    sa.Table("identified", metadata, sa.Column("a", number, sa.Identity(), **key))
    sa.Table("counted", metadata, sa.Column("a", number, sa.Sequence("counter", start=5, increment=2), **key))
    sa.Table(
        "in_memory",
        metadata,
        sa.Column("a", number, **key),
        sa.Column("b", number),
        sa.Index("ix_in_memory", "b", **own(using="hash")),
        **own(engine="MEMORY"),
    )
    sa.Table(
        "in_latin",
        metadata,
        sa.Column("a", number, **key),
        sa.Column("b", sa.String(10)),
        **own(engine="MyISAM", default_charset="latin1", collate="latin1_bin"),
    )
    return metadata


def made(server: Database, metadata: sa.MetaData) -> Database:
    with server.engine.begin() as connection:
        metadata.create_all(connection)
    return server


def nothing_differs(server: Database, metadata: sa.MetaData) -> None:
    made(server, metadata)
    found = [
        (one.describe(), getattr(one, "before", None), getattr(one, "after", None))
        for one in server.differences(metadata)
    ]
    assert found == []
    assert server.settle(metadata).notes == ()


def test_types(server: Database) -> None:
    nothing_differs(server, models_of_types(TYPES))


def test_types_of_mariadb(mariadb_server: Database) -> None:
    nothing_differs(mariadb_server, models_of_types([*TYPES, *MARIADB_TYPES]))


def test_defaults(server: Database) -> None:
    nothing_differs(server, models_of_defaults())


def test_elements(server: Database) -> None:
    nothing_differs(server, models_of_elements("mysql"))


def test_elements_behind_mariadb(mariadb_server: Database) -> None:
    nothing_differs(mariadb_server, models_of_elements("mariadb"))


def test_keys(server: Database) -> None:
    nothing_differs(server, models_of_keys("mysql"))


def test_keys_behind_mariadb(mariadb_server: Database) -> None:
    nothing_differs(mariadb_server, models_of_keys("mariadb"))


def test_types_come_back_as_python(server: Database) -> None:
    """A type text read becomes the SQLAlchemy type that writes the same text."""
    made(server, models_of_types(TYPES))
    columns = [column for table in server.read().tables.values() for column in table.columns]
    lost = {
        column.type.sql: written
        for column in columns
        if (written := written_again(server.dialect, column.type.sql)) != column.type.sql
    }
    assert lost == {}


def written_again(dialect: Dialect, sql: str) -> str:
    return canonical_type(dialect.translation.data_type(dialect.python_type(sql)).sql).sql


def test_statements_do_not_grow_with_tables(server: Database) -> None:
    """Reading sends the same statements for one table as for forty, and plain models need no judge."""
    metadata = sa.MetaData()
    for number in range(40):
        sa.Table(
            f"plain{number}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(50), nullable=False, server_default="x"),
            sa.Column("made", sa.DateTime, server_default=func.now()),
            sa.Column("flag", sa.Boolean, server_default=sa.false()),
            sa.Column("price", sa.Numeric(10, 2)),
            sa.CheckConstraint("price > 0", name=f"ck{number}"),
            sa.Column("parent", sa.ForeignKey(f"plain{max(0, number - 1)}.id"), index=number % 2 == 0),
        )
    made(server, metadata)
    sent: list[str] = []

    @sa.event.listens_for(server.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    assert server.differences(metadata) == ()
    assert len(sent) <= 10


@pytest.mark.parametrize("url", ["mysql+pymysql://", "mariadb+pymysql://"])
def test_a_reading_of_nothing_differs_from_nothing(url: str) -> None:
    from flask_schema.dialects.registry import dialect_for

    dialect = dialect_for(sa.create_engine(url).dialect)
    empty = dialect.snapshot_of_models([sa.MetaData()])
    assert dialect.settle(empty, empty, None).notes == ()
