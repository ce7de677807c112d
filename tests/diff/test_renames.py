from __future__ import annotations

from dataclasses import replace

import pytest

from flask_schema.diff.compare import diff, invert_all, replay_all
from flask_schema.diff.proposals import decide, propose, suspicion_of
from flask_schema.diff.renames import Rename, RenamedColumn, RenamedTable, RenamedValue, parse_rename
from flask_schema.errors import UsageError
from flask_schema.operations.columns import AlterColumn, ColumnFacets
from flask_schema.operations.enums import AlterEnum
from flask_schema.operations.tables import RenameTable
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
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.snapshot import Snapshot
from tests.diff.test_compare import of, table, words

TEXT = DataType("TEXT")
PEOPLE, USERS, PETS = QualifiedName("people"), QualifiedName("users"), QualifiedName("pets")


def people(name: QualifiedName = PEOPLE, column: str = "name") -> Table:
    return Table(
        name,
        (
            Column("id", DataType("INTEGER"), nullable=False),
            Column(column, TEXT),
            Column("shout", TEXT, computed=Computed(f"upper({column}) || '{PEOPLE.name} name'", True)),
        ),
        PrimaryKey(("id",), "people_pkey"),
        (UniqueConstraint((column,), "u"),),
        checks=(CheckConstraint(f"length({column}) > 1 AND {column} <> 'name'", "c"),),
        indexes=(Index("ix", (IndexElement(f"lower({column})", is_column=False),), where=f"{column} IS NOT NULL"),),
    )


def pets(owner: QualifiedName = PEOPLE) -> Table:
    return table(PETS, "owner_id", foreign_keys=(ForeignKey(("owner_id",), owner, ("id",), "fk"),))


def test_a_hint_renames_table_and_column_and_all_that_names_them_follows() -> None:
    after = people(USERS, "full_name")
    hinted = tuple(replace(one, renamed_from="name" if one.name == "full_name" else None) for one in after.columns)
    after = replace(after, renamed_from="people", columns=hinted)
    before, target = of(people(), pets()), of(after, pets(USERS))
    operations = diff(before, target)
    assert words(operations) == ["rename table people to users", "rename column users.name to full_name"]
    assert replay_all(before, operations).tables == target.tables
    assert replay_all(target, invert_all(operations)).tables == before.tables


def test_a_hint_that_has_done_its_work_does_nothing() -> None:
    after = replace(people(USERS), renamed_from="people")
    assert diff(of(people(USERS)), of(after)) == ()
    assert words(diff(of(), of(after))) == ["create table users"]
    assert words(diff(of(people(USERS), people()), of(after))) == ["drop table people"]


def test_a_renamed_column_knows_its_type_for_databases_that_must_say_it_again() -> None:
    operations = diff(of(table(PETS, "x")), of(table(PETS, "y")), renames=[RenamedColumn(PETS, "x", "y")])
    (operation,) = operations
    assert isinstance(operation, AlterColumn)
    assert operation.after == ColumnFacets(name="y")
    assert operation.before.type == DataType("INTEGER")


def test_renamed_and_changed_at_once() -> None:
    after = Table(PETS, (Column("y", TEXT),))
    operations = diff(of(table(PETS, "x")), of(after), renames=[RenamedColumn(PETS, "x", "y")])
    assert words(operations) == ["rename column pets.x to y", "alter column pets.y (type)"]


def test_names_can_be_swapped() -> None:
    a, b = QualifiedName("a"), QualifiedName("b")
    before = of(table(a, "x", "y"), table(b, "z"))
    after = of(table(b, "y", "x"), table(a, "z"))
    renames: list[Rename] = [
        RenamedTable(a, b),
        RenamedTable(b, a),
        RenamedColumn(b, "x", "y"),
        RenamedColumn(b, "y", "x"),
    ]
    operations = diff(before, after, renames=renames)
    assert all(isinstance(one, (RenameTable, AlterColumn)) for one in operations)
    assert replay_all(before, operations).tables == after.tables
    assert replay_all(after, invert_all(operations)).tables == before.tables


