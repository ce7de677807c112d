"""The schema that the migration files lead to, found without a database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from flask_schema.dialects.dialect import Dialect
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import ObjectMissing, OfflineRefused
from flask_schema.history.graph import Graph
from flask_schema.history.routes import upgrade_route
from flask_schema.operations.operation import Operation
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.destinations import Nowhere
from flask_schema.runtime.runner import Runner
from flask_schema.snapshot.elements import QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot


def replayed_snapshot(graph: Graph, revisions: Collection[str], dialect: Dialect, database: str = "") -> Snapshot:
    """The schema after all revisions up to ``revisions`` have been run on paper.

    What scripts do by ``op.execute`` or on a connection leaves no trace in it. Raises OfflineRefused when a
    script cannot run without a database.
    """
    surroundings = ReplayedSurroundings(dialect, Snapshot(dialect.name))
    _run_on_paper(graph, revisions, surroundings, database)
    return surroundings.snapshot()


def replayed_files(graph: Graph, revisions: Collection[str], dialect: Dialect, database: str = "") -> ReplayedFiles:
    """The same as surroundings, which know less where files alter what they do not create. Raises OfflineRefused."""
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
