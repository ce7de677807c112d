"""``flask db current``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_schema.history.routes import upgrade_route
from flask_schema.history.rows import check_rows, expand_for_rows
from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.visits import database_name, database_url, visit
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """Where a database stands. ``name`` is "" for the default one, ``url`` has its password masked.

    ``revisions`` are the rows of the version table, empty when there is none; ``heads`` those of the files.
    """

    name: str
    url: str
    revisions: tuple[str, ...]
    heads: tuple[str, ...]
    is_head: bool


def current(project: Project) -> tuple[DatabaseState, ...]:
    """Where each database stands. Nothing is written. Raises DatabaseAhead for a revision that no file has."""
    graph = project.history.graph
    states: list[DatabaseState] = []

    def work(context: MigrationContext, keywords: Mapping[str, Any]) -> None:
        rows = context.get_current_heads()
        known = check_rows(expand_for_rows(graph, rows), rows)
        pending = upgrade_route(graph, rows, "heads") if graph.heads else ()
        name = database_name(context, keywords)
        states.append(DatabaseState(name, database_url(context), known, graph.heads, not pending))

    visit(project, work, arguments={"cmd": (current,)})
    return tuple(states)
