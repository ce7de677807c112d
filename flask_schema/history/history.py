"""A history: the revision files of some directories, and the graph they make."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from flask_schema.errors import RevisionNotFound
from flask_schema.garbage import garbage_collection_paused
from flask_schema.history import symbols
from flask_schema.history.folder import scan
from flask_schema.history.graph import Graph
from flask_schema.history.header import Execute
from flask_schema.history.revision import Revision
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class History:
    """The graph, and the directories it was read from."""

    graph: Graph
    locations: tuple[Path, ...] = ()

    @classmethod
    def load(
        cls,
        locations: Sequence[str | Path],
        *,
        recursive: bool = False,
        sourceless: bool = False,
        index: bool = True,
        execute: Execute | None = None,
    ) -> History:
        """Read the revision files in ``locations``; see :func:`scan` for options and :class:`Graph` for errors."""
        with garbage_collection_paused():
            headers = scan(locations, recursive=recursive, sourceless=sourceless, index=index, execute=execute)
            graph = Graph(headers)
        return cls(graph, tuple(Path(location) for location in locations))

    def get(self, symbol: str, current: Collection[str] | None = None) -> Revision:
        """Return the one revision that ``symbol`` means. Raises as :func:`resolve_one` does, and for the base."""
        revision = symbols.resolve_one(self.graph, symbol, current)
        if revision is None:
            raise RevisionNotFound(f"{symbol!r} is the state before the first revision, not a revision")
        return self.graph.revisions[revision]

    def get_all(self, symbol: str, current: Collection[str] | None = None) -> tuple[Revision, ...]:
        """Return the revisions that ``symbol`` means; empty for the base."""
        return tuple(self.graph.revisions[revision] for revision in symbols.resolve(self.graph, symbol, current))

    def get_revision(self, revision: str | None) -> Revision | None:
        """Return the revision of an id, None for None."""
        return self.graph.revisions[self.graph.canonical(revision)] if revision is not None else None

    def get_revisions(self, revisions: Iterable[str]) -> tuple[Revision, ...]:
        """Return the revisions of several ids."""
        return tuple(self.graph.revisions[self.graph.canonical(revision)] for revision in revisions)
