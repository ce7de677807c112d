"""``EnvironmentContext``: a program's own run of ``env.py``, or of no ``env.py`` at all."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO, cast

from flask_schema.actions.running import know_schema
from flask_schema.alembic_compat.projects import ConfigProject
from flask_schema.alembic_compat.runtime.logged import Logged
from flask_schema.errors import DatabaseError, MigrationFailed, NoContext, SchemaError, ScriptError
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.environment import Environment, Work, current_environment, running
from flask_schema.runtime.functions import run_function

if TYPE_CHECKING:
    import sqlalchemy as sa

    from flask_schema.alembic_compat.config import Config
    from flask_schema.alembic_compat.script.base import ScriptDirectory


class EnvironmentContext(Environment):
    """What ``context`` in ``env.py`` speaks to while it is entered: ``with EnvironmentContext(...): script.run_env()``.

    ``fn(revisions, context)`` gets the rows of the version table and the migration context when ``env.py`` calls
    ``context.run_migrations()``; it returns steps to run, or an empty list when it has done its work itself.
    Other options: ``as_sql``, ``starting_rev``, ``destination_rev``, ``tag``, ``purge``, ``template_args``, and all of
    ``configure``. Several can be entered at once in threads.
    """

    def __init__(self, config: Config, script: ScriptDirectory, **options: Any) -> None:
        output = (config.output_buffer or sys.stdout) if options.get("as_sql") else None
        self._begin(ConfigProject(config, script), self._work, output, {}, options)

    @classmethod
    def of_project(
        cls, project: ConfigProject, work: Work, output: TextIO | None, arguments: Mapping[str, Any]
    ) -> EnvironmentContext:
        """Return the environment of one of the engine's own commands, which does ``work``."""
        made = cls.__new__(cls)
        made._begin(project, work, output, arguments, {"as_sql": output is not None})
        return made

    def _begin(
        self,
        project: ConfigProject,
        work: Work,
        output: TextIO | None,
        arguments: Mapping[str, Any],
        options: dict[str, Any],
    ) -> None:
        super().__init__(project, project.databases[0], work, output, arguments=arguments)
        self.script = project.script
        self.context_opts: dict[str, Any] = options
        self._named: dict[str, Any] = {}
        self._entered: list[AbstractContextManager[Environment]] = []

    @property
    def _migration_context(self) -> MigrationContext | None:
        return self.migration_context

    @property
    def revision_map(self) -> Any:
        """The script directory's revision map."""
        return self.script.revision_map

    # -- entering -----------------------------------------------------------------------------

    def __enter__(self) -> EnvironmentContext:
        manager = running(self)
        manager.__enter__()
        self._entered.append(manager)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(error)
        self._entered.pop().__exit__(kind, error, trace)

    def run_env(self) -> None:
        """Run ``env.py``; where there is none, connect as the Config says and run what the environment is for.

        What a script, SQLAlchemy or the driver raises comes out as it is, so that a program can tell it apart; where
        and in which state it happened stands in its notes (Python 3.11).
        """
        try:
            file = self._env_file()
            if file is not None:
                self._load(file)
                return
            if self.migration_context is None:
                self.configure(connection=self._given_connection())
            self.run_migrations()
        except (MigrationFailed, ScriptError, DatabaseError) as error:
            original = _original(error)
            if original is None:
                raise
            if sys.version_info >= (3, 11):
                original.add_note(f"{error}. {error.hint}" if error.hint else str(error))
            raise original from original.__cause__

    def _env_file(self) -> Path | None:
        folder = Path(self.script.dir)
        names = ["env.py"]
        if self.script.sourceless:
            names += ["env.pyc", f"__pycache__/env.{sys.implementation.cache_tag}.pyc"]
        return next((folder / name for name in names if (folder / name).is_file()), None)

    def _given_connection(self) -> sa.Connection | None:
        given = self.config.attributes.get("connection")
        return given if hasattr(given, "in_transaction") else None

    # -- configuring --------------------------------------------------------------------------

    def configure(
        self,
        connection: sa.Connection | None = None,
        url: str | sa.URL | None = None,
        dialect_name: str | None = None,
        dialect_opts: Mapping[str, Any] | None = None,
        output_buffer: TextIO | None = None,
        **options: Any,
    ) -> None:
        """Set options, as ``context.configure`` in ``env.py``; they come before those of the constructor.

        Raises :class:`UsageError` for an engine in the place of a connection.
        """
        given = {name: value for name, value in options.items() if value is not None}
        output = output_buffer or self.output
        if output is not None and "output_encoding" in given:
            output = _encoded(output, given["output_encoding"])
        arguments = self.context_opts.get("template_args", {})
        arguments.update(given.get("template_args", {}))  # whoever gave the dictionary reads it afterwards
        self.context_opts = {**self.context_opts, **given, "template_args": arguments}
        merged = dict(self.context_opts)
        if merged.get("starting_rev") is not None and self.output is not None:
            merged["starting_rev"] = self.script._rows(merged["starting_rev"])
        self._named = {"url": url, "dialect_name": dialect_name, "options": dialect_opts or {}}
        super().configure(connection, url, dialect_name, dialect_opts, output, **merged)

    def _executing(self, connection: sa.Connection | None, url: str | sa.URL | None) -> MigrationContext:
        """Without a connection none is opened yet: that is for :meth:`run_migrations`."""
        del url
        return MigrationContext(self._dialect(connection, **self._named), connection, self.opts, self)

    def run_migrations(self, **keywords: Any) -> None:
        """Do what the environment is for; ``keywords`` are handed to ``upgrade()`` and ``downgrade()``."""
        if self.output is None and self.get_context().connection is None:
            self.migration_context = super()._executing(None, self._named["url"])
        super().run_migrations(**keywords)

    def _work(self, context: MigrationContext, keywords: Mapping[str, Any]) -> None:
        know_schema(context, lambda: self.script.revision_map.graph, context.get_current_heads(), "")
        run_function(context, keywords, listener=Logged())

    # -- what env.py asks ---------------------------------------------------------------------

    def get_head_revision(self) -> Any:
        """The one head. Raises :class:`MultipleHeads`."""
        return self.script.as_revision_number("head")

    def get_head_revisions(self) -> Any:
        """All heads."""
        return self.script.as_revision_number("heads")

    def get_revision_argument(self) -> Any:
        """The target of the command as an id, None for the base."""
        return self.script.as_revision_number(self._argument("destination_rev"))

    def get_starting_revision_argument(self) -> Any:
        """Where SQL starts, as an id; on a database the revision at which it is."""
        if self.output is None and self.migration_context is not None:
            return self.migration_context.get_current_revision()
        return self.script.as_revision_number(self._argument("starting_rev"))

    def _argument(self, name: str) -> Any:
        if name not in self.context_opts:
            raise NoContext(f"the command has no {name!r}", hint="give it to the EnvironmentContext")
        return self.context_opts[name]

    def get_tag_argument(self) -> Any:
        """The ``tag`` of the command."""
        return self.context_opts.get("tag")

    def get_x_argument(self, as_dictionary: bool = False) -> Any:
        """The ``-x`` arguments in ``config.cmd_opts``, as they are there, or as a dictionary split at ``=``."""
        given = getattr(self.config.cmd_opts, "x", None) or []
        if not as_dictionary:
            return given
        pairs = (argument.partition("=") for argument in given)
        return {key: value for key, _, value in pairs}


def _encoded(output: Any, encoding: str) -> TextIO:
    """Return what writes text in ``encoding`` to a file of bytes; a file of text knows its encoding."""
    if isinstance(output, io.TextIOBase):
        return cast(TextIO, output)
    return cast(TextIO, codecs.getwriter(encoding)(output))


def _original(error: BaseException) -> BaseException | None:
    """Return what an error of ours was made from, None where it was not made from another's."""
    cause = error.__cause__
    while isinstance(cause, SchemaError):
        cause = cause.__cause__
    return cause


def entered_environment() -> EnvironmentContext:
    """Return the environment that is entered in this thread or task. Raises :class:`NoContext`."""
    found = current_environment()
    if not isinstance(found, EnvironmentContext):
        raise NoContext(
            "no environment is entered", hint="write 'with EnvironmentContext(config, script, fn=...):' around it"
        )
    return found
