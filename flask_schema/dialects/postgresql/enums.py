"""Statements on enum types.

ADD VALUE is sent outside of the transaction: a value cannot be used in the one that adds it (SQLSTATE 55P04), see
docs/decisions. Removing values or changing their order makes a new type and turns the columns over to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask_schema.dialects.postgresql.data_types import type_name
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.dialects.postgresql.pieces import Pieces
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OfflineRefused
from flask_schema.operations import enums
from flask_schema.operations.indexes import CreateIndex
from flask_schema.snapshot.elements import Column, Constraint, Enum, Index, QualifiedName, Table
from flask_schema.snapshot.identifiers import mentions

_OLD = "__flask_schema_old"


@dataclass(frozen=True, slots=True)
class _User:
    """A table with the columns of an enum type, and what mentions the type and must be out of the way."""

    table: QualifiedName
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    indexes: tuple[Index, ...]


class EnumCompiler(Pieces):
    """Compiles CreateEnum, DropEnum, AlterEnum and RenameEnumValue."""

    def create_enum(self, operation: enums.CreateEnum) -> Iterable[str | Statement]:
        enum = operation.enum
        if operation.if_not_exists and not self.types.missing([enum.name], self.surroundings):
            return
        self.types.created(enum.name, self.surroundings)
        yield self.create_type(enum.name, enum.values)
        if enum.comment is not None:
            yield f"COMMENT ON TYPE {self.table_name(enum.name)} IS {literal(enum.comment)}"

    def create_type(self, name: QualifiedName, values: Iterable[str]) -> str:
        """CREATE TYPE ... AS ENUM."""
        return f"CREATE TYPE {self.table_name(name)} AS ENUM ({', '.join(literal(value) for value in values)})"

    def drop_enum(self, operation: enums.DropEnum) -> Iterable[str | Statement]:
        self.types.dropped(operation.name, self.surroundings)
        yield f"DROP TYPE {'IF EXISTS ' if operation.if_exists else ''}{self.table_name(operation.name)}"

    def rename_enum_value(self, operation: enums.RenameEnumValue) -> Iterable[str | Statement]:
        yield self._rename_value(operation.name, operation.value, operation.new_value)

    def _rename_value(self, name: QualifiedName, value: str, new_value: str) -> str:
        return f"ALTER TYPE {self.table_name(name)} RENAME VALUE {literal(value)} TO {literal(new_value)}"

    # -- altering -----------------------------------------------------------------------------

    def alter_enum(self, operation: enums.AlterEnum) -> Iterable[str | Statement]:
        before, after = operation.before, operation.after
        merged = {old: new for old, new in operation.renames if new in before.values}
        kept = [value for value in operation.renamed if value in after.values]
        if not operation.removed and not merged and kept == [one for one in after.values if one in kept]:
            for old, new in operation.renames:
                yield self._rename_value(after.name, old, new)
            yield from self._add_values(operation)
        else:
            yield from self._rebuild(operation)
        if before.comment != after.comment:
            said = literal(after.comment) if after.comment is not None else "NULL"
            yield f"COMMENT ON TYPE {self.table_name(after.name)} IS {said}"

    def _add_values(self, operation: enums.AlterEnum) -> Iterator[Statement]:
        """Each value in its place: behind the one before it, which is there by then."""
        present = list(operation.renamed)
        values = operation.after.values
        for place, value in enumerate(values):
            if value in present:
                continue
            where = ""
            if place == 0 and present:
                where = f" BEFORE {literal(present[0])}"
            elif place and present[-1] != values[place - 1]:
                where = f" AFTER {literal(values[place - 1])}"
            present.insert(place, value)
            name = self.table_name(operation.after.name)
            yield Statement(f"ALTER TYPE {name} ADD VALUE IF NOT EXISTS {literal(value)}{where}", transactional=False)

    def _rebuild(self, operation: enums.AlterEnum) -> Iterator[str | Statement]:
        """A new type of the same name; columns, defaults, checks and indexes are turned over to it."""
        name = operation.after.name
        users = self._users(operation.before)
        old = QualifiedName(f"{name.name[: 63 - len(_OLD)]}{_OLD}", name.schema)
        for user in users:
            for constraint in user.constraints:
                yield self.alter_table(user.table, f"DROP CONSTRAINT {self.name(constraint.name or '')}")
            for index in user.indexes:
                yield f"DROP INDEX {self.table_name(QualifiedName(index.name or '', user.table.schema))}"
        yield f"ALTER TYPE {self.table_name(name)} RENAME TO {self.name(old.name)}"
        yield self.create_type(name, operation.after.values)
        for user in users:
            yield self.alter_table(user.table, self._turn_over(user, operation))
        yield f"DROP TYPE {self.table_name(old)}"
        for user in users:
            for constraint in user.constraints:
                yield from self.add_constraint(user.table, constraint)
            for index in user.indexes:
                yield from self.create_index(CreateIndex(user.table, index))

    def _turn_over(self, user: _User, operation: enums.AlterEnum) -> str:
        """One ALTER TABLE for all columns of a table, so that it is rewritten once."""
        dropped, typed, defaults = [], [], []
        for column in user.columns:
            name = self.name(column.name)
            alter = f"ALTER COLUMN {name}"
            if column.default is not None:
                dropped.append(f"{alter} DROP DEFAULT")
                defaults.append(f"{alter} SET DEFAULT {_with_new_values(column.default, operation.renames)}")
            typed.append(f"{alter} TYPE {column.type.sql} USING {self._conversion_of(name, column, operation.renames)}")
        return ", ".join([*dropped, *typed, *defaults])

    def _conversion_of(self, name: str, column: Column, renames: tuple[tuple[str, str], ...]) -> str:
        array = type_name(column.type.sql).array
        text = f"{name}::text{'[]' if array else ''}"
        if renames and array:
            for old, new in renames:
                text = f"array_replace({text}, {literal(old)}, {literal(new)})"
        elif renames:
            cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in renames)
            text = f"(CASE {text} {cases} ELSE {text} END)"
        return f"{text}::{column.type.sql}"

    def _users(self, enum: Enum) -> list[_User]:
        """The tables that use the type, with what must be out of the way. Raises OfflineRefused."""
        try:
            tables = list(self._tables_with(enum.name))
        except OfflineRefused as refusal:
            raise OfflineRefused(
                f"which columns use the enum {enum.name} cannot be known without a database", hint=refusal.hint
            ) from refusal
        return [
            _user(table, enum.name) for table in sorted(tables, key=lambda one: (one.name.schema or "", one.name.name))
        ]

    def _tables_with(self, name: QualifiedName) -> Iterable[Table]:
        if self.surroundings.offline:
            return [
                one for one in self.surroundings.tables() if any(column.type.enum == name for column in one.columns)
            ]
        schema = literal(name.schema) if name.schema else "current_schema()"
        rows = self.surroundings.query(
            "SELECT DISTINCT NULLIF(n.nspname, current_schema()), c.relname FROM pg_attribute a "
            "JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
            "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid "
            "JOIN pg_type e ON e.oid IN (t.oid, t.typelem) JOIN pg_namespace en ON en.oid = e.typnamespace "
            f"WHERE NOT a.attisdropped AND e.typtype = 'e' AND en.nspname = {schema} "
            f"AND e.typname = {literal(name.name)}"
        )
        found = (self.surroundings.table(QualifiedName(table, owner)) for owner, table in rows)
        return [table for table in found if table is not None]


def _user(table: Table, enum: QualifiedName) -> _User:
    columns = tuple(one for one in table.columns if one.type.enum == enum)
    names = [enum.name]

    def concerned(*texts: str | None) -> bool:
        return any(text is not None and mentions(text, name) for text in texts for name in names)

    constraints: list[Constraint] = [one for one in table.checks if concerned(one.expression)]
    constraints += [one for one in table.excludes if concerned(one.where, *(key for key, _ in one.elements))]
    indexes = tuple(
        one
        for one in table.indexes
        if concerned(one.where, *(key.expression for key in one.elements if not key.is_column))
    )
    return _User(table.name, columns, tuple(constraints), indexes)


def _with_new_values(default: str, renames: tuple[tuple[str, str], ...]) -> str:
    for old, new in renames:
        default = default.replace(literal(old), literal(new))
    return default
