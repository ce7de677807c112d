"""MySQL's and MariaDB's SQL for every operation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, CreateTable

from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.mysql.alter_column import (
    is_default_only,
    is_rename_only,
    is_told_otherwise,
    taken_for_granted,
    takes_new_column,
    whole_column,
)
from flask_schema.dialects.mysql.canonical import canonical_element
from flask_schema.dialects.mysql.index_rules import (
    counts,
    is_implied,
    key_names,
    leads_a_key,
    needing_keys,
    number_key,
    numbered_column,
)
from flask_schema.dialects.mysql.objects import MysqlObjects
from flask_schema.dialects.mysql.renames import Renames
from flask_schema.dialects.mysql.sequences import Sequences
from flask_schema.dialects.mysql.server import Server
from flask_schema.dialects.mysql.specification import MysqlConstructs, Specifications, add_keys
from flask_schema.dialects.mysql.table_options import CHARACTERS, clauses
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OfflineRefused, OperationRefused
from flask_schema.operations import columns, constraints, indexes, tables
from flask_schema.operations.operation import UNSET
from flask_schema.snapshot.elements import (
    Column,
    Constraint,
    ForeignKey,
    Index,
    IndexElement,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)

_COPY = "flask_schema_copy"


def _unique_index(constraint: UniqueConstraint) -> Index:
    return Index(constraint.name, tuple(map(IndexElement, constraint.columns)), unique=True)


def _canonical(index: Index) -> Index:
    return replace(index, elements=tuple(canonical_element(one) for one in index.elements))


def _renamed(index: Index, before: str, after: str) -> Index:
    elements = (replace(one, expression=after) if one.expression == before else one for one in index.elements)
    return replace(index, elements=tuple(elements))


class MysqlCompiler(Renames, Sequences, MysqlObjects):
    """Turns operations into statements for one MySQL or MariaDB server."""

    inline_comments: ClassVar[bool] = True

    def __init__(
        self,
        sqlalchemy: sa.Dialect,
        surroundings: Surroundings,
        server: Server,
        gone: set[tuple[QualifiedName, str]] | None = None,
    ) -> None:
        """``gone`` notes the indexes that went with a foreign key, by table: to drop them again is no mistake."""
        self.gone = gone if gone is not None else set()
        super().__init__(sqlalchemy, sqlalchemy.name, surroundings)
        self.server = server
        self.database = "MariaDB" if server.is_mariadb else "MySQL"  # type: ignore[misc]
        self.specifications = Specifications(sqlalchemy, server)
        self.constructs = MysqlConstructs(sqlalchemy.name, self.specifications)

    # -- tables -------------------------------------------------------------------------------

    def create_table(self, operation: tables.CreateTable) -> Iterable[str | Statement]:
        table = operation.table
        numbered = numbered_column(table)
        needs_key = numbered is not None and not leads_a_key(replace(table, indexes=()), numbered.name)
        if not (needs_key or operation.if_not_exists):
            yield from super().create_table(operation)
            return
        # the indexes stand inside: AUTO_INCREMENT needs its key at once, and IF NOT EXISTS is for all or nothing
        indexes_inside = list(table.indexes)
        if numbered is not None and not leads_a_key(table, numbered.name):
            indexes_inside.append(Index(number_key(numbered.name), (IndexElement(numbered.name),)))
        construct = self.constructs.table(table)
        add_keys(construct, (self.specifications.key(_canonical(index)) for index in indexes_inside))
        yield self.ddl(CreateTable(construct, if_not_exists=operation.if_not_exists))

    def alter_table_options(self, operation: tables.AlterTableOptions) -> Iterable[str | Statement]:
        known = {*CHARACTERS, "engine", "row_format", "key_block_size"}
        unknown = [key for key, _ in operation.after if key not in known]
        if unknown:
            raise OperationRefused(f"the option {unknown[0]!r} of table {operation.table} cannot be changed by this")
        for clause in clauses(operation.after):
            yield self.alter_table(operation.table, clause)

    def rename_table(self, operation: tables.RenameTable) -> Iterable[str | Statement]:
        # without its schema the table would move to the current one
        yield self.alter_table(operation.name, f"RENAME TO {self.table_name(operation.after)}")

    # -- columns ------------------------------------------------------------------------------

    def add_column(self, operation: columns.AddColumn) -> Iterable[str | Statement]:
        column = operation.column
        guard = ""
        if operation.if_not_exists:
            if self.server.is_mariadb:
                guard = "IF NOT EXISTS "
            elif self.required_table(operation.table).column(column.name) is not None:
                return
        actions = [f"ADD COLUMN {guard}{self.name(column.name)} {self.specifications.created(column)}"]
        actions[0] += self._place(operation)
        waiting = list(operation.constraints)
        if counts(column):
            keys = [one for one in waiting if getattr(one, "columns", ())[:1] == (column.name,)]
            waiting = [one for one in waiting if one not in keys]
            keys = [one for one in keys if not isinstance(one, ForeignKey)]
            actions += [self.added(operation.table, one) for one in keys] or [self._add_number_key(column.name)]
        yield self.alter_table(operation.table, ", ".join(actions))
        for constraint in waiting:
            yield from self.add_constraint(operation.table, constraint)
        for index in operation.indexes:
            yield from self.create_index(indexes.CreateIndex(operation.table, index))

    def _place(self, operation: columns.AddColumn | columns.AlterColumn) -> str:
        """FIRST, AFTER a column, or nothing."""
        if operation.insert_after is not None:
            return f" AFTER {self.name(operation.insert_after)}"
        if operation.insert_before is None:
            return ""
        table = self.required_table(operation.table)
        moved = operation.name if isinstance(operation, columns.AlterColumn) else operation.column.name
        names = [name for name in table.column_names if name != moved]
        if operation.insert_before not in names:
            raise OperationRefused(f"cannot {operation.describe()}: there is no column {operation.insert_before}")
        place = names.index(operation.insert_before)
        return f" AFTER {self.name(names[place - 1])}" if place else " FIRST"

    def alter_column(self, operation: columns.AlterColumn) -> Iterable[str | Statement]:
        after = operation.after
        if after.identity is not UNSET and after.identity is not None:
            yield from self.alter_identity(operation)
        if not {*after.known()} - {"identity"}:
            return
        table = self.known_table(operation.table)
        existing = table.column(operation.name) if table is not None else None
        if is_default_only(operation, existing):
            yield self._set_default(operation, existing)
        elif is_rename_only(operation) and self._can_rename(operation, existing):
            assert after.name is not UNSET
            yield self.alter_table(
                operation.table, f"RENAME COLUMN {self.name(operation.name)} TO {self.name(after.name)}"
            )
        elif existing is not None and takes_new_column(existing, whole_column(operation, table, self.server)):
            yield from self._made_anew(operation, existing)
        else:
            yield self._restated(operation, table)

    def _can_rename(self, operation: columns.AlterColumn, existing: Column | None) -> bool:
        """RENAME COLUMN loses nothing; offline, CHANGE is preferred where all is said, since every server knows it.

        So it is where the script says that the column is something else than it is: Alembic's makes it that.
        """
        if existing is not None and is_told_otherwise(operation, existing):
            return False
        said = operation.before.type is not UNSET and operation.before.nullable is not UNSET
        return self.server.renames_columns and not (self.surroundings.offline and said)

    def _set_default(self, operation: columns.AlterColumn, existing: Column | None) -> str:
        default = operation.after.default
        if default is None or default is UNSET:
            return self.alter_facet(operation, "DROP DEFAULT")
        data_type = operation.before.type if operation.before.type is not UNSET else existing.type if existing else None
        written = self.specifications.default(default, data_type.sql if data_type is not None else None)
        return self.alter_facet(operation, f"SET DEFAULT {written}")

    def _restated(self, operation: columns.AlterColumn, table: Table | None) -> Statement:
        """MODIFY, or CHANGE where the name changes too, with all that the column is to keep."""
        column = whole_column(operation, table, self.server)
        verb = f"MODIFY {self.name(operation.name)}"
        if column.name != operation.name:
            verb = f"CHANGE {self.name(operation.name)} {self.name(column.name)}"
        kept_check = self.column_check(operation.table, operation.name, column.name)
        check = f" CHECK ({kept_check})" if kept_check is not None else ""
        actions = [f"{verb} {self.specifications.modified(column)}{check}{self._place(operation)}"]
        actions += self._number_key_changes(operation, column, table)
        comment = taken_for_granted(operation, column) if table is None else None
        return Statement(self.alter_table(operation.table, ", ".join(actions)), comment=comment)

    def _made_anew(self, operation: columns.AlterColumn, existing: Column) -> Iterable[str]:
        """A column in the place of another: computed afterwards, or a copy of what was computed.

        Indexes on it are dropped and made again; a foreign key on it is refused by the server.
        """
        table = self.required_table(operation.table)
        column = whole_column(operation, table, self.server)
        names = table.column_names
        place = names.index(operation.name)
        where = f" AFTER {self.name(names[place - 1])}" if place else " FIRST"
        old, new = self.name(operation.name), self.name(column.name)
        keys = (*table.indexes, *map(_unique_index, table.unique_constraints))
        keys = tuple(one for one in keys if operation.name in one.columns)
        dropped = [f"DROP INDEX {self.name(one.name or '')}" for one in keys]
        again = [f"ADD {self.specifications.key(_renamed(one, operation.name, column.name))}" for one in keys]
        if column.computed is not None:
            added = f"ADD COLUMN {new} {self.specifications.created(column)}{where}"
            yield self.alter_table(operation.table, ", ".join([*dropped, f"DROP COLUMN {old}", added, *again]))
            return
        copy = self.name(_COPY)
        bare = Column(_COPY, existing.type)
        yield self.alter_table(operation.table, f"ADD COLUMN {copy} {self.specifications.created(bare)} AFTER {old}")
        yield f"UPDATE {self.table_name(operation.table)} SET {copy} = {old}"
        changed = f"CHANGE {copy} {new} {self.specifications.modified(column)}"
        yield self.alter_table(operation.table, ", ".join([*dropped, f"DROP COLUMN {old}", changed, *again]))

    def _number_key_changes(self, operation: columns.AlterColumn, column: Column, table: Table | None) -> list[str]:
        """An AUTO_INCREMENT column needs a key that begins with it: made here where there is none yet."""
        if table is None or operation.after.autoincrement is UNSET:
            return []
        helper = number_key(operation.name)
        has_helper = any(index.name == helper for index in table.indexes)
        if column.autoincrement and not leads_a_key(table, operation.name):
            return [self._add_number_key(operation.name)]
        return [f"DROP INDEX {self.name(helper)}"] if has_helper and not column.autoincrement else []

    def _add_number_key(self, column: str) -> str:
        return f"ADD INDEX {self.name(number_key(column))} ({self.name(column)})"

    # -- constraints --------------------------------------------------------------------------

    def add_constraint(self, table: QualifiedName, constraint: Constraint) -> Iterable[str | Statement]:
        yield self.alter_table(table, self.added(table, constraint))

    def added(self, table: QualifiedName, constraint: Constraint) -> str:
        """``ADD CONSTRAINT ...`` as a part of ALTER TABLE."""
        if isinstance(constraint, ForeignKey) and constraint.match is not None:
            raise OperationRefused(
                f"{self.database} has no MATCH on foreign keys, asked for by {constraint.name or 'one'} on {table}",
                hint="leave out 'match'",
            )
        statement = self.ddl(AddConstraint(self.constructs.attached(table, constraint)))
        return statement.removeprefix(f"ALTER TABLE {self.table_name(table)} ")

    def create_primary_key(self, operation: constraints.CreatePrimaryKey) -> Iterable[str | Statement]:
        assert isinstance(operation.constraint, PrimaryKey)
        actions = [self.added(operation.table, operation.constraint)]
        table = self.known_table(operation.table)
        numbered = numbered_column(table) if table is not None else None
        if table is not None and numbered is not None and operation.constraint.columns[0] == numbered.name:
            helper = number_key(numbered.name)
            written_before = self.surroundings.offline and not leads_a_key(table, numbered.name)
            if written_before or any(index.name == helper for index in table.indexes):
                actions.append(f"DROP INDEX {self.name(helper)}")
        yield self.alter_table(operation.table, ", ".join(actions))

    def dropped_key(self, operation: constraints.AlterPrimaryKey) -> str | None:
        """The key has no name here."""
        table = self.known_table(operation.table)
        return None if table is not None and table.primary_key is None else "DROP PRIMARY KEY"

    # -- indexes ------------------------------------------------------------------------------

    def create_index(self, operation: indexes.CreateIndex) -> Iterable[str | Statement]:
        if operation.index.nulls_not_distinct:
            self.constructs.check_nulls(f"index {operation.index.name}")
        if operation.if_not_exists and not self.server.is_mariadb:
            table = self.required_table(operation.table)
            if operation.index.name in key_names(table):
                return
        guard = "IF NOT EXISTS " if operation.if_not_exists and self.server.is_mariadb else ""
        index = _canonical(operation.index)
        replaced = self._replaced_indexes(operation.table, index)
        if replaced:
            actions = [f"ADD {self.specifications.key(index)}", *replaced]
            yield self.alter_table(operation.table, ", ".join(actions))
        else:
            yield self.specifications.create_index(index, self.table_name(operation.table), guard=guard)

    def _replaced_indexes(self, name: QualifiedName, index: Index) -> list[str]:
        """An index made for a foreign key goes when another serves as well, as the server's own goes by itself."""
        table = self.known_table(name)
        if table is None or not table.foreign_keys or any(one.name == index.name for one in table.indexes):
            return []
        after = replace(table, indexes=(*table.indexes, index))
        return [
            f"DROP INDEX {self.name(one.name)}"
            for one in table.indexes
            if one.name is not None and is_implied(table, one) and not needing_keys(after, one.name)
        ]

    # -- what is there ------------------------------------------------------------------------

    def known_table(self, name: QualifiedName) -> Table | None:
        """The table as it is, or None when that cannot be known."""
        try:
            return self.surroundings.table(name)
        except OfflineRefused:
            return None
