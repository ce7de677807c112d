"""Dropping columns, constraints and indexes, with what MySQL and MariaDB tie to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.mysql.checks import find_unnamed_check
from flask_schema.dialects.mysql.expressions import canonical_expression, quoted
from flask_schema.dialects.mysql.index_rules import (
    implied_index,
    is_implied,
    is_served,
    key_names,
    leads_a_key,
    needing_keys,
    number_key,
    numbered_column,
)
from flask_schema.dialects.mysql.server import Server
from flask_schema.dialects.mysql.show_create import column_check
from flask_schema.dialects.mysql.specification import Specifications
from flask_schema.dialects.statement import Statement
from flask_schema.errors import ObjectMissing, OfflineRefused, OperationRefused
from flask_schema.operations import columns, constraints, indexes
from flask_schema.snapshot.elements import CheckConstraint, Constraint, ForeignKey, QualifiedName, Table


class Drops(Compiler):
    """The part of the compiler that drops."""

    server: Server
    gone: set[tuple[QualifiedName, str]]
    specifications: Specifications

    def known_table(self, name: QualifiedName) -> Table | None:
        """The table as it is, or None when that cannot be known."""
        raise NotImplementedError

    def required_table(self, name: QualifiedName) -> Table:
        """The table as it is. Raises OfflineRefused when that cannot be known, ObjectMissing when there is none."""
        table = self.surroundings.table(name)
        if table is None:
            raise ObjectMissing(f"there is no table {name}")
        return table

    # -- columns ------------------------------------------------------------------------------

    def drop_column(self, operation: columns.DropColumn) -> Iterable[str | Statement]:
        table = self.known_table(operation.table)
        guard = ""
        if operation.if_exists:
            if self.server.is_mariadb:
                guard = "IF EXISTS "
            elif self.required_table(operation.table).column(operation.name) is None:
                return
        actions = [] if table is None else self._tied_to_column(table, operation.name)
        actions.append(f"DROP COLUMN {guard}{self.name(operation.name)}")
        yield self.alter_table(operation.table, ", ".join(actions))

    def _tied_to_column(self, table: Table, column: str) -> list[str]:
        """What has to go with a column: its foreign keys, and keys that it shares with other columns.

        The server would refuse the first, and cut the second short to the columns that are left.
        """
        actions = [
            f"DROP FOREIGN KEY {self.name(key.name)}"
            for key in table.foreign_keys
            if column in key.columns and key.name
        ]
        staying = replace(table, foreign_keys=tuple(one for one in table.foreign_keys if column not in one.columns))
        keys = [(one.name, one.columns) for one in table.unique_constraints]
        keys += [(one.name, one.columns) for one in table.indexes]
        return actions + [
            f"DROP INDEX {self.name(name)}"
            for name, shared in keys
            if name is not None and column in shared and len(shared) > 1 and not needing_keys(staying, name)
        ]

    # -- constraints --------------------------------------------------------------------------

    def drop_constraint(self, operation: constraints.DropConstraint) -> Iterable[str | Statement]:
        table = self.known_table(operation.table)
        found = self._meant(operation, table) if table is not None else None
        kind = operation.kind or (constraints.KINDS[type(found)] if found is not None else None)
        if kind is None and table is not None and any(one.name == operation.name for one in table.indexes):
            kind = "unique"
        if table is not None and found is None and self._is_gone(table, operation):
            if operation.if_exists:
                return
            if kind is None:
                raise ObjectMissing(f"there is no constraint {operation.name} on {operation.table}")
        if kind is None:
            raise OfflineRefused(
                f"cannot {operation.describe()} without a database: MySQL drops each kind of constraint in its own way",
                hint="give op.drop_constraint the argument 'type_': primary, foreignkey, unique or check",
            )
        if isinstance(found, CheckConstraint) and found.name is None:
            yield self._without_column_check(operation.table, found)
        else:
            yield from self._dropped(operation, kind, table, found)

    def _meant(self, operation: constraints.DropConstraint, table: Table) -> Constraint | None:
        found = operation.find(table)
        if found is None and operation.name is None and isinstance(operation.before, CheckConstraint):
            return find_unnamed_check(table, operation.before)
        return found

    def _is_gone(self, table: Table, operation: constraints.DropConstraint) -> bool:
        return not any(one.name == operation.name for one in table.indexes)

    def _dropped(
        self, operation: constraints.DropConstraint, kind: str, table: Table | None, found: Constraint | None
    ) -> Iterable[str | Statement]:
        if kind == "primary":
            yield self.alter_table(operation.table, ", ".join(self._drop_primary_key(table)))
            return
        if kind == "exclude":
            raise OperationRefused(f"{self.database} has no EXCLUDE constraints, asked for on {operation.table}")
        name = found.name if found is not None and found.name is not None else self.constraint_name(operation)
        if kind == "unique":
            yield from self._drop_key(operation.table, name, table, if_exists=operation.if_exists)
            return
        guard = self._guard(operation) if operation.if_exists and table is None else ""
        verb = "FOREIGN KEY" if kind == "foreignkey" else self.server.drop_check
        actions = [f"DROP {verb} {guard}{self.name(name)}"]
        if operation.before is not None and table is not None and isinstance(found, ForeignKey):
            went = self._implied_indexes(table, found)
            self.gone.update((operation.table, index) for index in went)
            actions += [f"DROP INDEX {self.name(index)}" for index in went]
        yield self.alter_table(operation.table, ", ".join(actions))

    def _guard(self, operation: constraints.DropConstraint | indexes.DropIndex) -> str:
        """IF EXISTS for what cannot be looked up."""
        if not self.server.is_mariadb:
            raise OfflineRefused(f"cannot {operation.describe()} if it exists: MySQL has no IF EXISTS there")
        return "IF EXISTS "

    def _drop_primary_key(self, table: Table | None) -> list[str]:
        """An AUTO_INCREMENT column keeps counting: it gets a key of its own for as long as no other begins with it."""
        numbered = numbered_column(table) if table is not None else None
        actions = ["DROP PRIMARY KEY"]
        if table is not None and numbered is not None and not leads_a_key(table, numbered.name, without="PRIMARY"):
            actions.append(f"ADD INDEX {self.name(number_key(numbered.name))} ({self.name(numbered.name)})")
        return actions

    def _implied_indexes(self, table: Table, key: ForeignKey) -> list[str]:
        """The index that the server made for a foreign key, where no other foreign key needs it.

        It goes with a key of which all is known, as one that was created a moment ago. Where a script names a key it
        stays, as it does in Alembic: such scripts go on to drop it themselves.
        """
        alone = replace(table, foreign_keys=(key,))
        others = replace(table, foreign_keys=tuple(one for one in table.foreign_keys if one != key))
        return [
            index.name
            for index in table.indexes
            if index.name is not None and is_implied(alone, index) and not needing_keys(others, index.name)
        ]

    def column_check(self, table: QualifiedName, column: str, new_name: str | None = None) -> str | None:
        """The check that MariaDB keeps with a column, which MODIFY would lose; None for none, or JSON's own.

        ``new_name`` is what the column will be called in it.
        """
        if not self.server.is_mariadb or self.surroundings.offline:
            return None
        rows = self.surroundings.query(f"SHOW CREATE TABLE {self.table_name(table)}")
        clause = column_check(str(rows[0][1]), column, new_name) if rows else None
        json_valid = f"json_valid(`{new_name or column}`)"
        if clause is None or canonical_expression(clause) == canonical_expression(json_valid):
            return None
        return clause

    def _without_column_check(self, name: QualifiedName, check: CheckConstraint) -> str:
        """MariaDB drops a check that it keeps with a column by stating the column without it."""
        for column in self.required_table(name).columns:
            clause = self.column_check(name, column.name)
            if clause is not None and canonical_expression(clause) == canonical_expression(check.expression):
                return self.alter_table(name, f"MODIFY {self.name(column.name)} {self.specifications.modified(column)}")
        raise OperationRefused(f"cannot drop the check ({check.expression}) of {name}: it has no name to drop it by")

    # -- indexes ------------------------------------------------------------------------------

    def drop_index(self, operation: indexes.DropIndex) -> Iterable[str | Statement]:
        owner = operation.table
        if owner is None:
            try:
                owner = self.owner_of_index(operation.name, operation.schema, operation.describe())
            except ObjectMissing:
                if operation.if_exists:
                    return
                raise
        table = self.known_table(owner)
        yield from self._drop_key(owner, operation.name, table, if_exists=operation.if_exists, operation=operation)

    def owner_of_index(self, index: str, schema_name: str | None, doing: str) -> QualifiedName:
        """The table of an index that the script gives no table for.

        Raises ObjectMissing when there is no such index, OperationRefused when several tables have one, and
        OfflineRefused without a database.
        """
        schema = quoted(schema_name) if schema_name else "DATABASE()"
        try:
            rows = self.surroundings.query(
                "SELECT DISTINCT TABLE_NAME FROM information_schema.STATISTICS "
                f"WHERE TABLE_SCHEMA = {schema} AND INDEX_NAME = {quoted(index)}"
            )
        except OfflineRefused as refused:
            raise OfflineRefused(
                f"cannot {doing} without a database: MySQL needs its table", hint="give the argument 'table_name'"
            ) from refused
        if len(rows) == 1:
            return QualifiedName(str(rows[0][0]), schema_name)
        if not rows:
            raise ObjectMissing(f"there is no index {index}")
        owners = ", ".join(sorted(str(row[0]) for row in rows))
        raise OperationRefused(
            f"cannot {doing}: there is one on each of {owners}", hint="give the argument 'table_name'"
        )

    def _drop_key(
        self,
        owner: QualifiedName,
        name: str,
        table: Table | None,
        *,
        if_exists: bool,
        operation: indexes.DropIndex | None = None,
    ) -> Iterable[str | Statement]:
        """Drop an index; where a foreign key needs it, put in its place the one that the server would have made."""
        guard = ""
        if table is not None and name not in key_names(table) and (owner, name) in self.gone:
            return
        if table is not None and if_exists:
            if name not in key_names(table):
                return
        elif if_exists:
            guard = self._guard(operation or indexes.DropIndex(owner, name))
        actions = [] if table is None else self._replacements(table, name)
        if operation is None or actions:
            actions.append(f"DROP INDEX {guard}{self.name(name)}")
            yield self.alter_table(owner, ", ".join(actions))
        else:
            yield f"DROP INDEX {guard}{self.name(name)} ON {self.table_name(owner)}"

    def _replacements(self, table: Table, name: str) -> list[str]:
        self._refuse_referred(table, name)
        actions = []
        for key in needing_keys(table, name):
            implied = implied_index(table, key)
            if implied.name is None or implied.name == name:
                raise OperationRefused(
                    f"cannot drop index {name} on {table.name}: foreign key {key.name} needs it",
                    hint="drop the foreign key first",
                )
            keys = ", ".join(self.name(column) for column in implied.columns)
            actions.append(f"ADD INDEX {self.name(implied.name)} ({keys})")
        return actions

    def _refuse_referred(self, table: Table, name: str) -> None:
        """Other tables' foreign keys need an index on the columns that they refer to."""
        if self.surroundings.offline:
            return
        schema = quoted(table.name.schema) if table.name.schema else "DATABASE()"
        rows = self.surroundings.query(
            "SELECT TABLE_NAME, CONSTRAINT_NAME, REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE "
            f"WHERE REFERENCED_TABLE_SCHEMA = {schema} AND REFERENCED_TABLE_NAME = {quoted(table.name.name)} "
            "ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION"
        )
        referring: dict[tuple[str, str], tuple[str, ...]] = {}
        for owner, key, column in rows:
            referring[owner, key] = (*referring.get((owner, key), ()), column)
        for (owner, key), referred in referring.items():
            if is_served(table, referred) and not is_served(table, referred, without=name):
                raise OperationRefused(
                    f"cannot drop index {name} on {table.name}: foreign key {key} of {owner} refers to its columns",
                    hint=f"drop foreign key {key} first",
                )
