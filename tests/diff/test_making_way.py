"""What goes and comes back so that something else can change, and names that follow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flask_schema.diff.compare import diff, invert_all, replay_all
from flask_schema.diff.renames import RenamedColumn, RenamedTable
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DataType,
    Enum,
    ForeignKey,
    Function,
    Index,
    IndexElement,
    PrimaryKey,
    QualifiedName,
    Table,
    Trigger,
    UniqueConstraint,
    View,
)
from flask_schema.snapshot.snapshot import Snapshot
from tests.diff.test_compare import INTEGER, A, B, of, table, words

BIGINT = DataType("BIGINT")
ALL = frozenset({"drops", "types", "readers", "stars", "computed", "checks"})
MOOD = QualifiedName("mood")


def with_views(snapshot: Snapshot, *views: View, triggers: tuple[Trigger, ...] = ()) -> Snapshot:
    return replace(
        snapshot,
        views={one.name: one for one in views},
        triggers={(one.table, one.name): one for one in triggers},
    )


def view(name: str, definition: str, *interface: str, materialized: bool = False) -> View:
    return View(QualifiedName(name), definition, materialized, interface=interface or None)


def test_a_computed_column_makes_way_for_another_type_with_what_stands_on_it() -> None:
    twice = Column("twice", INTEGER, computed=Computed("x * 2", True))
    before = of(
        replace(
            table(A, "x"),
            columns=(Column("x", INTEGER), twice),
            unique_constraints=(UniqueConstraint(("twice",), "a_twice_key"),),
            indexes=(Index("ix", (IndexElement("twice"),)),),
        )
    )
    after = of(replace(before.tables[A], columns=(Column("x", BIGINT), twice)))
    assert words(diff(before, after)) == ["alter column a.x (type)"]
    operations = diff(before, after, holds=ALL)
    assert words(operations) == [
        "drop index ix on a",
        "drop unique constraint a_twice_key on a",
        "drop column a.twice",
        "alter column a.x (type)",
        "add column a.twice",
        "create unique constraint a_twice_key on a",
        "create index ix on a (twice)",
    ]
    assert replay_all(replay_all(before, operations), invert_all(operations)) == before


def test_a_computed_column_with_another_expression_goes_before_the_type_changes() -> None:
    before = of(
        replace(table(A), columns=(Column("x", INTEGER), Column("y", INTEGER, computed=Computed("x * 2", True))))
    )
    after = of(replace(table(A), columns=(Column("x", BIGINT), Column("y", INTEGER, computed=Computed("x + 1", True)))))
    assert words(diff(before, after, holds=ALL)) == [
        "drop column a.y",
        "alter column a.x (type)",
        "add column a.y",
    ]


def test_a_check_with_a_list_is_made_again_when_a_length_changes() -> None:
    checks = (CheckConstraint("x IN ('a', 'b')", "ck_list"), CheckConstraint("length(x) > 1", "ck_length"))
    before = of(replace(table(A), columns=(Column("x", DataType("VARCHAR(5)")),), checks=checks))
    after = of(replace(table(A), columns=(Column("x", DataType("VARCHAR(9)")),), checks=checks))
    assert words(diff(before, after, holds=ALL)) == [
        "drop check constraint ck_list on a",
        "alter column a.x (type)",
        "create check constraint ck_list on a",
    ]
    assert words(diff(before, after)) == ["alter column a.x (type)"]


def test_an_enum_is_widened_before_a_default_needs_its_new_value_and_narrowed_after() -> None:
    def schema(values: tuple[str, ...], default: str) -> Snapshot:
        column = Column("m", DataType("mood", enum=MOOD), default=default)
        return Snapshot.of("postgresql", [Table(A, (column,))], [Enum(MOOD, values)])

    before, after = schema(("sad", "ok"), "'sad'"), schema(("ok", "happy"), "'happy'")
    operations = diff(before, after)
    assert words(operations) == [
        "alter enum mood (add 'happy')",
        "alter column a.m (default)",
        "alter enum mood (remove 'sad')",
    ]
    assert words(invert_all(operations)) == [
        "alter enum mood (add 'sad')",
        "alter column a.m (default)",
        "alter enum mood (remove 'happy')",
    ]
    assert replay_all(replay_all(before, operations), invert_all(operations)) == before
    assert len(diff(before, schema(("ok", "happy"), "'sad'"))) == 1


def test_made_up_names_follow_a_rename_and_others_stay() -> None:
    def made_up(owner: Table, constraint: Constraint) -> str:
        kind = "pkey" if isinstance(constraint, PrimaryKey) else f"{'_'.join(getattr(constraint, 'columns', ()))}_key"
        return f"{owner.name.name}_{kind}"

    uniques = (UniqueConstraint(("y",), "a_y_key"), UniqueConstraint(("z",), "somebody's"))
    before = of(
        table(A, "x", "y", "z", primary_key=PrimaryKey(("x",), "a_pkey"), unique_constraints=uniques),
    )
    after = of(
        table(
            B,
            "x",
            "w",
            "z",
            primary_key=PrimaryKey(("x",)),
            unique_constraints=(UniqueConstraint(("w",)), UniqueConstraint(("z",))),
        )
    )
    renames = (RenamedTable(A, B), RenamedColumn(B, "y", "w"))
    operations = diff(before, after, renames=renames, default_name=made_up)
    assert words(operations) == [
        "rename table a to b",
        "rename column b.y to w",
        "rename constraint a_pkey on b to b_pkey",
        "rename constraint a_y_key on b to b_w_key",
    ]
    assert replay_all(replay_all(before, operations), invert_all(operations)) == before


def test_views_make_way_with_their_readers_and_triggers() -> None:
    low, high = view("low", "SELECT x FROM a", "x integer"), view("high", "SELECT x FROM low", "x integer")
    other = view("other", "SELECT y FROM a", "y integer")
    trigger = Trigger("tr", high.name, "CREATE TRIGGER tr INSTEAD OF INSERT ON high")
    before = with_views(of(table(A, "x", "y", "z")), low, high, other, triggers=(trigger,))
    after = with_views(
        of(table(A, "y", "z")), view("low", "SELECT z FROM a", "z integer"), high, other, triggers=(trigger,)
    )
    assert words(diff(before, after, holds=ALL)) == [
        "drop trigger tr on high",
        "drop view high",
        "drop view low",
        "drop column a.x",
        "create view low",
        "create view high",
        "create trigger tr on high",
    ]
    assert words(diff(before, after)) == ["drop column a.x", "replace view low"]


@pytest.mark.parametrize(
    ("interface", "expected"),
    [
        (("x integer", "n integer"), ["replace view low"]),
        (("n integer",), ["drop view low", "create view low"]),
        ((), ["drop view low", "create view low"]),
    ],
)
def test_a_view_is_replaced_where_it_keeps_its_columns(interface: tuple[str, ...], expected: list[str]) -> None:
    before = with_views(of(table(A, "x")), view("low", "SELECT x FROM a", "x integer"))
    after = with_views(of(table(A, "x")), view("low", "SELECT x, 1 AS n FROM a", *interface))
    assert words(diff(before, after, holds=ALL)) == expected
    assert words(diff(before, after)) == ["replace view low"]


def test_a_view_of_all_columns_is_made_anew_when_there_are_others() -> None:
    every = view("every", "SELECT * FROM a")
    before, after = with_views(of(table(A, "x")), every), with_views(of(table(A, "x", "y")), every)
    assert words(diff(before, after, holds=ALL)) == ["drop view every", "add column a.y", "create view every"]
    assert words(diff(before, after)) == ["add column a.y"]
    counting = view("every", "SELECT count(*) FROM a")
    assert words(diff(with_views(before, counting), with_views(after, counting), holds=ALL)) == ["add column a.y"]


def test_what_names_something_renamed_goes_before_it_by_its_old_text() -> None:
    before = with_views(of(table(A, "x")), view("low", "SELECT x FROM a"))
    after = with_views(of(table(B, "x")), view("low", "SELECT x FROM b"))
    operations = diff(before, after, renames=(RenamedTable(A, B),))
    assert words(operations) == ["drop view low", "rename table a to b", "create view low"]
    assert replay_all(replay_all(before, operations), invert_all(operations)) == before


def test_a_function_of_a_default_comes_before_the_table_and_goes_after_it() -> None:
    name = QualifiedName("made")
    made = Function(name, "CREATE FUNCTION made() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    with_it = replace(
        of(Table(A, (Column("x", INTEGER, default="made()"),))),
        functions={(name, ""): made},
    )
    there = diff(of(), with_it)
    assert words(there) == ["create function made()", "create table a"]
    assert words(diff(with_it, of(table(A, "x")))) == ["alter column a.x (default)", "drop function made()"]
    free = replace(of(table(A, "x")), functions={(name, ""): made})
    assert words(diff(of(), free)) == ["create table a", "create function made()"]


def test_a_function_with_other_parameters_is_made_anew() -> None:
    name = QualifiedName("f")

    def schema(text: str, *interface: str) -> Snapshot:
        return replace(of(), functions={(name, "integer"): Function(name, text, "integer", False, interface or None)})

    before = schema("CREATE FUNCTION f(a integer) RETURNS integer ...", "a integer", "integer")
    assert words(diff(before, schema("CREATE FUNCTION f(a integer) RETURNS integer ,,,", "a integer", "integer"))) == [
        "replace function f(integer)"
    ]
    assert words(diff(before, schema("CREATE FUNCTION f(b integer) RETURNS integer ...", "b integer", "integer"))) == [
        "drop function f(integer)",
        "create function f(integer)",
    ]


def test_a_foreign_key_in_two_ways_is_made_again_once() -> None:
    """The key that it stands on goes, and its name is needed for another one."""
    before = of(
        table(
            A,
            "x",
            primary_key=PrimaryKey(("x",), "a_pkey"),
            foreign_keys=(ForeignKey(("x",), A, ("x",), "fk"),),
        )
    )
    after = of(
        table(
            A,
            "x",
            "y",
            foreign_keys=(ForeignKey(("x",), A, ("x",)), ForeignKey(("y",), A, ("y",), "fk")),
        )
    )
    operations = diff(before, after)
    assert words(operations).count("drop foreign key constraint fk on a") == 1
    assert replay_all(replay_all(before, operations), invert_all(operations)).tables[A].column_names == ("x",)


def test_a_constraint_without_a_name_in_the_models_keeps_the_one_that_it_has() -> None:
    before = of(
        table(A, "x", checks=(CheckConstraint("x > 0", "ck_one"),), unique_constraints=(UniqueConstraint(("x",), "u"),))
    )
    after = of(table(A, "x", checks=(CheckConstraint("x > 0"),), unique_constraints=(UniqueConstraint(("x",)),)))
    assert diff(before, after, renamable=frozenset({"constraint"}), default_name=lambda *_: "made_up") == ()


def test_a_name_that_a_rename_takes_away_is_free_for_another_constraint() -> None:
    before = of(table(A, "x", checks=(CheckConstraint("x > 0", "ck_one"),)))
    after = of(table(A, "x", checks=(CheckConstraint("x > 0", "ck_two"), CheckConstraint("x < 9", "ck_one"))))
    operations = diff(before, after, renamable=frozenset({"constraint"}))
    assert words(operations) == ["rename constraint ck_one on a to ck_two", "create check constraint ck_one on a"]
    assert replay_all(replay_all(before, operations), invert_all(operations)) == before


def test_a_made_up_name_that_another_table_has_is_not_taken_twice() -> None:
    def made_up(owner: Table, constraint: Constraint) -> str:
        return f"{owner.name.name[:4]}_pkey"

    long, longer = QualifiedName("long_a"), QualifiedName("long_b")
    key = PrimaryKey(("x",))
    before = of(
        table(A, "x", primary_key=replace(key, name="a_pkey")),
        table(long, "x", primary_key=replace(key, name="long_pkey")),
    )
    renamed = replace(table(longer, "x", primary_key=key), renamed_from="a")
    operations = diff(before, of(renamed, table(long, "x", primary_key=key)), default_name=made_up)
    assert words(operations) == ["rename table a to long_b"]
