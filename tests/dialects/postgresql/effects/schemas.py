"""Realistic models, each of which is created by SQLAlchemy and must come back without a difference."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

Definition = Callable[[sa.MetaData], None]
SCHEMAS: dict[str, Definition] = {}


def schema(define: Definition) -> Definition:
    SCHEMAS[define.__name__] = define
    return define


class Mood(enum.Enum):
    sad = "s"
    ok = "o"
    happy = "h"


class Upper(sa.TypeDecorator[str]):
    impl = sa.String(20)
    cache_ok = True


TYPES: tuple[Any, ...] = (
    sa.Integer, sa.BigInteger, sa.SmallInteger, sa.String, sa.String(50), sa.String(50, collation="C"), sa.Text,
    sa.Text(collation="C"), sa.Unicode(30), sa.UnicodeText, sa.CHAR(3), sa.CHAR, sa.VARCHAR(9), sa.Numeric,
    sa.Numeric(10), sa.Numeric(10, 2), sa.DECIMAL(5, 1), sa.Float, sa.Float(10), sa.Float(30), sa.REAL, sa.Double,
    sa.Boolean, sa.Date, sa.DateTime, sa.DateTime(timezone=True), sa.Time, sa.Time(timezone=True), sa.Interval,
    sa.LargeBinary, sa.JSON, sa.Uuid, sa.Uuid(native_uuid=False), sa.UUID, sa.PickleType, Upper,
    sa.Enum("a", "b", name="letters"), sa.Enum(Mood), sa.Enum("x", "y", name="text_letters", native_enum=False),
    sa.Enum("x", "y", name="checked", native_enum=False, create_constraint=True),
    sa.Boolean(create_constraint=True, name="bool_check"),
    pg.JSONB, pg.JSON, pg.UUID(as_uuid=False), pg.BYTEA, pg.INET, pg.CIDR, pg.MACADDR,
    pg.MACADDR8, pg.MONEY, pg.OID, pg.REGCLASS, pg.REGCONFIG, pg.TSVECTOR, pg.TSQUERY, pg.BIT(1), pg.BIT(5),
    pg.BIT(varying=True), pg.BIT(7, varying=True), pg.INTERVAL, pg.INTERVAL(precision=3),
    pg.INTERVAL(fields="YEAR TO MONTH"), pg.INTERVAL(fields="DAY TO SECOND", precision=2), pg.TIMESTAMP(precision=3),
    pg.TIMESTAMP(timezone=True, precision=0), pg.TIME(precision=2), pg.TIME(timezone=True, precision=4),
    pg.DOUBLE_PRECISION, pg.ARRAY(sa.Integer), pg.ARRAY(sa.String(10)), pg.ARRAY(sa.Text, dimensions=2),
    pg.ARRAY(sa.String(5, collation="C")), pg.ARRAY(pg.ENUM("p", "q", name="in_array")), sa.ARRAY(sa.Numeric(6, 2)),
    pg.ARRAY(pg.JSONB), pg.ARRAY(pg.TIMESTAMP(precision=1)),
    pg.INT4RANGE, pg.INT8RANGE, pg.NUMRANGE, pg.DATERANGE, pg.TSRANGE, pg.TSTZRANGE, pg.INT4MULTIRANGE,
    pg.INT8MULTIRANGE, pg.NUMMULTIRANGE, pg.DATEMULTIRANGE, pg.TSMULTIRANGE, pg.TSTZMULTIRANGE, pg.JSONPATH,
    pg.DOMAIN("positive", sa.Integer, check=sa.text("VALUE > 0")),
    pg.DOMAIN("Odd name", sa.String(12), not_null=True),
    pg.ENUM("it's", "per%cent", "a:b", 'quo"te', "größe", name="Odd Enum"),
)  # fmt: skip


@schema
def all_types(metadata: sa.MetaData) -> None:
    sa.Table("types", metadata, *(sa.Column(f"c{place}", python) for place, python in enumerate(TYPES)))


DEFAULTS: tuple[tuple[Any, Any], ...] = (
    (sa.Integer, "0"), (sa.Integer, "-1"), (sa.Integer, sa.text("0")), (sa.Integer, sa.text("-5")),
    (sa.Integer, sa.text("(1 + 2)")), (sa.Integer, sa.text("'7'")), (sa.BigInteger, sa.text("9999999999")),
    (sa.SmallInteger, "3"), (sa.Numeric(10, 2), "0"), (sa.Numeric(10, 2), "1.50"), (sa.Numeric, sa.text("0.0")),
    (sa.Float, "1.5"), (sa.Float, sa.text("1e3")), (sa.Float, sa.text("-0.5")),
    (sa.Boolean, "true"), (sa.Boolean, "f"), (sa.Boolean, sa.true()), (sa.Boolean, sa.false()),
    (sa.Boolean, sa.text("TRUE")), (sa.Boolean, sa.text("(NOT true)")),
    (sa.String(20), "plain"), (sa.String(20), ""), (sa.String(20), "it's"), (sa.String(20), "100%"),
    (sa.String(20), "50%% off"), (sa.String(20), "a:b"), (sa.String(20), ":name"), (sa.String(20), 'say "x"'),
    (sa.String(40), "back\\slash"), (sa.String(40), "größe ✓"), (sa.String(20), sa.text("'cast'::text")),
    (sa.String(20), sa.text("NULL")), (sa.String(20), sa.text("upper('x')")), (sa.String(20), sa.text("CURRENT_USER")),
    (sa.String(20), sa.func.lower("ABC")), (sa.Text, sa.text("'a' || 'b'")), (sa.Text, "NULL"),
    (sa.Text, sa.text("md5(random()::text)")), (sa.CHAR(3), "ab"), (sa.CHAR(3), "abc"),
    (sa.DateTime, sa.func.now()), (sa.DateTime, sa.text("now()")), (sa.DateTime, sa.text("NOW()")),
    (sa.DateTime, sa.func.current_timestamp()), (sa.DateTime, sa.text("timezone('utc', now())")),
    (sa.DateTime, sa.text("(now() AT TIME ZONE 'utc')")), (sa.DateTime, sa.text("'2020-01-01'")),
    (sa.DateTime(timezone=True), sa.func.now()), (sa.DateTime(timezone=True), sa.text("now() + interval '1 day'")),
    (sa.DateTime(timezone=True), sa.text("CURRENT_TIMESTAMP(3)")), (sa.Date, sa.text("CURRENT_DATE")),
    (sa.Date, "2020-02-29"), (sa.Time, "12:30"), (sa.Interval, "1 day"), (sa.Interval, sa.text("interval '90 minutes'")),
    (sa.JSON, "{}"), (sa.JSON, sa.text("'[]'::json")), (pg.JSONB, "{}"), (pg.JSONB, sa.text("'{\"a\": [1, \"b:c\"]}'::jsonb")),
    (pg.JSONB, '{"key": "50%"}'), (pg.JSONB, sa.text("jsonb_build_object('a', 1)")),
    (sa.Uuid, sa.text("gen_random_uuid()")), (sa.Uuid, sa.func.gen_random_uuid()),
    (sa.Uuid, "00000000-0000-0000-0000-000000000000"),
    (pg.ARRAY(sa.Integer), "{}"), (pg.ARRAY(sa.Integer), sa.text("ARRAY[1, 2]")),
    (pg.ARRAY(sa.Integer), sa.text("ARRAY[]::integer[]")), (pg.ARRAY(sa.Text), sa.text("'{}'::text[]")),
    (pg.ARRAY(sa.String(10)), "{a,b}"), (pg.ARRAY(sa.String(10)), sa.text("array['x']::varchar[]")),
    (sa.Enum("a", "b", name="letters"), "a"), (sa.Enum("a", "b", name="letters"), sa.text("'b'::letters")),
    (pg.ARRAY(sa.Enum("a", "b", name="letters")), sa.text("'{a}'::letters[]")),
    (sa.Enum(Mood), "happy"), (sa.Enum("a", "b", name="Odd"), "a"), (sa.LargeBinary, sa.text("'\\x00ff'")),
    (pg.INET, "127.0.0.1"), (pg.BIT(3), sa.text("B'101'")), (pg.INT4RANGE, sa.text("'[1,5)'")),
    (pg.TSVECTOR, sa.text("to_tsvector('english', 'a b')")), (sa.Integer, sa.text("CASE WHEN 1 > 2 THEN 1 ELSE 2 END")),
    (sa.Integer, sa.text("nextval('numbers')")), (sa.Text, sa.text("current_setting('x.y', true)")),
    (sa.Integer, sa.text("extract(year from now())::int")), (sa.Text, sa.text("COALESCE(NULL, 'x')")),
    (sa.DateTime, sa.text("'infinity'")), (sa.Text, sa.text("E'tab\\there'")), (sa.Text, sa.text("$$dollar$$")),
)  # fmt: skip


@schema
def all_defaults(metadata: sa.MetaData) -> None:
    sa.Sequence("numbers", metadata=metadata)
    columns = [sa.Column(f"c{place}", python, server_default=given) for place, (python, given) in enumerate(DEFAULTS)]
    sa.Table("defaults", metadata, *columns)


@schema
def keys_and_references(metadata: sa.MetaData) -> None:
    sa.Table(
        "parents", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("code", sa.Text, unique=True)
    )
    sa.Table(
        "children",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("small", sa.SmallInteger, sa.Identity(always=True, start=5, increment=2, minvalue=5, maxvalue=99)),
        sa.Column("parent", sa.ForeignKey("parents.id", ondelete="CASCADE", onupdate="SET NULL"), index=True),
        sa.Column("code", sa.ForeignKey("parents.code", deferrable=True, initially="DEFERRED")),
        sa.Column("self", sa.ForeignKey("children.id", name="fk_self", ondelete="NO ACTION")),
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Integer, comment='It\'s a "comment" with 50% and :colon'),
        sa.UniqueConstraint("a", "b"),
        sa.UniqueConstraint("b", "a", name="named", postgresql_nulls_not_distinct=True),
        sa.UniqueConstraint("a", name="uq_deferred", deferrable=True, initially="DEFERRED"),
        sa.UniqueConstraint("b", name="uq_include", postgresql_include=["a"]),
        sa.ForeignKeyConstraint(["a", "b"], ["pairs.x", "pairs.y"], match="FULL", ondelete="SET NULL"),
        comment="Children",
    )
    sa.Table(
        "pairs",
        metadata,
        sa.Column("y", sa.Integer),
        sa.Column("x", sa.Integer),
        sa.PrimaryKeyConstraint("x", "y", name="pk_pairs"),
    )
    sa.Table("no_key", metadata, sa.Column("x", sa.Integer, nullable=False))
    sa.Table(
        "late",
        metadata,
        sa.Column("x", sa.Integer),
        sa.PrimaryKeyConstraint("x", deferrable=True, initially="DEFERRED"),
    )
    sa.Table(
        "uuid_key", metadata, sa.Column("id", sa.Uuid, primary_key=True, server_default=sa.text("gen_random_uuid()"))
    )
    sa.Table("composite", metadata, *(sa.Column(name, sa.Integer, primary_key=True) for name in "ab"))
    sa.Table("small", metadata, sa.Column("id", sa.SmallInteger, primary_key=True))
    sa.Table(
        "cycle_a",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("b", sa.ForeignKey("cycle_b.id", name="fk_b")),
    )
    sa.Table(
        "cycle_b", metadata, sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.ForeignKey("cycle_a.id", name="fk_a", use_alter=True)),
    )  # fmt: skip


@schema
def checks_and_computed(metadata: sa.MetaData) -> None:
    table = sa.Table(
        "money",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), sa.CheckConstraint("name <> ''")),
        sa.Column("balance", sa.Numeric(10, 2), sa.CheckConstraint("balance > 0", name="positive")),
        sa.Column("kind", sa.Enum("a", "b", name="kinds")),
        sa.Column("data", pg.JSONB),
        sa.Column("tags", pg.ARRAY(sa.Text)),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("overdrawn", sa.Boolean, sa.Computed("balance < 0")),
        sa.Column("full", sa.Text, sa.Computed("name || ' (' || upper(name) || ')'", persisted=True)),
        sa.Column("year", sa.Integer, sa.Computed("extract(year from at AT TIME ZONE 'UTC')::int")),
        sa.CheckConstraint("name IN ('a', 'b', 'it''s')"),
        sa.CheckConstraint("kind IN ('a', 'b') OR name LIKE '50%' OR name = ':x'"),
        sa.CheckConstraint("(data ->> 'x') IS NOT NULL AND balance BETWEEN 1 AND 10", name="data check"),
        sa.CheckConstraint("CASE WHEN balance IS NULL THEN true ELSE length(name) > 2 END"),
        sa.CheckConstraint("array_length(tags, 1) < 5 AND NOT (name ~ '^[a-z]+$')"),
        sa.CheckConstraint("name = ANY (ARRAY['x', 'y']::varchar[])", name="any"),
        sa.CheckConstraint("at > '2020-01-01'"),
    )
    table.append_constraint(sa.CheckConstraint(table.c.balance + 1 < 1000, name="from_expression"))
    table.append_constraint(sa.CheckConstraint(table.c.name.in_(["p", "q"]), name="in_expression"))
    table.append_constraint(sa.CheckConstraint(sa.func.length(table.c.name) < 10))


@schema
def indexes(metadata: sa.MetaData) -> None:
    table = sa.Table(
        "indexed",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), index=True),
        sa.Column("other", sa.Text, index=True, unique=True),
        sa.Column("data", pg.JSONB),
        sa.Column("words", pg.TSVECTOR),
        sa.Column("gone", sa.DateTime),
        sa.Column("state", sa.Enum("on", "off", name="states")),
        sa.Column("number", sa.Integer),
        sa.Column("Mixed Case", sa.Integer),
    )
    c = table.c
    sa.Index("ix_lower", sa.func.lower(c.name))
    sa.Index("ix_lower_text", sa.text("lower(name)"), _table=table)
    sa.Index("ix_desc", c.name.desc(), c.number.asc(), c.other.desc().nulls_last(), c.gone.nulls_first())
    sa.Index("ix_where", c.name, postgresql_where=c.gone.is_(None))
    sa.Index("ix_where_text", c.name, postgresql_where=sa.text("state = 'on' AND number > 5"))
    sa.Index("ix_where_like", c.name, postgresql_where=c.name.like("50%:x"))
    sa.Index("ix_unique_where", c.name, unique=True, postgresql_where=sa.text("gone IS NULL"))
    sa.Index("ix_gin", c.data, postgresql_using="gin")
    sa.Index("ix_gin_path", c.data, postgresql_using="gin", postgresql_ops={"data": "jsonb_path_ops"})
    sa.Index("ix_gin_default_ops", c.data, postgresql_using="gin", postgresql_ops={"data": "jsonb_ops"})
    sa.Index("ix_words", c.words, postgresql_using="gin", postgresql_with={"fastupdate": False})
    sa.Index("ix_pattern", c.name, postgresql_ops={"name": "varchar_pattern_ops"})
    sa.Index("ix_include", c.name, postgresql_include=["number", c.gone])
    sa.Index("ix_hash", c.name, postgresql_using="hash")
    sa.Index("ix_brin", c.gone, postgresql_using="brin", postgresql_with={"pages_per_range": 32})
    sa.Index("ix_fill", c.number, postgresql_with={"fillfactor": 70})
    sa.Index("ix_nulls", c.number, unique=True, postgresql_nulls_not_distinct=True)
    sa.Index("ix_collate", sa.collate(c.name, "C"))
    sa.Index("ix_expression", (c.number + 1), sa.func.coalesce(c.name, "x:y%"))
    sa.Index("ix_cast", sa.cast(c.number, sa.Text))
    sa.Index("ix_json", c.data["a"]["b"].astext)
    sa.Index("ix_json_text", sa.text("(data ->> 'key')"), _table=table)
    sa.Index("ix_trgm", sa.func.lower(c.other).label("low"), postgresql_ops={"low": "text_pattern_ops"})
    sa.Index("ix Mixed", c["Mixed Case"], c.id)
    sa.Index("ix_concurrently", c.id, c.name, postgresql_concurrently=True)
    sa.Index("ix_btree", c.id, c.number, postgresql_using="btree")
    sa.Index("ix_date", sa.text("date_trunc('day', gone) DESC"), _table=table)


@schema
def excludes(metadata: sa.MetaData) -> None:
    sa.Table(
        "bookings",
        metadata,
        sa.Column("room", pg.INT4RANGE),
        sa.Column("during", pg.TSTZRANGE),
        sa.Column("from", sa.DateTime),
        sa.Column("until", sa.DateTime),
        sa.Column("cancelled", sa.Boolean),
        pg.ExcludeConstraint(("room", "="), ("during", "&&"), name="no_overlap", using="gist"),
        pg.ExcludeConstraint(("during", "&&"), where=sa.text("NOT cancelled"), deferrable=True, initially="DEFERRED"),
        pg.ExcludeConstraint((sa.text('tsrange("from", until)'), "&&"), name="by_text"),
        pg.ExcludeConstraint((sa.func.tsrange(sa.column("from"), sa.column("until"), "[]"), "&&"), name="by_function"),
    )


@schema
def odd_names(metadata: sa.MetaData) -> None:
    sa.Table(
        "order",
        metadata,
        sa.Column("select", sa.Integer, primary_key=True),
        sa.Column("Mixed", sa.Integer, sa.CheckConstraint('"Mixed" > 0', name="Ck Mixed")),
        sa.Column("größe", sa.Integer, unique=True, server_default="1"),
        sa.Column('quo"te', sa.Text, index=True),
        sa.Column("per%cent", sa.Text, comment="50%"),
        sa.Column("co:lon", sa.Text),
        sa.Column("with space", sa.Text, sa.Computed('"per%cent" || "co:lon"')),
        sa.CheckConstraint('"größe" < 10 AND "per%cent" <> \'%\''),
        sa.Index("ix per%cent", "per%cent", "Mixed"),
        comment="50% of 'it' \\ back",
    )
    sa.Table("User", metadata, sa.Column("id", sa.Integer, sa.ForeignKey("order.select"), primary_key=True))
    sa.Table(
        "T" * 63, metadata, sa.Column("c" * 63, sa.Integer, primary_key=True), sa.Column("u" * 60, sa.Text, unique=True)
    )


@schema
def named_by_convention(metadata: sa.MetaData) -> None:
    metadata.naming_convention = {
        "ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s", "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    }  # fmt: skip
    sa.Table(
        "a_table_with_a_really_long_name_for_conventions",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a_column_with_a_long_name", sa.Integer, unique=True, index=True),
        sa.CheckConstraint("id > 0", name="positive"),
    )
    sa.Table(
        "child", metadata, sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent", sa.ForeignKey("a_table_with_a_really_long_name_for_conventions.id")),
        sa.Column("flag", sa.Boolean(create_constraint=True, name="flag")),
    )  # fmt: skip


@schema
def other_schemas(metadata: sa.MetaData) -> None:
    sa.Table("shared", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="app")
    sa.Table(
        "shared",
        metadata,
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("app_id", sa.ForeignKey("app.shared.id")),
    )
    sa.Table(
        "more",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Enum("a", "b", name="kinds", schema="app"), server_default="a"),
        sa.Column("also", sa.Enum("c", "d", name="kinds"), server_default=sa.text("'c'::kinds")),
        sa.Column("number", sa.Integer, server_default=sa.text("nextval('app.counter')")),
        sa.Column("up", sa.ForeignKey("shared.id"), index=True),
        sa.CheckConstraint("number > 0 OR kind = 'a'"),
        schema="app",
    )
    sa.Sequence("counter", schema="app", metadata=metadata, start=10, increment=5)


@schema
def sequences(metadata: sa.MetaData) -> None:
    sa.Sequence("plain", metadata=metadata)
    sa.Sequence("full", metadata=metadata, start=7, increment=3, minvalue=1, maxvalue=1000, cycle=True, cache=5)
    sa.Sequence("typed", metadata=metadata, data_type=sa.Integer)
    sa.Sequence("down", metadata=metadata, increment=-1)
    numbers = sa.Sequence("numbers", metadata=metadata)
    sa.Table("t", metadata, sa.Column("id", sa.Integer, numbers, server_default=numbers.next_value(), primary_key=True))
    sa.Table("u", metadata, sa.Column("id", sa.Integer, sa.Sequence("u_seq"), primary_key=True))
    sa.Table("v", metadata, sa.Column("id", sa.Integer, sa.Identity(cycle=True, cache=3), primary_key=True))
    sa.Table("w", metadata, sa.Column("id", sa.BigInteger, sa.Identity(increment=-1), primary_key=True))


@schema
def table_options(metadata: sa.MetaData) -> None:
    sa.Table("fast", metadata, sa.Column("id", sa.Integer, primary_key=True), prefixes=["UNLOGGED"])
    sa.Table(
        "logs", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("at", sa.Date, primary_key=True),
        postgresql_partition_by="RANGE (at)",
    )  # fmt: skip
