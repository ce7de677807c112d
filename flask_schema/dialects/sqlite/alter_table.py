"""Operations on one table as statements: native where SQLite can, one rebuild for all of them where not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from flask_schema.dialects.sqlite.alteration import Alteration
from flask_schema.dialects.sqlite.canonical import default_text
from flask_schema.dialects.sqlite.compiler import SqliteCompiler
from flask_schema.dialects.sqlite.create_table import parse_create_table
from flask_schema.dialects.sqlite.from_text import constraint_of
from flask_schema.dialects.sqlite.new_columns import filled_check
from flask_schema.dialects.sqlite.rebuild import Rebuild
from flask_schema.dialects.sqlite.schema_texts import SchemaTexts
from flask_schema.dialects.sqlite.scratch import newly_broken
from flask_schema.dialects.sqlite.table_editor import TableEditor
from flask_schema.dialects.sqlite.tokens import folded, names_in, same_name
from flask_schema.dialects.sqlite.usage import uses_column
from flask_schema.dialects.statement import Statement
from flask_schema.errors import ObjectMissing, OfflineRefused, OperationRefused
from flask_schema.operations import columns, indexes
from flask_schema.operations.groups import AlterTable, TableTemplate
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.operations.tables import CreateTableComment, DropTableComment
from flask_schema.snapshot.elements import CheckConstraint, ForeignKey, QualifiedName
from flask_schema.values import dataclass

_DROP_COLUMN_VERSION: Final = (3, 35)
_RENAME_COLUMN_VERSION: Final = (3, 25)
_NATIVE_FACETS: Final = frozenset(("name", "comment", "identity"))


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send for operations on one table: ``natives``, or a rebuild to ``alteration`` where that is None."""

    alteration: Alteration
    natives: list[Statement] | None


def change_tables(
    operations: Mapping[QualifiedName, list[Operation]],
    compiler: SqliteCompiler,
    texts: Mapping[str | None, SchemaTexts],
    prepare_rebuild: Callable[[], None],
) -> Iterator[Statement]:
    """The statements for operations on several tables, none of which renames a column; one pass for each table.

    What a dropped column leaves behind is judged by what all tables have become.
    """
    changes = [(TableChange(table, compiler, texts[table.schema], prepare_rebuild), table) for table in operations]
    plans = [(change, operations[table], change.plan(operations[table])) for change, table in changes]
    for change, of_table, plan in plans:
        yield from change.carry_out(of_table, plan)


