"""``flask db prune``: what the versions directories hold and nobody needs any more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from flask_schema.actions.heads_file import keep_heads_file
from flask_schema.actions.listing import read_rows
from flask_schema.history.graph import Graph
from flask_schema.history.index import DIRECTORY_NAME, FILE_NAME
from flask_schema.history.revision import Header
from flask_schema.project import Project
from flask_schema.values import dataclass

_COMPILED = re.compile(r"(?P<stem>.+)\.(?:cpython|pypy)[-\w]*(?:\.opt-[12])?\.pyc\Z")


@dataclass(frozen=True, slots=True)
class PruneResult:
    """What can go. ``replaced`` are the files of revisions that a squash stands for, ``leftovers`` caches of no file.

    ``needed`` are replaced revisions whose files stay, each with the row of the database that stands among them.
    ``is_removed`` is False after a look.
    """

    replaced: tuple[Path, ...]
    leftovers: tuple[Path, ...]
    needed: tuple[tuple[str, str], ...]
    is_removed: bool


def prune(project: Project, *, remove: bool = False) -> PruneResult:
    """Find what can go, and with ``remove`` delete it.

    A replaced revision can go when no database of the project stands in the middle of its range; of databases that
    are elsewhere nothing is known. The databases are asked only where something was replaced.
    Raises what reading the files does, and :class:`DatabaseError`.
    """
    graph = project.history.graph
    rows = read_rows(project) if graph.set_aside else ()
    needed = dict(_needed(graph, rows))
    replaced = tuple(
        Path(header.path)
        for revision, header in graph.set_aside.items()
        if header.path is not None and revision not in needed
    )
    leftovers = tuple(_leftovers(project, {path.stem for path in replaced}))
    if remove:
        for path in (*replaced, *leftovers):
            path.unlink(missing_ok=True)
        keep_heads_file(project)
    return PruneResult(replaced, leftovers, tuple(sorted(needed.items())), remove)


def _needed(graph: Graph, rows: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The replaced revisions that a database may still have to run or to undo, with its row.

    One that stands at a range's end, also at its last revision under the old name, is past it.
    """
    for row in rows:
        squash = graph.replaced_by(graph.canonical(row))
        while squash is not None:
            header = graph.set_aside.get(squash) or graph.revisions[squash]
            for name in _all_replaced(graph, header.replaces):
                yield name, row
            squash = graph.replaced_by(squash) or _outer(graph, squash)


def _outer(graph: Graph, squash: str) -> str | None:
    """The revision that replaces a range ending with ``squash``, None where that is not replaced itself."""
    meant = graph.canonical(squash)
    return meant if meant != squash else None


def _all_replaced(graph: Graph, names: Iterable[str]) -> Iterator[str]:
    """The revisions of a range, and those of the ranges that they replace in turn."""
    for name in names:
        yield name
        inner: Header | None = graph.set_aside.get(name)
        if inner is not None:
            yield from _all_replaced(graph, inner.replaces)


def _leftovers(project: Project, going: set[str]) -> Iterator[Path]:
    """Compiled files whose source is gone or about to go, and what an index left that was not finished.

    Where compiled files count as revisions, they are left alone.
    """
    for folder in _folders(project):
        stems = {path.stem for path in folder.glob("*.py")} - going
        cache = folder / DIRECTORY_NAME
        for path in sorted(cache.iterdir()) if cache.is_dir() else ():
            compiled = _COMPILED.match(path.name)
            is_orphan = compiled is not None and compiled["stem"] not in stems and not project.settings.sourceless
            is_index = path.name == FILE_NAME and not stems
            if is_orphan or is_index or path.name.startswith(f"{FILE_NAME}."):
                yield path
    draft = project.heads_path.with_name(".heads.draft")
    if draft.is_file():
        yield draft


def _folders(project: Project) -> Iterator[Path]:
    for location in project.version_locations:
        yield location
        if project.settings.recursive_version_locations:
            yield from (one for one in sorted(location.rglob("*")) if one.is_dir() and one.name != DIRECTORY_NAME)
