"""Row-level TTL, localities, hash-sharded and storing indexes: their SQL, and what of them is a difference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from flask_schema.dialects.cockroachdb.reader import CockroachdbReader
from flask_schema.dialects.cockroachdb.table_options import interval_key, locality_key, options_of, settled_options
from flask_schema.dialects.dialect import Dialect, Scope
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.diff.compare import diff
from flask_schema.diff.leftovers import leftovers
from flask_schema.errors import Irreversible, OperationRefused, UsageError
from flask_schema.operations.enums import RemoveEnumValue
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.operations.placement import RemoveRowTtl, SetLocality, SetRowTtl
from flask_schema.snapshot.elements import Enum, QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot

EVENTS = QualifiedName("events")


@pytest.fixture
def dialect() -> Dialect:
    return dialect_for(sa.make_url("cockroachdb://root@localhost/bank").get_dialect()())


def recorded(dialect: Dialect, script: Callable[[Any], None]) -> list[Operation]:
    recorder = Recorder(dialect.translation)
    script(Directives(recorder))
    return recorder.operations


def written(dialect: Dialect, script: Callable[[Any], None]) -> list[str]:
    surroundings = ReplayedSurroundings(dialect, None)
    return [" ".join(str(one.sql).split()) for one in dialect.statements(recorded(dialect, script), surroundings)]


@pytest.mark.parametrize(
    ("script", "sql"),
    [
        (
            lambda op: op.set_row_ttl("events", expire_after="30 days", job_cron="@weekly", delete_batch_size=50),
            [
                "ALTER TABLE events SET (ttl_delete_batch_size = 50, ttl_expire_after = '30 days', "
                "ttl_job_cron = '@weekly')"
            ],
        ),
        (
            lambda op: op.set_row_ttl("events", expire_after=timedelta(hours=1), pause=True, schema="log"),
            ["ALTER TABLE log.events SET (ttl_expire_after = '3600 seconds', ttl_pause = true)"],
        ),
        (
            lambda op: op.set_row_ttl(
                "events",
                expiration_expression="expired_at AT TIME ZONE 'UTC'",
                existing={"expire_after": "3 days", "select_batch_size": 9},
            ),
            [
                "ALTER TABLE events SET (ttl_expiration_expression = 'expired_at AT TIME ZONE ''UTC''')",
                "ALTER TABLE events RESET (ttl_expire_after, ttl_select_batch_size)",
            ],
        ),
        (lambda op: op.remove_row_ttl("events"), ["ALTER TABLE events RESET (ttl)"]),
        (lambda op: op.set_locality("events", "GLOBAL"), ["ALTER TABLE events SET LOCALITY GLOBAL"]),
        (
            lambda op: op.set_locality("events", None),
            ["ALTER TABLE events SET LOCALITY REGIONAL BY TABLE IN PRIMARY REGION"],
        ),
        (
            lambda op: op.create_index("ix", "events", ["a", "b"], cockroachdb_bucket_count=8),
            ["CREATE INDEX ix ON events (a, b) USING HASH WITH (bucket_count = 8)"],
        ),
        (
            lambda op: (
                op.create_index(
                    "ix",
                    "events",
                    ["a"],
                    cockroachdb_not_visible=True,
                    cockroachdb_storing=["b"],
                    postgresql_where="a > 1",
                ),
                op.create_index("iy", "events", ["a"], cockroachdb_not_visible=True, cockroachdb_bucket_count=8),
            ),
            [
                "CREATE INDEX ix ON events (a) STORING (b) WHERE a > 1 NOT VISIBLE",
                "CREATE INDEX iy ON events (a) USING HASH WITH (bucket_count = 8) NOT VISIBLE",
            ],
        ),
        (
            lambda op: op.create_index(
                "ix",
                "events",
                ["a"],
                unique=True,
                cockroachdb_using="hash",
                cockroachdb_storing=["b", "c"],
                postgresql_where=sa.text("a > 0"),
            ),
            ["CREATE UNIQUE INDEX ix ON events (a) USING HASH STORING (b, c) WHERE a > 0"],
        ),
        (
            lambda op: op.create_index("ix", "events", ["a"], postgresql_include=["b"]),
            ["CREATE INDEX ix ON events (a) STORING (b)"],
        ),
        (
            lambda op: op.alter_primary_key(
                "events", ["id", "at"], cockroachdb_bucket_count=4, existing_columns=["id"]
            ),
            ["ALTER TABLE events ALTER PRIMARY KEY USING COLUMNS (id, at) USING HASH WITH (bucket_count = 4)"],
        ),
        (
            lambda op: op.create_table(
                "events",
                sa.Column("id", sa.Integer(), autoincrement=False),
                sa.PrimaryKeyConstraint("id", cockroachdb_bucket_count=4),
                cockroachdb_ttl_expire_after="30 days",
                cockroachdb_ttl_delete_batch_size=50,
                cockroachdb_locality="REGIONAL BY ROW",
            ),
            [
                "CREATE TABLE events ( id INTEGER NOT NULL, PRIMARY KEY (id) USING HASH WITH (bucket_count = 4) ) "
                "WITH (ttl_delete_batch_size = 50, ttl_expire_after = '30 days') LOCALITY REGIONAL BY ROW"
            ],
        ),
        (
            lambda op: op.validate_constraint("positive", "events"),
            ["ALTER TABLE events VALIDATE CONSTRAINT positive"],
        ),
        (
            lambda op: op.add_enum_value("mood", "sad", after="ok", if_not_exists=True),
            ["ALTER TYPE mood ADD VALUE IF NOT EXISTS 'sad' AFTER 'ok'"],
        ),
        (lambda op: op.remove_enum_value("mood", "sad"), ["ALTER TYPE mood DROP VALUE 'sad'"]),
    ],
)
def test_statements(dialect: Dialect, script: Callable[[Any], None], sql: list[str]) -> None:
    assert written(dialect, script) == sql


@pytest.mark.parametrize("url", ["sqlite://", "postgresql://", "mysql+pymysql://"])
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (lambda op: op.set_row_ttl("events", expire_after="1 day"), "has no row-level TTL"),
        (lambda op: op.remove_row_ttl("events"), "has no row-level TTL"),
        (lambda op: op.set_locality("events", "GLOBAL"), "has no localities"),
    ],
)
def test_other_databases_refuse_them_by_name(url: str, script: Callable[[Any], None], reason: str) -> None:
    with pytest.raises(OperationRefused, match=f"^cannot .*: (SQLite|PostgreSQL|MySQL) {reason}"):
        written(dialect_for(sa.make_url(url).get_dialect()()), script)


def test_a_parameter_that_there_is_not_is_named(dialect: Dialect) -> None:
    with pytest.raises(UsageError, match="row-level TTL has no parameter ttl_batch"):
        written(dialect, lambda op: op.set_row_ttl("events", expire_after="1 day", batch=5))
    with pytest.raises(UsageError, match="needs expire_after"):
        written(dialect, lambda op: op.set_row_ttl("events"))


def test_rows_of_a_removed_value_are_the_scripts_affair(dialect: Dialect) -> None:
    with pytest.raises(OperationRefused, match="drops a value that no row holds"):
        written(dialect, lambda op: op.remove_enum_value("mood", "sad", replacement="ok"))


# -- on paper -----------------------------------------------------------------------------------


def snapshot(*options: tuple[str, Any]) -> Snapshot:
    return Snapshot.of("cockroachdb", [Table(EVENTS, (), options=tuple(sorted(options)))])


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ((), (("ttl_expire_after", "1 day"),), [SetRowTtl]),
        ((("ttl_expire_after", "1 day"), ("ttl_pause", True)), (("ttl_expire_after", "2 days"),), [SetRowTtl]),
        ((("ttl_expire_after", "1 day"), ("locality", "GLOBAL")), (), [RemoveRowTtl, SetLocality]),
        ((), (("locality", "GLOBAL"),), [SetLocality]),
    ],
)
def test_differences_are_operations_that_lead_there_and_back(
    before: tuple[Any, ...], after: tuple[Any, ...], kinds: list[type[Operation]]
) -> None:
    old, new = snapshot(*before), snapshot(*after)
    found = diff(old, new)
    assert [type(one) for one in found] == kinds
    assert leftovers(old, new) == ()
    there = old
    for one in found:
        there = one.replay(there)
    assert there == new
    for one in reversed(found):
        there = one.invert().replay(there)
    assert there == old


def test_what_is_not_known_has_no_way_back() -> None:
    for one in (SetRowTtl(EVENTS, (("ttl_pause", True),)), RemoveRowTtl(EVENTS), SetLocality(EVENTS, "GLOBAL")):
        with pytest.raises(Irreversible):
            one.invert()


def test_a_removed_value_comes_back_in_its_place() -> None:
    mood = Enum(QualifiedName("mood"), ("a", "b", "c"))
    there = Snapshot("cockroachdb", enums={mood.name: mood})
    removal = RemoveEnumValue(mood.name, "b", following="a")
    assert removal.replay(there).enums[mood.name].values == ("a", "c")
    assert removal.invert().replay(removal.replay(there)) == there
    assert removal.invert().invert() == removal
    with pytest.raises(Irreversible):
        RemoveEnumValue(mood.name, "b", replacement="a").invert()


# -- the catalog --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("30 days", "30 days"),
        ("1 month", "1 mon"),
        ("10 minutes", "00:10:00"),
        ("90 seconds", "00:01:30"),
        ("1 year", "12 mons"),
    ],
)
def test_intervals_are_compared_by_their_meaning(one: str, other: str) -> None:
    assert interval_key(one) == interval_key(other)
    assert interval_key(one) != interval_key("29 days")


def test_localities_are_compared_by_their_meaning() -> None:
    assert locality_key("regional by table") == locality_key("REGIONAL BY TABLE IN PRIMARY REGION")
    assert locality_key('REGIONAL BY TABLE IN "a"') != locality_key('REGIONAL BY TABLE IN "A"')


def test_the_catalogs_texts_are_read() -> None:
    shown = [
        "ttl='on'",
        "ttl_expire_after='00:10:00':::INTERVAL",
        "ttl_job_cron='@daily'",
        "ttl_delete_batch_size=50",
        "exclude_data_from_backup=true",
    ]
    options = options_of(shown, "REGIONAL BY TABLE IN PRIMARY REGION")
    assert options == (("ttl_delete_batch_size", 50), ("ttl_expire_after", "00:10:00"))
    models = (("ttl_delete_batch_size", 50), ("ttl_expire_after", "10 minutes"))
    assert settled_options(options, models) == models


class TablesRow(NamedTuple):
    schema_name: str
    table_name: str
    locality: str | None


class StubConnection:
    """Answers the reader's queries with what a cluster of several regions shows."""

    def __init__(self, regional: bool) -> None:
        self.regional = regional
        self.asked: list[str] = []

    def exec_driver_sql(self, sql: str, execution_options: Any = None) -> list[Any]:
        del execution_options
        self.asked.append(sql)
        if "pg_enum" in sql:
            return [("public", "mood", "ok"), ("public", "crdb_internal_region", "us-east1")][
                : 2 if self.regional else 1
            ]
        if "reloptions" in sql:
            return [("public", "events", ["ttl='on'", "ttl_expire_after='30 days':::INTERVAL"])]
        if sql == "SHOW TABLES":
            return [TablesRow("public", "events", "REGIONAL BY ROW"), TablesRow("public", "other", None)]
        return [
            ("public", "events", "id", "INT8", "NO", None, None, None, "NO", None),
            ("public", "events", "a", "STRING", "YES", None, None, None, "NO", None),
            (
                "public",
                "events",
                "mood",
                "bank.public.mood" if self.regional else "mood[]",
                "YES",
                *[None] * 3,
                "NO",
                None,
            ),
        ]