class TableChange:
    """Operations on one table.

    ``prepare_rebuild`` is called before the first statement of a rebuild on a live database; it
    raises when foreign keys are enforced.
    """

    def __init__(
        self,
        table: QualifiedName,
        compiler: SqliteCompiler,
        texts: SchemaTexts,
        prepare_rebuild: Callable[[], None],
    ) -> None:
        self.table = table
        self.compiler = compiler
        self.texts = texts
        self.prepare_rebuild = prepare_rebuild
        dialect: Any = compiler.sqlalchemy
        self.version: tuple[int, ...] = getattr(dialect, "server_version_info", None) or (3, 45)
        self.template = TableTemplate()
        self.always = self.never = self.in_block = self.describes = False

    def statements(self, operations: Sequence[Operation]) -> Iterator[Statement]:
        """The statements of all operations in order. Raises OperationRefused, ObjectMissing, OfflineRefused."""
        singles = self._singles(operations)
        if not self.always and all(is_native(operation) for operation in singles):
            for operation in singles:
                yield from self._native(operation)
        else:
            yield from self._in_order(singles)

    def plan(self, operations: Sequence[Operation]) -> Plan | None:
        """Take operations that rename nothing into the texts; None where SQLite does all of them by itself."""
        singles = self._singles(operations)
        if not self.always and all(is_native(operation) for operation in singles):
            return None
        return self._plan(singles)

    def carry_out(self, operations: Sequence[Operation], plan: Plan | None) -> Iterator[Statement]:
        """The statements of a plan made before."""
        owner = operations[0] if len(operations) == 1 else AlterTable(self.table, tuple(operations))
        made = self.statements(operations) if plan is None else self._carry_out(plan)
        for statement in made:
            yield statement if statement.operation is not None else replace(statement, operation=owner)

    def _singles(self, operations: Sequence[Operation]) -> list[Operation]:
        blocks = [operation for operation in operations if isinstance(operation, AlterTable)]
        self.template = next((block.template for block in blocks if block.template != TableTemplate()), TableTemplate())
        self.in_block = bool(blocks)
        self.always = any(block.recreate == "always" for block in blocks) or _changes_table(self.template)
        self.never = any(block.recreate == "never" for block in blocks)
        self.texts.template = self.template.table
        singles = [one for operation in operations for one in singles_of(operation)]
        self.describes = not self.never and _describes_table(self.template, singles, always=self.always)
        brings_name = bool(blocks) and not self.never and any(map(_adds_named_key, singles))
        self.always = self.always or self.describes or brings_name
        return singles

    def _in_order(self, operations: Sequence[Operation]) -> Iterator[Statement]:
        """Renames are carried out where they stand, or before what waits and has nothing to do with them."""
        waiting: list[Operation] = []
        for operation in operations:
            new_name = _new_name(operation)
            if new_name is None:
                waiting.append(operation)
                continue
            assert isinstance(operation, columns.AlterColumn)
            if any(mentions(one, operation.name) or mentions(one, new_name) for one in waiting):
                yield from self._carry_out(self._plan(waiting))
                waiting = []
            yield from self._rename(operation, new_name)
            rest = replace(operation, name=new_name, after=replace(operation.after, name=UNSET))
            if not is_native(rest):
                waiting.append(rest)
        if waiting or self.always:
            yield from self._carry_out(self._plan(waiting))

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
            and not uses_column(alteration.after, operation.name)
            and not self._pointing_at([operation.name])
        )

    def _rename(self, operation: columns.AlterColumn, new_name: str) -> Iterator[Statement]:
        """Rename by SQLite, here and in a scratch database: what comes after needs the texts as they are then."""
        if TableEditor(self.texts.stored(self.table).sql).column(operation.name) is None:
            raise ObjectMissing(f"there is no column {self.table}.{operation.name}")
        yield from self._rename_statements(operation, new_name)
        self.texts.rename_column(self.table, operation.name, new_name)

    def _rename_statements(self, operation: columns.AlterColumn, new_name: str) -> Iterator[Statement]:
        if self.version < _RENAME_COLUMN_VERSION:
            raise OperationRefused(
                f"cannot rename column {self.table}.{operation.name}: SQLite can since 3.25, and this is older"
            )
        legacy = self.compiler.legacy_alter_table()
        if legacy:
            yield Statement("PRAGMA legacy_alter_table = OFF", operation=operation)
        yield Statement(self.compiler.rename_column(self.table, operation.name, new_name), operation=operation)
        if legacy:
            yield Statement("PRAGMA legacy_alter_table = ON", operation=operation)

    # -- rebuild ------------------------------------------------------------------------------

    def _plan(self, operations: Sequence[Operation]) -> Plan:
        stored = self.texts.stored(self.table)
        described = self.texts.described(stored) if self.describes else None
        alteration = Alteration(self.compiler, stored, self.template, described, in_block=self.in_block)
        alteration.look_ahead(operations)
        natives: list[Statement] | None = None if self.always else []
        if self.in_block and _copies_table(operations):
            start = alteration.state
            alteration.drop_twins()
            natives = natives if alteration.state == start else None
        for operation in operations:
            before = alteration.state
            native = self._native_now(operation, alteration) if natives is not None else None
            alteration.apply(operation)
            if alteration.state == before:
                native = []
            natives = natives + native if natives is not None and native is not None else None
        before = alteration.state
        alteration.finish(whole_table=self.always)
        self.always = False
        natives = natives if alteration.state == before else None
        if natives is None and self.template.naming_convention:
            alteration.name_constraints()
        if natives is None and self.never:
            raise OperationRefused(
                f"cannot {operations[0].describe()}: SQLite can only do it by a rebuild of the table",
                hint="leave recreate='never' out of batch_alter_table",
            )
        self.texts.put(alteration)
        return Plan(alteration, natives)

    def _carry_out(self, plan: Plan) -> Iterator[Statement]:
        alteration = plan.alteration
        if alteration.lost:
            alteration.verify()
            self._verify_elsewhere(alteration)
        if plan.natives is not None:
            yield from plan.natives
            return
        if not self.texts.offline:
            self.prepare_rebuild()
        elif alteration.stored.triggers:
            self._verify_triggers(alteration)
        yield from alteration.checks
        legacy, conversions = self.compiler.legacy_alter_table(), alteration.conversions
        rebuild = Rebuild(alteration.stored, alteration.after, alteration.sources, legacy, conversions)
        yield from rebuild.statements()

    def _verify_elsewhere(self, alteration: Alteration) -> None:
        """Raise OperationRefused when a view, a trigger or another table's foreign key needs a dropped column."""
        pointing = self._pointing_at(alteration.lost)
        if pointing:
            raise OperationRefused(
                f"cannot drop column {self.table}.{alteration.lost[0]}: foreign keys of {', '.join(pointing)} "
                "point to it",
                hint="drop those foreign keys first",
            )
        broken = newly_broken(self.texts.before, self.texts.rows)
        if broken:
            what, reason = broken[0]
            raise OperationRefused(
                f"cannot drop column {self.table}.{alteration.lost[0]}: {what} would break ({reason})",
                hint="drop it first and create it again afterwards",
            )

    def _verify_triggers(self, alteration: Alteration) -> None:
        """Offline, the text of a trigger may be older than a renamed column: never write one that does not compile."""
        for what, reason in newly_broken((), self.texts.rows):
            if what.startswith(f"a trigger of {alteration.name.name} "):
                raise OfflineRefused(f"{what} does not fit the table as it is by then ({reason})")

    def _pointing_at(self, names: Sequence[str]) -> list[str]:
        """The other tables whose foreign keys name one of these columns of this table."""
        wanted = {folded(name) for name in names}
        found = []
        for row in self.texts.rows:
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


