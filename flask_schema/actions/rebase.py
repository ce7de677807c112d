"""``flask db rebase``: the local revisions move onto the other head."""

from __future__ import annotations

from flask_schema.actions.heads_file import keep_heads_file
from flask_schema.actions.listing import read_rows
from flask_schema.history.rebase import RebasePlan, plan_rebase
from flask_schema.history.rewrite import rewrite_parents
from flask_schema.project import Project
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class RebaseResult:
    """The plan, and whether its files have been edited."""

    plan: RebasePlan
    is_done: bool


def rebase(
    project: Project,
    branch: str | None = None,
    *,
    onto: str | None = None,
    dry_run: bool = False,
    ask_database: bool = True,
) -> RebaseResult:
    """Move the revisions from the fork up to the head ``branch`` onto the head ``onto``, by editing their parents.

    ``ask_database`` finds out what is applied: that must not move, for the database would then count revisions as
    applied that it never saw. Where only one of two heads is not applied, both arguments may be left out.
    Raises what :func:`plan_rebase` does, and :class:`DatabaseError`.
    """
    current = read_rows(project) if ask_database else None
    plan = plan_rebase(project.history.graph, branch=branch, onto=onto, current=current)
    if not dry_run:
        for move in plan.moves:
            assert move.revision.path is not None
            rewrite_parents(move.revision.path, move.after)
        keep_heads_file(project)
    return RebaseResult(plan, not dry_run)
