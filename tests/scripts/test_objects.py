"""Operations on what stands beside tables, written as source and heard again."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.operations import indexes, programs, schemas, sequences, tables, views
from flask_schema.operations.backfill import Backfill
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import QualifiedName, View
from tests.laws.strategies import TRANSLATION
from tests.operations.objects import CHANGES, CREATIONS, FUNCTION, MATERIALIZED, RICH, WITHOUT_WAY_BACK

from .test_source import render

INVERSES = [one.invert() for one in (*CREATIONS, *CHANGES)]
GUARDED: list[Operation] = [
    views.CreateView(View(RICH, 'SELECT \'a:b\', "c" FROM "d" -- 50%'), if_not_exists=True),
    views.DropView(RICH, if_exists=True),
    programs.DropFunction(FUNCTION.name, "", if_exists=True),
    schemas.DropSchema("bank", if_exists=True),
    schemas.DropExtension("citext", if_exists=True),
    sequences.RenameSequence(QualifiedName("t_id_seq", "s"), "u_id_seq"),
    tables.AlterTableOptions(QualifiedName("t", "s"), (("tablespace", None), ("with", (("fillfactor", 70),)))),
    tables.AlterTableOptions(QualifiedName("t"), (("tablespace", "fast"),), (("tablespace", None),)),
]
BACKFILLS: list[Operation] = [
    Backfill(QualifiedName("t", "s"), (("a", 1), ("b", "x")), "a IS NULL", ("k",), 50, 0.5),
    Backfill(QualifiedName("t"), (("a", None),), "a = ':x'", ("k", "l")),
]
BARE = [one for one in (*CREATIONS, *INVERSES) if getattr(one, "view", None) != MATERIALIZED]
BARE = [one for one in BARE if getattr(one, "before", None) != MATERIALIZED]


def heard(source: str) -> list[Operation]:
    recorder = Recorder(TRANSLATION)
    scope: dict[str, Any] = {"op": Directives(recorder), "sa": sa}
    exec(f"def upgrade():\n    {source}", scope)
    scope["upgrade"]()
    return recorder.operations


@pytest.mark.parametrize(
    "operation", [*BARE, *CHANGES, *WITHOUT_WAY_BACK, *GUARDED, *BACKFILLS], ids=lambda one: one.describe()
)
def test_the_source_says_it_all(operation: Operation) -> None:
    assert heard(render(operation).body) == [operation]


def test_the_indexes_of_a_materialized_view_follow_it() -> None:
    create, index = heard(render(views.CreateView(MATERIALIZED)).body)
    assert isinstance(create, views.CreateView)
    assert isinstance(index, indexes.CreateIndex)
    assert (index.table, index.index.name, index.index.unique) == (MATERIALIZED.name, "ix_sums", True)


def test_expressions_of_a_backfill_are_written_as_their_sql() -> None:
    made = Backfill(QualifiedName("t"), (("a", sa.text("b * 2")), ("c", sa.func.lower("X"))), sa.column("a").is_(None))
    assert "op.backfill(" in render(made).body
    assert '{"a": sa.text("b * 2"), "c": sa.text("lower(\'X\')")}' in render(made).body
    assert 'sa.text("a IS NULL")' in render(made).body


def test_what_drops_data_is_said() -> None:
    assert render(schemas.DropSchema("bank", cascade=True)).body.startswith("# drops data: ")
    assert render(schemas.DropSchema("bank")).body == 'op.drop_schema("bank")'
