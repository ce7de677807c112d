"""Revisions that came in below where a database is: those that run late, and those that will never run."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask_schema.history.graph import Graph
from flask_schema.history.routes import Stamp, Step
from flask_schema.history.rows import expand_for_rows
from flask_schema.runtime.journal import Entry, applied_according_to


def run_late(graph: Graph, rows: Collection[str], steps: Sequence[Step | Stamp]) -> tuple[str, ...]:
    """Of the revisions that ``steps`` run, those that follow one which a database at ``rows`` has long passed.

    In a new database they run before what comes after that one; here they ran after it.
    """
    if not rows or not steps:
        return ()
    graph = expand_for_rows(graph, rows)
    standing = {graph.canonical(row) for row in rows}
    passed = graph.ancestors(standing, dependencies=True) - standing
    return tuple(
        step.revision.revision
        for step in steps
        if isinstance(step, Step) and not passed.isdisjoint(step.revision.down_revisions)
    )


def never_ran(graph: Graph, rows: Collection[str], entries: Sequence[Entry]) -> tuple[str, ...]:
    """Revisions below ``rows``, and so taken for applied, of which the journal says that they never ran; oldest first.

    A revision comes there when ``down_revision`` of one that is applied already is rewritten. Empty without a journal.
    """
    if not rows or not entries:
        return ()
    single, whole = applied_according_to(entries)
    graph = expand_for_rows(graph, rows)
    standing = {graph.canonical(row) for row in rows}
    known = {graph.canonical(one) for one in single}
    known |= graph.ancestors([one for one in map(graph.canonical, whole) if one in graph], dependencies=True)
    missing = graph.ancestors(standing, dependencies=True) - known
    return tuple(
        one for one in graph.topological() if one in missing and single.isdisjoint(graph.revisions[one].replaces)
    )
