"""The migration context: what a running script speaks to, and what ``op.get_context()`` returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.dialect import Dialect
from flask_schema.dialects.surroundings import LiveSurroundings, ReplayedSurroundings
from flask_schema.errors import OfflineRefused
from flask_schema.operations.backfill import Backfill
from flask_schema.operations.extending import implementation_of
from flask_schema.operations.facade import Directives
from flask_schema.operations.groups import AlterTable
from flask_schema.operations.operation import Operation
from flask_schema.runtime.backfilling import Backfilling
from flask_schema.runtime.destinations import Live, Nowhere, SqlFile, usual_isolation_level
from flask_schema.runtime.version_table import VersionTable
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation


class MigrationContext:
    """Hears a script's operations and sends what the dialect makes of them to where they go.

    ``connection`` is None while SQL is written. ``opts`` are the options of ``context.configure`` by name.
    Operations that a dialect likes to do together wait until another kind comes, until the script
    takes the connection into its own hands, or until ``flush``.
    """

    def __init__(
        self,
        dialect: Dialect,
        destination: Live | SqlFile,
        surroundings: LiveSurroundings | ReplayedSurroundings,
        *,
        connection: sa.Connection | None,
        version_table: VersionTable,
        opts: Mapping[str, Any] | None = None,
    ) -> None:
        self.impl = dialect
        self.destination = destination
        self.surroundings = surroundings
        self.opts: dict[str, Any] = dict(opts or {})
        self.versions = version_table
        self._connection = connection
        self._waiting: list[Operation] = []
        self._script_has_connection = False
        self._implementations: list[Callable[[Any, Any], Any]] = []  # those running: inside one, its class is built in

    # -- what scripts read --------------------------------------------------------------------

    @property
    def dialect(self) -> sa.Dialect:
        """SQLAlchemy's dialect: ``dialect.name`` is what scripts ask for."""
        return self._connection.dialect if self._connection is not None else self.impl.sqlalchemy

    @property
    def connection(self) -> sa.Connection | None:
        """The connection, None while SQL is written; whoever takes it gets a database with all operations done."""
        return self.bind() if self._connection is not None else None

    @property
    def as_sql(self) -> bool:
        """True while SQL is written instead of executed."""
        return self._connection is None

    @property
    def version_table(self) -> str:
        """The version table's name."""
        return str(self.versions.table.name)

    @property
    def version_table_schema(self) -> str | None:
        """The version table's schema, None for the default one."""
        return self.versions.table.schema

    @property
    def config(self) -> Any:
        """The environment's configuration object, None outside an environment."""
        environment = self.environment_context
        return environment.config if environment is not None else None

    @property
    def environment_context(self) -> Any:
        """The environment that configured this context, or None."""
        return self.opts.get("environment")

    def get_current_heads(self) -> tuple[str, ...]:
        """The revisions in the version table."""
        return self.versions.rows(self._connection) if self._connection is not None else ()

    def get_current_revision(self) -> str | None:
        """The one revision in the version table, None for none. Raises ValueError for several."""
        rows = self.get_current_heads()
        if len(rows) > 1:
            raise ValueError(f"the database is at several revisions: {', '.join(rows)}")
        return rows[0] if rows else None

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """What stands in the block runs outside a transaction; what came before it is committed.

        A directive with ``concurrently`` needs no such block.
        """
        self.flush()
        if isinstance(self.destination, SqlFile):
            with self._written_outside(self.destination):
                yield
            return
        connection = self.destination.connection
        self.impl.before_commit(connection)
        if connection.in_transaction():
            connection.commit()
        self.destination.committed()
        self.impl.after_transaction(connection)
        level = usual_isolation_level(connection)
        connection.execution_options(isolation_level="AUTOCOMMIT")
        commits_itself, self.destination.commits_itself = self.destination.commits_itself, True
        try:
            yield
            self.flush()
        finally:
            self.destination.commits_itself = commits_itself
            if connection.in_transaction():
                connection.commit()
            connection.execution_options(isolation_level=level)
            self.impl.begin(connection)

    @contextmanager
    def _written_outside(self, file: SqlFile) -> Iterator[None]:
        reopen = file.in_transaction
        if reopen:
            file.commit()
        yield
        self.flush()
        if reopen:
            file.begin()

    @contextmanager
    def begin_transaction(self, _per_migration: bool = False) -> Iterator[None]:
        """A savepoint's place: the engine begins and ends transactions by itself."""
        yield

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run a statement as ``op.execute`` does."""
        Directives(self).execute(sql, execution_options=execution_options)

    # -- listening ----------------------------------------------------------------------------

    @property
    def translation(self) -> SqlalchemyTranslation:
        """Turns SQLAlchemy constructs into elements for this database."""
        return self.impl.translation

    @property
    def naming_convention(self) -> Mapping[str, Any] | None:
        """The naming convention of the models."""
        target = self.opts.get("target_metadata")
        metadatas = target if isinstance(target, (list, tuple)) else (target,) if target is not None else ()
        return next((one.naming_convention for one in metadatas if one.naming_convention), None)

    def bind(self) -> sa.Connection:
        """The connection, for the script's own use: from now on no operation waits."""
        if self._connection is None:
            raise OfflineRefused(
                "the revision asks for a connection, and SQL is being written without one",
                hint="guard it with 'if not op.get_context().as_sql', or run the upgrade on a database",
            )
        self.flush()
        self._script_has_connection = True
        return self._connection

    def context(self) -> MigrationContext:
        """This context."""
        return self

    def hear(self, operation: Operation) -> Any:
        """Carry out an operation, or let it wait for others that its dialect does with it in one go."""
        implementation = implementation_of(operation)
        if implementation is not None and implementation not in self._implementations:
            self.flush()
            self._implementations.append(implementation)
            try:
                return implementation(Directives(self), operation)
            finally:
                self._implementations.pop()
        if isinstance(operation, Backfill) and not self._writes_file():
            self._backfill(operation)
            return None
        if isinstance(operation, AlterTable) or not self.impl.joins(self._waiting, operation):
            self.flush()
        if not isinstance(operation, AlterTable) and self.impl.joins(self._waiting, operation):
            self._waiting.append(operation)
            if self._script_has_connection:
                self.flush()
        else:
            self._send([operation])
        return None

    def _writes_file(self) -> bool:
        return isinstance(self.destination, SqlFile) and not isinstance(self.destination, Nowhere)

    def _backfill(self, operation: Backfill) -> None:
        """Outside the revision's transaction; where operations are only replayed, rows are of no account."""
        if isinstance(self.destination, Live):
            with self.autocommit_block():
                Backfilling(operation, self.destination, self.surroundings).run()

    def flush(self) -> None:
        """Carry out the operations that wait."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._send(waiting)

    def start_script(self) -> None:
        """A new script begins: nothing waits, and it has not got hold of the connection yet."""
        self._waiting = []
        self._script_has_connection = False

    def _send(self, operations: Sequence[Operation]) -> None:
        for statement in self.impl.statements(operations, self.surroundings):
            self.destination.send(statement)
        if isinstance(self.surroundings, ReplayedSurroundings):
            for operation in operations:
                self.surroundings.replay(operation)
