"""Random models that differ in the ways that real ones do; the same random numbers give the same models."""

from __future__ import annotations

import random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg


def _enum(chance: random.Random) -> sa.Enum:
    return sa.Enum(*chance.choice([["a", "b"], ["a", "b", "c"], ["z", "a", "b"], ["b", "a"], ["a"]]), name="mood")


COLUMNS: list[tuple[Any, list[Any]]] = [
    (sa.Integer(), ["5", "0", sa.text("1 + 1"), None]),
    (sa.BigInteger(), ["7", None]),
    (sa.SmallInteger(), ["0", None]),
    (sa.String(20), ["x", "it's 50% :x", sa.text("'a' || 'b'"), None]),
    (sa.String(40), ["x", None]),
    (sa.String(20, collation="C"), ["x", None]),
    (sa.Text(), ["", sa.text("CURRENT_USER"), None]),
    (sa.CHAR(4), [None]),
    (sa.LargeBinary(), [None]),
    (pg.JSONB(), ["{}", sa.text("'{\"a\": 1}'::jsonb"), None]),
    (sa.JSON(), [None]),
    (sa.Numeric(10, 2), ["1.5", "0", None]),
    (sa.Numeric(12, 4), ["1.5", None]),
    (sa.Float(), ["1.5", None]),
    (sa.Boolean(), [sa.true(), sa.false(), None]),
    (sa.Date(), ["2020-01-01", None]),
    (sa.DateTime(), [sa.func.now(), None]),
    (sa.DateTime(timezone=True), [sa.func.now(), None]),
    (sa.Interval(), [None]),
    (sa.Uuid(), [sa.func.gen_random_uuid(), None]),
    (sa.Enum("x", "y", native_enum=False, create_constraint=True), ["x", None]),
]
ARRAYS: list[tuple[Any, list[Any]]] = [
    (pg.ARRAY(sa.Integer()), ["{}", sa.text("'{1,2}'::integer[]"), None]),
    (pg.ARRAY(sa.String(5)), ["{}", None]),
    (pg.ARRAY(sa.Text()), [sa.text("ARRAY['a']"), None]),
]
WITHOUT_BTREE = (sa.JSON, pg.JSONB)


class Models:
    """Tables with columns, keys, checks, computed and identity columns, indexes and foreign keys."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.metadata = sa.MetaData()
        self.enum = _enum(chance)
        if chance.random() < 0.4:
            sa.Sequence(
                "counter",
                metadata=self.metadata,
                start=chance.choice([None, 5]),
                increment=chance.choice([None, 2]),
                cycle=chance.choice([None, True]),
            )
        for name in chance.sample(["alpha", "beta", "gamma", "select"], chance.randint(1, 3)):
            self.add_table(name)

    def add_table(self, name: str) -> None:
        chance = self.chance
        columns = self.key_columns(chance.choice(["serial", "serial", "identity", "both", "word", "none", "big"]))
        for column in chance.sample(["a", "b", "c", "d", "Mixed", "order", "f%"], chance.randint(1, 6)):
            data_type, defaults = chance.choice([*COLUMNS, (self.enum, [self.enum.enums[0], None])])
            columns.append(
                sa.Column(
                    column,
                    data_type,
                    nullable=chance.random() < 0.6,
                    server_default=chance.choice(defaults),
                    comment=chance.choice([None, None, "it's 50% :x"]),
                )
            )
        if chance.random() < 0.3:
            data_type, defaults = chance.choice([*ARRAYS, (sa.ARRAY(self.enum), ["{}", None])])
            columns.append(sa.Column("tags", data_type, server_default=chance.choice(defaults)))
        table = sa.Table(name, self.metadata, *columns, comment=chance.choice([None, "c", "d"]))
        self.add_expressions(table)
        self.add_keys(table)
        self.add_foreign_key(table)

    def key_columns(self, kind: str) -> list[sa.Column[Any]]:
        chance = self.chance
        if kind == "none":
            return [sa.Column("id", sa.Integer)]
        if kind == "word":
            return [sa.Column("id", sa.String(10), primary_key=True)]
        if kind == "big":
            return [sa.Column("id", sa.BigInteger, primary_key=True)]
        if kind == "identity":
            identity = sa.Identity(always=chance.choice([True, False]), start=chance.choice([None, 10]))
            return [sa.Column("id", sa.Integer, identity, primary_key=True)]
        second = sa.Column("id2", sa.Integer, primary_key=True, autoincrement=False)
        first = sa.Column("id", sa.Integer, primary_key=True, autoincrement=True)
        return [first, second] if kind == "both" else [first]

    def add_expressions(self, table: sa.Table) -> None:
        chance = self.chance
        numbers = [one.name for one in table.columns if isinstance(one.type, sa.Integer) and one.name[:2] != "id"]
        if not numbers:
            return
        name = numbers[0]
        if chance.random() < 0.5:
            table.append_constraint(
                sa.CheckConstraint(f'"{name}" > {chance.randint(-9, 3)}', name=f"ck{chance.randint(1, 2)}_{table.name}")
            )
        if chance.random() < 0.4:
            either = f'("{name}" BETWEEN -100 AND {chance.randint(5, 9)}) OR "{name}" IS NULL'
            table.append_constraint(sa.CheckConstraint(either, name=chance.choice([None, f"ck_{table.name}"])))
        if chance.random() < 0.4:
            computed = sa.Computed(f'"{name}" + {chance.randint(1, 2)}', persisted=True)
            table.append_column(sa.Column("computed", sa.Integer, computed))

    def add_keys(self, table: sa.Table) -> None:
        chance = self.chance
        names = [one.name for one in table.columns if not isinstance(one.type, WITHOUT_BTREE) and not one.primary_key]
        for _ in range(chance.randint(0, 3) if names else 0):
            keys = chance.sample(names, min(len(names), chance.randint(1, 2)))
            kind = chance.choice(["uq", "ix", "ux", "desc", "part", "expr", "incl"])
            name = f"{kind}_{table.name}_{'_'.join(keys)}"
            if name in {*(one.name for one in table.indexes), *(one.name for one in table.constraints)}:
                continue
            columns = [table.c[key] for key in keys]
            if kind == "uq":
                deferred = chance.choice([{}, {"deferrable": True, "initially": "DEFERRED"}])
                table.append_constraint(sa.UniqueConstraint(*keys, name=chance.choice([name, None]), **deferred))
            elif kind == "part":
                sa.Index(name, *columns, postgresql_where=columns[0].is_not(None))
            elif kind == "expr":
                if isinstance(columns[0].type, sa.String) and not isinstance(columns[0].type, sa.Enum):
                    sa.Index(name, sa.func.lower(columns[0]), postgresql_where=sa.func.length(columns[0]) > 1)
            elif kind == "incl":
                sa.Index(name, columns[0], postgresql_include=chance.choice([["id"], []]))
            else:
                first = columns[0].desc() if kind == "desc" else columns[0]
                sa.Index(name, first, *columns[1:], unique=kind == "ux")

    def add_foreign_key(self, table: sa.Table) -> None:
        chance = self.chance
        for target in self.metadata.tables.values():
            key = list(target.primary_key.columns)
            if len(key) == 1 and chance.random() < 0.4:
                name = f"to_{target.name}"
                action = chance.choice([None, "CASCADE", "SET NULL"])
                table.append_column(sa.Column(name, key[0].type, sa.ForeignKey(key[0], ondelete=action)))


def random_models(seed: int) -> sa.MetaData:
    """The models of a number."""
    return Models(random.Random(seed)).metadata