class StubInspector:
    default_schema_name = "public"

    def _empty(self, **_: Any) -> dict[Any, Any]:
        return {}

    get_multi_unique_constraints = get_multi_foreign_keys = get_multi_check_constraints = _empty
    get_multi_table_comment = _empty

    def get_multi_pk_constraint(self, **_: Any) -> dict[Any, Any]:
        columns = ["crdb_region", "crdb_internal_id_shard_4", "id"]
        return {(None, "events"): {"name": "events_pkey", "constrained_columns": columns}}

    def get_multi_indexes(self, **_: Any) -> dict[Any, Any]:
        columns = ["crdb_region", "crdb_internal_a_shard_16", "a"]
        return {(None, "events"): [{"name": "ix", "column_names": columns, "unique": False, "dialect_options": {}}]}

    def get_sequence_names(self, schema: str | None) -> list[str]:
        del schema
        return []


@pytest.mark.parametrize("regional", [True, False])
def test_the_catalog_is_read(monkeypatch: pytest.MonkeyPatch, dialect: Dialect, regional: bool) -> None:
    connection: Any = StubConnection(regional)
    monkeypatch.setattr(sa, "inspect", lambda _: StubInspector())
    read = CockroachdbReader(connection, Scope()).read()
    options: dict[str, Any] = {"cockroachdb_ttl_expire_after": "30 days"}
    if regional:
        options["cockroachdb_locality"] = "REGIONAL BY ROW"
    metadata = sa.MetaData()
    mood = sa.Enum("ok", name="mood")
    table = sa.Table(
        "events",
        metadata,
        sa.Column("id", sa.BigInteger(), autoincrement=False),
        sa.Column("a", sa.Text()),
        sa.Column("mood", mood if regional else sa.ARRAY(mood)),
        sa.PrimaryKeyConstraint("id", cockroachdb_bucket_count=4, name="events_pkey"),
        **options,
    )
    sa.Index("ix", table.c.a, cockroachdb_bucket_count=16, cockroachdb_not_visible=True)
    models = dialect.snapshot_of_models([metadata])
    settled = dialect.settle(dialect.canonical(read), models, None)
    assert diff(settled.before, settled.after) == ()
    assert QualifiedName("crdb_internal_region") not in read.enums
    assert ("SHOW TABLES" in connection.asked) == regional


@pytest.mark.parametrize("referred", [False, True])
def test_the_unique_index_of_an_old_key_goes_unless_a_foreign_key_needs_it(dialect: Dialect, referred: bool) -> None:
    def schema(op: Any) -> None:
        op.create_table("events", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("at", sa.Date()))
        key = [sa.ForeignKey("events.id")] if referred else []
        op.create_table(
            "notes", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("event", sa.Integer(), *key)
        )

    surroundings = ReplayedSurroundings(dialect, Snapshot("cockroachdb"))
    for operation in recorded(dialect, schema):
        surroundings.replay(operation)
    operations = recorded(dialect, lambda op: op.alter_primary_key("events", ["id", "at"]))
    sent = [str(one.sql) for one in dialect.statements(operations, surroundings)]
    assert sent[0] == "ALTER TABLE events ALTER PRIMARY KEY USING COLUMNS (id, at)"
    assert sent[1:] == ([] if referred else ["DROP INDEX IF EXISTS events@events_id_key CASCADE"])
