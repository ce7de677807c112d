"""Operations on whole tables."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from flask_schema.errors import Irreversible, ObjectMissing
from flask_schema.operations.operation import Operation, operation, table_of
from flask_schema.snapshot.elements import ForeignKey, Options, QualifiedName, Table, Trigger
from flask_schema.snapshot.identifiers import quote_mark, renamed
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@operation
@dataclass(frozen=True, slots=True)
class CreateTable(Operation):
    """Create ``table`` with its constraints and indexes."""

    directive: ClassVar[str] = "create_table"
    table: Table
    if_not_exists: bool = False

    def describe(self) -> str:
        return f"create table {self.table.name}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table.name})

    def invert(self) -> Operation:
        return DropTable(self.table.name, before=self.table)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if self.table.name in snapshot.tables:
            if self.if_not_exists:
                return snapshot
            raise ObjectMissing(f"there is a table {self.table.name} already")
        return snapshot.with_table(self.table)


@operation
@dataclass(frozen=True, slots=True)
class DropTable(Operation):
    """Drop the table ``name``; ``before`` is what it was, when that is known."""

    directive: ClassVar[str] = "drop_table"
    destroys_data: ClassVar[bool] = True
    name: QualifiedName
    if_exists: bool = False
    before: Table | None = None

    def describe(self) -> str:
        return f"drop table {self.name}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.name})

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: the table's columns are not known")
        return CreateTable(self.before)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        if not self.if_exists:
            table_of(snapshot, self.name)
        triggers = {key: one for key, one in snapshot.triggers.items() if key[0] != self.name}
        return replace(snapshot.without_table(self.name), triggers=triggers)


@operation
@dataclass(frozen=True, slots=True)
class RenameTable(Operation):
    """Rename the table ``name`` to ``new_name`` within its schema."""

    directive: ClassVar[str] = "rename_table"
    name: QualifiedName
    new_name: str

    @property
    def after(self) -> QualifiedName:
        """The name that it has afterwards."""
        return QualifiedName(self.new_name, self.name.schema)

    def describe(self) -> str:
        return f"rename table {self.name} to {self.new_name}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.name, self.after})

    def invert(self) -> Operation:
        return RenameTable(self.after, self.name.name)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        table = table_of(snapshot, self.name)
        tables = {
            (self.after if key == self.name else key): (
                replace(table, name=self.after, sql=None) if key == self.name else other
            )
            for key, other in snapshot.tables.items()
        }
        triggers = {
            (self.after if owner == self.name else owner, name): self._followed_by(
                trigger, quote_mark(snapshot.dialect)
            )
            for (owner, name), trigger in snapshot.triggers.items()
        }
        return replace(snapshot, tables={key: self._repointed(one) for key, one in tables.items()}, triggers=triggers)

    def _followed_by(self, trigger: Trigger, mark: str) -> Trigger:
        """A trigger of the renamed table goes with it."""
        if trigger.table != self.name:
            return trigger
        return replace(
            trigger, table=self.after, definition=renamed(trigger.definition, self.name.name, self.new_name, mark)
        )

    def _repointed(self, table: Table) -> Table:
        """Foreign keys follow the renamed table."""
        if not any(key.referred_table == self.name for key in table.foreign_keys):
            return table
        return replace(table, foreign_keys=tuple(self._followed(key) for key in table.foreign_keys))

    def _followed(self, key: ForeignKey) -> ForeignKey:
        return replace(key, referred_table=self.after) if key.referred_table == self.name else key


@operation
@dataclass(frozen=True, slots=True)
class AlterTableOptions(Operation):
    """Give a table other options: ``after`` has those that change, with None for one that goes.

    ``before`` has what the same ones were, as far as that is known. Options are the database's own, without its prefix.
    """

    directive: ClassVar[str] = "alter_table_options"
    table: QualifiedName
    after: Options
    before: Options | None = None

    def describe(self) -> str:
        return f"alter options of table {self.table} ({', '.join(key for key, _ in self.after)})"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: what they were is not known")
        return AlterTableOptions(self.table, self.before, before=self.after)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        table = table_of(snapshot, self.table)
        options = {**dict(table.options), **dict(self.after)}
        kept = tuple(sorted((key, value) for key, value in options.items() if value is not None))
        return snapshot.with_table(replace(table, options=kept))


@operation
@dataclass(frozen=True, slots=True)
class CreateTableComment(Operation):
    """Set the comment of a table; ``before`` is the one it had, None for none."""

    directive: ClassVar[str] = "create_table_comment"
    table: QualifiedName
    comment: str
    before: str | None = None

    def describe(self) -> str:
        return f"set the comment of table {self.table}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        if self.before is None:
            return DropTableComment(self.table, before=self.comment)
        return CreateTableComment(self.table, self.before, before=self.comment)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        return snapshot.with_table(replace(table_of(snapshot, self.table), comment=self.comment))


@operation
@dataclass(frozen=True, slots=True)
class DropTableComment(Operation):
    """Remove the comment of a table; ``before`` is the one it had, when known."""

    directive: ClassVar[str] = "drop_table_comment"
    table: QualifiedName
    before: str | None = None

    def describe(self) -> str:
        return f"remove the comment of table {self.table}"

    def touches(self) -> frozenset[QualifiedName]:
        return frozenset({self.table})

    def invert(self) -> Operation:
        if self.before is None:
            raise Irreversible(f"{self.describe()} has no way back: the comment is not known")
        return CreateTableComment(self.table, self.before)

    def replay(self, snapshot: Snapshot) -> Snapshot:
        return snapshot.with_table(replace(table_of(snapshot, self.table), comment=None))
