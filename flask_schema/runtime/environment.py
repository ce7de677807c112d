"""The environment of a command: its options, its database, and ``env.py`` where the project has one.

``context``, for ``from flask_schema import context``, speaks to the environment of the running command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import sqlalchemy as sa

from flask_schema.databases import Database
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import HistoryError, NoContext, OfflineRefused, ScriptError, UsageError
from flask_schema.runtime.block import Block, keeps_transaction
from flask_schema.runtime.configuration import Configuration
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.destinations import SqlFile
from flask_schema.scripts.load import alembic_names, load_module, logging_left_alone
from flask_schema.values import dataclass

if TYPE_CHECKING:
    from flask_schema.config import Settings
    from flask_schema.project import Project
    from flask_schema.snapshot.snapshot import Snapshot

Work = Callable[[MigrationContext, Mapping[str, Any]], None]
"""What a command does once its context is configured; the mapping holds what ``run_migrations`` was given."""


@dataclass(slots=True)
class Environment:
    """One command on one database, or on those that ``env.py`` goes through.

    ``output`` is given when SQL is written instead of executed, and ``heading`` is written before it. ``snapshot`` is
    the schema from which the SQL starts, None when it is not known. ``arguments`` are what the command was called
    with (``revision``, ``tag``, ``starting_revision``, ``autogenerate``).
    ``connects_itself`` becomes true when ``env.py`` says to what it connects.
    """

    project: Project
    database: Database
    work: Work
    output: TextIO | None = None
    snapshot: Snapshot | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    heading: str = ""
    connects_itself: bool = False
    opts: dict[str, Any] = field(default_factory=dict)
    migration_context: MigrationContext | None = None
    done: bool = False
    _configuration: Configuration | None = None
    _connected: AbstractContextManager[sa.Connection] | None = None
    _failure: Exception | None = None
    _block: Block | None = None

    # -- what env.py calls --------------------------------------------------------------------

    def configure(
        self,
        connection: sa.Connection | None = None,
        url: str | sa.URL | None = None,
        dialect_name: str | None = None,
        dialect_opts: Mapping[str, Any] | None = None,
        output_buffer: TextIO | None = None,
        **options: Any,
    ) -> None:
        """Set options; those that are not named keep what the project's settings say.

        Without ``connection``, ``url`` or ``dialect_name`` the project's own database is used. May be called again,
        for another database. Raises UsageError for an engine in the place of the connection.
        """
        if connection is not None and not hasattr(connection, "in_transaction"):
            raise UsageError(
                f"'connection' has to be a connection, not {type(connection).__name__}",
                hint="write 'with engine.connect() as connection:' around context.configure() in env.py",
            )
        self.connects_itself |= any(one is not None for one in (connection, url, dialect_name))
        given = {key: value for key, value in options.items() if value is not None}
        self.opts = {**context_options(self.project.settings), **self.opts, **given}
        models = self.database.metadatas
        self.opts.setdefault("target_metadata", models[0] if len(models) == 1 else list(models))
        self.project.template_args.update(given.get("template_args", {}))
        if self.output is not None:
            dialect = self._dialect(connection, url, dialect_name, dialect_opts or self.project.settings.dialect_opts)
            self.migration_context = self._writing(dialect, output_buffer or self.output)
        else:
            self.migration_context = self._executing(connection, url)

    def _dialect(
        self,
        connection: sa.Connection | None,
        url: str | sa.URL | None,
        dialect_name: str | None,
        options: Mapping[str, Any],
    ) -> sa.Dialect:
        if connection is not None:
            return connection.dialect
        if url is not None:
            return Database("", (), url).make_dialect(**options)
        if dialect_name is not None:
            return Database("", (), f"{dialect_name}://").make_dialect(**options)
        return self.database.make_dialect(**options) if options else self.database.dialect

    def _writing(self, sqlalchemy: sa.Dialect, output: TextIO) -> MigrationContext:
        if self.heading and not self.connects_itself:
            output.write(self.heading)
        dialect = dialect_for(sqlalchemy)
        return MigrationContext(
            sqlalchemy,
            None,
            self.opts,
            self,
            destination=SqlFile(dialect, output),
            surroundings=ReplayedSurroundings(dialect, self.snapshot),
        )

    def _executing(self, connection: sa.Connection | None, url: str | sa.URL | None) -> MigrationContext:
        if connection is None:
            self._close(None)
            database = self.database if url is None else Database("", (), url)
            self._connected = database.connect()
            connection = self._connected.__enter__()
        return MigrationContext(connection.dialect, connection, self.opts, self)

    def begin_transaction(self) -> AbstractContextManager[Any]:
        """For ``with context.begin_transaction():``; the engine gives each revision a transaction by itself.

        An ``env.py`` that says ``as transaction``, or executes something in the block first, gets one around the run.
        """
        self._block = Block(self.get_context(), is_kept=keeps_transaction(self.project.env_file))
        return self._block

    def run_migrations(self, **keywords: Any) -> None:
        """Do what the command is for; ``keywords`` are handed to ``upgrade()`` and ``downgrade()``."""
        self.done = True
        try:
            if self._block is not None:
                self._block.join()
            self.work(self.get_context(), keywords)
        except Exception as error:
            self._failure = error
            raise

    # -- what env.py asks ---------------------------------------------------------------------

    def get_context(self) -> MigrationContext:
        """The configured migration context. Raises NoContext before ``configure``."""
        if self.migration_context is None:
            raise NoContext("the migration context is not configured yet", hint="call context.configure() in env.py")
        return self.migration_context

    def is_offline_mode(self) -> bool:
        """True while SQL is written instead of executed."""
        return self.output is not None

    def requires_connection(self) -> bool:
        """Whether the command needs a database."""
        return self.output is None

    def is_transactional_ddl(self) -> bool:
        """Whether DDL is done in transactions: as the option says, else whether the database can roll it back."""
        return self.get_context().transactional_ddl

    def get_bind(self) -> sa.Connection:
        """The connection. Raises OfflineRefused while SQL is written."""
        connection = self.get_context().connection
        if connection is None:
            raise OfflineRefused("there is no connection while SQL is written")
        return connection

    def get_impl(self) -> Any:
        """The database as scripts know it below the directives: ``bind``, ``dialect``, ``execute``."""
        return self.get_context().impl

    def get_head_revision(self) -> str | None:
        """The one head. Raises MultipleHeads as ``head`` does elsewhere."""
        return self.project.history.get("head").revision

    def get_head_revisions(self) -> tuple[str, ...]:
        """All heads."""
        return tuple(self.project.history.graph.heads)

    def get_revision_argument(self) -> Any:
        """The target that the command was given, as an id; a tuple for several, None for the base."""
        given = self.arguments.get("revision")
        names = [given] if isinstance(given, str) else list(given or ())
        try:
            found = tuple(one.revision for name in names for one in self.project.history.get_all(name))
        except HistoryError:  # relative to where a database stands
            return given
        return found[0] if len(found) == 1 else found or None

    def get_starting_revision_argument(self) -> str | None:
        """The revision before the colon in ``from:to``, None without."""
        return self.arguments.get("starting_revision")

    def get_tag_argument(self) -> str | None:
        """The ``--tag`` argument."""
        return self.arguments.get("tag")

    def get_x_argument(self, as_dictionary: bool = False) -> Any:
        """The ``-x`` arguments as a list, or as a dictionary split at ``=``."""
        arguments = list(self.project.x_arguments)
        if not as_dictionary:
            return arguments
        pairs = (argument.partition("=") for argument in arguments)
        return {key: value for key, _, value in pairs}

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run a statement, or write it."""
        self.get_context().execute(sql, execution_options)

    def static_output(self, text: str) -> None:
        """Write text as it stands into the SQL file; to standard output where statements are executed."""
        self.get_context().static_output(text)

    @property
    def revision_map(self) -> Any:
        """What has the revisions: ``get_revision(id)`` and ``get_revisions(ids)``."""
        return self.project.history

    @property
    def config(self) -> Any:
        """The project's settings, as ``env.py`` files know them from Alembic; or the Config that a program made."""
        if self.project.configuration is not None:
            return self.project.configuration
        if self._configuration is None:
            arguments = {**self.arguments, "x": list(self.project.x_arguments)}
            self._configuration = Configuration(self.project, arguments)
        return self._configuration

    # -- running ------------------------------------------------------------------------------

    def run(self) -> None:
        """Execute ``env.py`` if there is one; without one, or where it leaves that to us, configure and do the work."""
        env_file = self.project.env_file
        token = _ENVIRONMENT.set(self)
        _RUNNING.append(self)
        try:
            with alembic_names():  # once for all scripts: to put the names in force takes longer than most of them run
                if env_file.is_file():
                    self._load(env_file)
                if not self.done and not _decides_itself(env_file):
                    if self.migration_context is None:
                        self.configure()
                    self.run_migrations()
        except BaseException as error:
            self._close(error)
            raise
        else:
            self._close(None)
        finally:
            _RUNNING.remove(self)
            _ENVIRONMENT.reset(token)

    def _load(self, env_file: Path) -> None:
        """Execute env.py. What the command itself runs into there is not the file's fault, and stays what it is."""
        try:
            logging_file = None if self.project.configures_logging else self.config.config_file_name
            with logging_left_alone(logging_file):
                load_module(env_file)
        except ScriptError as error:
            if self._failure is None or error.__cause__ is not self._failure:
                raise
        else:
            return
        raise self._failure

    def _close(self, error: BaseException | None) -> None:
        connected, self._connected = self._connected, None
        if connected is not None:
            connected.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)