def singles_of(operation: Operation) -> Sequence[Operation]:
    """The operations that a batch block holds, without comments, which SQLite has none of; any other as it is."""
    if not isinstance(operation, AlterTable):
        return (operation,)
    comments = (CreateTableComment, DropTableComment)
    return [one for inner in operation.operations for one in singles_of(inner) if not isinstance(inner, comments)]


def _changes_table(template: TableTemplate) -> bool:
    return bool(template.constraints or template.options or template.order)


def _describes_table(template: TableTemplate, operations: Sequence[Operation], *, always: bool) -> bool:
    """Whether ``copy_from`` is what the operations start from: Alembic builds the table from it, not from the database.

    It does so for whatever it needs to copy the table for; a renamed column is left to the database here.
    """
    copied = always or _copies_table(operations)
    return template.table is not None and copied and not any(renames_column(one) for one in operations)


def _adds_named_key(operation: Operation) -> bool:
    """Whether a column comes with a foreign key whose name should be read again: SQLAlchemy does not find it on one."""
    if not isinstance(operation, columns.AddColumn):
        return False
    return any(isinstance(one, ForeignKey) and one.name is not None for one in operation.constraints)


def _copies_table(operations: Sequence[Operation]) -> bool:
    """Whether Alembic would copy the table for a batch block of these operations."""
    kept = (columns.AddColumn, indexes.CreateIndex, indexes.DropIndex)
    return any(not isinstance(one, kept) for one in operations)


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
    if "sqlite_using" in dict(operation.options):
        return False
    return not moved and operation.after.known().keys() <= _NATIVE_FACETS and (identity is UNSET or identity is None)


def _adds_natively(operation: columns.AddColumn) -> bool:
    column = operation.column
    if operation.if_not_exists or operation.insert_before is not None or operation.insert_after is not None:
        return False
    if column.computed is not None and column.computed.stored:
        return False
    default = default_text(column.default) if column.default is not None else None
    if default is not None and default.upper().startswith(("(", "CURRENT_")):
        return False
    for constraint in operation.constraints:
        if isinstance(constraint, ForeignKey):
            if (default or "NULL").upper() != "NULL" or len(constraint.columns) != 1:
                return False
        elif not isinstance(constraint, CheckConstraint):
            return False
    return True


def renames_column(operation: Operation) -> bool:
    """Whether a column gets another name in it."""
    return any(_new_name(one) is not None for one in singles_of(operation))


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
