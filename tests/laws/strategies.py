"""Random but realistic snapshots: small, with awkward names, so that two of them overlap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    Enum,
    ForeignKey,
    Function,
    Identity,
    Index,
    IndexElement,
    PrimaryKey,
    QualifiedName,
    Sequence,
    Table,
    Trigger,
    UniqueConstraint,
    View,
)
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation, writing_dialect
from flask_schema.snapshot.snapshot import Snapshot

TRANSLATION = SqlalchemyTranslation(writing_dialect(postgresql.dialect()))  # type: ignore[no-untyped-call]
TABLE_NAMES = ("accounts", "order", "Users", "naïve", "per%cent", "a_rather_long_name_for_a_table_of_things")
COLUMN_NAMES = ("id", "name", "balance", "select", "Mixed", "größe", 'quo"te', "owner_id", "a_rather_long_column_name")
TYPES: tuple[TypeEngine[Any], ...] = (
    sa.Integer(),
    sa.BigInteger(),
    sa.String(50),
    sa.Text(),
    sa.Numeric(10, 2),
    sa.Boolean(),
    sa.DateTime(timezone=True),
    sa.Uuid(),
    sa.JSON(),
    postgresql.ARRAY(sa.String(10)),
    postgresql.JSONB(),
)
DEFAULTS = (None, None, "0", "'it''s'", "now()", "'a:b'", "x'::text", "'say \"x\"'", "'{}'::jsonb", "(1 + 2)")
EXPRESSIONS = ("1 < 2", "balance > 0", "name <> 'a:b'", "length(name) < 10", "balance = 1 AND name = '%'")
COMMENTS = (None, None, "Money", 'It\'s "quoted"', "two\nlines")


def constraint_name(draw: st.DrawFn, used: set[str], prefix: str) -> str | None:
    """A name that nothing in the table has, or None."""
    name = draw(st.sampled_from((None, f"{prefix}_a", f"{prefix}_b", f"{prefix} %c", f"{prefix}_" + "long" * 12)))
    if name is None or name in used:
        return None
    used.add(name)
    return name


@st.composite
def columns(draw: st.DrawFn, name: str) -> Column:
    python = draw(st.sampled_from(TYPES))
    kind = draw(st.sampled_from(("plain", "plain", "plain", "computed", "identity")))
    column = Column(
        name,
        TRANSLATION.data_type(python),
        nullable=draw(st.booleans()),
        default=draw(st.sampled_from(DEFAULTS)) if kind == "plain" else None,
        comment=draw(st.sampled_from(COMMENTS)),
    )
    if kind == "computed":
        return replace(column, computed=Computed(draw(st.sampled_from(("1 + 1", "length('a')"))), True))
    if kind == "identity":
        identity = Identity(always=draw(st.booleans()), start=draw(st.sampled_from((None, 7))))
        return replace(column, type=TRANSLATION.data_type(sa.Integer()), nullable=False, identity=identity)
    return column


def _expressions(names: list[str]) -> list[str]:
    """The expressions that a table with these columns can hold."""
    missing = [name for name in ("balance", "name") if name not in names]
    return [one for one in EXPRESSIONS if not any(name in one for name in missing)]


@st.composite
def tables(draw: st.DrawFn, name: str, others: tuple[str, ...]) -> Table:
    names = draw(st.lists(st.sampled_from(COLUMN_NAMES), min_size=1, max_size=5, unique=True))
    used: set[str] = set()
    some = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    key = None
    made = [draw(columns(one)) for one in names]
    if draw(st.booleans()):
        keyed = draw(some)
        made = [replace(one, nullable=False) if one.name in keyed else one for one in made]
        key = PrimaryKey(keyed, constraint_name(draw, used, "pk"))
    uniques = {
        one: UniqueConstraint(one, constraint_name(draw, used, "uq")) for one in draw(st.lists(some, max_size=2))
    }
    checks = {
        one: CheckConstraint(one, constraint_name(draw, used, "ck"))
        for one in draw(st.lists(st.sampled_from(_expressions(names)), max_size=2))
    }
    foreign = {
        (own, target): ForeignKey(
            own,
            QualifiedName(target),
            own,
            constraint_name(draw, used, "fk"),
            ondelete=draw(st.sampled_from((None, "CASCADE"))),
            deferrable=draw(st.sampled_from((None, True))),
        )
        for own, target in draw(st.lists(st.tuples(some, st.sampled_from(others)), max_size=2))
    }
    indexes = [
        Index(f"ix_{name}_{place}", tuple(IndexElement(one, descending=draw(st.booleans())) for one in own), unique)
        for place, (own, unique) in enumerate(draw(st.lists(st.tuples(some, st.booleans()), max_size=2)))
    ]
    if "name" in names and draw(st.booleans()):
        where = draw(st.sampled_from((None, "balance > 0"))) if "balance" in names else None
        element = IndexElement(
            draw(st.sampled_from(("lower(name)", "name || 'x'", "(1 + 2)"))),
            is_column=False,
            descending=draw(st.booleans()),
            opclass=draw(st.sampled_from((None, "text_pattern_ops"))),
        )
        indexes.append(Index(f"ix_{name}_expression", (element,), where=where))
    return Table(
        QualifiedName(name),
        tuple(made),
        key,
        tuple(uniques.values()),
        tuple(foreign.values()),
        tuple(checks.values()),
        indexes=tuple(indexes),
        comment=draw(st.sampled_from(COMMENTS)),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A snapshot with up to four tables of six names; foreign keys go anywhere, cycles included."""
    names = tuple(draw(st.lists(st.sampled_from(TABLE_NAMES), max_size=4, unique=True)))
    enums = draw(st.lists(_enums(), max_size=2, unique_by=lambda one: one.name))
    sequences = draw(st.lists(_sequences(), max_size=2, unique_by=lambda one: one.name))
    made = Snapshot.of("postgresql", [draw(tables(name, names)) for name in names], enums, sequences)
    return draw(with_programs(made)) if draw(st.booleans()) else made


