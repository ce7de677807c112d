"""``flask db merge``: one revision on top of several heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask_schema.errors import UsageError
from flask_schema.project import Project
from flask_schema.scripts.names import creation_date, new_revision_id, revision_file
from flask_schema.scripts.template import Body, Script, render_script
from flask_schema.scripts.writing import write_new_file


def merge(
    project: Project,
    symbols: Sequence[str] = ("heads",),
    message: str = "",
    *,
    branch_label: str | None = None,
    rev_id: str | None = None,
) -> tuple[str, Path]:
    """Write an empty revision that has the given ones as parents. Returns its id and file.

    Raises UsageError when they are fewer than two, HistoryError for a symbol.
    """
    found = [one.revision for symbol in symbols for one in project.history.get_all(symbol)]
    parents = tuple(dict.fromkeys(found))
    if len(parents) < 2:
        raise UsageError(
            f"there is nothing to merge: {', '.join(symbols)} is {', '.join(parents) or 'no revision'}",
            hint="run 'flask db heads' to see the heads",
        )
    settings = project.settings
    moment = creation_date(settings.timezone)
    revision = rev_id or new_revision_id()
    text = message or f"merge {' and '.join(parents)}"
    script = Script(
        message=text,
        up_revision=revision,
        down_revision=parents,
        create_date=moment,
        branch_labels=branch_label,
        bodies={"": Body()},
        config=settings,
        arguments=settings.template_args,
    )
    path = revision_file(
        project.version_locations[0],
        revision,
        text,
        moment,
        template=settings.file_template,
        slug_length=settings.truncate_slug_length,
    )
    return revision, write_new_file(
        path, render_script(script, project.template_path), encoding=settings.output_encoding
    )
