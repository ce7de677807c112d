"""Reading through the cockroachdb dialect: from PostgreSQL with the columns appended that CockroachDB has more.

A real CockroachDB is read by the same test when TEST_COCKROACHDB_URL is set.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from flask_schema import View, declare
from flask_schema.dialects.cockroachdb.views import views_of
from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.registry import dialect_for
from flask_schema.diff.compare import diff
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import QualifiedName

KEPT = "SELECT transfers.id FROM bank.public.transfers"


def bank() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "accounts",
        metadata,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("balance", sa.Integer(), server_default="0"),
        sa.Column("name", sa.String(50), nullable=False, unique=True, comment="it's 100% hers"),
        sa.Column("notes", sa.Text(), server_default=sa.text("'x:y'")),
        sa.Column("opened", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("extra", sa.JSON()),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true")),
        sa.Column("rate", sa.Numeric(10, 2)),
        sa.Column("kind", sa.Enum("cash", "credit", name="kind")),
        sa.Column("big", sa.BigInteger()),
        sa.Column("small", sa.SmallInteger()),
        sa.Column("photo", sa.LargeBinary()),
        sa.CheckConstraint("balance > -5", name="not_too_poor"),
        sa.Index("ix_accounts", "balance", "name"),
    )
    sa.Table(
        "transfers",
        metadata,
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.ForeignKey("accounts.id", ondelete="CASCADE")),
    )
    return metadata


def differences(engine: sa.Engine, metadata: sa.MetaData) -> tuple[Operation, ...]:
    with engine.connect() as connection:
        dialect = dialect_for(connection.dialect)
        settled = dialect.settle(dialect.read(connection, Scope()), dialect.snapshot_of_models([metadata]), connection)
        return diff(settled.before, settled.after)


def test_what_create_all_made_differs_in_nothing(
    postgresql_url: str, behind_the_dialect: sa.Engine, open_engine: Any
) -> None:
    bank().create_all(open_engine(postgresql_url))
    assert differences(behind_the_dialect, bank()) == ()


def test_a_change_is_seen(postgresql_url: str, behind_the_dialect: sa.Engine, open_engine: Any) -> None:
    bank().create_all(open_engine(postgresql_url))
    changed = bank()
    changed.tables["accounts"].append_column(sa.Column("overdrawn", sa.Boolean(), sa.Computed("balance < 0")))
    changed.tables["accounts"].c.name.type = sa.String(80)
    assert [one.describe() for one in differences(behind_the_dialect, changed)] == [
        "alter column accounts.name (type)",
        "add column accounts.overdrawn",
    ]


def test_views_are_read_and_compared_by_their_text(
    postgresql_url: str, behind_the_dialect: sa.Engine, open_engine: Any
) -> None:
    metadata = bank()
    transfers = metadata.tables["transfers"]
    declare(metadata, View("ids", sa.select(transfers.c.id)), View("other", "SELECT 1 AS a", materialized=True))
    with open_engine(postgresql_url).begin() as connection:
        metadata.create_all(connection)
        connection.exec_driver_sql("CREATE VIEW ids AS SELECT transfers.id FROM transfers")
        connection.exec_driver_sql("CREATE MATERIALIZED VIEW other AS SELECT 2 AS a")
    with behind_the_dialect.connect() as connection:
        dialect = dialect_for(connection.dialect)
        before = dialect.read(connection, Scope(views_and_routines=True))
        assert {name.name: one.materialized for name, one in before.views.items()} == {"ids": False, "other": True}
        # PostgreSQL prints names without their table; CockroachDB keeps the text that was written
        ids = QualifiedName("ids")
        views = views_of([("public", "ids", KEPT, False, "bank")], lambda _, name: QualifiedName(name), "public")
        settled = dialect.settle(
            replace(before, views={**before.views, **views}), dialect.snapshot_of_models([metadata]), None
        )
        assert settled.before.views[ids] == settled.after.views[ids]
        assert [one.describe() for one in diff(settled.before, settled.after)] == [
            "drop materialized view other",
            "create materialized view other",
        ]


def test_a_real_server(cockroachdb_url: str, open_engine: Any) -> None:
    engine = open_engine(cockroachdb_url)
    bank().create_all(engine)
    assert differences(engine, bank()) == ()
