"""What is written and loaded again builds the operations that it was written from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from flask_schema.diff.compare import diff, invert_all
from flask_schema.operations.columns import AlterColumn, ColumnFacets, DropColumn
from flask_schema.operations.constraints import DropConstraint
from flask_schema.operations.enums import DropEnum
from flask_schema.operations.facade import Directives
from flask_schema.operations.groups import AlterTable
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.operations.sequences import DropSequence
from flask_schema.operations.tables import CreateTable, DropTable
from flask_schema.scripts.source import render_operations
from flask_schema.snapshot.normal import sorted_table
from flask_schema.snapshot.snapshot import Snapshot
from tests.laws.strategies import TRANSLATION, changed, snapshots, without_python_types
from tests.laws.test_render import rendering

pairs = st.one_of(
    st.tuples(snapshots().map(without_python_types), snapshots()),
    snapshots().flatmap(lambda one: st.tuples(st.just(without_python_types(one)), changed(one))),
)


def recorded(operations: Iterable[Operation], *, batch: bool) -> list[Operation]:
    """The operations that the rendered source builds when it is run."""
    source = render_operations(list(operations), rendering(batch=batch))
    recorder = Recorder(TRANSLATION)
    names: dict[str, object] = {"op": Directives(recorder)}
    exec("\n".join([*source.imports, "def upgrade():", f"    {source.body or 'pass'}", "upgrade()"]), names)
    return recorder.operations


def said(operations: Iterable[Operation]) -> Iterator[Operation]:
    """The operations as a file says them: what they only remember is left out, what holds others is opened."""
    for one in operations:
        if isinstance(one, AlterTable):
            yield from said(one.operations)
        elif isinstance(one, CreateTable):
            table = sorted_table(one.table)
            yield replace(one, table=replace(table, indexes=()))
            yield from (CreateIndex(table.name, index) for index in table.indexes)
        elif isinstance(one, DropConstraint):
            yield replace(one, before=one.before if one.name is None else None)
        elif isinstance(one, (DropTable, DropColumn, DropIndex, DropEnum, DropSequence)):
            yield replace(one, before=None)
        elif isinstance(one, AlterColumn):
            yield replace(one, before=ColumnFacets())
        else:
            yield one


@settings(deadline=None)
@given(pairs, st.booleans())
def test_loading_gives_back_what_was_rendered(pair: tuple[Snapshot, Snapshot], batch: bool) -> None:
    operations = diff(*pair, renamable=frozenset({"index", "constraint"}))
    assert list(said(recorded(operations, batch=batch))) == list(said(operations))


@settings(deadline=None)
@given(pairs, st.booleans())
def test_and_so_does_the_way_back(pair: tuple[Snapshot, Snapshot], batch: bool) -> None:
    operations = invert_all(diff(*pair))
    assert list(said(recorded(operations, batch=batch))) == list(said(operations))


@settings(deadline=None)
@given(pairs)
def test_an_alteration_remembers_what_other_databases_must_be_told(pair: tuple[Snapshot, Snapshot]) -> None:
    operations = diff(*pair)
    altered = [one for one in operations if isinstance(one, AlterColumn)]
    again = [one for one in recorded(operations, batch=False) if isinstance(one, AlterColumn)]
    for one, other in zip(altered, again, strict=True):
        known = one.before.known()
        for facet, value in other.before.known().items():
            assert known[facet] == value
        assert "type" in other.before.known()
        assert {"nullable"} <= {*other.before.known(), *other.after.known()}
