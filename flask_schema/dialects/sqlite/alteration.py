"""What operations make of one table's text, indexes and column map, before any statement is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from flask_schema.dialects.sqlite import create_table as parts
from flask_schema.dialects.sqlite.canonical import default_text
from flask_schema.dialects.sqlite.compiler import type_and_collation
from flask_schema.dialects.sqlite.constraint_changes import ConstraintChanges
from flask_schema.dialects.sqlite.create_index import parse_create_index
from flask_schema.dialects.sqlite.create_table import Clause
from flask_schema.dialects.sqlite.new_columns import filled_check
from flask_schema.dialects.sqlite.table_editor import column_names
from flask_schema.dialects.sqlite.tokens import folded, names_in, quoted, same_name
from flask_schema.dialects.sqlite.usage import user_of
from flask_schema.dialects.statement import Statement
from flask_schema.errors import ObjectMissing, OperationRefused
from flask_schema.operations import columns
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.snapshot.elements import (
    Computed,
    DataType,
    PrimaryKey,
    QualifiedName,
)
from flask_schema.values import dataclass


@dataclass(slots=True)
class Alteration(ConstraintChanges):
    """One table while operations are applied to it, each by the method named as its directive."""

    def apply(self, operation: Operation) -> None:
        """Take in one operation. Raises ObjectMissing and OperationRefused."""
        method: Callable[[Operation], None] = getattr(self, operation.directive)
        method(operation)

    # -- columns ------------------------------------------------------------------------------

    def add_column(self, operation: columns.AddColumn) -> None:
        column = operation.column
        if self.editor.column(column.name) is not None:
            if operation.if_not_exists:
                return
            raise OperationRefused(f"there is a column {self.name}.{column.name} already")
        specification = self.compiler.column_specification(self.name, column)
        self.editor.add_column(specification, operation.insert_after, operation.insert_before)
        check = filled_check(self.compiler, operation)
        if check is not None:
            self.checks.append(check)
        for constraint in operation.constraints:
            self.editor.add_constraint(self.compiler.constraint_definition(self.name, constraint))
        for index in operation.indexes:
            self.create_index(CreateIndex(self.name, index))
        if self.in_block and column.name in self.dropped:
            self._bring_back()

    def _bring_back(self) -> None:
        """What went with dropped columns returns where a batch block adds them again, as Alembic copies the table."""
        present = column_names(self.editor.parsed)
        for one in list(self.gone):
            columns = () if isinstance(one, PrimaryKey) else getattr(one, "columns", ())
            if columns and all(folded(column) in present for column in columns):
                self.gone.remove(one)
                if one not in self.table().constraints:
                    self.editor.add_constraint(self.compiler.constraint_definition(self.name, one))
        for name, sql in list(self.gone_indexes.items()):
            if all(folded(column) in present for column in parse_create_index(sql).columns):
                self.indexes.setdefault(name, self.gone_indexes.pop(name))

    def drop_column(self, operation: columns.DropColumn) -> None:
        if self.editor.column(operation.name) is None and operation.if_exists:
            return
        column = self.column(operation.name)
        if len(self.editor.parsed.columns) == 1:
            raise OperationRefused(f"{self.name}.{column.name} is the only column of its table")
        name = column.name
        self.gone += [one for one in map(self._constraint, column.clauses) if one is not None]
        self.editor.drop_column(name)
        for clause in reversed(self.editor.parsed.constraints):
            if self._only_about(clause, name):
                constraint = self._constraint(clause)
                self.gone += [constraint] if constraint is not None else []
                self.editor.drop_clause(clause)
        for index, sql in list(self.indexes.items()):
            if any(same_name(key, name) for key in parse_create_index(sql).columns):
                self.gone_indexes[index] = self.indexes.pop(index)
        self.sources.pop(name, None)
        self.conversions.pop(name, None)
        self.dropped.append(name)

    def _only_about(self, clause: Clause, name: str) -> bool:
        """Whether a constraint of the table falls with a column: a key with it, a check of nothing else."""
        if clause.columns:
            return any(same_name(column, name) for column in clause.columns)
        mentioned = names_in(clause.text)
        others = set(column_names(self.editor.parsed)) & mentioned
        return clause.kind == parts.CHECK and folded(name) in mentioned and not others

    def alter_column(self, operation: columns.AlterColumn) -> None:
        """Every facet but the name, which SQLite changes by itself."""
        name, after = self.column(operation.name).name, operation.after
        if after.identity is not UNSET and after.identity is not None:
            raise OperationRefused(
                f"SQLite has no identity columns, asked for on {self.name}.{name}",
                hint="an INTEGER primary key numbers its rows by itself",
            )
        if after.computed is not UNSET:
            self._set_computed(name, after.computed)
        if after.type is not UNSET:
            self._set_type(operation, name, after.type)
        if "sqlite_using" in dict(operation.options):
            self.conversions[name] = str(dict(operation.options)["sqlite_using"])
        if after.default is not UNSET:
            self._keep_first_default(name)
            self.editor.set_default(name, default_text(after.default) if after.default is not None else None)
        if after.autoincrement is not UNSET:
            self.numbered[name] = after.autoincrement  # its key may be created later
        if after.nullable is not UNSET:
            self._set_nullable(operation, name, after.nullable)
        if operation.insert_before is not None or operation.insert_after is not None:
            self._move(name, operation.insert_before, operation.insert_after)

    def _keep_first_default(self, name: str) -> None:
        """Rows get the default that a column was added with, also when it is another one by the end."""
        column = self.column(name)
        default = column.clause(parts.DEFAULT)
        if name not in self.sources and name not in self.conversions and default is not None:
            self.conversions[name] = default.text

    def _set_type(self, operation: columns.AlterColumn, name: str, data_type: DataType) -> None:
        """The collation changes with the type when one of both sides says so; else it is not touched."""
        sql, collation = type_and_collation(data_type)
        before = operation.before.type
        said = before is not UNSET and type_and_collation(before)[1] is not None
        if self.column(name).type.upper() == "BOOLEAN" != sql.upper():
            self.drop_check_of_boolean(name)
        self._convert_bytes(name, sql)
        self.editor.set_type(name, sql)
        self.retyped.append(name)
        if collation is not None or said:
            self.editor.set_collation(name, collation)

    def _convert_bytes(self, name: str, sql: str) -> None:
        """Between bytes and text values are cast: both are stored as they come, and given back as they are stored.

        No other type needs it (https://sqlite.org/datatype3.html#type_affinity).
        """
        before, after = _is_binary(self.column(name).type), _is_binary(sql)
        if name in self.sources and before is not None and after is not None and before != after:
            self.conversions[name] = f"CAST({quoted(self.sources[name])} AS {'BLOB' if after else 'TEXT'})"

    def _set_computed(self, name: str, computed: Computed | None) -> None:
        if computed is None:
            self.editor.set_generated(name, None)
            return
        kind = "" if computed.stored is None else " STORED" if computed.stored else " VIRTUAL"
        self.editor.set_default(name, None)
        self.editor.set_generated(name, f"GENERATED ALWAYS AS ({computed.expression}){kind}")

    def _set_nullable(self, operation: columns.AlterColumn, name: str, nullable: bool) -> None:
        column = self.column(name)
        was_nullable = column.clause(parts.NOT_NULL) is None
        self.editor.set_not_null(name, not nullable)
        source = self.sources.get(name)
        if was_nullable and not nullable and source is not None and not column.is_generated:
            self.checks.append(
                Statement(
                    f"SELECT 1 FROM {self.compiler.table_name(self.name)} WHERE {quoted(source)} IS NULL LIMIT 1",
                    operation=operation,
                    online_only=True,
                    must_be_empty=True,
                    failure=f"{self.name}.{source} holds NULLs and cannot become NOT NULL; give them a value first",
                )
            )

    def _move(self, name: str, insert_before: str | None = None, insert_after: str | None = None) -> None:
        """Put a column before or after another; constraints of the table do not depend on the order."""
        text = self.column(name)
        specification = self.editor.text[text.span.start : text.span.end]
        self.editor.drop_column(name)
        self.editor.add_column(specification, insert_after, insert_before)

    def finish(self, *, whole_table: bool) -> None:
        """Do what needs the table as all operations leave it; ``whole_table``: also what a batch block says of it."""
        for name, wanted in self.numbered.items():
            key = self.editor.primary_key()
            if self.editor.column(name) is not None and key is not None and len(key.columns) == 1:
                self.editor.set_autoincrement(name, wanted)
        if whole_table:
            self._apply_template()

    def _apply_template(self) -> None:
        """Put in the constraints, options and order of columns that a batch block gives for the whole table."""
        for constraint in self.template.constraints:
            if not self._says_already(constraint):
                self.editor.add_constraint(self.compiler.constraint_definition(self.name, constraint))
        self._set_options(self.template.options)
        for run in self.template.order:
            for before, after in pairwise(run):
                self._move(self.column(after).name, insert_after=before)

    # -- indexes ------------------------------------------------------------------------------

    def create_index(self, operation: CreateIndex) -> None:
        name = operation.index.name or ""
        if any(same_name(name, one) for one in self.indexes):
            if operation.if_not_exists:
                return
            raise OperationRefused(f"there is an index {name} on {self.name} already")
        plain = replace(operation, if_not_exists=False, table=QualifiedName(self.name.name))
        for sql in self.compiler.create_index(plain):
            self.indexes[name] = str(sql)

    def drop_index(self, operation: DropIndex) -> None:
        held = self.indexes, self.gone_indexes
        found = next(((of, one) for of in held for one in of if same_name(one, operation.name)), None)
        if found is not None:
            del found[0][found[1]]
        elif not operation.if_exists:
            raise ObjectMissing(f"there is no index {operation.name} on {self.name}")

    @property
    def lost(self) -> list[str]:
        """The dropped columns of which there is none of the same name again."""
        present = column_names(self.editor.parsed)
        return [name for name in self.dropped if folded(name) not in present]

    def verify(self) -> None:
        """Raise OperationRefused when something that stays in the table mentions a dropped column."""
        for name in self.lost:
            user = user_of(name, self.after)
            if user is not None:
                raise OperationRefused(
                    f"cannot drop column {self.name}.{name}: {user} uses it", hint=f"drop {user} first"
                )


def _is_binary(sql: str) -> bool | None:
    """Whether a type holds bytes (True) or text (False); None for any other."""
    word = sql.upper()
    if "INT" in word:
        return None
    if any(part in word for part in ("CHAR", "CLOB", "TEXT")):
        return False
    return True if "BLOB" in word else None
