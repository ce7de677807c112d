"""A renamed table and what is named after it: a fresh database and a migrated one hold the same names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.databases import Database, DatabaseMaker
from tests.scenarios.projects import Place, plain_app


def models(name: str, title: str, info: dict[str, Any], *, keyed: bool) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("parent", metadata, sa.Column("id", sa.Integer(), primary_key=True))
    target: list[Any] = [sa.ForeignKey("parent.id")] if keyed else []
    sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("parent_id", sa.Integer(), sa.ForeignKey("parent.id")),
        sa.Column("other_id", sa.Integer(), *target),
        sa.Column(title, sa.String(20), unique=True, info=info.get("column", {})),
        sa.CheckConstraint("parent_id > 0"),
        sa.CheckConstraint("parent_id < 1000"),
        sa.Index(f"ix_{name}_other", "other_id"),
        info=info.get("table", {}),
    )
    return metadata


def names(database: Database) -> set[tuple[Any, ...]]:
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        tables = [one for one in inspector.get_table_names() if one != "alembic_version"]
        numbers = inspector.get_sequence_names() if database.name == "postgresql" else []
        return {("", "sequence", one) for one in numbers} | {
            (table, kind, one["name"])
            for table in tables
            for kind, read in (
                ("key", inspector.get_foreign_keys),
                ("unique", inspector.get_unique_constraints),
                ("check", inspector.get_check_constraints),
                ("index", inspector.get_indexes),
                ("primary", lambda name: [inspector.get_pk_constraint(name)]),
            )
            for one in read(table)
        }


@pytest.mark.databases("sqlite", "postgresql", "mysql")
def test_names_that_the_database_made_up_follow(folder: Path, database: Database, make_database: DatabaseMaker) -> None:
    before = models("child", "name", {}, keyed=True)
    hints = {"table": {"renamed_from": "child"}, "column": {"renamed_from": "name"}}
    after = models("kid", "title", hints, keyed=False)
    fresh = make_database(database.name)
    after.create_all(sa.create_engine(fresh.url, poolclass=sa.NullPool))
    place = Place(folder, plain_app(before, database.url))
    place.fine("init")
    place.fine("migrate", "-m", "first")
    place.fine("upgrade")
    start = names(database)
    place = Place(folder, plain_app(after, database.url))
    place.fine("migrate", "-m", "second")
    place.fine("upgrade")
    place.fine("check")
    assert names(database) == names(fresh)
    place.fine("downgrade")
    assert names(database) == start
