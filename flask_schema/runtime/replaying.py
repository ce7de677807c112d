"""The schema that the migration files lead to, found without a database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from flask_schema.dialects.dialect import Dialect
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import OfflineRefused
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
    context = MigrationContext(dialect.sqlalchemy, destination=Nowhere(dialect), surroundings=surroundings)
    Runner(context, database=database).run(upgrade_route(graph, (), tuple(revisions)), ())
    return surroundings.snapshot()


class ReplayedLater(ReplayedSurroundings):
    """Surroundings whose first snapshot is made only when somebody asks: most dialects never do."""

    def __init__(self, dialect: Dialect, make: Callable[[], Snapshot]) -> None:
        super().__init__(dialect, None)
        self._make: Callable[[], Snapshot] | None = make
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
            self._snapshot = make()
            self.complete = True
        except OfflineRefused:
            self.complete = False  # what the files create from here on is still known
        for operation in self._heard:
            super().replay(operation)
