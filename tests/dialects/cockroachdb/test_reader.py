"""Reading through the cockroachdb dialect: from PostgreSQL with the columns appended that CockroachDB has more.

A real CockroachDB is read by the same test when TEST_COCKROACHDB_URL is set.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
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


def test_columns_that_number_themselves_differ_in_nothing(
    postgresql_url: str, behind_the_dialect: sa.Engine, open_engine: Any
) -> None:
    metadata = sa.MetaData()
    table = sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("n", sa.Integer(), sa.Identity(start=5)),
        sa.Column("m", sa.BigInteger(), sa.Identity(always=True)),
        sa.Column("kept", sa.Integer(), server_default=sa.text("nextval('numbers')")),
    )
    sa.Sequence("numbers", metadata=metadata)
    metadata.create_all(open_engine(postgresql_url))
    assert differences(behind_the_dialect, metadata) == ()
    table.c.m.identity.always = False
    table.c.kept.server_default = None
    assert [one.describe() for one in differences(behind_the_dialect, metadata)] == [
        "alter column t.m (identity)",
        "alter column t.kept (default)",
    ]


def test_unique_indexes_that_are_shown_as_constraints_differ_in_nothing(
    postgresql_url: str, behind_the_dialect: sa.Engine, open_engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = bank()
    accounts = metadata.tables["accounts"].c
    sa.Index("ix_plain", accounts.big, unique=True)
    sa.Index("ix_part", accounts.rate, unique=True, postgresql_where=accounts.balance > 5)
    sa.Index("ix_lower", sa.func.lower(accounts.notes), unique=True)
    sa.Index("ix_desc", accounts.small.desc(), unique=True)
    metadata.create_all(open_engine(postgresql_url))
    dialect = type(behind_the_dialect.dialect)
    told = dialect.get_multi_unique_constraints

    def every_unique_index(self: Any, connection: Any, *arguments: Any, **keywords: Any) -> Any:
        found = dict(told(self, connection, *arguments, **keywords))
        for place, indexes in dict(self.get_multi_indexes(connection, *arguments, **keywords)).items():
            shown = [one for one in indexes if one["unique"] and not one.get("duplicates_constraint")]
            named = [
                {"name": one["name"], "column_names": [name for name in one["column_names"] if name]} for one in shown
            ]
            found[place] = [*found.get(place, []), *named]
        return found

    monkeypatch.setattr(dialect, "get_multi_unique_constraints", every_unique_index)
    assert differences(behind_the_dialect, metadata) == ()
    assert len(differences(behind_the_dialect, bank())) == 4


def test_a_real_server(cockroachdb_url: str, open_engine: Any) -> None:
    engine = open_engine(cockroachdb_url)
    bank().create_all(engine)
    assert differences(engine, bank()) == ()
