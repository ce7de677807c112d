"""``flask db squash``: one revision that takes the place of a range."""

from __future__ import annotations

from pathlib import Path

from flask_schema.actions.new_file import new_id, path_of
from flask_schema.actions.post_write import finish_file
from flask_schema.errors import HistoryError
from flask_schema.history.squash import SquashPlan, plan_squash
from flask_schema.project import Project
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class SquashResult:
    """What is replaced, and the new revision's id and file; None after a dry run."""

    plan: SquashPlan
    revision: str | None = None
    path: Path | None = None


def squash(
    project: Project, rev_range: str, message: str | None = None, *, rev_id: str | None = None, dry_run: bool = False
) -> SquashResult:
    """Write a revision that runs the scripts of the range ``a:b`` one after the other; the old files are kept.

    Raises what :func:`plan_squash` does, and :class:`RevisionFileError` for a script that cannot stand inside another
    file.
    """
    from flask_schema.scripts.joining import join_scripts
    from flask_schema.scripts.names import creation_date
    from flask_schema.scripts.writing import write_new_file

    plan = plan_squash(project.history.graph, rev_range)
    if dry_run:
        return SquashResult(plan)
    moment = creation_date(project.settings.timezone)
    revision = new_id(project, rev_id, moment)
    text = message or f"squash {plan.replaces[0]} to {plan.replaces[-1]}"
    source = join_scripts(plan, revision, text, moment, project.template_path, project.settings)
    path = path_of(project, revision, text, moment)
    write_new_file(path, source, encoding=project.settings.output_encoding)
    try:
        project.reload_history()
    except HistoryError:
        path.unlink()
        raise
    return SquashResult(plan, revision, finish_file(project, path))
