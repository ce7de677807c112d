"""SQLite as the engine sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, Final

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from flask_schema.dialects.dialect import Capabilities, Dialect, Scope, Settled, Surroundings
from flask_schema.dialects.sqlite.canonical import canonical_snapshot, python_type_of
from flask_schema.dialects.sqlite.empty_values import empty_value
from flask_schema.dialects.sqlite.reader import read_snapshot
from flask_schema.dialects.sqlite.settlement import settle_snapshots
from flask_schema.dialects.sqlite.transactions import SqliteTransactions
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OfflineRefused
from flask_schema.operations import columns, constraints, groups, indexes, renames, tables
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import DataType, QualifiedName
from flask_schema.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from flask_schema.dialects.sqlite.compiler import SqliteCompiler

_OF_A_TABLE: Final = (
    columns.AddColumn,
    columns.DropColumn,
    columns.AlterColumn,
    constraints.CreateConstraint,
    constraints.DropConstraint,
    constraints.AlterPrimaryKey,
    renames.RenameConstraint,
    groups.AlterTable,
    indexes.CreateIndex,
    indexes.DropIndex,
    tables.AlterTableOptions,
)


class SqliteDialect(Dialect):
    """SQLite. Operations on tables wait for each other, so that one rebuild of a table does all that it takes."""

    name: ClassVar[str] = "sqlite"
    option_dialects: ClassVar[tuple[str, ...]] = ("sqlite",)
    capabilities = Capabilities(
        transactional_ddl=True,
        shares_transactions=True,
        shows_autoincrement=False,
        declares=frozenset({"view", "trigger"}),
        holds=frozenset({"drops"}),
        table_options=frozenset({"autoincrement", "strict", "with_rowid"}),
    )

    def __init__(self, sqlalchemy: sa.Dialect) -> None:
        super().__init__(sqlalchemy)
        self.translation.rebuilds_tables = True
        self.transactions = SqliteTransactions()

    # -- reading and comparing ----------------------------------------------------------------

    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        return self.canonical(read_snapshot(connection, scope))

    def canonical(self, snapshot: Snapshot) -> Snapshot:
        return canonical_snapshot(snapshot)

    def settle(self, before: Snapshot, after: Snapshot, connection: sa.Connection | None) -> Settled:
        del connection  # SQLite is here: a scratch database in memory judges
        return settle_snapshots(before, after)

    def scratch_engine(self) -> sa.Engine | None:
        return sa.create_engine("sqlite://")

    def python_type(self, sql: str) -> TypeEngine[Any]:
        return python_type_of(sql, self.sqlalchemy)

    def empty_value(self, data_type: DataType) -> str | None:
        return empty_value(data_type.sql)

    # -- writing: what it takes is imported here, since a comparison takes none of it ----------

    def statements(self, operations: Sequence[Operation], surroundings: Surroundings) -> Iterable[Statement]:
        from flask_schema.dialects.sqlite.compiler import SqliteCompiler

        compiler = SqliteCompiler(self.sqlalchemy, "sqlite", surroundings)
        for alters, run in groupby(operations, key=lambda operation: table_altered(operation) is not None):
            together = list(run)
            if not alters:
                for operation in together:
                    yield from compiler.compile(operation)
            elif may_be_reordered(together):
                yield from self._alter_tables(together, compiler, surroundings)
            else:
                for _, of_table in groupby(together, key=table_altered):
                    yield from self._alter_tables(list(of_table), compiler, surroundings)

    def _alter_tables(
        self, operations: list[Operation], compiler: SqliteCompiler, surroundings: Surroundings
    ) -> Iterator[Statement]:
        from flask_schema.dialects.sqlite.alter_table import TableChange, change_tables
        from flask_schema.dialects.sqlite.schema_texts import SchemaTexts

        tables: dict[QualifiedName, list[Operation]] = {}
        for operation in operations:
            name = table_altered(operation)
            assert name is not None
            tables.setdefault(name, []).append(operation)
        texts = {schema: SchemaTexts(schema, compiler, surroundings) for schema in {name.schema for name in tables}}

        def prepare_rebuild() -> None:
            self.transactions.prepare_rebuild(surroundings)

        try:
            if len(tables) == 1:
                [(table, alone)] = tables.items()
                yield from TableChange(table, compiler, texts[table.schema], prepare_rebuild).carry_out(alone, None)
            else:
                yield from change_tables(tables, compiler, texts, prepare_rebuild)
        except OfflineRefused as refusal:
            raise OfflineRefused(
                f"cannot {operations[0].describe()}: {refusal.message}", hint=refusal.hint
            ) from refusal

    def joins(self, waiting: Sequence[Operation], coming: Operation) -> bool:
        """Operations on several tables wait together, so that each table is rebuilt once."""
        return table_altered(coming) is not None and may_be_reordered([*waiting, coming])

    def lacks_company(self, waiting: Sequence[Operation], surroundings: Surroundings) -> bool:
        """One of several constraints without a name does; see ``nameless``."""
        from flask_schema.dialects.sqlite.nameless import some_are_left

        return some_are_left(waiting, surroundings)

    # -- transactions -------------------------------------------------------------------------

    def begin(self, connection: sa.Connection) -> None:
        self.transactions.begin(connection)

    def before_commit(self, connection: sa.Connection) -> None:
        self.transactions.before_commit(connection)

    def after_transaction(self, connection: sa.Connection) -> None:
        self.transactions.after_transaction(connection)

    def may_stay_open(self, connection: sa.Connection) -> bool:
        """Each commit waits for the disk."""
        return self.transactions.may_stay_open(connection)

    def begin_part(self, connection: sa.Connection) -> None:
        self.transactions.begin_part(connection)

    def end_part(self, connection: sa.Connection) -> bool:
        return self.transactions.end_part(connection)

    def undo_part(self, connection: sa.Connection) -> bool:
        return self.transactions.undo_part(connection)

    def write_begin(self) -> Iterable[str]:
        """Foreign keys are switched off outside the transaction: inside it that has no effect."""
        return ("PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE")

    def write_commit(self) -> Iterable[str]:
        """The check lists rows whose parent is missing, for whoever runs the file to see."""
        return ("PRAGMA foreign_key_check", "COMMIT")


def may_be_reordered(operations: Sequence[Operation]) -> bool:
    """Whether operations may be sorted by table: unless a column is renamed, which reaches into other tables."""
    from flask_schema.dialects.sqlite.alter_table import renames_column

    one_table = len({table_altered(operation) for operation in operations}) <= 1
    return one_table or not any(renames_column(operation) for operation in operations)


def table_altered(operation: Operation) -> QualifiedName | None:
    """The one table that an operation alters in a way that may take a rebuild; None for all others."""
    return operation.table if isinstance(operation, _OF_A_TABLE) else None
