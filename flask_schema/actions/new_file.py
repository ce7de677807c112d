"""Writing a revision file that has no operations: what merge and squash have in common."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from flask_schema.actions.post_write import finish_file
from flask_schema.errors import DuplicateRevision, UsageError
from flask_schema.project import Project

_FORBIDDEN_IN_IDS = "@-+:"


def check_new_id(project: Project, rev_id: str) -> str:
    """Return ``rev_id`` if a new revision may have it. Raises :class:`UsageError` and :class:`DuplicateRevision`."""
    bad = [letter for letter in _FORBIDDEN_IN_IDS if letter in rev_id]
    if bad or not rev_id.strip():
        raise UsageError(
            f"{rev_id!r} cannot be a revision id: it holds {' '.join(bad) or 'nothing'}",
            hint=f"leave out the characters {' '.join(_FORBIDDEN_IN_IDS)}",
        )
    if rev_id in project.history.graph:
        raise DuplicateRevision(f"there is a revision {rev_id} already", hint="choose another --rev-id")
    return rev_id


def write_empty_revision(
    project: Project,
    message: str,
    parents: tuple[str, ...],
    *,
    rev_id: str | None = None,
    branch_labels: tuple[str, ...] = (),
) -> tuple[str, Path]:
    """Write a revision file whose functions do nothing yet; return its id and path."""
    from flask_schema.scripts.names import creation_date
    from flask_schema.scripts.template import Script, render_script
    from flask_schema.scripts.writing import write_new_file

    settings = project.settings
    moment = creation_date(settings.timezone)
    revision = new_id(project, rev_id, moment)
    script = Script(
        message,
        revision,
        _one_or_several(parents),
        moment,
        branch_labels=_one_or_several(branch_labels),
        config=settings,
        arguments=settings.template_args,
    )
    path = path_of(project, revision, message, moment)
    write_new_file(path, render_script(script, project.template_path), encoding=settings.output_encoding)
    return revision, finish_file(project, path)


def new_id(project: Project, rev_id: str | None, moment: datetime) -> str:
    """Return ``rev_id`` if a new revision may have it, or a new id of the kind that the settings say.

    Raises :class:`UsageError` and :class:`DuplicateRevision`.
    """
    from flask_schema.scripts.names import chronological_revision_id, new_revision_id

    if rev_id is not None:
        return check_new_id(project, rev_id)
    if project.settings.revision_ids == "chronological":
        return chronological_revision_id(moment)
    return new_revision_id()


def path_of(project: Project, revision: str, message: str, moment: datetime) -> Path:
    """Return the path of a new revision's file. Raises :class:`ConfigurationError` for an unusable file template."""
    from flask_schema.scripts.names import revision_file

    return revision_file(
        project.version_locations[0],
        revision,
        message,
        moment,
        template=project.settings.file_template,
        slug_length=project.settings.truncate_slug_length,
    )


def _one_or_several(values: tuple[str, ...]) -> str | tuple[str, ...] | None:
    return None if not values else values[0] if len(values) == 1 else values
