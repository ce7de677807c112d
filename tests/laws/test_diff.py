"""The laws of comparing: nothing where nothing differs, there, and back again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flask_schema.diff.compare import diff, invert_all, replay_all
from flask_schema.operations.views import CreateView, DropView
from flask_schema.snapshot.elements import Options
from flask_schema.snapshot.snapshot import Snapshot
from tests.laws.strategies import ALL_HOLDS, changed, shuffled, snapshots

pairs = st.one_of(
    st.tuples(snapshots(), snapshots()),
    snapshots().flatmap(lambda one: st.tuples(st.just(one), changed(one))),
)
SETS = ("unique_constraints", "foreign_keys", "checks", "excludes", "indexes")


def contents(elements: Iterable[Any]) -> dict[Any, Counter[str | None]]:
    found: dict[Any, Counter[str | None]] = {}
    for one in elements:
        found.setdefault(replace(one, name=None), Counter())[one.name] += 1
    return found


def assert_same_elements(one: Iterable[Any], other: Iterable[Any]) -> None:
    """The same contents as often; names may differ only where a side has none."""
    left, right = contents(one), contents(other)
    assert left.keys() == right.keys()
    for content, names in left.items():
        assert names.total() == right[content].total(), content
        assert (names - right[content]).total() <= right[content][None] + names[None]
        assert sum((names - right[content] - Counter({None: names[None]})).values()) <= right[content][None]


def assert_same_schema(one: Snapshot, other: Snapshot) -> None:
    """Equal, but for the order of columns and constraints and for names that only one side has."""
    assert (one.enums, one.sequences, one.extensions) == (other.enums, other.sequences, other.extensions)
    assert (one.views, one.functions, one.triggers) == (other.views, other.functions, other.triggers)
    assert one.tables.keys() == other.tables.keys()
    for name, table in one.tables.items():
        twin = other.tables[name]
        assert {column.name: column for column in table.columns} == {column.name: column for column in twin.columns}
        for kind in SETS:
            assert_same_elements(getattr(table, kind), getattr(twin, kind))
        assert_same_elements(filter(None, [table.primary_key]), filter(None, [twin.primary_key]))
        left = {field.name for field in fields(table) if field.compare} - {*SETS, "columns", "primary_key"}
        for rest in left:
            assert getattr(table, rest) == getattr(twin, rest)


@given(snapshots().flatmap(lambda one: st.tuples(st.just(one), shuffled(one))))
def test_nothing_differs_from_itself_in_any_order(pair: tuple[Snapshot, Snapshot]) -> None:
    before, after = pair
    assert diff(before, after) == ()


@given(pairs)
def test_replaying_the_difference_arrives(pair: tuple[Snapshot, Snapshot]) -> None:
    before, after = pair
    assert_same_schema(replay_all(before, diff(before, after)), after)


@given(pairs)
def test_replaying_the_inverse_returns(pair: tuple[Snapshot, Snapshot]) -> None:
    before, after = pair
    there = diff(before, after)
    assert_same_schema(replay_all(replay_all(before, there), invert_all(there)), before)


@given(pairs)
def test_after_the_difference_there_is_none(pair: tuple[Snapshot, Snapshot]) -> None:
    before, after = pair
    assert diff(replay_all(before, diff(before, after)), after) == ()


@given(pairs.flatmap(lambda pair: st.tuples(st.just(pair), shuffled(pair[0]), shuffled(pair[1]))))
def test_the_same_input_in_another_order_gives_the_same(
    case: tuple[tuple[Snapshot, Snapshot], Snapshot, Snapshot],
) -> None:
    (before, after), before_mixed, after_mixed = case
    assert diff(before, after) == diff(before_mixed, after_mixed)


@given(pairs)
def test_the_laws_hold_with_renames_in_place(pair: tuple[Snapshot, Snapshot]) -> None:
    before, after = pair
    there = diff(before, after, renamable=frozenset({"index", "constraint"}))
    assert_same_schema(replay_all(before, there), after)
    assert_same_schema(replay_all(replay_all(before, there), invert_all(there)), before)


OPTIONS = ((), (("tablespace", "fast"),), (("engine", "InnoDB"), ("with", (("fillfactor", "70"),))))


@given(pairs, st.lists(st.sampled_from(OPTIONS), min_size=8, max_size=8))
def test_options_of_tables_change_there_and_back(pair: tuple[Snapshot, Snapshot], options: list[Options]) -> None:
    def dressed(snapshot: Snapshot, offset: int) -> Snapshot:
        tables = sorted(snapshot.tables)
        made = {name: replace(snapshot.tables[name], options=options[offset + at]) for at, name in enumerate(tables)}
        return replace(snapshot, tables=made)

    before, after = dressed(pair[0], 0), dressed(pair[1], 4)
    there = diff(before, after, table_options=frozenset({"tablespace", "engine", "with"}))
    assert_same_schema(replay_all(before, there), after)
    assert_same_schema(replay_all(replay_all(before, there), invert_all(there)), before)


@given(pairs, st.frozensets(st.sampled_from(ALL_HOLDS)))
def test_the_laws_hold_whatever_a_database_refuses_under_a_view(
    pair: tuple[Snapshot, Snapshot], holds: frozenset[str]
) -> None:
    before, after = pair
    there = diff(before, after, holds=holds)
    assert_same_schema(replay_all(before, there), after)
    assert_same_schema(replay_all(replay_all(before, there), invert_all(there)), before)
    assert diff(replay_all(before, there), after, holds=holds) == ()


@given(pairs)
def test_no_view_goes_while_another_one_reads_it(pair: tuple[Snapshot, Snapshot]) -> None:
    """And none comes before what it reads."""
    before, after = pair
    snapshot = before
    for operation in diff(before, after, holds=frozenset(ALL_HOLDS)):
        made = operation.view if isinstance(operation, CreateView) else None
        if made is not None:
            read = [name for name in after.views if f'FROM "{name.name}"' in made.definition and name != made.name]
            assert all(name in snapshot.views for name in read), operation
        snapshot = operation.replay(snapshot)
        if isinstance(operation, DropView):
            readers = [one for one in snapshot.views.values() if f'FROM "{operation.name.name}"' in one.definition]
            assert not readers, operation


@given(pairs)
def test_operations_hold_up_whatever_they_stand_on(pair: tuple[Snapshot, Snapshot]) -> None:
    """No table is dropped while a foreign key points to it, none created before what its keys point to."""
    before, after = pair
    snapshot = before
    for operation in diff(before, after):
        snapshot = operation.replay(snapshot)
        for table in snapshot.tables.values():
            for key in table.foreign_keys:
                assert key.referred_table in snapshot.tables, (operation, key)
                assert set(key.columns) <= set(table.column_names)
