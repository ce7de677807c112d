"""Operations on one table as statements: native where SQLite can, one rebuild for all of them where not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.sqlite.alteration import Alteration, filled_check, uses_column
from flask_schema.dialects.sqlite.canonical import canonical_table, default_text
from flask_schema.dialects.sqlite.compiler import SqliteCompiler
from flask_schema.dialects.sqlite.create_table import parse_create_table
from flask_schema.dialects.sqlite.reader import SchemaRow, constraint_of, table_of
from flask_schema.dialects.sqlite.rebuild import Rebuild, StoredTable
from flask_schema.dialects.sqlite.scratch import newly_broken, renamed_column
from flask_schema.dialects.sqlite.tokens import folded, names_in, quoted, same_name
from flask_schema.dialects.statement import Statement
from flask_schema.errors import ObjectMissing, OfflineRefused, OperationRefused
from flask_schema.operations import columns, indexes
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.snapshot.elements import CheckConstraint, ForeignKey, QualifiedName, Table

_DROP_COLUMN_VERSION: Final = (3, 35)
_RENAME_COLUMN_VERSION: Final = (3, 25)
_NATIVE_FACETS: Final = frozenset(("name", "comment", "identity"))


class TableChange:
    """Consecutive operations on one table.

    ``prepare_rebuild`` is called before the first statement of a rebuild on a live database; it
    raises when foreign keys are enforced.
    """

    def __init__(
        self,
        table: QualifiedName,
        compiler: SqliteCompiler,
        surroundings: Surroundings,
        prepare_rebuild: Callable[[], None],
    ) -> None:
        self.table = table
        self.compiler = compiler
        self.surroundings = surroundings
        self.prepare_rebuild = prepare_rebuild
        dialect: Any = compiler.sqlalchemy
        self.version: tuple[int, ...] = getattr(dialect, "server_version_info", None) or (3, 45)
        self._rows: list[SchemaRow] | None = None

    def statements(self, operations: Sequence[Operation]) -> Iterator[Statement]:
        """The statements of all operations. Raises OperationRefused, ObjectMissing, OfflineRefused."""
        if all(is_native(operation) for operation in operations):
            for operation in operations:
                yield from self._native(operation)
            return
        waiting: list[Operation] = []
        for operation in operations:
            new_name = _new_name(operation)
            if new_name is None:
                waiting.append(operation)
                continue
            assert isinstance(operation, columns.AlterColumn)
            if any(mentions(one, operation.name) or mentions(one, new_name) for one in waiting):
                yield from self._together(waiting)
                waiting = []
            yield from self._rename(operation, new_name)
            rest = replace(operation, name=new_name, after=replace(operation.after, name=UNSET))
            if not is_native(rest):
                waiting.append(rest)
        if waiting:
            yield from self._together(waiting)

    # -- native -------------------------------------------------------------------------------

    def _native(self, operation: Operation) -> Iterator[Statement]:
        new_name = _new_name(operation)
        if new_name is not None:
            assert isinstance(operation, columns.AlterColumn)
            yield from self._rename_statements(operation, new_name)
        elif not isinstance(operation, columns.AlterColumn):
            check = filled_check(self.compiler, operation) if isinstance(operation, columns.AddColumn) else None
            if check is not None:
                yield check
            yield from self.compiler.compile(operation)

    def _native_now(self, operation: Operation, alteration: Alteration) -> list[Statement] | None:
        """The native statements for ``operation`` on the table as it is by now; None where it takes a rebuild."""
        if isinstance(operation, columns.AddColumn) and operation.if_not_exists:
            if alteration.editor.column(operation.column.name) is not None:
                return []
            operation = replace(operation, if_not_exists=False)
        if is_native(operation):
            return list(self._native(operation))
        if isinstance(operation, columns.DropColumn) and self._drops_natively(operation, alteration):
            return list(self.compiler.compile(replace(operation, if_exists=False)))
        return None

    def _drops_natively(self, operation: columns.DropColumn, alteration: Alteration) -> bool:
        """SQLite refuses for a column that is used anywhere: https://sqlite.org/lang_altertable.html#altertabdropcol."""
        return (
            self.version >= _DROP_COLUMN_VERSION
            and alteration.editor.column(operation.name) is not None
            and not uses_column(alteration, operation.name)
            and not self._pointing_at([operation.name])
        )

    def _rename(self, operation: columns.AlterColumn, new_name: str) -> Iterator[Statement]:
        """Rename by SQLite, here and in a scratch database: what comes after needs the texts as they are then."""
        rows = self._schema_rows()
        stored = self._stored()
        if Alteration(self.compiler, stored).editor.column(operation.name) is None:
            raise ObjectMissing(f"there is no column {self.table}.{operation.name}")
        yield from self._rename_statements(operation, new_name)
        self._rows = renamed_column(rows, self.table.name, operation.name, new_name)

    def _rename_statements(self, operation: columns.AlterColumn, new_name: str) -> Iterator[Statement]:
        if self.version < _RENAME_COLUMN_VERSION:
            raise OperationRefused(
                f"cannot rename column {self.table}.{operation.name}: SQLite can since 3.25, and this is older"
            )
        legacy = self._legacy_alter_table()
        if legacy:
            yield Statement("PRAGMA legacy_alter_table = OFF", operation=operation)
        yield Statement(self.compiler.rename_column(self.table, operation.name, new_name), operation=operation)
        if legacy:
            yield Statement("PRAGMA legacy_alter_table = ON", operation=operation)

    # -- rebuild ------------------------------------------------------------------------------

    def _together(self, operations: Sequence[Operation]) -> Iterator[Statement]:
        alteration = Alteration(self.compiler, self._stored())
        natives: list[Statement] | None = []
        for operation in operations:
            text, made = alteration.editor.text, dict(alteration.indexes)
            native = self._native_now(operation, alteration) if natives is not None else None
            alteration.apply(operation)
            if alteration.editor.text == text and alteration.indexes == made:
                native = []
            natives = natives + native if natives is not None and native is not None else None
        if natives is not None:
            yield from natives
        else:
            yield from self._rebuild(alteration)
        self._rows = self._rows_after(alteration)

    def _rebuild(self, alteration: Alteration) -> Iterator[Statement]:
        alteration.verify()
        if alteration.dropped:
            self._verify_elsewhere(alteration)
        if not self.surroundings.offline:
            self.prepare_rebuild()
        yield from alteration.checks
        rebuild = Rebuild(alteration.stored, alteration.after, alteration.sources, self._legacy_alter_table())
        yield from rebuild.statements()

    def _verify_elsewhere(self, alteration: Alteration) -> None:
        """Raise OperationRefused when a view, a trigger or another table's foreign key needs a dropped column."""
        pointing = self._pointing_at(alteration.dropped)
        if pointing:
            raise OperationRefused(
                f"cannot drop column {self.table}.{alteration.dropped[0]}: foreign keys of {', '.join(pointing)} "
                "point to it",
                hint="drop those foreign keys first",
            )
        broken = newly_broken(self._schema_rows(), self._rows_after(alteration))
        if broken:
            what, reason = broken[0]
            raise OperationRefused(
                f"cannot drop column {self.table}.{alteration.dropped[0]}: {what} would break ({reason})",
                hint="drop it first and create it again afterwards",
            )

    def _pointing_at(self, names: Sequence[str]) -> list[str]:
        """The other tables whose foreign keys name one of these columns of this table."""
        wanted = {folded(name) for name in names}
        found = []
        for row in self._schema_rows():
            if row.type != "table" or row.sql is None or same_name(row.name, self.table.name):
                continue
            if folded(self.table.name) not in names_in(row.sql):
                continue
            keys = (constraint_of(clause, {}, None) for clause in parse_create_table(row.sql).clauses())
            if any(
                isinstance(key, ForeignKey)
                and same_name(key.referred_table.name, self.table.name)
                and any(folded(column) in wanted for column in key.referred_columns)
                for key in keys
            ):
                found.append(row.name)
        return found

    # -- what the database holds --------------------------------------------------------------

    def _stored(self) -> StoredTable:
        """The table's texts. Raises ObjectMissing when there is no such table."""
        rows = [row for row in self._schema_rows() if same_name(row.table, self.table.name) and row.sql is not None]
        own = next((row for row in rows if row.type == "table"), None)
        if own is None:
            raise ObjectMissing(f"there is no table {self.table}")
        return StoredTable(
            QualifiedName(own.name, self.table.schema),
            own.sql or "",
            {row.name: row.sql or "" for row in rows if row.type == "index"},
            {row.name: row.sql or "" for row in rows if row.type == "trigger"},
        )

    def _schema_rows(self) -> list[SchemaRow]:
        if self._rows is None:
            self._rows = self._known_rows() if self.surroundings.offline else self._live_rows()
        return self._rows

    def _live_rows(self) -> list[SchemaRow]:
        schema = quoted(self.table.schema or "main")
        rows = self.surroundings.query(f"SELECT type, name, tbl_name, sql FROM {schema}.sqlite_master")
        return [SchemaRow(*row) for row in rows]

    def _known_rows(self) -> list[SchemaRow]:
        """The rows that ``sqlite_master`` would have, as far as they are known without a database."""
        table = self.surroundings.table(self.table)
        if table is None:
            raise ObjectMissing(f"there is no table {self.table}")
        try:
            snapshot = self.surroundings.snapshot()
        except OfflineRefused:
            return list(self._rows_of(table))
        schema = self.table.schema
        rows = [row for name, one in snapshot.tables.items() if name.schema == schema for row in self._rows_of(one)]
        for name, view in snapshot.views.items():
            listed = ", ".join(quoted(column) for column in dict(view.options).get("columns", ()))
            head = f"CREATE VIEW {quoted(name.name)}{f' ({listed})' if listed else ''}"
            rows.append(SchemaRow("view", name.name, name.name, f"{head} AS {view.definition}"))
        rows += [
            SchemaRow("trigger", trigger.name, owner.name, trigger.definition)
            for (owner, _), trigger in snapshot.triggers.items()
            if owner.schema == schema
        ]
        return rows

    def _rows_of(self, table: Table) -> Iterator[SchemaRow]:
        own = replace(table, name=QualifiedName(table.name.name))
        yield SchemaRow("table", table.name.name, table.name.name, known_text(own, self.compiler))
        for index in table.indexes:
            for sql in self.compiler.create_index(indexes.CreateIndex(own.name, index)):
                yield SchemaRow("index", index.name or "", table.name.name, str(sql))

    def _rows_after(self, alteration: Alteration) -> list[SchemaRow]:
        """The schema's rows with this table as ``alteration`` leaves it."""
        after = alteration.after
        name = after.name.name
        kept = [
            row for row in self._schema_rows() if not (same_name(row.table, name) and row.type in ("table", "index"))
        ]
        made = [SchemaRow("table", name, name, after.sql)]
        made += [SchemaRow("index", index, name, sql) for index, sql in after.indexes.items()]
        return made + kept

    def _legacy_alter_table(self) -> bool:
        if self.surroundings.offline:
            return False
        rows = self.surroundings.query("PRAGMA legacy_alter_table")
        return bool(rows and rows[0][0])


