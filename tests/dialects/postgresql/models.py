"""Models that use everything the dialect knows, with names and texts that are easily mishandled."""

from __future__ import annotations

import datetime
import decimal
import enum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg


class Mood(enum.Enum):
    happy = 1
    sad = 2


TYPES = [
    sa.Integer(), sa.BigInteger(), sa.SmallInteger(), sa.Numeric(), sa.Numeric(10), sa.Numeric(10, 2), sa.DECIMAL(5, 0),
    sa.Float(), sa.Float(24), sa.Float(53), sa.REAL(), sa.Double(), sa.DOUBLE_PRECISION(), sa.Boolean(),
    sa.String(), sa.String(50), sa.String(50, collation="C"), sa.Unicode(5), sa.Text(), sa.Text(collation="POSIX"),
    sa.UnicodeText(), sa.CHAR(), sa.CHAR(3), sa.VARCHAR(7), sa.LargeBinary(), sa.Date(), sa.Time(), sa.DateTime(),
    sa.DateTime(timezone=True), sa.TIMESTAMP(), pg.TIMESTAMP(precision=3), pg.TIMESTAMP(timezone=True, precision=0),
    pg.TIME(timezone=True), pg.TIME(precision=2), sa.Interval(), pg.INTERVAL(precision=3),
    pg.INTERVAL(fields="DAY TO SECOND", precision=2), pg.INTERVAL(fields="YEAR TO MONTH"), sa.Uuid(), sa.UUID(),
    sa.Uuid(native_uuid=False), pg.UUID(), sa.JSON(), pg.JSON(), pg.JSONB(), pg.INET(), pg.CIDR(), pg.MACADDR(),
    pg.MACADDR8(), pg.MONEY(), pg.OID(), pg.REGCLASS(), pg.REGCONFIG(), pg.BIT(), pg.BIT(4), pg.BIT(5, varying=True),
    pg.TSVECTOR(), pg.TSQUERY(), pg.INT4RANGE(), pg.INT8RANGE(), pg.NUMRANGE(), pg.DATERANGE(), pg.TSRANGE(),
    pg.TSTZRANGE(), pg.INT4MULTIRANGE(), pg.TSTZMULTIRANGE(), pg.BYTEA(), sa.ARRAY(sa.Integer()),
    pg.ARRAY(sa.String(20)), pg.ARRAY(sa.Integer(), dimensions=2), pg.ARRAY(sa.Numeric(10, 2)),
    pg.ARRAY(sa.DateTime(timezone=True)), pg.ARRAY(pg.UUID()), pg.ARRAY(sa.String(collation="C")),
    sa.Enum("a", "b", name="plain_enum"), sa.Enum(Mood), sa.Enum("it's", "50%", ":x", "ü", name="Odd Enum"),
    sa.Enum("x", "y", name="checked_enum", native_enum=False, create_constraint=True),
    sa.Enum("x", "y", name="unchecked_enum", native_enum=False), pg.ENUM("q", "r", name="order"),
    pg.ARRAY(sa.Enum("a", "b", name="plain_enum")), sa.PickleType(), sa.Enum("only", name="schema_enum", schema="other"),
    pg.DOMAIN("positive", sa.Integer(), check="VALUE > 0"),
]  # fmt: skip

