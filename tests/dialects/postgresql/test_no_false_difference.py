"""What ``create_all`` made, read back, differs from the models in nothing; and reading costs a handful of queries."""

from __future__ import annotations

import sqlalchemy as sa

from flask_schema.dialects.dialect import Scope

from .live_database import LiveDatabase
from .models import everything

MOST_QUERIES = 8
MOST_QUERIES_WITH_JUDGE = 10


def test_everything_the_dialect_knows(live: LiveDatabase) -> None:
    live.sql("CREATE SCHEMA other")
    metadata = everything()
    metadata.create_all(live.engine)

    settled = live.settle(metadata)

    assert settled.notes == ()
    for name, table in settled.after.tables.items():
        before = settled.before.tables[name]
        assert dict(zip(before.column_names, before.columns, strict=True)) == dict(
            zip(table.column_names, table.columns, strict=True)
        )
    assert settled.before.enums == settled.after.enums
    assert settled.before.sequences == settled.after.sequences
    assert live.differences(metadata) == ()


def test_the_number_of_queries_does_not_grow(live: LiveDatabase) -> None:
    counts = []
    for count in (3, 30):
        metadata = sa.MetaData()
        for place in range(count):
            sa.Table(
                f"t{place}",
                metadata,
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("n", sa.Numeric, sa.CheckConstraint("n in (1, 2)"), server_default=sa.text("1 + 1")),
            )
        metadata.create_all(live.engine)
        live.queries.clear()
        assert live.differences(metadata) == ()
        counts.append(len(live.queries))

    assert counts[0] == counts[1] <= MOST_QUERIES_WITH_JUDGE


def test_reading_takes_a_handful_of_queries(live: LiveDatabase) -> None:
    live.sql("CREATE TABLE t (id serial PRIMARY KEY, b int CHECK (b > 1))")
    live.queries.clear()

    live.read(Scope(views_and_routines=True))

    assert len(live.queries) <= MOST_QUERIES
