"""Random but realistic pairs of models: a schema, and what a few weeks of development make of it."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

TYPES: tuple[TypeEngine[Any], ...] = (
    sa.Integer(),
    sa.BigInteger(),
    sa.SmallInteger(),
    sa.String(50),
    sa.String(),
    sa.Text(),
    sa.Numeric(10, 2),
    sa.Float(),
    sa.Boolean(),
    sa.Date(),
    sa.DateTime(timezone=True),
    sa.Uuid(),
    sa.JSON(),
    sa.LargeBinary(),
    sa.Enum("new", "it's", "done", name="state", native_enum=False, create_constraint=False),
)
DEFAULTS: dict[type, tuple[Any, ...]] = {
    sa.Integer: ("0", sa.text("42"), sa.text("(1 + 2)")),
    sa.BigInteger: (sa.text("0"),),
    sa.String: ("x", "it's", sa.text("'a:b'")),
    sa.Text: ("100%",),
    sa.Boolean: (sa.false(), sa.text("true")),
    sa.DateTime: (sa.func.now(), sa.text("CURRENT_TIMESTAMP")),
    sa.Numeric: ("0.00", sa.text("1.5")),
}
TABLE_NAMES = ("accounts", "order", "Users", "line items", "größe", "audit_log")
COLUMN_NAMES = ("name", "balance", "select", "MixedCase", "per%cent", "state", "created", "note", "größe", "kind")


@dataclass
class ColumnPlan:
    """A column to be."""

    name: str
    python: TypeEngine[Any]
    nullable: bool = True
    default: Any = None
    computed: str | None = None
    comment: str | None = None


@dataclass
class TablePlan:
    """A table to be: every table has an integer key ``id``, and ``parents`` are tables that it points to."""

    name: str
    columns: list[ColumnPlan] = field(default_factory=list)
    parents: dict[str, dict[str, Any]] = field(default_factory=dict)
    uniques: list[tuple[tuple[str, ...], str | None]] = field(default_factory=list)
    checks: list[tuple[str, str | None]] = field(default_factory=list)
    indexes: list[tuple[str, tuple[str, ...], str, bool]] = field(default_factory=list)
    comment: str | None = None
    composite_key: bool = False


def random_column(rng: random.Random, name: str) -> ColumnPlan:
    """A column with a random type, default and nullability."""
    python = rng.choice(TYPES)
    choices = DEFAULTS.get(type(python), ())
    default = rng.choice(choices) if choices and rng.random() < 0.5 else None
    return ColumnPlan(name, python, rng.random() < 0.6 or default is None, default, comment=_comment(rng))


def _comment(rng: random.Random) -> str | None:
    return rng.choice((None, None, None, "plain", 'it\'s 100% "quoted"'))


def random_table(rng: random.Random, name: str, names: list[str]) -> TablePlan:
    """A table with columns, keys, checks and indexes."""
    plan = TablePlan(name, comment=_comment(rng), composite_key=rng.random() < 0.15)
    plan.columns = [random_column(rng, one) for one in rng.sample(COLUMN_NAMES, rng.randint(1, 5))]
    if rng.random() < 0.25:
        plan.columns.append(ColumnPlan("twice", sa.Integer(), computed="id * 2"))
    for parent in rng.sample(names, min(len(names), rng.randint(0, 2))):
        plan.parents[parent] = _key_facets(rng)
    decorate(rng, plan)
    return plan


def _key_facets(rng: random.Random) -> dict[str, Any]:
    facets: dict[str, Any] = {"ondelete": rng.choice((None, "CASCADE", "SET NULL"))}
    if rng.random() < 0.2:
        facets.update(deferrable=True, initially="DEFERRED")
    facets["name"] = rng.choice((None, None, "named"))
    return facets


def _texts(plan: TablePlan) -> list[str]:
    return [one.name for one in plan.columns if isinstance(one.python, sa.String)]


def _comparable(plan: TablePlan) -> list[str]:
    return [
        one.name for one in plan.columns if not isinstance(one.python, (sa.JSON, sa.LargeBinary)) and not one.computed
    ]


def decorate(rng: random.Random, plan: TablePlan) -> None:
    """Give a table other unique constraints, checks and indexes, and drop what its columns no longer allow."""
    plan.uniques, plan.checks, plan.indexes = [], [], []
    names = _comparable(plan)
    for number in range(rng.randint(0, 2)):
        if names:
            columns = tuple(rng.sample(names, min(len(names), rng.randint(1, 2))))
            if columns not in [one for one, _ in plan.uniques]:
                plan.uniques.append((columns, rng.choice((None, f"uq {plan.name} {number}"))))
    for number, text in enumerate(rng.sample(("id > 0", "id <> 7 OR id IS NULL", "1 < 2"), rng.randint(0, 2))):
        plan.checks.append((text, rng.choice((None, f"ck_{plan.name}_{number}"))))
    for number in range(rng.randint(0, 2)):
        kind = rng.choice(("plain", "plain", "desc", "partial", "lower"))
        pool = _texts(plan) if kind == "lower" else names
        if pool:
            columns = tuple(rng.sample(pool, 1 if kind == "lower" else min(len(pool), rng.randint(1, 2))))
            plan.indexes.append((f"ix_{plan.name}_{number}", columns, kind, rng.random() < 0.2))


def random_plan(rng: random.Random) -> list[TablePlan]:
    """A schema of up to four tables; foreign keys go anywhere, to themselves and in cycles too."""
    names = rng.sample(TABLE_NAMES, rng.randint(1, 4))
    return [random_table(rng, name, names) for name in names]


def evolved(rng: random.Random, plans: list[TablePlan]) -> list[TablePlan]:
    """What development makes of a schema: a handful of changes of any kind."""
    changed = copy.deepcopy(plans)
    for _ in range(rng.randint(1, 6)):
        _change(rng, changed)
    return changed


def _change(rng: random.Random, plans: list[TablePlan]) -> None:  # noqa: C901 - one branch a kind of change
    kind = rng.choice(("table", "untable", "column", "uncolumn", "alter", "alter", "decorate", "parent", "comment"))
    names = [one.name for one in plans]
    plan = rng.choice(plans) if plans else None
    if kind == "table":
        free = [one for one in TABLE_NAMES if one not in names]
        if free:
            name = rng.choice(free)
            plans.append(random_table(rng, name, [*names, name]))
    elif plan is None:
        return
    elif kind == "untable":
        plans.remove(plan)
        for other in plans:
            other.parents.pop(plan.name, None)
    elif kind == "column":
        free = [one for one in COLUMN_NAMES if one not in [column.name for column in plan.columns]]
        plan.columns.insert(rng.randint(0, len(plan.columns)), random_column(rng, rng.choice(free)))
    elif kind == "uncolumn" and len(plan.columns) > 1:
        plan.columns.remove(rng.choice(plan.columns))
        decorate(rng, plan)
    elif kind == "alter":
        place = rng.randrange(len(plan.columns))
        if plan.columns[place].computed is None:
            plan.columns[place] = random_column(rng, plan.columns[place].name)
            decorate(rng, plan)
    elif kind == "parent":
        parent = rng.choice(names)
        if plan.parents.pop(parent, None) is None:
            plan.parents[parent] = _key_facets(rng)
    elif kind == "decorate":
        decorate(rng, plan)
    elif kind == "comment":
        plan.comment = _comment(rng)


def metadata_of(plans: list[TablePlan]) -> sa.MetaData:
    """The plans as models."""
    metadata = sa.MetaData()
    for plan in plans:
        _make_table(metadata, plan)
    return metadata


def _make_table(metadata: sa.MetaData, plan: TablePlan) -> None:
    columns = [sa.Column("id", sa.Integer(), primary_key=True)]
    if plan.composite_key:
        columns.append(sa.Column("part", sa.Integer(), primary_key=True, autoincrement=False))
    for one in plan.columns:
        computed = [sa.Computed(one.computed, persisted=True)] if one.computed else []
        columns.append(
            sa.Column(
                one.name, one.python, *computed, nullable=one.nullable, server_default=one.default, comment=one.comment
            )
        )
    items: list[Any] = []
    for parent, facets in plan.parents.items():
        named = f"fk_{plan.name}_{parent}" if facets["name"] else None
        columns.append(sa.Column(f"{parent}_id", sa.Integer()))
        items.append(
            sa.ForeignKeyConstraint(
                [f"{parent}_id"], [f"{parent}.key"], **{**facets, "name": named, "use_alter": False}
            )
        )
    columns.append(sa.Column("key", sa.Integer(), unique=True))
    items += [sa.UniqueConstraint(*names, name=name) for names, name in plan.uniques]
    items += [sa.CheckConstraint(text, name=name) for text, name in plan.checks]
    table = sa.Table(plan.name, metadata, *columns, *items, comment=plan.comment)
    for name, names, kind, unique in plan.indexes:
        keys: list[Any] = [table.c[one] for one in names]
        options: dict[str, Any] = {}
        if kind == "desc":
            keys[0] = keys[0].desc()
        elif kind == "lower":
            keys = [sa.func.lower(keys[0])]
        elif kind == "partial":
            options = {f"{dialect}_where": sa.text("id > 3") for dialect in ("sqlite", "postgresql")}
        sa.Index(name, *keys, unique=unique, **options)