DEFAULTS = [
    (sa.Integer(), "0"), (sa.Integer(), sa.text("0")), (sa.Integer(), "-5"), (sa.Integer(), sa.text("-5")),
    (sa.Integer(), sa.text("1 + 1")), (sa.BigInteger(), "42"), (sa.BigInteger(), sa.text("42")),
    (sa.Numeric(10, 2), "0"), (sa.Numeric(10, 2), sa.text("0.00")), (sa.Numeric(10, 2), "1.50"), (sa.Float(), "1.5"),
    (sa.Float(), sa.text("1e3")), (sa.Boolean(), sa.true()), (sa.Boolean(), sa.false()), (sa.Boolean(), "true"),
    (sa.Boolean(), "f"), (sa.Boolean(), sa.text("1 = 1")), (sa.String(20), "x"), (sa.String(20), "it's 50% :of \\ it"),
    (sa.String(20), sa.text("'a' || 'b'")), (sa.String(20), sa.text("'x'::text")), (sa.String(20), ""),
    (sa.Text(), "long"), (sa.Text(), sa.text("CURRENT_USER")), (sa.Text(), sa.text("NULL")), (sa.CHAR(3), "abc"),
    (sa.DateTime(), sa.func.now()), (sa.DateTime(timezone=True), sa.func.now()),
    (sa.DateTime(), sa.func.current_timestamp()), (sa.DateTime(), sa.text("CURRENT_TIMESTAMP")),
    (sa.DateTime(), sa.text("(now() AT TIME ZONE 'utc')")), (sa.DateTime(), "2020-01-01"),
    (sa.DateTime(), sa.text("now() + interval '1 day'")), (sa.Date(), sa.func.current_date()),
    (sa.Date(), sa.text("'2020-02-02'")), (sa.Time(), sa.text("localtime")), (sa.Interval(), "1 day"),
    (sa.Uuid(), sa.func.gen_random_uuid()), (sa.Uuid(), sa.text("gen_random_uuid()")),
    (sa.Uuid(), "00000000-0000-0000-0000-000000000000"), (pg.JSONB(), "{}"), (pg.JSONB(), sa.text("'{}'::jsonb")),
    (pg.JSONB(), sa.text("""'{"a": [1, 2], "b": ":x 50%"}'""")), (sa.JSON(), "[]"),
    (pg.JSONB(), sa.text("jsonb_build_object('a', 1)")), (pg.ARRAY(sa.Integer()), "{}"),
    (pg.ARRAY(sa.Integer()), sa.text("'{1,2}'::integer[]")), (pg.ARRAY(sa.String(5)), sa.text("ARRAY['a', 'b']")),
    (pg.ARRAY(sa.Text()), sa.text("array[]::text[]")), (sa.Enum("a", "b", name="plain_enum"), "a"),
    (sa.Enum("a", "b", name="plain_enum"), sa.text("'b'::plain_enum")), (sa.Enum(Mood), "happy"),
    (sa.Enum("it's", "50%", ":x", "ü", name="Odd Enum"), "it's"), (pg.ENUM("q", "r", name="order"), "r"),
    (sa.Enum("only", name="schema_enum", schema="other"), "only"), (sa.LargeBinary(), sa.text("'\\x00'::bytea")),
    (pg.INET(), "127.0.0.1"), (pg.INT4RANGE(), "[1,5)"), (pg.BIT(4), sa.text("B'0101'")),
    (sa.Integer(), sa.text("nextval('own_seq')")), (sa.Integer(), sa.text("length('a(b')")),
    (sa.Numeric(10, 2), decimal.Decimal("1.5").to_eng_string()), (sa.Date(), datetime.date(2020, 1, 1).isoformat()),
    (sa.Integer(), sa.func.coalesce(None, 5)), (sa.Integer(), sa.text("CAST('5' AS integer)")),
]  # fmt: skip


def everything() -> sa.MetaData:
    """A MetaData that ``create_all`` accepts once the schema ``other`` exists."""
    metadata = sa.MetaData()
    sa.Sequence("own_seq", metadata=metadata, start=5)
    sa.Table("types", metadata, *(sa.Column(f"c{place}", one) for place, one in enumerate(TYPES)))
    sa.Table(
        "defaults",
        metadata,
        *(sa.Column(f"c{place}", one, server_default=default) for place, (one, default) in enumerate(DEFAULTS)),
    )
    _keys(metadata)
    _expressions(metadata)
    _odd_names(metadata)
    return metadata


def _keys(metadata: sa.MetaData) -> None:
    sa.Table(
        "parent",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True, comment="the 'key' % :x \\"),
        sa.Column("a", sa.Integer, unique=True),
        sa.Column("b", sa.Integer, nullable=False, index=True),
        sa.Column("number", sa.Integer, sa.Identity(always=True, start=10, increment=5, cache=3, cycle=True)),
        sa.Column("counted", sa.SmallInteger, sa.Identity()),
        sa.UniqueConstraint("a", "b", name="uq_ab", postgresql_nulls_not_distinct=True),
        sa.UniqueConstraint("b", "a", deferrable=True, initially="DEFERRED"),
        sa.UniqueConstraint("b", name="uq_including", postgresql_include=["a"]),
        sa.CheckConstraint("a > 0"),
        sa.CheckConstraint("a between 1 and 10 or b is null", name="ck_both"),
        comment="a 'table' % :x",
    )
    sa.Table(
        "child",
        metadata,
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("parent_id", sa.BigInteger, sa.ForeignKey("parent.id", ondelete="CASCADE", onupdate="SET NULL")),
        sa.Column("self_id", sa.Integer, sa.ForeignKey("child.id", name="fk_self")),
        sa.Column("far", sa.Integer, sa.ForeignKey("other.far.id", match="FULL")),
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.Integer),
        sa.ForeignKeyConstraint(["a", "b"], ["parent.a", "parent.b"], deferrable=True, initially="DEFERRED", use_alter=True,
                                name="fk_deferred", ondelete="SET NULL (a)"),
    )  # fmt: skip
    sa.Table("far", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="other")
    sa.Table("no_key", metadata, sa.Column("x", sa.Integer))
    sa.Table(
        "both",
        metadata,
        sa.Column("second", sa.Integer),
        sa.Column("first", sa.String(10)),
        sa.PrimaryKeyConstraint("first", "second", name="the_key"),
    )
    sa.Table("public_one", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="public")


