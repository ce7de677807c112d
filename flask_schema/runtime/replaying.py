"""The schema that the migration files lead to, found without a database."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.dialect import Dialect, Scope
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import ObjectMissing, OfflineRefused, SchemaError
from flask_schema.history.graph import Graph
from flask_schema.history.routes import Stamp, Step, upgrade_route
from flask_schema.operations.operation import Operation
from flask_schema.operations.statements import Execute
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.destinations import Nowhere
from flask_schema.runtime.runner import Runner
from flask_schema.scripts.load import line_in
from flask_schema.snapshot.elements import QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


def replayed_files(graph: Graph, revisions: Collection[str], dialect: Dialect, database: str = "") -> ReplayedFiles:
    """The schema after all revisions up to ``revisions`` have been run on paper, as surroundings that know it.

    They know less where files alter what they do not create, and nothing of what scripts do by ``op.execute`` or on a
    connection. Raises OfflineRefused when a script cannot run without a database.
    """
    surroundings = ReplayedFiles(dialect, Snapshot(dialect.name))
    _run_on_paper(graph, revisions, surroundings, database)
    return surroundings


def _run_on_paper(graph: Graph, revisions: Collection[str], surroundings: ReplayedSurroundings, database: str) -> None:
    dialect = surroundings.dialect
    context = MigrationContext(dialect.sqlalchemy, destination=Nowhere(dialect), surroundings=surroundings)
    Runner(context, database=database).run(upgrade_route(graph, (), tuple(revisions)), ())


class ReplayedFiles(ReplayedSurroundings):
    """Surroundings that follow files: a table that one alters and none creates came by ``op.execute``, unseen."""

    def replay(self, operation: Operation) -> None:
        """Take in what ``operation`` changed; from one that does not fit on, the schema is not known whole."""
        try:
            super().replay(operation)
        except ObjectMissing:
            self.complete = False

    def table(self, name: QualifiedName) -> Table | None:
        """The table as it is at this point. Raises OfflineRefused for one that no file creates."""
        table = super().table(name)
        if table is None:
            self.complete = False
            return super().table(name)
        return table


@dataclass(frozen=True, slots=True)
class SchemaOfFiles:
    """What the revision files lead to. ``notes`` are sentences about what could not be looked into."""

    snapshot: Snapshot
    notes: tuple[str, ...] = ()


def schema_of_files(graph: Graph, dialect: Dialect, database: str, opts: Mapping[str, Any]) -> SchemaOfFiles:
    """The schema at the heads, found without the project's database.

    Where the dialect has a scratch database (SQLite in memory) the revisions run there, so that SQL of their own
    counts too; elsewhere they are replayed on paper. ``opts`` are the options of ``context.configure``.
    Raises OfflineRefused with file and line where a revision cannot do without the database, MigrationFailed where
    one fails on the scratch database.
    """
    steps = upgrade_route(graph, (), tuple(graph.heads))
    scratch = dialect.scratch_engine()
    if scratch is not None:
        try:
            with scratch.connect() as connection:
                return SchemaOfFiles(_run_on(connection, steps, database, opts))
        finally:
            scratch.dispose()
    surroundings = _Watched(dialect)
    context = MigrationContext(dialect.sqlalchemy, opts=opts, destination=Nowhere(dialect), surroundings=surroundings)
    try:
        Runner(context, database=database, watcher=surroundings).run(steps, ())
    except Exception as error:
        raise surroundings.refusal(error) from error
    return SchemaOfFiles(dialect.canonical(surroundings.snapshot()), tuple(surroundings.notes))


def _run_on(connection: sa.Connection, steps: Sequence[Step], database: str, opts: Mapping[str, Any]) -> Snapshot:
    own = {"as_sql": False, "version_table_schema": None, "transaction_is_external": False}
    context = MigrationContext(connection.dialect, connection, {**opts, **own})
    Runner(context, database=database).run(steps, ())
    name = QualifiedName(context.version_table, context.version_table_schema)
    return context.native.read(connection, Scope()).without_table(name)


_CHANGES_SCHEMA = re.compile(r"\s*(create|alter|drop|rename|comment\s+on)\b", re.IGNORECASE)


class _Watched(ReplayedSurroundings):
    """Surroundings that remember where a revision does what no replay can follow."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(dialect, Snapshot(dialect.name))
        self.notes: list[str] = []
        self._step: Step | Stamp | None = None

    def started(self, database: str, step: Step | Stamp) -> None:
        """A revision begins."""
        del database
        self._step = step

    def finished(self, database: str, step: Step | Stamp, seconds: float) -> None:
        """A revision has ended."""

    def replay(self, operation: Operation) -> None:
        """Take in an operation; a statement of the script's own that changes the schema is noted."""
        if isinstance(operation, Execute) and _CHANGES_SCHEMA.match(str(operation.statement)):
            words = " ".join(str(operation.statement).split())
            said = words if len(words) <= 60 else f"{words[:57]}..."
            self.notes.append(f"what this statement changes is not seen without a database: {said} ({self._place()})")
        super().replay(operation)

    def refusal(self, error: Exception) -> SchemaError:
        """The error with its place and the ways out."""
        path = self._path()
        said = error.message if isinstance(error, SchemaError) else f"{type(error).__name__}: {error}"
        return OfflineRefused(
            f"what this revision does cannot be known without a database: {said}",
            hint="leave out --offline; or put what needs the database behind 'if not op.get_context().as_sql:'",
            file=path,
            line=line_in(path, error) if path is not None else None,
            revision=self._step.revision.revision if isinstance(self._step, Step) else None,
        )

    def _path(self) -> Path | None:
        return self._step.revision.path if isinstance(self._step, Step) else None

    def _place(self) -> str:
        """The file and line of the script that is running."""
        path = self._path()
        frame: FrameType | None = sys._getframe()
        while frame is not None and frame.f_code.co_filename != str(path):
            frame = frame.f_back
        return f"{path}:{frame.f_lineno}" if frame is not None else str(path)


class ReplayedLater(ReplayedFiles):
    """Surroundings whose first snapshot is made only when somebody asks: most dialects never do."""

    def __init__(self, dialect: Dialect, make: Callable[[], ReplayedSurroundings]) -> None:
        super().__init__(dialect, None)
        self._make: Callable[[], ReplayedSurroundings] | None = make
        self._heard: list[Operation] = []

    def replay(self, operation: Operation) -> None:
        """Take in an operation; while nobody has asked, only remember it."""
        if self._make is not None:
            self._heard.append(operation)
        else:
            super().replay(operation)

    def table(self, name: QualifiedName) -> Table | None:
        """The table as it is at this point. Raises OfflineRefused when the files do not tell."""
        self._begin()
        return super().table(name)

    def tables(self) -> Iterable[Table]:
        """All tables at this point; raises like ``table``."""
        self._begin()
        return super().tables()

    def snapshot(self) -> Snapshot:
        """The whole schema at this point; raises like ``table``."""
        self._begin()
        return super().snapshot()

    def _begin(self) -> None:
        make, self._make = self._make, None
        if make is None:
            return
        try:
            made = make()
            self._snapshot, self.complete = made._snapshot, made.complete
        except OfflineRefused:
            self.complete = False  # what the files create from here on is still known
        for operation in self._heard:
            super().replay(operation)