VIEW_NAMES = (QualifiedName("rich"), QualifiedName("Poor"), QualifiedName("sums", "s"))
ALL_HOLDS = ("drops", "types", "readers", "stars")


@st.composite
def with_programs(draw: st.DrawFn, snapshot: Snapshot) -> Snapshot:
    """The snapshot with views on its tables and on each other, functions, triggers on both, and extensions."""
    tables_read = [f'"{name.name}"' for name in snapshot.tables] or ["pg_class"]
    views: dict[QualifiedName, View] = {}
    for name in draw(st.lists(st.sampled_from(VIEW_NAMES), max_size=3, unique=True)):
        source = draw(st.sampled_from([*tables_read, *(f'"{one.name}"' for one in views)]))
        columns = draw(st.sampled_from(("name", "*", 'balance,\n    lower(name) AS "select"', "twice(1), 'a:b 100%'")))
        options = draw(st.sampled_from(((), (("columns", ("a",)),), (("with", (("security_barrier", "true"),)),))))
        interface = draw(st.sampled_from((None, ("a text",), ("a text", "b integer"))))
        definition = f"SELECT {columns} FROM {source}"
        views[name] = View(name, definition, draw(st.booleans()), options=options, interface=interface)
    functions = {}
    for arguments in draw(st.lists(st.sampled_from(("", "integer", "integer, text")), max_size=2, unique=True)):
        body = draw(st.sampled_from(("SELECT 1", "SELECT count(*) FROM rich", "SELECT 'it''s'")))
        definition = f"CREATE FUNCTION twice({arguments}) RETURNS integer LANGUAGE sql AS $$ {body} $$"
        interface = draw(st.sampled_from((None, (arguments, "integer"), (f"x {arguments}", "integer"))))
        made = Function(QualifiedName("twice"), definition, arguments, draw(st.booleans()), interface)
        functions[made.name, arguments] = made
    triggers = {}
    owners = [*snapshot.tables, *(name for name, one in views.items() if not one.materialized)]
    for owner in draw(st.lists(st.sampled_from(owners), max_size=2, unique=True)) if owners else ():
        when = draw(st.sampled_from(("INSERT", "UPDATE OF name")))
        definition = f'CREATE TRIGGER tr AFTER {when} ON "{owner.name}" EXECUTE FUNCTION twice()'
        triggers[owner, "tr"] = Trigger("tr", owner, definition)
    extensions = frozenset(draw(st.lists(st.sampled_from(("citext", "uuid-ossp")), max_size=2)))
    return replace(snapshot, views=views, functions=functions, triggers=triggers, extensions=extensions)


