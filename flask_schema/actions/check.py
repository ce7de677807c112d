"""``flask db check``: are the models what the database is?"""

from __future__ import annotations

from flask_schema.actions.drafting import Drafting
from flask_schema.actions.drafts import Draft
from flask_schema.errors import DifferencesFound
from flask_schema.project import Project


def check(project: Project) -> tuple[str, ...]:
    """Compare the models with each database; notes for the user are returned where nothing differs.

    What ``revision --autogenerate`` would write counts, so ``process_revision_directives`` may leave things out.
    Raises DifferencesFound with the differences as text, NotAtHead when a database is behind the files.
    """
    drafting = Drafting(project, Draft(""))
    drafting.visit_all({"autogenerate": True})
    parts = [part for draft in drafting.drafts() for part in draft.parts]
    found = tuple(operation.describe() for part in parts for operation in part.upgrade)
    if found:
        raise DifferencesFound(f"models and database differ in {len(found)} places", differences=found)
    return tuple(drafting.notes)
