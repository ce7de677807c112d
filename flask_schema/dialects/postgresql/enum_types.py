"""CREATE, ALTER and DROP TYPE of enums, and the moving of columns from one enum to another.

``ALTER TYPE ... ADD VALUE`` runs inside the revision's transaction, but the value cannot be used before that has
been committed (SQLSTATE 55P04). So the transaction is committed just before the first later statement that mentions
the value, and only then; a revision that only adds values stays one transaction.
https://www.postgresql.org/docs/current/sql-altertype.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.postgresql.canonical import enum_sql
from flask_schema.dialects.postgresql.data_types import type_name
from flask_schema.dialects.postgresql.dependents import Dependent, dependents_of_enum, views_on
from flask_schema.dialects.postgresql.expressions import literal, literal_value, split_cast
from flask_schema.dialects.postgresql.named_types import Memory, create_domain, named_types
from flask_schema.dialects.statement import Statement
from flask_schema.errors import ObjectMissing, OperationRefused
from flask_schema.operations import enums
from flask_schema.operations.indexes import CreateIndex
from flask_schema.operations.views import CreateView, DropView
from flask_schema.snapshot.elements import Column, Constraint, DataType, Enum, Index, QualifiedName, Table
from flask_schema.snapshot.identifiers import mentions
from flask_schema.values import dataclass

_SET_ASIDE = "__old"
_ARRAY_ITEM = re.compile(r'"(?:[^"\\]|\\.)*"|[^,"]+')


@dataclass(frozen=True, slots=True)
class _Use:
    """A table with columns of an enum, and what must be taken off it while they change their type."""

    table: Table
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    indexes: tuple[Index, ...]


class EnumTypes(Compiler):
    """The compiler's part for enum types."""

    memory: Memory

    def missing_types(self, types: Iterable[DataType]) -> Iterable[str | Statement]:
        """CREATE TYPE for the types of columns that are not there; a SQL file creates each once."""
        wanted = list(named_types([one.python for one in types], self.sqlalchemy))
        there = self.memory.created if self.surroundings.offline else self._existing([one.name for one in wanted])
        for found in wanted:
            if found.name in there:
                continue
            self.memory.created.add(found.name)
            if found.values is None:
                yield create_domain(found.construct, self.sqlalchemy)
            else:
                yield self._create(Enum(found.name, found.values))

    def _existing(self, names: Sequence[QualifiedName]) -> set[QualifiedName]:
        """Those of ``names`` that the database has a type of, asked in one query."""
        if not names:
            return set()
        asked = ", ".join(f"to_regtype({literal(self.table_name(name))}) IS NOT NULL" for name in names)
        return {
            name for name, exists in zip(names, self.surroundings.query(f"SELECT {asked}")[0], strict=True) if exists
        }

    def _create(self, enum: Enum) -> str:
        values = ", ".join(literal(one) for one in enum.values)
        return f"CREATE TYPE {self.table_name(enum.name)} AS ENUM ({values})"

    # -- directives ---------------------------------------------------------------------------

    def create_enum(self, operation: enums.CreateEnum) -> Iterable[str | Statement]:
        name = operation.enum.name
        known = name in self.memory.created if self.surroundings.offline else None
        if operation.if_not_exists and (bool(self._existing([name])) if known is None else known):
            return
        self.memory.created.add(name)
        yield self._create(operation.enum)
        if operation.enum.comment is not None:
            yield self._comment(operation.enum)

    def drop_enum(self, operation: enums.DropEnum) -> Iterable[str | Statement]:
        self.memory.created.discard(operation.name)
        yield f"DROP TYPE {'IF EXISTS ' if operation.if_exists else ''}{self.table_name(operation.name)}"

    def rename_enum_value(self, operation: enums.RenameEnumValue) -> Iterable[str | Statement]:
        values = f"{literal(operation.value)} TO {literal(operation.new_value)}"
        yield f"ALTER TYPE {self.table_name(operation.name)} RENAME VALUE {values}"

    def add_enum_value(self, operation: enums.AddEnumValue) -> Iterable[str | Statement]:
        guard = "IF NOT EXISTS " if operation.if_not_exists else ""
        place = f" BEFORE {literal(operation.before)}" if operation.before is not None else ""
        place = f" AFTER {literal(operation.after)}" if operation.after is not None else place
        yield f"ALTER TYPE {self.table_name(operation.name)} ADD VALUE {guard}{literal(operation.value)}{place}"
        if operation.name not in self.memory.created:
            self.memory.uncommitted.add(operation.value)

    def remove_enum_value(self, operation: enums.RemoveEnumValue) -> Iterable[str | Statement]:
        """The type is made anew without the value, which must be no column's default unless it is replaced."""
        altered = operation.altered(self._known_enum(operation.name))
        for use in self._uses(operation.name):
            for column in use.columns:
                is_array = type_name(column.type.sql).array
                if column.default is not None and _followed(column.default, is_array, altered) is None:
                    place = f"{use.table.name}.{column.name}"
                    raise OperationRefused(
                        f"cannot {operation.describe()}: it is the default of {place} ({column.default})",
                        hint=f"give {place} another default first, or say which value takes its place by 'replacement'",
                    )
        yield from self.alter_enum(altered)

    def _known_enum(self, name: QualifiedName) -> Enum:
        """The enum as it is. Raises ObjectMissing, and OfflineRefused where that cannot be known."""
        if self.surroundings.offline:
            known = self.surroundings.snapshot().enums.get(name)
            if known is None:
                raise ObjectMissing(f"there is no enum {name}")
            return known
        rows = self.surroundings.query(
            "SELECT e.enumlabel, obj_description(e.enumtypid, 'pg_type') FROM pg_enum e "
            f"WHERE e.enumtypid = to_regtype({literal(self.table_name(name))}) ORDER BY e.enumsortorder"
        )
        if not rows:
            raise ObjectMissing(f"there is no enum {name}")
        return Enum(name, tuple(row[0] for row in rows), rows[0][1])

    def alter_enum(self, operation: enums.AlterEnum) -> Iterable[str | Statement]:
        """Renamed and added values are altered in place; where values go or change places the type is made anew."""
        after, kept = operation.after, operation.renamed
        merges = any(new in operation.before.values for _, new in operation.renames)
        in_place = not operation.removed and not merges and _is_subsequence(kept, after.values)
        if in_place:
            for old, new in operation.renames:
                yield from self.rename_enum_value(enums.RenameEnumValue(after.name, old, new))
            yield from self._add_values(after, kept)
            if operation.before.comment != after.comment:
                yield self._comment(after)
        else:
            yield from self._rebuild(operation)

    def _comment(self, enum: Enum) -> str:
        text = literal(enum.comment) if enum.comment is not None else "NULL"
        return f"COMMENT ON TYPE {self.table_name(enum.name)} IS {text}"

    def _add_values(self, enum: Enum, present: Sequence[str]) -> Iterator[str | Statement]:
        """Each missing value behind the one that it follows; a first one before the first that is there."""
        there = list(present)
        for place, value in enumerate(enum.values):
            if value in there:
                continue
            position = ""
            if place > 0:
                before = enum.values[place - 1]
                position = f" AFTER {literal(before)}" if there[-1] != before else ""
                there.insert(there.index(before) + 1, value)
            else:
                position = f" BEFORE {literal(there[0])}" if there else ""
                there.insert(0, value)
            yield f"ALTER TYPE {self.table_name(enum.name)} ADD VALUE {literal(value)}{position}"
            if enum.name not in self.memory.created:
                self.memory.uncommitted.add(value)

    # -- making the type anew -----------------------------------------------------------------

    def _rebuild(self, operation: enums.AlterEnum) -> Iterator[str | Statement]:
        """The old type is set aside, the columns are moved to the new one, and the old one is dropped.

        Checks, indexes and foreign keys that name the columns hold constants of the old type, and views and triggers
        hold the columns: they are taken off before and put back after. A row that holds a removed value stops it all.
        """
        name = operation.after.name
        aside = QualifiedName(f"{name.name}{_SET_ASIDE}", name.schema)
        uses = self._uses(name)
        comment = operation.after.comment
        if comment is None and operation.before.comment is None and not self.surroundings.offline:
            comment = self._known_enum(name).comment
        dependents = self._dependents(name, uses)
        yield from (one.drop for one in reversed(dependents))
        for use in uses:
            for constraint in use.constraints:
                assert constraint.name is not None
                yield self.alter_table(use.table.name, f"DROP CONSTRAINT {self.name(constraint.name)}")
            for index in use.indexes:
                assert index.name is not None
                yield f"DROP INDEX {self.table_name(QualifiedName(index.name, use.table.name.schema))}"
        yield f"ALTER TYPE {self.table_name(name)} RENAME TO {self.name(aside.name)}"
        yield self._create(operation.after)
        if comment is not None:
            yield self._comment(replace(operation.after, comment=comment))
        for use in uses:
            for column in use.columns:
                yield from self._move(use.table.name, column, operation)
        yield f"DROP TYPE {self.table_name(aside)}"
        for use in uses:
            yield from self._put_uses_back(use, operation)
        for one in dependents:
            yield from (_text_followed(sql, operation) for sql in one.create)

    def _dependents(self, name: QualifiedName, uses: Sequence[_Use]) -> list[Dependent]:
        """Views and triggers that use the type or columns of it."""
        if not self.surroundings.offline:
            return dependents_of_enum(self.table_name(name), self.surroundings)
        found = []
        for view in views_on({use.table.name for use in uses}, self.surroundings):
            (drop,) = self.drop_view(DropView(view.name, view.materialized))
            found.append(Dependent(str(drop), tuple(map(_text_of, self.create_view(CreateView(view))))))
        return found

    def _uses(self, name: QualifiedName) -> list[_Use]:
        return [_use(table, name) for table in self._tables_with(name)]

    def _tables_with(self, name: QualifiedName) -> list[Table]:
        if self.surroundings.offline:
            tables = self.surroundings.tables()
            return [one for one in tables if any(column.type.enum == name for column in one.columns)]
        enum = literal(self.table_name(name))
        rows = self.surroundings.query(
            "SELECT DISTINCT CASE WHEN n.nspname = current_schema() THEN NULL ELSE n.nspname END, c.relname "
            "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_type t ON t.oid = a.atttypid "
            "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT a.attisdropped "
            f"AND {enum}::regtype IN (t.oid, t.typelem) ORDER BY 1 NULLS FIRST, 2"
        )
        found = (self.surroundings.table(QualifiedName(row[1], row[0])) for row in rows)
        return [one for one in found if one is not None]

    def _move(self, table: QualifiedName, column: Column, operation: enums.AlterEnum) -> Iterator[str]:
        quoted, is_array = self.name(column.name), type_name(column.type.sql).array
        target = f"{self.table_name(operation.after.name)}{'[]' if is_array else ''}"
        default = column.default
        if default is not None:
            yield self.alter_table(table, f"ALTER COLUMN {quoted} DROP DEFAULT")
        text = f"{quoted}::text{'[]' if is_array else ''}"
        for old, new in operation.renames:
            if is_array:
                text = f"array_replace({text}, {literal(old)}, {literal(new)})"
        if operation.renames and not is_array:
            cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in operation.renames)
            text = f"(CASE {text} {cases} ELSE {text} END)"
        yield self.alter_table(table, f"ALTER COLUMN {quoted} TYPE {target} USING {text}::{target}")
        default = _followed(default, is_array, operation)
        if default is not None:
            yield self.alter_table(table, f"ALTER COLUMN {quoted} SET DEFAULT {default}")

    def _put_uses_back(self, use: _Use, operation: enums.AlterEnum) -> Iterator[str | Statement]:
        for constraint in use.constraints:
            yield from self.add_constraint(use.table.name, _constraint_followed(constraint, operation))
        for index in use.indexes:
            yield from self.create_index(CreateIndex(use.table.name, _index_followed(index, operation)))