def _expressions(metadata: sa.MetaData) -> None:
    table = sa.Table(
        "expressions",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50)),
        sa.Column("kind", sa.Enum("a", "b", name="plain_enum")),
        sa.Column("price", sa.Numeric(10, 2)),
        sa.Column("data", pg.JSONB()),
        sa.Column("tags", pg.ARRAY(sa.Text())),
        sa.Column("during", pg.TSTZRANGE()),
        sa.Column("room", sa.Integer),
        sa.Column("total", sa.Numeric(12, 2), sa.Computed("price * 2 + 1", persisted=True)),
        sa.Column("is_dear", sa.Boolean, sa.Computed("CASE WHEN price > 100 THEN True ELSE False END")),
        sa.Column("label", sa.Text, sa.Computed("lower(name) || ': 50%''s'")),
        sa.CheckConstraint("name ~ '^[a-z:%]+$' AND length(name) > 2", name="ck_name"),
        sa.CheckConstraint("kind IN ('a', 'b')", name="ck_kind"),
        sa.CheckConstraint("price::integer % 2 = 0 OR data ? 'x'", name="ck_odd"),
        sa.CheckConstraint("tags @> ARRAY['x']::text[]", name="ck_tags"),
        sa.CheckConstraint("price not in (1,2,3)"),
        pg.ExcludeConstraint(("during", "&&"), name="ex_during", using="gist", where=sa.text("room > 5")),
        pg.ExcludeConstraint((sa.text("int4range(room, room + 1)"), "&&"), ("during", "&&"), using="gist",
                             deferrable=True, name="ex_text"),
    )  # fmt: skip
    c = table.c
    sa.Index("ix_lower", sa.func.lower(c.name))
    sa.Index("ix_text", sa.text("lower(name) DESC NULLS LAST"), sa.text("(price * 2)"))
    sa.Index("ix_sum", c.price + c.room, unique=True)
    sa.Index("ix_order", c.name.desc(), c.price.asc().nulls_first(), c.room.desc().nulls_last())
    sa.Index("ix_partial", "room", postgresql_where=c.price > 10)
    sa.Index("ix_partial_text", "room", postgresql_where=sa.text("kind = 'a' and name like 'x%'"))
    sa.Index("ix_gin", "data", postgresql_using="gin", postgresql_ops={"data": "jsonb_path_ops"})
    sa.Index("ix_pattern", "name", postgresql_ops={"name": "varchar_pattern_ops"})
    sa.Index("ix_default_ops", "tags", postgresql_using="gin", postgresql_ops={"tags": "array_ops"})
    sa.Index("ix_include", "room", postgresql_include=["price", "name"], unique=True,
             postgresql_nulls_not_distinct=True)  # fmt: skip
    sa.Index("ix_with", "price", postgresql_with={"fillfactor": 70})
    sa.Index("ix_hash", "name", postgresql_using="hash")
    sa.Index("ix_brin", "id", postgresql_using="brin", postgresql_with={"pages_per_range": 16})
    sa.Index("ix_collate", sa.collate(c.name, "C"), c.room)
    sa.Index("ix_lower_pattern", sa.func.lower(c.name).label("low"), postgresql_ops={"low": "text_pattern_ops"})
    sa.Index("ix_json", c.data["x"].astext)
    sa.Index("ix_cast", sa.cast(c.name, sa.Text).desc())
    sa.Index("ix_coalesce", sa.func.coalesce(c.name, "it's 50%:x"))


def _odd_names(metadata: sa.MetaData) -> None:
    names = ["select", "MixedCase", "with space", "ünïcode", 'quo"te', "per%cent", "co:lon", "order", "a.dot", "it's"]
    table = sa.Table(
        "Odd Table %",
        metadata,
        *(sa.Column(name, sa.Integer, server_default="1") for name in names),
        sa.CheckConstraint('"select" > 0 AND "per%cent" < "MixedCase"', name="ck odd %"),
        sa.UniqueConstraint("order", "select", name="Uq Odd"),
        comment="odd",
    )
    for place, name in enumerate(names):
        sa.Index(f"ix {name}", table.c[name].desc() if place % 2 else table.c[name])
    sa.Index("ix odd expression", table.c["MixedCase"] + table.c['quo"te'], postgresql_where=table.c["it's"] > 5)
    sa.Table("user", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("user", sa.Text))
    long = "a_very_long_table_name_that_makes_names_of_constraints_overflow"
    sa.Table(long, metadata, sa.Column("id_with_a_long_name_too_so_that_it_is_cut", sa.Integer, primary_key=True),
             sa.Column("x", sa.Integer, unique=True), sa.Column("y", sa.Integer, sa.CheckConstraint("y > 1")))  # fmt: skip
