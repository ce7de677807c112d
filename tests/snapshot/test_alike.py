"""Tables are alike when nothing is to be done to make the one of the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flask_schema.diff.compare import diff
from flask_schema.snapshot.alike import Alikeness
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    ExcludeConstraint,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.snapshot import Snapshot

NAME = QualifiedName("t")
TABLE = Table(
    NAME,
    (Column("a", DataType("INTEGER")), Column("b", DataType("TEXT"), default="'x'")),
    PrimaryKey(("a",), "t_pkey"),
    (UniqueConstraint(("b",), "t_b_key"),),
    (ForeignKey(("a",), NAME, ("a",), "t_a_fkey"),),
    (CheckConstraint("a > 0", "t_a_check"),),
    (ExcludeConstraint((("a", "="),), "t_excl"),),
    (Index("ix", (IndexElement("b"),)),),
    "said",
    ("UNLOGGED",),
    (("tablespace", "fast"),),
)
NAMELESS = replace(
    TABLE,
    primary_key=PrimaryKey(("a",)),
    unique_constraints=(UniqueConstraint(("b",)),),
    foreign_keys=(ForeignKey(("a",), NAME, ("a",)),),
    checks=(CheckConstraint("a > 0"),),
)
DIFFERENT: dict[str, list[Any]] = {
    "name": [QualifiedName("t", "app")],
    "columns": [
        (),
        TABLE.columns[::-1],
        (*TABLE.columns, Column("c", DataType("TEXT"))),
        *(
            (TABLE.columns[0], replace(TABLE.columns[1], **facet))
            for facet in (
                {"name": "c"},
                {"type": DataType("VARCHAR")},
                {"nullable": False},
                {"default": "'y'"},
                {"computed": Computed("a")},
                {"identity": Identity()},
                {"autoincrement": True},
                {"comment": "x"},
                {"options": (("storage", "x"),)},
            )
        ),
    ],
    "primary_key": [None, PrimaryKey(("b",)), PrimaryKey(("a",), "other"), PrimaryKey(("a",), deferrable=True)],
    "unique_constraints": [(), (UniqueConstraint(("a",)),), (UniqueConstraint(("b",), "other"),)],
    "foreign_keys": [(), (ForeignKey(("b",), NAME, ("a",)),), (ForeignKey(("a",), NAME, ("a",), "other"),)],
    "checks": [(), (CheckConstraint("a > 1"),), (CheckConstraint("a > 0", "other"),)],
    "excludes": [(), (ExcludeConstraint((("a", "="),)),)],
    "indexes": [(), (Index("ix", (IndexElement("a"),)),), (Index("iy", (IndexElement("b"),)),)],
    "comment": [None],
    "prefixes": [()],
    "options": [()],
}


def test_names_that_one_side_lacks_make_no_difference() -> None:
    alikeness = Alikeness()
    assert alikeness.tables(TABLE, TABLE)
    assert alikeness.tables(TABLE, replace(TABLE))
    assert alikeness.tables(TABLE, NAMELESS)
    assert alikeness.tables(NAMELESS, TABLE)
    for before, after in ((TABLE, NAMELESS), (NAMELESS, TABLE)):
        assert diff(Snapshot.of("sqlite", [before]), Snapshot.of("sqlite", [after])) == ()


@pytest.mark.parametrize(("part", "value"), [(part, value) for part in DIFFERENT for value in DIFFERENT[part]])
def test_each_part_counts(part: str, value: Any) -> None:
    alikeness = Alikeness()
    assert alikeness.tables(TABLE, NAMELESS)  # what is kept of it does no harm
    for other in (TABLE, NAMELESS):
        assert not alikeness.tables(TABLE, replace(other, **{part: value}))


def test_every_part_of_a_table_is_looked_at() -> None:
    apart = {"sql", "renamed_from"}
    assert set(DIFFERENT) == set(Table.__dataclass_fields__) - apart
