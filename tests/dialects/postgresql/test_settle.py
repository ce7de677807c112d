"""The server as the judge: what it takes for the same, what it cannot judge, and that it leaves nothing behind."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from flask_schema.operations.columns import AlterColumn
from flask_schema.operations.constraints import CreateCheckConstraint, DropConstraint
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.snapshot.elements import QualifiedName

from .live_database import LiveDatabase


def table(*items: sa.schema.SchemaItem, schema: str | None = None) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), *items, schema=schema)
    return metadata


def price(expression: str) -> sa.MetaData:
    return table(sa.Column("price", sa.Numeric), sa.CheckConstraint(expression, name="ck"))


def test_a_changed_check_is_found(live: LiveDatabase) -> None:
    price("price > 0").create_all(live.engine)
    found = live.differences(price("price > 1"))
    assert [type(one) for one in found] == [DropConstraint, CreateCheckConstraint]
    assert live.differences(price("NOT (price <= 0)")) != ()
    assert live.differences(price("( price  >0 )")) == ()


def test_a_changed_default_is_found(live: LiveDatabase) -> None:
    def at(default: str) -> sa.MetaData:
        return table(sa.Column("at", sa.DateTime, server_default=sa.text(default)))

    at("now() + interval '1 day'").create_all(live.engine)
    assert live.differences(at("now() + '1 day'::interval")) == ()
    (found,) = live.differences(at("now() + interval '2 days'"))
    assert isinstance(found, AlterColumn)


def test_a_changed_index_is_found(live: LiveDatabase) -> None:
    def by(expression: str, where: str) -> sa.MetaData:
        metadata = table(sa.Column("name", sa.Text))
        made = metadata.tables["t"]
        sa.Index("ix", sa.text(expression), postgresql_where=sa.text(where), _table=made)
        return metadata

    by("lower(name)", "name > 'a'").create_all(live.engine)
    assert live.differences(by("LOWER( name )", "(name>'a'::text)")) == ()
    assert [type(one) for one in live.differences(by("upper(name)", "name > 'a'"))] == [DropIndex, CreateIndex]
    assert [type(one) for one in live.differences(by("lower(name)", "name > 'b'"))] == [DropIndex, CreateIndex]


def test_an_expression_that_the_server_refuses_is_noted(live: LiveDatabase) -> None:
    price("price > 0").create_all(live.engine)
    settled = live.settle(price("price > no_such_function(1)"))
    (note,) = settled.notes
    assert "the check ck on t" in note
    assert "no_such_function" in note
    assert live.differences(price("price > no_such_function(1)")) != ()


def test_a_quotation_mark_of_the_block_does_no_harm(live: LiveDatabase) -> None:
    def named(text: str) -> sa.MetaData:
        return table(
            sa.Column("name", sa.Text), sa.CheckConstraint(f"name <> $flask_schema_jobs${text}$flask_schema_jobs$")
        )

    named("a").create_all(live.engine)
    assert live.differences(named("a")) == ()
    assert live.differences(named("b")) != ()


def test_nothing_is_left_behind(live: LiveDatabase) -> None:
    price("price > 0").create_all(live.engine)
    before = live.rows("SELECT count(*) FROM pg_class")
    with live.engine.connect() as connection:
        path = connection.exec_driver_sql("SHOW search_path").scalar_one()
        old = live.read()
        live.dialect.settle(old, live.dialect.snapshot_of_models([price("price > 1")]), connection)
        assert connection.exec_driver_sql("SHOW search_path").scalar_one() == path
        assert connection.exec_driver_sql("SELECT current_setting('flask_schema.answers')").scalar_one() == ""
        connection.commit()
    assert live.rows("SELECT count(*) FROM pg_class") == before


def test_no_right_to_create_temporary_tables(live: LiveDatabase) -> None:
    price("price > 0").create_all(live.engine)
    live.sql("CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    live.sql("DO $$ BEGIN EXECUTE 'REVOKE TEMP ON DATABASE ' || current_database() || ' FROM PUBLIC'; END $$")
    engine = sa.create_engine(live.engine.url.set(username="reader"), poolclass=sa.NullPool)
    try:
        reader = LiveDatabase(engine)
        settled = reader.settle(price("0 < price"))
        assert len(settled.notes) == 1
        assert "permission denied" in settled.notes[0]
        assert reader.settle(price("price > 0")).notes != ()  # the text differs: price > 0::numeric
        assert live.settle(price("price > 0")).notes == ()
    finally:
        live.sql("DROP OWNED BY reader; DROP ROLE reader")


def test_enums_that_the_database_does_not_have_yet(live: LiveDatabase) -> None:
    def mood(*values: str, default: str, schema: str | None) -> sa.MetaData:
        kind = sa.Enum(*values, name="mood", schema=schema)
        return table(
            sa.Column("mood", kind, server_default=default),
            sa.CheckConstraint(f"mood <> '{values[0]}'", name="ck"),
            schema=schema,
        )

    live.sql("CREATE SCHEMA other")
    for schema in (None, "other"):
        mood("a", "b", default="a", schema=schema).create_all(live.engine)
        settled = live.settle(mood("a", "b", "c", default="c", schema=schema))
        assert settled.notes == ()
        before = settled.before.tables[QualifiedName("t", schema)]
        assert before.checks == settled.after.tables[QualifiedName("t", schema)].checks
        assert before.columns[1].default == "'a'"


def test_types_of_extensions_and_functions_elsewhere_on_the_search_path(live: LiveDatabase) -> None:
    live.sql(
        "CREATE SCHEMA tools; CREATE FUNCTION tools.twice(numeric) RETURNS numeric IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 2'"
    )
    live.sql(
        "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET search_path = public, tools'; END $$"
    )
    models = table(
        sa.Column("price", sa.Numeric, server_default=sa.text("twice(2)")), sa.CheckConstraint("twice(price) > 1")
    )
    models.create_all(live.engine)
    assert live.differences(models) == ()
    assert live.table("t").columns[1].default == "tools.twice(2::numeric)"


def test_a_constraint_that_is_not_valid_is_noted(live: LiveDatabase) -> None:
    price("price > 0").create_all(live.engine)
    live.sql("ALTER TABLE t DROP CONSTRAINT ck; ALTER TABLE t ADD CONSTRAINT ck CHECK (price > 0) NOT VALID")
    assert live.differences(price("price > 0")) == ()
    (note,) = live.settle(price("price > 0")).notes
    assert "VALIDATE CONSTRAINT ck" in note
    models = table(
        sa.Column("price", sa.Numeric), sa.CheckConstraint("price > 0", name="ck", postgresql_not_valid=True)
    )
    assert live.differences(models) == ()
    assert live.settle(models).notes == ()


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        (sa.String(50), sa.String(51), True),
        (sa.DateTime(), sa.DateTime(timezone=True), True),
        (sa.Numeric(10, 2), sa.Numeric(10, 3), True),
        (pg.ARRAY(sa.Integer), pg.ARRAY(sa.BigInteger), True),
        (sa.Numeric(10), sa.DECIMAL(10, 0), False),
        (sa.Float(), sa.Double(), False),
        (sa.Float(24), sa.REAL(), False),
        (sa.String(collation="C"), sa.String(), True),
        (sa.Enum("a", name="e", native_enum=False), sa.String(1), False),
        (pg.INTERVAL(precision=3), pg.INTERVAL(precision=2), True),
    ],
)
def test_types(
    live: LiveDatabase, old: sa.types.TypeEngine[object], new: sa.types.TypeEngine[object], differs: bool
) -> None:
    table(sa.Column("c", old)).create_all(live.engine)
    assert bool(live.differences(table(sa.Column("c", new)))) == differs


def test_objects_of_extensions_and_partitions_are_left_alone(live: LiveDatabase) -> None:
    live.sql(
        """
        CREATE EXTENSION IF NOT EXISTS plpgsql;
        CREATE TABLE parts (id int, at date NOT NULL) PARTITION BY RANGE (at);
        CREATE INDEX ix_parts ON parts (id);
        CREATE TABLE parts_2020 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE TABLE owned (id int); CREATE TYPE owned_enum AS ENUM ('a'); CREATE SEQUENCE owned_seq;
        ALTER EXTENSION plpgsql ADD TABLE owned; ALTER EXTENSION plpgsql ADD TYPE owned_enum;
        ALTER EXTENSION plpgsql ADD SEQUENCE owned_seq;
        """
    )
    try:
        snapshot = live.read()
        assert set(snapshot.tables) == {QualifiedName("parts")}
        assert snapshot.tables[QualifiedName("parts")].options == (("partition_by", "RANGE (at)"),)
        assert [one.name for one in snapshot.tables[QualifiedName("parts")].indexes] == ["ix_parts"]
        assert not snapshot.enums
        assert not snapshot.sequences
    finally:
        live.sql("ALTER EXTENSION plpgsql DROP TABLE owned; ALTER EXTENSION plpgsql DROP TYPE owned_enum; "
                 "ALTER EXTENSION plpgsql DROP SEQUENCE owned_seq")  # fmt: skip
