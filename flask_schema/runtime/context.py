"""The migration context: what a running script speaks to, and what ``op.get_context()`` returns.

A command that finds nothing to run asks it for the rows of the version table and for nothing else, so that the dialect
and the operations are loaded when the first script needs them.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import LiveSurroundings, ReplayedSurroundings
from flask_schema.errors import MultipleHeads, OfflineRefused, UsageError
from flask_schema.runtime.destinations import AUTOCOMMIT, Live, SqlFile, writes_file
from flask_schema.runtime.implementation import make_implementation
from flask_schema.runtime.transactions import Transactions
from flask_schema.runtime.version_table import VersionTable

if TYPE_CHECKING:
    from flask_schema.dialects.dialect import Dialect
    from flask_schema.operations.operation import Operation
    from flask_schema.runtime.journal import Journal
    from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation


class MigrationContext:
    """Hears a script's operations and sends what the dialect makes of them to where they go.

    Operations that a dialect likes to do together wait until another kind comes, until the script
    takes the connection into its own hands, or until ``flush``.
    """

    def __init__(
        self,
        dialect: sa.Dialect,
        connection: sa.Connection | None = None,
        opts: Mapping[str, Any] | None = None,
        environment_context: Any = None,
        *,
        destination: Live | SqlFile | None = None,
        surroundings: LiveSurroundings | ReplayedSurroundings | None = None,
    ) -> None:
        """``opts`` are the options of ``context.configure`` by name.

        Without a connection, or with the option ``as_sql``, SQL is written, to the option ``output_buffer``.
        ``destination`` and ``surroundings`` are made to fit unless they are given. DialectUnsupported is raised as
        soon as the dialect is needed.
        """
        self.opts: dict[str, Any] = dict(opts or {})
        self.environment_context = environment_context
        self._given_dialect = dialect
        self._connection = None if self.opts.get("as_sql") else connection
        if destination is not None:
            self.native, self.destination = destination.dialect, destination
        if surroundings is not None:
            self.surroundings = surroundings
        self._named_dialect = connection.dialect if connection is not None else self.native.sqlalchemy
        self.opts.setdefault(
            "transaction_is_external", self._connection is not None and self._connection.in_transaction()
        )
        implementation = make_implementation(self)
        self.impl = cast("Dialect", implementation)  # all that the dialect is, and what scripts know of Alembic's
        self.opts |= implementation.options()
        self.versions = VersionTable(
            table=implementation.version_table_impl(
                version_table=self.opts.get("version_table") or "alembic_version",
                version_table_schema=self.opts.get("version_table_schema"),
                version_table_pk=self.opts.get("version_table_pk", True),
            )
        )
        self.script_has_connection = False
        self.operations_wait = True
        self._script: str | None = None
        self._serves_program = False
        self._hearing: Any = None  # of this script's operations, once there is one

    @classmethod
    def configure(
        cls,
        connection: sa.Connection | None = None,
        url: str | sa.URL | None = None,
        dialect_name: str | None = None,
        dialect: sa.Dialect | None = None,
        environment_context: Any = None,
        dialect_opts: Mapping[str, Any] | None = None,
        opts: Mapping[str, Any] | None = None,
    ) -> MigrationContext:
        """Return a context for use outside of a command: to ask for revisions, or for ``Operations(context)``.

        One of ``connection``, ``url``, ``dialect_name`` and ``dialect`` is needed; only the first runs anything, with
        the others SQL is written. Raises UsageError without any, and for an engine in place of a connection.
        """
        if isinstance(connection, sa.Engine):
            raise UsageError(
                f"'connection' has to be a connection, not {type(connection).__name__}",
                hint="write 'with engine.connect() as connection:' around it",
            )
        if connection is not None:
            dialect = connection.dialect
        elif url is not None:
            dialect = sa.make_url(url).get_dialect()(**(dialect_opts or {}))
        elif dialect_name is not None:
            dialect = sa.make_url(f"{dialect_name}://").get_dialect()(**(dialect_opts or {}))
        if dialect is None:
            raise UsageError("a migration context needs a connection, a url or a dialect_name")
        context = cls(dialect, connection, opts, environment_context)
        context.script_has_connection = True  # no runner will flush what waits
        context._serves_program = True
        return context

    @cached_property
    def native(self) -> Dialect:
        """The database's way of doing things. Raises DialectUnsupported."""
        return dialect_for(self._given_dialect)

    @cached_property
    def destination(self) -> Live | SqlFile:
        """Where statements go."""
        if self._connection is None:
            return SqlFile(self.native, self.opts.get("output_buffer") or sys.stdout)
        return Live(self.native, self._connection, commits_itself=not self.native.capabilities.transactional_ddl)

    @cached_property
    def surroundings(self) -> LiveSurroundings | ReplayedSurroundings:
        """What a compiler may ask."""
        if self._connection is None:
            return ReplayedSurroundings(self.native, None)
        return LiveSurroundings(self.native, self._connection)

    # -- what scripts read --------------------------------------------------------------------

    @property
    def dialect(self) -> sa.Dialect:
        """SQLAlchemy's dialect: ``dialect.name`` is what scripts ask for."""
        return self._named_dialect

    @property
    def connection(self) -> sa.Connection | None:
        """The connection, None while SQL is written; whoever takes it gets a database with all operations done."""
        return self.take_connection() if self._connection is not None else None

    @property
    def live_connection(self) -> sa.Connection | None:
        """The connection for the engine's own use, None while SQL is written: what waits goes on waiting."""
        return self._connection

    @property
    def bind(self) -> sa.Connection | None:
        """The same as ``connection``."""
        return self.connection

    @property
    def as_sql(self) -> bool:
        """True while SQL is written instead of executed."""
        return self._connection is None

    @cached_property
    def journal(self) -> Journal | None:
        """Where runs are noted; None without the option ``journal``, and while SQL is written."""
        if not self.opts.get("journal") or self.as_sql:
            return None
        from flask_schema.runtime.journal import Journal

        return Journal(self.version_table_schema)

    @property
    def transactional_ddl(self) -> bool:
        """Whether DDL is done in transactions; the option of that name decides for SQL files only."""
        given = self.opts.get("transactional_ddl") if self.as_sql else None  # a live database has its own nature
        return self.native.capabilities.transactional_ddl if given is None else bool(given)

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
        return self.environment_context.config if self.environment_context is not None else None

    @property
    def _version(self) -> sa.Table:
        return self.versions.table

    def get_current_heads(self) -> tuple[str, ...]:
        """The revisions in the version table; while SQL is written, those of the option ``starting_rev``.

        Raises UsageError for that option with a connection.
        """
        start = self.opts.get("starting_rev")
        if self._connection is None:
            given = (start,) if isinstance(start, str) else tuple(start or ())
            return tuple(one for one in given if one and one != "base")
        if start:
            raise UsageError("'starting_rev' is for SQL files: a database knows at which revision it is")
        return self.versions.rows(self._connection)

    def get_current_revision(self) -> str | None:
        """The one revision in the version table, None for none. Raises MultipleHeads for several."""
        rows = self.get_current_heads()
        if len(rows) > 1:
            raise MultipleHeads(
                f"the version table {self.version_table!r} has several revisions: {', '.join(rows)}",
                hint="ask for them with get_current_heads()",
            )
        return rows[0] if rows else None

    # -- what programs do ---------------------------------------------------------------------

    def _has_version_table(self) -> bool:
        return self.versions.exists(self.take_connection())

    def _ensure_version_table(self, purge: bool = False) -> None:
        """Create the version table unless it is there; with ``purge`` forget what it says."""
        if isinstance(self.destination, SqlFile):
            self.destination.write(self.versions.create_sql(self.native.sqlalchemy))
            return
        connection = self.destination.connection

        def work() -> None:
            self.versions.create(connection)
            if purge:
                connection.execute(self.versions.table.delete())

        if connection.in_transaction():
            work()
        else:
            Transactions(self.native, connection).run(work)

    def stamp(self, script_directory: Any, revision: Any) -> None:
        """Make the version table say ``revision`` of a ScriptDirectory, in the transaction of the caller."""
        rows = set(self.get_current_heads())
        if not rows:
            self._ensure_version_table()
        for step in script_directory._stamp_revs(revision, tuple(sorted(rows))):
            gone, come = step.change(rows)
            self.change_version(gone, come)
            rows = (rows - gone) | come

    def change_version(self, delete_heads: Collection[str], insert_heads: Collection[str]) -> None:
        """Replace rows of the version table, or write the statements that do. Raises DatabaseError."""
        if isinstance(self.destination, Live):
            self.versions.change(self.destination.connection, delete_heads, insert_heads)
            return
        for text in self.versions.changes_sql(self.native.sqlalchemy, delete_heads, insert_heads):
            self.destination.write(text)

    def run_migrations(self, **keywords: Any) -> None:
        """Do what the environment's command is for; without an environment, run what the option ``fn`` returns.

        Raises NoContext where there is neither.
        """
        if self.environment_context is not None:
            self.environment_context.run_migrations(**keywords)
            return
        from flask_schema.runtime.functions import run_function

        run_function(self, keywords)

    @contextmanager
    def autocommit_block(self) -> Iterator[None]:
        """What stands in the block runs outside a transaction; what came before it is committed.

        A directive with ``concurrently`` needs no such block.
        """
        from flask_schema.runtime.outside import outside_transaction

        with outside_transaction(self.destination, self.flush):
            yield

    @contextmanager
    def begin_transaction(self, _per_migration: bool = False) -> Iterator[None]:
        """A transaction around ``Operations(context)``, unless the caller has begun one; offline BEGIN and COMMIT.

        In an environment nothing is begun: there the engine begins and ends a transaction a revision by itself.
        """
        if self.environment_context is not None or self.opts.get("transaction_is_external"):
            yield
            return
        if isinstance(self.destination, SqlFile):
            self.destination.begin()
            yield
            self.flush()
            self.destination.commit()
            return
        transactions = Transactions(self.native, self.destination.connection)
        transactions.begin()
        try:
            yield
            self.flush()
            transactions.finish(lambda: None)
        except BaseException:
            transactions.abandon()
            raise

    def static_output(self, text: str) -> None:
        """Write text as it stands into the SQL file; to standard output where statements are executed."""
        output = self.opts.get("output_buffer") or sys.stdout
        if isinstance(self.destination, SqlFile):
            self.flush()
            output = self.destination.output
        output.write(f"{text}\n\n")

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run a statement as ``op.execute`` does."""
        from flask_schema.operations.facade import Directives

        Directives(self).execute(sql, execution_options=execution_options)

    # -- listening ----------------------------------------------------------------------------

    @property
    def translation(self) -> SqlalchemyTranslation:
        """Turns SQLAlchemy constructs into elements for this database."""
        return self.native.translation

    @property
    def naming_convention(self) -> Mapping[str, Any] | None:
        """The naming convention of the models."""
        target = self.opts.get("target_metadata")
        metadatas = target if isinstance(target, (list, tuple)) else (target,) if target is not None else ()
        return next((one.naming_convention for one in metadatas if one.naming_convention), None)

    def take_connection(self) -> sa.Connection:
        """The connection, for the script's own use: from now on no operation waits.

        While SQL is written it writes what is executed on it.
        """
        if self._connection is None and writes_file(self.destination):
            from flask_schema.runtime.written_connection import written_connection

            self.flush()
            self.script_has_connection = True
            return written_connection(self)
        if self._connection is None:
            raise OfflineRefused(
                "the revision asks for a connection, and SQL is being written without one",
                hint="guard it with 'if not op.get_context().as_sql', or run the upgrade on a database",
            )
        self.flush()
        self.script_has_connection = True
        if self._script is not None and isinstance(self.destination, Live):
            self.destination.overhear()
        return self._connection

    def context(self) -> MigrationContext:
        """This context."""
        return self

    def hear(self, operation: Operation) -> Any:
        """Carry out an operation, or let it wait for others that its dialect does with it in one go."""
        if self._hearing is None:
            from flask_schema.runtime.hearing import Hearing

            self._hearing = Hearing(self, self._script)
            self._stand_alone()
        return self._hearing.hear(operation)

    def _stand_alone(self) -> None:
        """Let a program's statements commit themselves, where the transaction that they open could be cut in two."""
        connection = self._connection if self._serves_program else None
        if connection is None or connection.in_transaction():
            return
        if self.native.capabilities.partial_commits:
            connection.execution_options(isolation_level=AUTOCOMMIT)

    def flush(self) -> None:
        """Carry out the operations that wait."""
        if self._hearing is not None:
            self._hearing.flush()

    def start_script(self, script: str | None = None, *, waits: bool = True) -> None:
        """A new script, a file's name, begins: nothing waits, and it has not got hold of the connection yet.

        ``waits`` is False for one that is to be told of an error where its directive stands.
        """
        self._script = script
        self._hearing = None
        self.operations_wait = waits
        self.script_has_connection = False
