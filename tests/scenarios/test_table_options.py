"""Options of tables that change, with rows in them, there and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.databases import Database
from tests.scenarios.projects import Place, plain_app

STEPS: dict[str, list[dict[str, Any]]] = {
    "sqlite": [
        {},
        {"sqlite_autoincrement": True},
        {"sqlite_with_rowid": False},
        {"sqlite_strict": True},
    ],
    "mysql": [
        {},
        {"mysql_engine": "MyISAM"},
        {"mysql_engine": "InnoDB", "mysql_charset": "latin1"},
        {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"},
        {"mysql_row_format": "COMPRESSED"},
    ],
}
SHOWN = {
    "sqlite": "SELECT sql LIKE '%AUTOINCREMENT%', sql LIKE '%WITHOUT ROWID%', sql LIKE '%STRICT%' FROM sqlite_master "
    "WHERE name = 'account'",
    "mysql": "SELECT engine, table_collation, create_options, (SELECT group_concat(collation_name) "
    "FROM information_schema.columns c WHERE c.table_schema = DATABASE() AND c.table_name = 'account') "
    "FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'account'",
}


def models(database: Database, options: dict[str, Any], **columns: Any) -> sa.MetaData:
    metadata = sa.MetaData()
    text = sa.Text() if database.name == "sqlite" else sa.String(20)
    more = [sa.Column(name, python) for name, python in columns.items()]
    sa.Table(
        "account", metadata, sa.Column("id", sa.Integer(), primary_key=True), sa.Column("x", text), *more, **options
    )
    return metadata


def shown(database: Database) -> tuple[list[Any], list[Any]]:
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        about = [
            tuple(" ".join(str(one).replace('"', "").split()) for one in row)
            for row in connection.exec_driver_sql(SHOWN[database.name])
        ]
        return about, [tuple(row) for row in connection.exec_driver_sql("SELECT id, x FROM account")]


@pytest.mark.databases("sqlite", "mysql")
def test_options_change_with_rows_in_the_table(folder: Path, database: Database) -> None:
    states = []
    for number, options in enumerate(STEPS[database.name]):
        place = Place(folder, plain_app(models(database, options), database.url))
        if number == 0:
            place.fine("init")
        place.fine("migrate", "-m", f"step {number}")
        place.fine("upgrade")
        assert "left" not in place.fine("check").text
        if number == 0:
            engine = sa.create_engine(database.url, poolclass=sa.NullPool)
            with engine.begin() as connection:
                connection.exec_driver_sql("INSERT INTO account (id, x) VALUES (7, 'kept')")
        states.append(shown(database))
        assert states[-1][1] == [(7, "kept")]
        if number:
            assert states[-1][0] != states[-2][0]
            place.fine("downgrade")
            assert shown(database) == states[-2]
            place.fine("upgrade")
            assert shown(database) == states[-1]


@pytest.mark.databases("mysql")
def test_a_character_set_that_cannot_be_converted_safely_is_left_alone_and_said(
    folder: Path, database: Database
) -> None:
    place = Place(folder, plain_app(models(database, {}, note=sa.Text()), database.url))
    place.fine("init")
    place.fine("migrate", "-m", "first")
    place.fine("upgrade")
    place = Place(folder, plain_app(models(database, {"mysql_charset": "latin1"}, note=sa.Text()), database.url))
    assert "left alone, since column note would become a longer TEXT" in place.fine("check").text
