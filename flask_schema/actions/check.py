"""``flask db check``: are the models what the database is?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_schema.actions.comparing import compare
from flask_schema.actions.declared import created_by_files
from flask_schema.errors import DifferencesFound, NotAtHead
from flask_schema.history.routes import upgrade_route
from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.visits import database_url, visit


def check(project: Project) -> tuple[str, ...]:
    """Compare the models with each database; notes for the user are returned where nothing differs.

    Raises DifferencesFound with the differences as text, NotAtHead when a database is behind the files.
    """
    notes: list[str] = []
    found: list[str] = []

    def work(context: MigrationContext, _: Mapping[str, Any]) -> None:
        graph = project.history.graph
        pending = upgrade_route(graph, context.get_current_heads(), "heads")
        if pending:
            raise NotAtHead(f"the database {database_url(context)} is {len(pending)} revisions behind the files")
        comparison = compare(context, owned=lambda: created_by_files(project.history))
        notes.extend(comparison.notes)
        found.extend(operation.describe() for operation in comparison.operations)

    visit(project, work, arguments={"autogenerate": True})
    if found:
        raise DifferencesFound(f"models and database differ in {len(found)} places", differences=tuple(found))
    return tuple(notes)
