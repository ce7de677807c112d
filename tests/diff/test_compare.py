"""Single differences, and the order in which they come."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from flask_schema.diff.compare import diff, invert_all, replay_all
from flask_schema.diff.leftovers import leftovers
from flask_schema.errors import Irreversible
from flask_schema.operations.columns import AddColumn, AlterColumn, DropColumn
from flask_schema.operations.constraints import CreateForeignKey, DropConstraint
from flask_schema.operations.operation import Operation
from flask_schema.operations.statements import Execute
from flask_schema.operations.tables import CreateTable, DropTable
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    Enum,
    ForeignKey,
    Index,
    IndexElement,
    PrimaryKey,
    QualifiedName,
    Sequence,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.from_metadata import snapshot_of
from flask_schema.snapshot.snapshot import Snapshot
from tests.laws.strategies import TRANSLATION

INTEGER = DataType("INTEGER")
A, B, C = QualifiedName("a"), QualifiedName("b"), QualifiedName("c")


def table(name: QualifiedName, *columns: str, **rest: object) -> Table:
    return Table(name, tuple(Column(column, INTEGER) for column in columns), **rest)  # type: ignore[arg-type]


def of(*tables: Table) -> Snapshot:
    return Snapshot.of("postgresql", tables)


def words(operations: tuple[Operation, ...]) -> list[str]:
    return [one.describe() for one in operations]


def test_nothing_between_two_empty_snapshots() -> None:
    assert diff(of(), of()) == ()


def test_an_unnamed_constraint_is_the_one_that_the_database_named() -> None:
    named = table(A, "x", "y", primary_key=PrimaryKey(("x",), "a_pkey"))
    named = replace(named, unique_constraints=(UniqueConstraint(("y",), "a_y_key"),))
    named = replace(named, checks=(CheckConstraint("x > 0", "a_x_check"),))
    unnamed = table(A, "x", "y", primary_key=PrimaryKey(("x",)))
    unnamed = replace(unnamed, unique_constraints=(UniqueConstraint(("y",)),), checks=(CheckConstraint("x > 0"),))
    assert diff(of(named), of(unnamed)) == ()
    assert diff(of(unnamed), of(named)) == ()


def test_a_drop_carries_the_name_that_the_database_gave() -> None:
    before = table(A, "x", unique_constraints=(UniqueConstraint(("x",), "a_x_key"),))
    (operation,) = diff(of(before), of(table(A, "x")))
    assert isinstance(operation, DropConstraint)
    assert (operation.name, operation.kind) == ("a_x_key", "unique")
    assert operation.before == before.unique_constraints[0]


def test_a_changed_constraint_is_dropped_before_it_is_created() -> None:
    before = table(A, "x", checks=(CheckConstraint("x > 0", "positive"),))
    after = table(A, "x", checks=(CheckConstraint("x > 1", "positive"),))
    assert words(diff(of(before), of(after))) == [
        "drop check constraint positive on a",
        "create check constraint positive on a",
    ]


def test_an_altered_column_knows_all_it_was() -> None:
    old = Column("x", INTEGER, nullable=False, default="0", comment="c")
    (operation,) = diff(of(Table(A, (old,))), of(Table(A, (replace(old, type=DataType("BIGINT")),))))
    assert isinstance(operation, AlterColumn)
    assert operation.after.known() == {"type": DataType("BIGINT")}
    known = operation.before.known()
    assert (known["type"], known["nullable"], known["default"], known["comment"]) == (INTEGER, False, "0", "c")


def test_a_changed_expression_is_an_alteration() -> None:
    old = Column("x", INTEGER, computed=Computed("1", True))
    (operation,) = diff(of(Table(A, (old,))), of(Table(A, (replace(old, computed=Computed("2", True)),))))
    assert isinstance(operation, AlterColumn)
    assert operation.after.known() == {"computed": Computed("2", True)}


def test_columns_come_back_in_the_order_that_they_had() -> None:
    before, after = of(table(A, "x", "y", "z")), of(table(A, "x"))
    there = diff(before, after)
    assert replay_all(after, invert_all(there)).tables[A].column_names == ("x", "y", "z")


def test_tables_are_created_after_what_they_point_to_and_dropped_before_it() -> None:
    child = table(A, "b_id", foreign_keys=(ForeignKey(("b_id",), B, ("id",), "fk"),))
    both = of(child, table(B, "id"))
    assert words(diff(of(), both)) == ["create table b", "create table a"]
    assert words(diff(both, of())) == ["drop table a", "drop table b"]


def test_a_cycle_is_cut_where_it_is_and_nowhere_else() -> None:
    a = table(A, "b_id", foreign_keys=(ForeignKey(("b_id",), B, ("id",), "a_b"),))
    b = table(B, "id", foreign_keys=(ForeignKey(("id",), A, ("b_id",), "b_a"),))
    c = table(C, "id", foreign_keys=(ForeignKey(("id",), A, ("b_id",), "c_a"), ForeignKey(("id",), C, ("id",), "own")))
    operations = diff(of(), of(a, b, c))
    assert words(operations) == [
        "create table a",
        "create table b",
        "create table c",
        "create foreign key constraint a_b on a",
    ]
    assert isinstance(operations[2], CreateTable)
    assert len(operations[2].table.foreign_keys) == 2
    back = diff(of(a, b, c), of())
    assert isinstance(back[0], DropConstraint)
    assert back[0].name == "a_b"
    assert [type(one) for one in back[1:]] == [DropTable] * 3


def test_a_foreign_key_is_dropped_before_the_column_the_key_and_the_table_it_needs() -> None:
    parent = table(B, "id", "x", primary_key=PrimaryKey(("id",), "b_pkey"))
    child = table(A, "b_id", "z", foreign_keys=(ForeignKey(("b_id",), B, ("id",), "fk"),))
    operations = diff(of(parent, child), of(table(B, "x"), table(A, "z")))
    assert words(operations) == [
        "drop foreign key constraint fk on a",
        "drop primary constraint b_pkey on b",
        "drop column a.b_id",
        "drop column b.id",
    ]


def test_an_unchanged_foreign_key_makes_way_for_another_key() -> None:
    key = ForeignKey(("b_id",), B, ("id",), "fk")
    child = table(A, "b_id", foreign_keys=(key,))
    before = table(B, "id", "x", primary_key=PrimaryKey(("id",), "b_pkey"))
    after = replace(before, primary_key=PrimaryKey(("x",)), unique_constraints=(UniqueConstraint(("id",), "u"),))
    assert words(diff(of(before, child), of(after, child))) == [
        "drop foreign key constraint fk on a",
        "drop primary constraint b_pkey on b",
        "create primary constraint on b",
        "create unique constraint u on b",
        "create foreign key constraint fk on a",
    ]


@pytest.mark.parametrize(("old", "new", "moves"), [("INTEGER", "UUID", True), ("VARCHAR(5)", "VARCHAR(9)", False)])
def test_an_unchanged_foreign_key_makes_way_for_another_kind_of_type(old: str, new: str, moves: bool) -> None:
    def side(sql: str) -> Snapshot:
        parent = Table(B, (Column("id", DataType(sql)),))
        child = Table(A, (Column("b_id", DataType(sql)),), foreign_keys=(ForeignKey(("b_id",), B, ("id",), "fk"),))
        return of(parent, child)

    kinds = [type(one) for one in diff(side(old), side(new))]
    assert kinds.count(DropConstraint) == kinds.count(CreateForeignKey) == moves
    assert kinds == ([DropConstraint, AlterColumn, AlterColumn, CreateForeignKey] if moves else [AlterColumn] * 2)


def test_a_computed_column_comes_after_the_columns_that_it_may_use() -> None:
    base = table(A, "id")
    computed = Column("total", INTEGER, computed=Computed("price * 2", True))
    after = replace(base, columns=(*base.columns, computed, Column("price", INTEGER)))
    there = diff(of(base), of(after))
    assert words(there) == ["add column a.price", "add column a.total"]
    assert words(invert_all(there)) == ["drop column a.total", "drop column a.price"]


def test_indexes_come_after_columns_and_go_before_them() -> None:
    index = Index("ix", (IndexElement("y"),))
    with_index = table(A, "x", "y", indexes=(index,))
    assert words(diff(of(table(A, "x")), of(with_index))) == ["add column a.y", "create index ix on a (y)"]
    assert words(diff(of(with_index), of(table(A, "x")))) == ["drop index ix on a", "drop column a.y"]


def test_what_is_left_out_is_left_out() -> None:
    before, after = of(table(A, "x"), table(B, "x")), of(table(A, "x", "y"))
    assert words(diff(before, after, include=lambda one: not isinstance(one, DropTable))) == ["add column a.y"]


def test_a_judge_overrules_a_facet() -> None:
    before = of(Table(A, (Column("x", INTEGER, default="1"), Column("y", INTEGER))))
    after = of(Table(A, (Column("x", DataType("BIGINT"), default="2"), Column("y", INTEGER))))

    def judge(name: QualifiedName, facet: str, old: Column, new: Column) -> bool | None:
        assert name == A
        return {"type": False, "comment": new.name == "y"}.get(facet)

    operations = diff(before, after, judge=judge)
    assert [(one.name, one.after.known()) for one in operations if isinstance(one, AlterColumn)] == [
        ("x", {"default": "2"}),
        ("y", {"comment": None}),
    ]


def test_what_has_no_inverse_says_so() -> None:
    with pytest.raises(Irreversible):
        invert_all([Execute("UPDATE a SET x = 1")])


def test_models_against_themselves() -> None:
    metadata = sa.MetaData(naming_convention={"pk": "pk_%(table_name)s"})
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("t_id", sa.ForeignKey("t.id")))
    one, other = (snapshot_of([metadata], TRANSLATION) for _ in range(2))
    assert diff(one, other) == ()
    (created,) = diff(of(), one)
    assert isinstance(created, CreateTable)
    assert [type(two) for two in diff(one, of())] == [DropTable]
    assert not any(isinstance(two, (AddColumn, DropColumn)) for two in diff(of(), one))


def test_a_column_goes_before_one_that_only_its_spelling_tells_apart() -> None:
    assert words(diff(of(table(A, "id", "Name")), of(table(A, "id", "name")))) == [
        "drop column a.Name",
        "add column a.name",
    ]


def test_what_no_operation_changes_is_said() -> None:
    before = replace(table(A, "x"), options=(("engine", "MyISAM"),))
    after = replace(table(A, "x"), options=(("engine", "InnoDB"), ("charset", "utf8mb4")), prefixes=("TEMPORARY",))
    after = replace(after, columns=(replace(after.columns[0], options=(("on_conflict", "FAIL"),)),))
    sentences = leftovers(of(before), of(after))
    assert [one.partition(" is ")[0] for one in sentences[:2]] == [
        "table a: option charset",
        "table a: option engine",
    ]
    assert len(sentences) == 4
    assert leftovers(of(after), of(after)) == ()
    assert diff(of(before), of(after)) == ()


def test_a_new_table_finds_the_keys_that_its_foreign_keys_rely_on() -> None:
    parent = table(A, "x")
    unique = replace(parent, indexes=(Index("ix", (IndexElement("x"),), unique=True),))
    child = table(B, "a_x", foreign_keys=(ForeignKey(("a_x",), A, ("x",), "fk"),))
    assert words(diff(of(parent), of(unique, child))) == ["create unique index ix on a (x)", "create table b"]
    assert words(diff(of(unique, child), of(parent))) == ["drop table b", "drop index ix on a"]


def test_another_name_is_a_rename_where_the_database_can() -> None:
    def side(prefix: str) -> Snapshot:
        one = table(A, "x", primary_key=PrimaryKey(("x",), f"{prefix}_pk"))
        child = table(B, "x", foreign_keys=(ForeignKey(("x",), A, ("x",), "fk"),))
        return of(replace(one, indexes=(Index(f"{prefix}_ix", (IndexElement("x"),)),)), child)

    before, after = side("old"), side("new")
    operations = diff(before, after, renamable=frozenset({"index", "constraint"}))
    assert words(operations) == ["rename constraint old_pk on a to new_pk", "rename index old_ix on a to new_ix"]
    assert replay_all(before, operations).tables == after.tables
    assert replay_all(after, invert_all(operations)).tables == before.tables
    assert len(diff(before, after)) == 6


def test_names_that_change_places_are_dropped_and_created() -> None:
    def side(first: str, second: str) -> Snapshot:
        indexes = (Index(first, (IndexElement("x"),)), Index(second, (IndexElement("y"),)))
        return of(table(A, "x", "y", indexes=indexes))

    operations = diff(side("a", "b"), side("b", "a"), renamable=frozenset({"index"}))
    assert [one.directive for one in operations] == ["drop_index"] * 2 + ["create_index"] * 2


def test_enums_are_there_before_what_uses_them_and_gone_after_it() -> None:
    mood = Enum(QualifiedName("mood"), ("sad", "ok"))
    typed = Table(A, (Column("m", DataType("mood", enum=mood.name)),))
    with_enum = replace(of(typed), enums={mood.name: mood})
    assert words(diff(of(), with_enum)) == ["create enum mood", "create table a"]
    assert words(diff(with_enum, of())) == ["drop table a", "drop enum mood"]
    plain = of(Table(A, (Column("m", DataType("TEXT")),)))
    assert words(diff(plain, with_enum)) == ["create enum mood", "alter column a.m (type)"]
    assert words(diff(with_enum, plain)) == ["alter column a.m (type)", "drop enum mood"]


def test_values_come_early_and_go_late() -> None:
    name = QualifiedName("mood")

    def side(*values: str, columns: tuple[str, ...] = ("x",)) -> Snapshot:
        return replace(of(table(A, *columns)), enums={name: Enum(name, values)})

    wider = diff(side("sad"), side("sad", "ok", columns=("x", "y")))
    assert words(wider) == ["alter enum mood (add 'ok')", "add column a.y"]
    narrower = diff(side("sad", "ok", columns=("x", "y")), side("sad"))
    assert words(narrower) == ["drop column a.y", "alter enum mood (remove 'ok')"]
    assert words(invert_all(wider)) == ["drop column a.y", "alter enum mood (remove 'ok')"]


def test_sequences() -> None:
    name = QualifiedName("numbers")
    old = replace(of(), sequences={name: Sequence(name, start=1)})
    new = replace(of(), sequences={name: Sequence(name, start=1, increment=2)})
    assert words(diff(of(), old)) == ["create sequence numbers"]
    assert words(diff(old, new)) == ["alter sequence numbers"]
    assert words(diff(new, of())) == ["drop sequence numbers"]
    assert replay_all(new, invert_all(diff(old, new))) == old