def _text_of(statement: str | Statement) -> str:
    return statement if isinstance(statement, str) else str(statement.sql)


def _is_subsequence(values: Sequence[str], of: Sequence[str]) -> bool:
    rest = iter(of)
    return all(value in rest for value in values)


def _use(table: Table, name: QualifiedName) -> _Use:
    columns = tuple(one for one in table.columns if one.type.enum == name)
    names = [one.name for one in columns]

    def touched(*texts: str) -> bool:
        return any(mentions(text, one) for text in texts for one in names)

    constraints: list[Constraint] = [one for one in table.foreign_keys if set(one.columns) & set(names)]
    constraints += [one for one in table.checks if touched(one.expression)]
    constraints += [one for one in table.excludes if touched(one.where or "", *(text for text, _ in one.elements))]
    indexes = [
        one
        for one in table.indexes
        if touched(one.where or "", *(key.expression for key in one.elements if not key.is_column))
    ]
    return _Use(table, columns, tuple(constraints), tuple(indexes))


def _followed(default: str | None, is_array: bool, operation: enums.AlterEnum) -> str | None:
    """A default with its value renamed; None for a value that is no more (another default comes, or none can be)."""
    if default is None:
        return None
    value = literal_value(split_cast(default)[0])
    if value is None:
        return _text_followed(default, operation)
    is_array = is_array and value.startswith("{") and value.endswith("}")
    items = _ARRAY_ITEM.findall(value[1:-1]) if is_array else [value]
    new_names = dict(operation.renames)
    followed = [new_names.get(bare := _unquoted(one) if is_array else one, bare) for one in items]
    if any(one not in operation.after.values for one in followed):
        return None
    return literal("{" + ",".join(map(_array_item, followed)) + "}" if is_array else followed[0])


def _unquoted(item: str) -> str:
    return re.sub(r"\\(.)", r"\1", item[1:-1]) if item.startswith('"') else item


def _array_item(value: str) -> str:
    return value if re.fullmatch(r"\w+", value) else '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def _text_followed(text: str, operation: enums.AlterEnum) -> str:
    cast = f"::{enum_sql(operation.after.name)}"
    for old, new in operation.renames:
        text = text.replace(f"{literal(old)}{cast}", f"{literal(new)}{cast}")
    return text


def _constraint_followed(constraint: Any, operation: enums.AlterEnum) -> Constraint:
    if hasattr(constraint, "expression"):
        constraint = replace(constraint, expression=_text_followed(constraint.expression, operation))
    elif hasattr(constraint, "elements") and constraint.where is not None:
        constraint = replace(constraint, where=_text_followed(constraint.where, operation))
    kept: Constraint = constraint
    return kept


def _index_followed(index: Index, operation: enums.AlterEnum) -> Index:
    elements = tuple(
        one if one.is_column else replace(one, expression=_text_followed(one.expression, operation))
        for one in index.elements
    )
    where = _text_followed(index.where, operation) if index.where is not None else None
    return replace(index, elements=elements, where=where)