def test_what_stands_on_the_name_is_dropped_first() -> None:
    before = of(people(), table(USERS, "old"), pets(USERS), table(PEOPLE._replace(name="log"), "id"))
    after = of(replace(people(USERS), renamed_from="people"), pets(USERS), table(PEOPLE._replace(name="log"), "id"))
    operations = diff(before, after, renames=[RenamedTable(PEOPLE, USERS)])
    assert words(operations) == [
        "drop foreign key constraint fk on pets",
        "drop table users",
        "rename table people to users",
        "create foreign key constraint fk on pets",
    ]
    there = replay_all(before, operations)
    assert diff(there, after) == ()
    assert diff(replay_all(there, invert_all(operations)), before) == ()


def test_a_column_that_stands_on_the_name_is_dropped_with_all_that_needs_it() -> None:
    before = people()
    doomed = table(PETS, "owner", foreign_keys=(ForeignKey(("owner",), PEOPLE, ("name",), "fk"),))
    before = replace(before, columns=(*before.columns, Column("nick", TEXT)))
    after = Table(PEOPLE, (before.columns[0], Column("name", TEXT)), PrimaryKey(("id",)))
    source, target = of(before, doomed), of(after, table(PETS, "owner"))
    shout_less = replace(
        source, tables={**source.tables, PEOPLE: replace(before, columns=before.columns[:2] + before.columns[3:])}
    )
    operations = diff(shout_less, target, renames=[RenamedColumn(PEOPLE, "nick", "name")])
    there = replay_all(shout_less, operations)
    assert diff(there, target) == ()
    assert words(operations)[0] == "drop foreign key constraint fk on pets"
    assert "drop column people.name" in words(operations)
    assert diff(replay_all(there, invert_all(operations)), shout_less) == ()


@pytest.mark.parametrize(
    ("text", "rename"),
    [
        ("people:users", RenamedTable(PEOPLE, USERS)),
        ("people.name:users.full_name", RenamedColumn(USERS, "name", "full_name")),
        ("users.name:users.full_name", RenamedColumn(USERS, "name", "full_name")),
        ("users.name:full_name", RenamedColumn(USERS, "name", "full_name")),
        ("s.a:s.b", RenamedTable(QualifiedName("a", "s"), QualifiedName("b", "s"))),
    ],
)
def test_renames_are_read_from_the_command_line(text: str, rename: object) -> None:
    before = of(people(), table(QualifiedName("a", "s"), "x"))
    after = of(people(USERS, "full_name"), table(QualifiedName("b", "s"), "x"))
    assert parse_rename(text, before, after) == rename


@pytest.mark.parametrize(
    "text", ["", "x", "x:", ":x", "a:b:c", "nobody:users", "people:nobody", "users.name:users.nothing"]
)
def test_renames_that_fit_nothing_are_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_rename(text, of(people()), of(people(USERS)))
    assert caught.value.hint


def test_an_option_reads_back_as_the_rename_that_it_stands_for() -> None:
    before, after = of(people()), of(people(USERS, "full_name"))
    for rename in propose(before, after):
        assert parse_rename(rename.option, before, after) == rename


def test_proposals_are_scored_and_each_thing_is_proposed_once() -> None:
    before, after = of(people(), pets()), of(people(USERS, "full_name"), pets(USERS))
    proposals = propose(before, after)
    assert set(proposals) == {RenamedTable(PEOPLE, USERS), RenamedColumn(USERS, "name", "full_name")}
    assert all(0.6 <= one.score < 1 for one in proposals)
    assert proposals == propose(before, after)


def test_what_is_unlike_is_not_proposed() -> None:
    before = of(Table(PETS, (Column("id", DataType("INTEGER")), Column("photo", DataType("BYTEA")))))
    after = of(Table(PETS, (Column("id", DataType("INTEGER")), Column("born", DataType("DATE"), nullable=False))))
    assert propose(before, after) == ()
    assert propose(before, of(Table(USERS, (Column("name", TEXT),)))) == ()


def test_what_is_decided_is_not_proposed() -> None:
    hinted = replace(people(USERS), renamed_from="people")
    assert propose(of(people()), Snapshot.of("postgresql", [hinted])) == ()


def test_a_drop_that_looks_like_a_rename_is_suspicious() -> None:
    before, after = of(people()), of(people(column="full_name"))
    suspicion = suspicion_of(propose(before, after))
    said = {one.describe(): suspicion(one) for one in diff(before, after)}
    assert [what for what, words in said.items() if words] == ["drop column people.name"]
    assert "--rename 'people.name:people.full_name'" in str(said["drop column people.name"])
    tables = propose(of(people()), of(people(USERS)))
    dropped = [one for one in diff(of(people()), of(people(USERS))) if suspicion_of(tables)(one)]
    assert words(tuple(dropped)) == ["drop table people"]