def known_text(table: Table, compiler: SqliteCompiler) -> str:
    """The table's CREATE TABLE: the text that was read, while it still fits the elements, else one made of them."""
    if table.sql is not None:
        read = canonical_table(table_of(parse_create_table(table.sql), table.name, table.indexes))
        if read == canonical_table(table):
            return table.sql
    return compiler.table_definition(table)


def is_native(operation: Operation) -> bool:
    """Whether SQLite does it by itself, whatever the table looks like.

    The restrictions of ADD COLUMN are those of https://sqlite.org/lang_altertable.html#altertabaddcol.
    """
    if isinstance(operation, (indexes.CreateIndex, indexes.DropIndex)):
        return True
    if isinstance(operation, columns.AlterColumn):
        return _is_rename_only(operation)
    return isinstance(operation, columns.AddColumn) and _adds_natively(operation)


def _is_rename_only(operation: columns.AlterColumn) -> bool:
    moved = operation.insert_before is not None or operation.insert_after is not None
    identity = operation.after.identity
    return not moved and operation.after.known().keys() <= _NATIVE_FACETS and (identity is UNSET or identity is None)


def _adds_natively(operation: columns.AddColumn) -> bool:
    column = operation.column
    if operation.if_not_exists or operation.insert_before is not None or operation.insert_after is not None:
        return False
    if column.computed is not None and column.computed.stored:
        return False
    default = default_text(column.default) if column.default is not None else None
    if default is not None and default.startswith(("(", "CURRENT_")):
        return False
    for constraint in operation.constraints:
        if isinstance(constraint, ForeignKey):
            if default not in (None, "NULL") or len(constraint.columns) != 1:
                return False
        elif not isinstance(constraint, CheckConstraint):
            return False
    return True


def _new_name(operation: Operation) -> str | None:
    """The name that an operation gives a column, or None."""
    if not isinstance(operation, columns.AlterColumn):
        return None
    name = operation.after.name
    return name if isinstance(name, str) and name != operation.name else None


def mentions(operation: Operation, name: str) -> bool:
    """Whether any text of an operation mentions a column of that name."""
    return folded(name) in _names(operation)


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, str):
        return names_in(value) | {folded(value)}
    if is_dataclass(value) and not isinstance(value, type):
        return frozenset().union(*(_names(getattr(value, one.name)) for one in fields(value)))
    if isinstance(value, (tuple, list)):
        return frozenset().union(*(_names(one) for one in value))
    return frozenset()
