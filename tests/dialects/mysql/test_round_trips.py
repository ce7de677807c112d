"""Random pairs of models: up is what ``create_all`` makes, nothing differs then, down is what was before."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func, text
from sqlalchemy.dialects import mysql

from flask_schema.diff.compare import invert_all

from .conftest import Database

COLUMNS: list[tuple[Any, list[Any]]] = [
    (sa.Integer(), ["5", "0", None]),
    (sa.BigInteger(), ["7", None]),
    (mysql.INTEGER(unsigned=True), ["3", None]),
    (sa.String(20), ["x", "it's", "50%", None]),
    (sa.String(40), [func.uuid(), None]),
    (sa.String(20, collation="utf8mb4_bin"), ["x", None]),
    (sa.Text(), [None]),
    (sa.LargeBinary(), [None]),
    (sa.JSON(), [None]),
    (sa.Numeric(10, 2), ["1.5", "0", None]),
    (sa.Numeric(12, 4), ["1.5", None]),
    (sa.Float(), ["1.5", None]),
    (sa.Boolean(), [sa.true(), sa.false(), None]),
    (sa.Date(), ["2020-01-01", None]),
    (sa.DateTime(), [func.now(), text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"), None]),
    (mysql.DATETIME(fsp=6), [None]),
    (sa.TIMESTAMP(), [func.now(), None]),
    (sa.Enum("a", "b"), ["a", None]),
    (sa.Enum("a", "b", "c"), ["a", None]),
    (mysql.SET("a", "b"), [None]),
]
WITHOUT_KEY = (sa.Text, sa.LargeBinary, sa.JSON)
GENERATED_NAMES = re.compile(r"CONSTRAINT `(CONSTRAINT_\d+|\w+_(ibfk|chk)_\d+)`")
INDEX_OF_KEY = re.compile(r"KEY `\w+_ibfk_\d+` \(`(\w+)`")


class Models:
    """Random models; the same random numbers give the same models."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.metadata = sa.MetaData()
        for name in chance.sample(["alpha", "beta", "gamma", "select"], chance.randint(1, 3)):
            self.add_table(name)

    def add_table(self, name: str) -> None:
        chance = self.chance
        columns = self.key_columns(chance.choice(["number", "number", "both", "word", "none"]))
        for column in chance.sample(["a", "b", "c", "d", "Mixed", "order", "f%"], chance.randint(1, 6)):
            data_type, defaults = chance.choice(COLUMNS)
            columns.append(
                sa.Column(
                    column,
                    data_type,
                    nullable=chance.random() < 0.6,
                    server_default=chance.choice(defaults),
                    comment=chance.choice([None, None, "it's 50%"]),
                )
            )
        table = sa.Table(name, self.metadata, *columns, comment=chance.choice([None, "c", "d"]))
        self.add_expressions(table)
        self.add_keys(table)
        self.add_foreign_key(table)

    def key_columns(self, kind: str) -> list[sa.Column[Any]]:
        if kind == "none":
            return [sa.Column("id", sa.Integer)]
        if kind == "word":
            return [sa.Column("id", sa.String(10), primary_key=True)]
        second = sa.Column("id2", sa.Integer, primary_key=True, autoincrement=False)
        first = sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)
        return [first, second] if kind == "both" else [first]

    def add_expressions(self, table: sa.Table) -> None:
        chance = self.chance
        # a server lets no expression name a column that is AUTO_INCREMENT, as id may be on the other side
        numbers = [one.name for one in table.columns if isinstance(one.type, sa.Integer) and one.name[:2] != "id"]
        if not numbers:
            return
        name = numbers[0]
        if chance.random() < 0.5:
            table.append_constraint(
                sa.CheckConstraint(f"`{name}` > {chance.randint(-9, 3)}", name=f"ck{chance.randint(1, 2)}_{table.name}")
            )
        if chance.random() < 0.4:
            either = f"(`{name}` BETWEEN -100 AND {chance.randint(5, 9)}) OR `{name}` IS NULL"
            table.append_constraint(sa.CheckConstraint(either, name=chance.choice([None, f"ck_{table.name}"])))
        if chance.random() < 0.4:
            computed = sa.Computed(f"`{name}` + {chance.randint(1, 2)}", persisted=chance.choice([True, False]))
            table.append_column(sa.Column("computed", sa.Integer, computed))

    def add_keys(self, table: sa.Table) -> None:
        chance = self.chance
        names = [one.name for one in table.columns if not isinstance(one.type, WITHOUT_KEY) and not one.primary_key]
        for _ in range(chance.randint(0, 2) if names else 0):
            keys = chance.sample(names, min(len(names), chance.randint(1, 2)))
            kind = chance.choice(["uq", "ix", "ux", "desc"])
            name = f"{kind}_{table.name}_{'_'.join(keys)}".replace("%", "")
            if name in {*(one.name for one in table.indexes), *(one.name for one in table.constraints)}:
                continue
            if kind == "uq":
                table.append_constraint(sa.UniqueConstraint(*keys, name=name))
            else:
                first = table.c[keys[0]]
                rest = [table.c[key] for key in keys[1:]]
                sa.Index(name, first.desc() if kind == "desc" else first, *rest, unique=kind == "ux")
        long = [one for one in table.columns if isinstance(one.type, sa.Text)]
        if long and chance.random() < 0.6:
            sa.Index(f"long_{table.name}", long[0], mysql_length=chance.choice([5, 9]))

    def add_foreign_key(self, table: sa.Table) -> None:
        chance = self.chance
        for target in self.metadata.tables.values():
            key = next(iter(target.primary_key.columns), None)
            if key is None or not isinstance(key.type, sa.Integer) or "target" in table.c or chance.random() < 0.5:
                continue
            table.append_column(sa.Column("target", sa.Integer, index=chance.random() < 0.4))
            table.append_constraint(
                sa.ForeignKeyConstraint(
                    ["target"],
                    [key],
                    name=chance.choice([None, f"fk_{table.name}_{target.name}"]),
                    ondelete=chance.choice([None, "CASCADE", "SET NULL"]),
                    onupdate=chance.choice([None, "CASCADE"]),
                )
            )


def catalog(server: Database) -> dict[str, list[str]]:
    """What the server says, names that it made up left out.

    Where a key comes back under a name that was made up, its index takes that, and not the column's as at first.
    """
    return {
        table: sorted(INDEX_OF_KEY.sub(r"KEY `\1` (`\1`", GENERATED_NAMES.sub("CONSTRAINT ``", line)) for line in lines)
        for table, lines in server.catalog().items()
    }


@pytest.mark.parametrize("seed", range(16))
def test_round_trip(server: Database, seed: int) -> None:
    chance = random.Random(seed)
    before, after = Models(chance).metadata, Models(chance).metadata
    with server.engine.begin() as connection:
        after.create_all(connection)
    expected = catalog(server)
    with server.engine.begin() as connection:
        after.drop_all(connection)
        before.create_all(connection)
    assert server.differences(before) == ()
    start = catalog(server)

    operations = server.differences(after)
    server.run(*operations)
    assert catalog(server) == expected
    assert server.differences(after) == ()

    server.run(*invert_all(operations))
    assert catalog(server) == start
