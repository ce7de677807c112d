from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_schema.errors import SchemaError
from flask_schema.snapshot.elements import (
    Enum,
    ExcludeConstraint,
    Function,
    Index,
    IndexElement,
    QualifiedName,
    Sequence,
    Table,
    Trigger,
    View,
)
from flask_schema.snapshot.json import snapshot_from_json, snapshot_to_json
from flask_schema.snapshot.normal import sorted_snapshot
from flask_schema.snapshot.snapshot import Snapshot
from tests.laws.strategies import shuffled, snapshots


@given(snapshots())
def test_json_gives_the_snapshot_back(snapshot: Snapshot) -> None:
    assert snapshot_from_json(snapshot_to_json(snapshot)) == sorted_snapshot(snapshot)


@given(snapshots().flatmap(lambda one: st.tuples(st.just(one), shuffled(one))))
def test_json_does_not_depend_on_order(pair: tuple[Snapshot, Snapshot]) -> None:
    assert snapshot_to_json(pair[0]) == snapshot_to_json(pair[1])


def test_every_kind_of_element_survives() -> None:
    name = QualifiedName("thing", "other.schema")
    index = Index("ix", (IndexElement("a"),), options=(("with", (("fillfactor", 50),)), ("tablespace", "fast")))
    snapshot = Snapshot(
        "postgresql",
        tables={name: Table(name, (), excludes=(ExcludeConstraint((("a", "="), ("b", "&&"))),), sql="CREATE ...")},
        enums={name: Enum(name, ("a", "b"))},
        sequences={name: Sequence(name, start=3, owned_by=(QualifiedName("t"), "id"))},
        views={name: View(name, "SELECT 1", indexes=(index,))},
        functions={(name, "integer"): Function(name, "CREATE FUNCTION", "integer")},
        triggers={(name, "t"): Trigger("t", name, "CREATE TRIGGER")},
        schemas=frozenset({"other.schema"}),
        extensions=frozenset({"postgis"}),
    )
    again = snapshot_from_json(snapshot_to_json(snapshot))
    assert again == snapshot
    assert again.tables[name].sql == "CREATE ..."


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 99}', '{"format": 1, "dialect": "x", "tables": [{"a": 1}]}']
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(SchemaError) as caught:
        snapshot_from_json(text)
    assert caught.value.hint
