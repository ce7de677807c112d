"""``flask db check``: are the models what the database is?"""

from __future__ import annotations

from flask_schema.actions.drafting import Drafting
from flask_schema.actions.drafts import Draft
from flask_schema.errors import DifferencesFound
from flask_schema.project import Project


def check(project: Project, *, offline: bool = False) -> tuple[str, ...]:
    """Compare the models with each database; notes for the user are returned where nothing differs.

    With ``offline`` no database is opened: the models are compared with what the revision files lead to. The users'
    hooks have their say as when a revision is written. Raises DifferencesFound with the differences as text,
    NotAtHead when a database is behind the files, OfflineRefused where a file cannot be replayed.
    """
    drafting = Drafting(project, Draft("check"), offline=offline)
    drafting.visit_all({"autogenerate": True})
    parts = [part for draft in drafting.drafts() for part in draft.parts]
    found = tuple(
        f"[{part.name}] {operation.describe()}" if part.name else operation.describe()
        for part in parts
        for operation in part.upgrade
    )
    if found:
        other = "what the files lead to" if offline else "database"
        where = f"models and {other} differ in {len(found)} {'place' if len(found) == 1 else 'places'}"
        raise DifferencesFound(where, differences=found, notes=tuple(drafting.notes))
    return tuple(drafting.notes)