def _enums() -> st.SearchStrategy[Enum]:
    names = st.sampled_from((QualifiedName("mood"), QualifiedName("Größe", "s")))
    values = st.lists(st.sampled_from(("sad", "it's", "100%")), min_size=1, max_size=3, unique=True).map(tuple)
    return st.builds(Enum, names, values)


def _sequences() -> st.SearchStrategy[Sequence]:
    return st.builds(
        Sequence,
        st.sampled_from((QualifiedName("numbers"), QualifiedName("Größe", "s"))),
        start=st.sampled_from((None, 1, -5)),
        increment=st.sampled_from((None, 2)),
        cycle=st.booleans(),
        data_type=st.sampled_from((None, "BIGINT")),
        owned_by=st.sampled_from((None, (QualifiedName("accounts"), "id"), (QualifiedName("a", "s"), "id"))),
    )


@st.composite
def changed(draw: st.DrawFn, snapshot: Snapshot) -> Snapshot:
    """The snapshot with some of its columns' facets changed: closer to what a developer does than two random ones."""
    made = []
    for table in snapshot.tables.values():
        other = tuple(
            replace(draw(columns(one.name)), nullable=one.nullable) if draw(st.integers(0, 3)) == 0 else one
            for one in table.columns
        )
        made.append(replace(table, columns=other))
    return replace(snapshot, tables={one.name: one for one in made})


def _mixed_checks(table: Table, named: list[CheckConstraint]) -> tuple[CheckConstraint, ...]:
    """Those without a name keep their order, by which a database numbers them."""
    return (*named, *(check for check in table.checks if check.name is None))


def shuffled(snapshot: Snapshot) -> st.SearchStrategy[Snapshot]:
    """The same schema with everything that has no order in another order."""

    @st.composite
    def build(draw: st.DrawFn) -> Snapshot:
        def mixed(one: Table) -> Table:
            return replace(
                one,
                unique_constraints=tuple(draw(st.permutations(one.unique_constraints))),
                foreign_keys=tuple(draw(st.permutations(one.foreign_keys))),
                checks=_mixed_checks(one, draw(st.permutations([check for check in one.checks if check.name]))),
                indexes=tuple(draw(st.permutations(one.indexes))),
            )

        return replace(
            snapshot,
            tables={name: mixed(snapshot.tables[name]) for name in draw(st.permutations(list(snapshot.tables)))},
            views={name: snapshot.views[name] for name in draw(st.permutations(list(snapshot.views)))},
            functions={key: snapshot.functions[key] for key in draw(st.permutations(list(snapshot.functions)))},
            triggers={key: snapshot.triggers[key] for key in draw(st.permutations(list(snapshot.triggers)))},
        )

    return build()


def without_python_types(snapshot: Snapshot) -> Snapshot:
    """The snapshot as a database would give it: types are text."""

    def read(column: Column) -> Column:
        return replace(column, type=DataType(column.type.sql, enum=column.type.enum))

    return replace(
        snapshot,
        tables={
            name: replace(one, columns=tuple(read(column) for column in one.columns))
            for name, one in snapshot.tables.items()
        },
    )
