"""Views, functions, triggers, schemas, extensions and backfills on paper: their inverses, and what they leave."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from flask_schema.errors import Irreversible, ObjectMissing, UsageError
from flask_schema.operations import constraints, indexes, programs, schemas, views
from flask_schema.operations.backfill import Backfill
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import (
    Function,
    Index,
    IndexElement,
    QualifiedName,
    Table,
    Trigger,
    UniqueConstraint,
)
from tests.laws.strategies import TRANSLATION

from .objects import (
    ACCOUNTS,
    CHANGES,
    CREATIONS,
    EMPTY,
    FULL,
    FUNCTION,
    MATERIALIZED,
    RICH,
    SUMS,
    TWICE,
    VIEW,
    WITHOUT_WAY_BACK,
)


@pytest.mark.parametrize("creation", CREATIONS, ids=lambda one: one.describe())
def test_what_is_created_is_dropped_again(creation: Operation) -> None:
    there = creation.replay(EMPTY)
    assert there != EMPTY
    drop = creation.invert()
    assert drop.replay(there) == EMPTY
    assert drop.invert() == creation
    with pytest.raises(ObjectMissing, match="already"):
        creation.replay(there)
    with pytest.raises(ObjectMissing, match="there is no"):
        drop.replay(EMPTY)


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.describe())
def test_what_is_replaced_comes_back(change: Operation) -> None:
    there = change.replay(FULL)
    assert there != FULL
    assert change.invert().replay(there) == FULL
    with pytest.raises(ObjectMissing, match="there is no"):
        change.replay(EMPTY)


def test_a_view_comes_back_by_being_made_anew() -> None:
    inverse = CHANGES[0].invert()
    assert isinstance(inverse, views.ReplaceView)
    assert inverse.recreate


@pytest.mark.parametrize("operation", WITHOUT_WAY_BACK, ids=lambda one: one.describe())
def test_where_there_is_no_way_back_the_reason_is_said(operation: Operation) -> None:
    with pytest.raises(Irreversible, match=r"has no way back: \w+"):
        operation.invert()


@pytest.mark.parametrize(
    "operation",
    [
        views.CreateView(VIEW, if_not_exists=True),
        schemas.CreateSchema("bank", if_not_exists=True),
        schemas.CreateExtension("citext", if_not_exists=True),
    ],
)
def test_if_not_exists_leaves_what_is_there(operation: Operation) -> None:
    assert operation.replay(FULL) == FULL


@pytest.mark.parametrize(
    "operation",
    [
        views.DropView(RICH, if_exists=True),
        programs.DropFunction(TWICE, if_exists=True),
        programs.DropTrigger("tr", ACCOUNTS, if_exists=True),
        schemas.DropSchema("bank", if_exists=True),
        schemas.DropExtension("citext", if_exists=True),
    ],
)
def test_if_exists_is_content_with_nothing(operation: Operation) -> None:
    assert operation.replay(EMPTY) == EMPTY
    assert operation.replay(FULL) != FULL


def test_a_function_is_found_by_its_name_where_there_is_one_of_it() -> None:
    assert (TWICE, "integer") not in programs.DropFunction(TWICE).replay(FULL).functions
    overloaded = programs.CreateFunction(Function(TWICE, "CREATE FUNCTION", "text")).replay(FULL)
    with pytest.raises(ObjectMissing, match="several overloads"):
        programs.DropFunction(TWICE).replay(overloaded)
    assert set(programs.DropFunction(TWICE, "text").replay(overloaded).functions) == set(FULL.functions)


def test_triggers_go_with_their_view() -> None:
    trigger = Trigger("instead", RICH, "CREATE TRIGGER instead INSTEAD OF INSERT ON rich")
    there = programs.CreateTrigger(trigger).replay(FULL)
    assert views.DropView(RICH).replay(there).triggers == FULL.triggers
    with pytest.raises(ObjectMissing, match="there is no table"):
        programs.CreateTrigger(replace(trigger, table=QualifiedName("nowhere"))).replay(FULL)


def test_a_schema_takes_with_it_what_is_in_it() -> None:
    there = FULL.with_table(Table(QualifiedName("t", "bank"), ()))
    left = schemas.DropSchema("bank", cascade=True).replay(there)
    assert set(left.tables) == {ACCOUNTS}
    assert set(left.views) == {SUMS}
    assert set(left.functions) == {(FUNCTION.name, "integer")}


def test_a_materialized_view_has_indexes() -> None:
    index = Index("second", (IndexElement("id"),))
    there = indexes.CreateIndex(SUMS, index).replay(FULL)
    assert there.views[SUMS].indexes == (*MATERIALIZED.indexes, index)
    assert indexes.DropIndex(SUMS, "second").replay(there) == FULL
    with pytest.raises(ObjectMissing, match="there is no table"):
        indexes.CreateIndex(RICH, index).replay(FULL)


def test_a_unique_index_and_a_unique_constraint_are_dropped_as_either() -> None:
    """They are one thing on MySQL and CockroachDB, and histories written there mix them."""
    name = QualifiedName("t")
    index = Index("ix", (IndexElement("a"),), unique=True)
    plain = Index("plain", (IndexElement("a"),))
    made = Table(name, (), unique_constraints=(UniqueConstraint(("a",), "uq"),), indexes=(index, plain))
    there = EMPTY.with_table(made)
    assert indexes.DropIndex(None, "uq").replay(there).tables[name].unique_constraints == ()
    assert constraints.DropConstraint(name, "ix", "unique").replay(there).tables[name].indexes == (plain,)
    for drop in (constraints.DropConstraint(name, "plain", "unique"), constraints.DropConstraint(name, "ix", "check")):
        with pytest.raises(ObjectMissing):
            drop.replay(there)
    with pytest.raises(ObjectMissing):
        indexes.DropIndex(QualifiedName("u"), "uq").replay(there)


def test_a_backfill_has_no_way_back_and_leaves_the_schema() -> None:
    recorder = Recorder(TRANSLATION)
    table = sa.table("accounts", sa.column("balance", sa.Numeric()), schema="bank")
    Directives(recorder).backfill(table, {"balance": 0}, "balance IS NULL", key="id")
    [operation] = recorder.operations
    assert operation == Backfill(QualifiedName("accounts", "bank"), (("balance", 0),), "balance IS NULL", ("id",))
    assert operation.replay(FULL) == FULL
    assert operation.touches() == {QualifiedName("accounts", "bank")}
    with pytest.raises(Irreversible, match="the values before are not kept"):
        operation.invert()


@pytest.mark.parametrize("wrong", [{"values": {}}, {"batch_size": 0}, {"pause_seconds": -1}])
def test_a_backfill_that_makes_no_sense(wrong: dict[str, object]) -> None:
    arguments = {"values": {"balance": 0}, "where": "balance IS NULL", **wrong}
    with pytest.raises(UsageError, match=r"op\.backfill needs"):
        Directives(Recorder(TRANSLATION)).backfill("accounts", **arguments)  # type: ignore[arg-type]