_CONTEXT_OPTIONS = (
    "version_table", "version_table_schema", "version_table_pk", "transaction_per_migration", "compare_type",
    "compare_server_default", "include_schemas", "include_name", "include_object", "process_revision_directives",
    "render_item", "render_as_batch", "user_module_prefix", "sqlalchemy_module_prefix", "alembic_module_prefix",
    "on_version_apply", "template_args", "upgrade_token", "downgrade_token", "transactional_ddl",
    "lock_timeout_seconds", "statement_timeout_seconds", "lock_attempts", "autogenerate_plugins", "journal",
)  # fmt: skip


def context_options(settings: Settings) -> dict[str, Any]:
    """The settings that are options of ``context.configure``, without the unset ones."""
    values = {name: getattr(settings, name) for name in _CONTEXT_OPTIONS}
    return {name: value for name, value in values.items() if value is not None}


def _decides_itself(env_file: Path) -> bool:
    """Whether ``env.py`` calls ``run_migrations`` in some case: then not to call it was a decision."""
    return env_file.is_file() and b"run_migrations" in env_file.read_bytes()


_ENVIRONMENT: ContextVar[Environment | None] = ContextVar("flask_schema_environment", default=None)
_RUNNING: list[Environment] = []


def current_environment() -> Environment | None:
    """The environment of the command that runs in this context, or None.

    A thread that ``env.py`` began itself has no context of ours; the only command that runs is meant there.
    """
    return _ENVIRONMENT.get() or (_RUNNING[0] if len(_RUNNING) == 1 else None)


def is_in_environment() -> bool:
    """Whether a command runs in this very context, and not only somewhere in the process."""
    return _ENVIRONMENT.get() is not None


class ContextFacade:
    """``context``: whatever is asked of it is asked of the running command's environment."""

    def __getattr__(self, name: str) -> Any:
        environment = current_environment()
        if name.startswith("__"):
            raise AttributeError(name)
        if environment is None:
            raise NoContext(
                f"'context.{name}' was used while no command is running",
                hint="env.py is executed by 'flask db', not imported",
            )
        return getattr(environment, name)


context = ContextFacade()
"""For ``from flask_schema import context`` in env.py."""


@contextmanager
def running(environment: Environment) -> Iterator[Environment]:
    """Make ``environment`` the one that ``context`` speaks to."""
    token = _ENVIRONMENT.set(environment)
    try:
        yield environment
    finally:
        _ENVIRONMENT.reset(token)
