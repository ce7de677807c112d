"""Operations on the constraints of a table."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, ClassVar

from flask_schema.errors import Irreversible, ObjectMissing
from flask_schema.operations.operation import Operation, operation, table_of
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Constraint,
    ExcludeConstraint,
    ForeignKey,
    Options,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

KINDS: dict[type[Constraint], str] = {
    PrimaryKey: "primary",
    UniqueConstraint: "unique",
    ForeignKey: "foreignkey",
    CheckConstraint: "check",
    ExcludeConstraint: "exclude",
}
"""The ``type_`` of ``op.drop_constraint`` for each constraint."""

NOT_VALID = "not_valid"
"""The option of a constraint that holds for new rows only (``postgresql_not_valid``)."""


@dataclass(frozen=True, slots=True)
class CreateConstraint(Operation):
    """What creating a constraint has in common: its table and the constraint."""

    table: QualifiedName
    constraint: Constraint

    def describe(self) -> str:
        kind = KINDS[type(self.constraint)].replace("foreignkey", "foreign key")
        named = f" {self.constraint.name}" if self.constraint.name else ""
        return f"create {kind} constraint{named} on {self.table}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        return DropConstraint(
            self.table, self.constraint.name, kind=KINDS[type(self.constraint)], before=self.constraint
        )

    def replay(self, snapshot: Snapshot) -> Snapshot:
        return snapshot.with_table(table_of(snapshot, self.table).with_constraint(self.constraint))


@operation
@dataclass(frozen=True, slots=True)
class CreatePrimaryKey(CreateConstraint):
    """Give a table its primary key."""

    directive: ClassVar[str] = "create_primary_key"


@operation
@dataclass(frozen=True, slots=True)
class CreateUniqueConstraint(CreateConstraint):
    """Add a unique constraint."""

    directive: ClassVar[str] = "create_unique_constraint"


@operation
@dataclass(frozen=True, slots=True)
class CreateForeignKey(CreateConstraint):
    """Add a foreign key."""

    directive: ClassVar[str] = "create_foreign_key"

    def touches(self) -> frozenset[QualifiedName]:
        referred = {self.constraint.referred_table} if isinstance(self.constraint, ForeignKey) else set()
        return frozenset({self.table, *referred})


@operation
@dataclass(frozen=True, slots=True)
class CreateCheckConstraint(CreateConstraint):
    """Add a CHECK."""

    directive: ClassVar[str] = "create_check_constraint"


@operation
@dataclass(frozen=True, slots=True)
class CreateExcludeConstraint(CreateConstraint):
    """Add an EXCLUDE constraint (PostgreSQL)."""

    directive: ClassVar[str] = "create_exclude_constraint"


def create_constraint(table: QualifiedName, constraint: Constraint) -> CreateConstraint:
    """The operation that creates ``constraint`` on ``table``."""
    operations: dict[type[Constraint], type[CreateConstraint]] = {
        PrimaryKey: CreatePrimaryKey,
        UniqueConstraint: CreateUniqueConstraint,
        ForeignKey: CreateForeignKey,
        CheckConstraint: CreateCheckConstraint,
        ExcludeConstraint: CreateExcludeConstraint,
    }
    return operations[type(constraint)](table, constraint)


@operation
@dataclass(frozen=True, slots=True)
class DropConstraint(Operation):
    """Drop a constraint by ``name``, or, where it has none in the database, by what ``before`` says it is.

    ``kind`` is one of ``primary``, ``unique``, ``foreignkey``, ``check``, ``exclude``, or None when the
    script does not say.
    """

    directive: ClassVar[str] = "drop_constraint"
    table: QualifiedName
    name: str | None
    kind: str | None = None
    if_exists: bool = False
    before: Constraint | None = None
    options: Options = ()

    def describe(self) -> str:
        kind = f"{self.kind} " if self.kind else ""
        named = f" {self.name}" if self.name else ""
        return f"drop {kind.replace('foreignkey', 'foreign key')}constraint{named} on {self.table}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: what it said is not known")
        return create_constraint(self.table, self.before)

    def find(self, table: Table) -> Constraint | None:
        """The constraint of ``table`` that is meant, or None.

        By name first, then, among those that have no name in the database, by content, then by the
        name that conventions would give it. Without a name, the one unnamed constraint of its kind.
        """
        candidates = [one for one in table.constraints if self.kind is None or KINDS[type(one)] == self.kind]
        named = [one for one in candidates if self.name is not None and one.name == self.name]
        if named:
            return self._most_like_before(named)
        if self.before is not None:
            alike = [one for one in candidates if _nameless(one) == _nameless(self.before)]
            for one in alike:
                if one.name is None:
                    return one
            if self.name is None and alike:
                return alike[0]
        if self.kind == "primary":
            return table.primary_key
        return self._find_unnamed(table, [one for one in candidates if one.name is None])

    def _most_like_before(self, named: list[Constraint]) -> Constraint:
        """Of constraints that share a name (SQLite does not mind) the one that says the same."""
        if self.before is not None:
            for one in named:
                if type(one) is type(self.before) and _nameless(one) == _nameless(self.before):
                    return one
        return named[0]

    def _find_unnamed(self, table: Table, unnamed: list[Constraint]) -> Constraint | None:
        if self.name is not None:
            return self._find_by_convention(table, unnamed)
        alone = self.before is None and self.kind is not None and len(unnamed) == 1
        return unnamed[0] if alone else None  # what an inspector tells of SQLite has no name to drop it by

    def _find_by_convention(self, table: Table, unnamed: list[Constraint]) -> Constraint | None:
        """The one constraint that conventions give this name; those that name all columns go before."""
        for all_columns in (True, False):
            meant = [
                one
                for one in unnamed
                if (self.name or "").lower() in conventional_names(table, one, all_columns=all_columns)
            ]
            if meant:
                return meant[0] if len(meant) == 1 else None
        return None

    def replay(self, snapshot: Snapshot) -> Snapshot:
        table = table_of(snapshot, self.table)
        constraint = self.find(table)
        if constraint is None:
            kept = tuple(one for one in table.indexes if not (one.unique and one.name == self.name))
            if self.kind in (None, "unique") and len(kept) < len(table.indexes):
                return snapshot.with_table(replace(table, indexes=kept))  # as scripts for MySQL have it
            if self.if_exists:
                return snapshot
            raise ObjectMissing(f"there is no constraint {self.name or '(unnamed)'} on {self.table}")
        return snapshot.with_table(table.without_constraint(constraint))


@operation
@dataclass(frozen=True, slots=True)
class ValidateConstraint(Operation):
    """Check the rows that were there before a constraint that was created NOT VALID; from now on it holds for all."""

    directive: ClassVar[str] = "validate_constraint"
    table: QualifiedName
    name: str

    def describe(self) -> str:
        return f"validate constraint {self.name} on {self.table}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        raise Irreversible(f"{self.describe()} has no way back: a constraint that holds for all rows stays so")

    def replay(self, snapshot: Snapshot) -> Snapshot:
        table = table_of(snapshot, self.table)
        found = next((one for one in table.constraints if one.name == self.name), None)
        if found is None:
            raise ObjectMissing(f"there is no constraint {self.name} on {self.table}")
        validated = replace(found, options=tuple(pair for pair in found.options if pair[0] != NOT_VALID))
        return snapshot.with_table(replace_constraint(table, found, validated))


@operation
@dataclass(frozen=True, slots=True)
class AlterPrimaryKey(Operation):
    """Give a table the primary key ``after`` in the place of the one that it has; ``before`` is that, where known."""

    directive: ClassVar[str] = "alter_primary_key"
    table: QualifiedName
    after: PrimaryKey
    before: PrimaryKey | None = None

    def describe(self) -> str:
        return f"alter primary key of {self.table} to ({', '.join(self.after.columns)})"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: the key before is not known")
        return AlterPrimaryKey(self.table, self.before, before=self.after)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        return snapshot.with_table(replace(table_of(snapshot, self.table), primary_key=self.after))


def replace_constraint(table: Table, constraint: Constraint, by: Constraint) -> Table:
    """The table with another constraint of the same kind in the place of one that it has."""
    if isinstance(by, PrimaryKey):
        return replace(table, primary_key=by)

    def put(constraints: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(by if one is constraint else one for one in constraints)

    return replace(
        table,
        unique_constraints=put(table.unique_constraints),
        foreign_keys=put(table.foreign_keys),
        checks=put(table.checks),
        excludes=put(table.excludes),
    )


def conventional_names(table: Table, constraint: Constraint, *, all_columns: bool) -> frozenset[str]:
    """The names, in lower case, that an unnamed constraint goes by in scripts.

    Those that PostgreSQL makes up (``bug_url_key``) and those of the naming conventions in SQLAlchemy's and
    Alembic's documentation (``uq_bug_url``), with all columns or with the first one only.
    """
    if isinstance(constraint, CheckConstraint):
        words = set(re.findall(r"\w+", constraint.expression.lower()))
        columns = tuple(name for name in table.column_names if name.lower() in words)
    else:
        columns = getattr(constraint, "columns", ())
    prefix, suffix = _CONVENTIONS[type(constraint)]
    own = table.name.name
    target = f"_{constraint.referred_table.name}" if isinstance(constraint, ForeignKey) else ""
    if isinstance(constraint, PrimaryKey) or not columns:
        names = {f"{own}_{suffix}", f"{prefix}_{own}"}
    else:
        used = columns if all_columns else columns[:1]
        part = "_".join(used)
        names = {f"{own}_{part}_{suffix}", f"{prefix}_{own}_{part}", f"{prefix}_{own}_{part}{target}"}
        names |= {f"{prefix}_{own}_{''.join(used)}{target}", f"{own}_{part}{target}_{suffix}"}
    return frozenset(name.lower() for name in names)


_CONVENTIONS: dict[type[Constraint], tuple[str, str]] = {
    PrimaryKey: ("pk", "pkey"),
    UniqueConstraint: ("uq", "key"),
    ForeignKey: ("fk", "fkey"),
    CheckConstraint: ("ck", "check"),
    ExcludeConstraint: ("ex", "excl"),
}


def _nameless(constraint: Constraint) -> tuple[object, ...]:
    if isinstance(constraint, (PrimaryKey, UniqueConstraint)):
        return (type(constraint), constraint.columns)
    if isinstance(constraint, ForeignKey):
        return (ForeignKey, constraint.columns, constraint.referred_table)
    if isinstance(constraint, CheckConstraint):
        return (CheckConstraint, constraint.expression)
    return (ExcludeConstraint, constraint.elements)