def test_questions_come_one_by_one_and_a_refusal_makes_room_for_the_next() -> None:
    before = of(people(), pets())
    after = of(people(USERS, "full_name"), people(QualifiedName("persons"), "name"), pets(USERS))
    asked: list[str] = []

    def ask(rename: Rename) -> bool:
        asked.append(rename.describe())
        return rename in (RenamedTable(PEOPLE, USERS), RenamedColumn(USERS, "name", "full_name"))

    decision = decide(before, after, ask=ask)
    assert asked == ["table people to persons", "table people to users", "column users.name to full_name"]
    assert decision.decided == (RenamedTable(PEOPLE, USERS), RenamedColumn(USERS, "name", "full_name"))
    assert decision.undecided == ()
    headless = decide(before, after)
    assert headless.decided == ()
    assert RenamedTable(PEOPLE, QualifiedName("persons")) in headless.undecided


def test_a_refused_table_asks_nothing_about_its_columns() -> None:
    decision = decide(of(people()), of(people(USERS, "full_name")), ask=lambda rename: False)
    assert decision.decided == ()


def test_texts_are_settled_when_renames_are_carried_out() -> None:
    def settle(before: Snapshot, after: Snapshot) -> tuple[Snapshot, Snapshot, frozenset[QualifiedName]]:
        assert before.tables.keys() == after.tables.keys() == {USERS}
        return after, after, frozenset()

    operations = diff(
        of(people()), of(people(USERS, "full_name")), renames=[RenamedTable(PEOPLE, USERS)], settle=settle
    )
    assert words(operations) == ["rename table people to users"]


def test_a_decision_outweighs_a_hint() -> None:
    after = Table(PETS, (Column("b", TEXT, renamed_from="x"), Column("c", TEXT)))
    before = Table(PETS, (Column("x", TEXT),))
    operations = diff(of(before), of(after), renames=[RenamedColumn(PETS, "x", "c")])
    assert words(operations) == ["rename column pets.x to c", "add column pets.b"]


def test_values_of_enums_are_renamed() -> None:
    name = QualifiedName("mood")

    def side(*values: str) -> Snapshot:
        return replace(of(), enums={name: Enum(name, values)})

    before, after = side("sad", "ok"), side("sad", "okay")
    (proposal,) = propose(before, after)
    assert proposal == RenamedValue(name, "ok", "okay") == parse_rename("mood.ok:mood.okay", before, after)
    assert parse_rename(proposal.option, before, after) == proposal
    (renamed,) = diff(before, after, renames=[proposal])
    assert isinstance(renamed, AlterEnum)
    assert (renamed.renames, renamed.added, renamed.removed) == ((("ok", "okay"),), (), ())
    (altered,) = diff(before, after)
    assert "--rename 'mood.ok:mood.okay'" in str(suspicion_of([proposal])(altered))
    assert suspicion_of([proposal])(renamed) is None
    assert propose(before, after, [proposal]) == ()
    assert decide(before, after, ask=lambda one: True).decided == (proposal,)


def test_the_models_say_which_value_of_an_enum_another_one_was() -> None:
    status = QualifiedName("status")
    before = Snapshot.of("postgresql", (), [Enum(status, ("open", "done"))])
    after = Snapshot.of("postgresql", (), [Enum(status, ("active", "done"), renamed_values=(("open", "active"),))])
    operations = diff(before, after)
    assert words(operations) == ["alter enum status ('open' becomes 'active')"]
    assert replay_all(before, operations) == after
    assert replay_all(after, invert_all(operations)) == before
    assert propose(before, after) == ()
    assert diff(after, after) == ()


def test_an_index_or_constraint_of_another_name_is_renamed_where_the_database_can() -> None:
    before = of(
        table(PEOPLE, "a", indexes=(Index("ix_old", (IndexElement("a"),)),), checks=(CheckConstraint("a > 0", "old"),))
    )
    after = of(
        table(PEOPLE, "a", indexes=(Index("ix_new", (IndexElement("a"),)),), checks=(CheckConstraint("a > 0", "new"),))
    )
    assert words(diff(before, after, renamable=frozenset({"index", "constraint"}))) == [
        "rename constraint old on people to new",
        "rename index ix_old on people to ix_new",
    ]
    assert len(diff(before, after)) == 4
