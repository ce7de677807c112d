"""``flask db revision``: writes a revision file, with ``autogenerate`` from the difference of models and database."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from flask_schema.actions.comparing import Ask, Comparison, compare
from flask_schema.actions.declared import Owned, created_by_files
from flask_schema.actions.difference import write_difference
from flask_schema.actions.drafting import Draft
from flask_schema.actions.post_write import finish_file
from flask_schema.diff.renames import Rename, parse_rename
from flask_schema.errors import (
    ConfigurationError,
    DirectoryMissing,
    DuplicateRevision,
    MultipleHeads,
    NotAtHead,
    RevisionFileError,
    UsageError,
)
from flask_schema.history.routes import upgrade_route
from flask_schema.operations.operation import Operation
from flask_schema.project import Project
from flask_schema.runtime.configuration import Configuration
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.visits import database_name, database_url, visit
from flask_schema.scripts.names import chronological_revision_id, creation_date, new_revision_id, revision_file
from flask_schema.scripts.template import TEMPLATES, Body, Script, render_script
from flask_schema.scripts.writing import write_new_file

_FORBIDDEN_IN_IDS = "@-+:/\\"


@dataclass(frozen=True, slots=True)
class RevisionResult:
    """What was written. ``paths`` is empty and ``why`` says the reason when nothing differs.

    ``operations`` are those of all databases, ``notes`` sentences for the user, ``guesses`` renames that nobody
    decided and that were written as a drop and an addition.
    """

    paths: tuple[Path, ...] = ()
    revision: str | None = None
    operations: tuple[Operation, ...] = ()
    notes: tuple[str, ...] = ()
    why: str | None = None
    guesses: tuple[Rename, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for, beside the message; see the options of ``flask db revision``."""

    head: str = "head"
    splice: bool = False
    branch_label: str | Sequence[str] | None = None
    version_path: str | None = None
    rev_id: str | None = None
    depends_on: Sequence[str] = ()
    renames: Sequence[str] = ()
    ask: Ask | None = None


def revision(
    project: Project,
    message: str = "",
    *,
    autogenerate: bool = False,
    sql: bool = False,
    allow_empty: bool = False,
    output: TextIO | None = None,
    **wishes: Any,
) -> RevisionResult:
    """Write a revision file on top of the head.

    With ``autogenerate`` its functions say the difference; where there is none no file is written unless
    ``allow_empty``. With ``sql`` no file is written: the difference goes as SQL to ``output`` (standard output
    when None). ``wishes`` are the fields of :class:`Wish`. Raises HistoryError for head and dependencies,
    NotAtHead when the database is behind the files, ModelsInvalid, TemplateError.
    """
    wish = Wish(**wishes)
    if sql:
        write_difference(project, output or sys.stdout, wish.renames)
        return RevisionResult()
    if not project.directory.is_dir():
        raise DirectoryMissing(f"there is no migrations directory {project.directory}")
    parents = _parents(project, wish)
    draft = Draft(message, wish.rev_id, parents)
    if autogenerate:
        visit(project, partial(_compare, project, wish, draft), arguments=_arguments(message, True, wish))
        draft.draw()
        if not draft.operations and not allow_empty:
            return RevisionResult(notes=tuple(draft.notes), why=" ".join(draft.why) or None)
    elif project.settings.revision_environment:
        visit(project, lambda _, __: None, arguments=_arguments(message, False, wish))
    rev_id = _new_id(project, wish)
    path = write_draft(project, draft, rev_id, wish)
    return RevisionResult((path,), rev_id, tuple(draft.operations), tuple(draft.notes), guesses=tuple(draft.guesses))


def _parents(project: Project, wish: Wish) -> tuple[str, ...]:
    """The parents of the new revision: the head, or what ``--head`` says, which must be a head unless spliced."""
    history = project.history
    if not history.graph.revisions or wish.head == "base":
        return ()
    if wish.head == "head" and len(history.graph.heads) > 1:
        raise MultipleHeads(
            f"there are several heads: {', '.join(history.graph.heads)}",
            hint="run 'flask db merge heads' to join them, or name one with --head",
        )
    found = tuple(one.revision for one in history.get_all(wish.head))
    inner = [one for one in found if one not in history.graph.heads]
    if inner and not wish.splice:
        raise UsageError(
            f"revision {', '.join(inner)} is not a head: a revision on top of it begins another branch",
            hint="add --splice if that is meant",
        )
    return found


def _new_id(project: Project, wish: Wish) -> str:
    if wish.rev_id is None:
        if project.settings.revision_ids == "chronological":
            return chronological_revision_id(creation_date(project.settings.timezone))
        return new_revision_id()
    bad = [letter for letter in _FORBIDDEN_IN_IDS if letter in wish.rev_id]
    bad += ["blanks"] if any(letter.isspace() for letter in wish.rev_id) else []
    if bad or not wish.rev_id:
        raise RevisionFileError(
            f"{wish.rev_id!r} cannot be a revision id: it holds {', '.join(bad) or 'nothing'}",
            hint=f"leave out blanks and the characters {' '.join(_FORBIDDEN_IN_IDS)}",
        )
    if wish.rev_id in project.history.graph.revisions:
        raise DuplicateRevision(f"there is a revision {wish.rev_id} already", hint="choose another --rev-id")
    return wish.rev_id


# -- the difference ---------------------------------------------------------------------------


def _compare(
    project: Project, wish: Wish, draft: Draft, context: MigrationContext, keywords: Mapping[str, Any]
) -> None:
    rows = context.get_current_heads()
    graph = project.history.graph
    pending = upgrade_route(graph, rows, "heads")
    if pending and rows:
        raise NotAtHead(
            f"the database {database_url(context)} is {len(pending)} revisions behind the files",
            hint="run 'flask db upgrade' first, so that only what is new is compared",
        )
    if pending:
        raise NotAtHead(
            f"the database {database_url(context)} has none of the {len(pending)} revisions",
            hint="run 'flask db upgrade' first; or 'flask db stamp head' if its tables were made otherwise",
        )
    comparison = _decided(context, wish, lambda: created_by_files(project.history))
    name = database_name(context, keywords)
    is_left = draft.add(name, context, comparison)
    if not comparison.operations:
        draft.why.append(_why_nothing(name, comparison, rows))
    elif not is_left:
        draft.why.append("process_revision_directives left nothing to write.")


def _decided(context: MigrationContext, wish: Wish, owned: Owned) -> Comparison:
    """The comparison with the renames that the user decided on."""
    if not wish.renames:
        return compare(context, ask=wish.ask, owned=owned)
    first = compare(context, owned=owned)
    renames = [parse_rename(text, first.before, first.after) for text in wish.renames]
    return compare(context, renames=renames, ask=wish.ask, owned=owned)


def _arguments(message: str, autogenerate: bool, wish: Wish) -> dict[str, Any]:
    """What ``env.py`` may ask of the command line: ``config.cmd_opts``."""
    return {
        "autogenerate": autogenerate,
        "message": message,
        "head": wish.head,
        "splice": wish.splice,
        "branch_label": wish.branch_label,
        "version_path": wish.version_path,
        "rev_id": wish.rev_id,
        "depends_on": list(wish.depends_on),
        "sql": False,
    }


def _why_nothing(name: str, comparison: Comparison, rows: Sequence[str]) -> str:
    name = name or "the database"
    if not comparison.after.tables:
        return (
            f"No changes: the models of {name} have no tables. "
            "Are the modules that define them imported when the application starts?"
        )
    if not rows and comparison.before.tables:
        return (
            f"No changes: {name} has all {len(comparison.after.tables)} tables already, but no version. They were made "
            "by create_all or another tool: 'flask db revision -m baseline' and 'flask db stamp head' begin a history."
        )
    return f"No changes: {name} is what the models say."


# -- the file ---------------------------------------------------------------------------------


def write_draft(project: Project, draft: Draft, rev_id: str, wish: Wish) -> Path:
    """Write the file of a draft, with all that happens to a new file; return its path. Raises :class:`TemplateError`.

    Of the wish the branch label, the dependencies and the folder count.
    """
    settings = project.settings
    moment = creation_date(settings.timezone)
    bodies = draft.bodies or {name: Body() for name in _database_names(project)}
    script = Script(
        message=draft.message or "empty message",
        up_revision=rev_id,
        down_revision=_one_or_several(draft.parents),
        create_date=moment,
        branch_labels=_one_or_several(_listed(wish.branch_label)),
        depends_on=_one_or_several([project.history.get(one).revision for one in wish.depends_on]),
        bodies=bodies,
        imports=tuple(sorted(draft.imports)),
        config=project.configuration or Configuration(project, {}),
        arguments={**settings.template_args, **draft.variables},
    )
    template = project.template_path
    if template is not None and any(bodies) and "_upgrades" not in template.read_text(encoding="utf-8"):
        template = TEMPLATES / "multidb.py.mako"  # the project's is from a time with one database
    text = render_script(script, template)
    folder = Path(wish.version_path).absolute() if wish.version_path else project.version_locations[0]
    path = revision_file(
        folder,
        rev_id,
        draft.message or None,
        moment,
        template=settings.file_template,
        slug_length=settings.truncate_slug_length,
    )
    write_new_file(path, text, encoding=settings.output_encoding)
    return finish_file(project, path)


def _database_names(project: Project) -> list[str]:
    """The databases that an empty revision has functions for."""
    try:
        return [database.name for database in project.databases] or [""]
    except ConfigurationError:  # an empty revision needs no database
        return [""]


def _listed(value: str | Sequence[str] | None) -> Sequence[str]:
    return () if value is None else (value,) if isinstance(value, str) else value


def _one_or_several(values: Sequence[str]) -> str | tuple[str, ...] | None:
    if not values:
        return None
    return values[0] if len(values) == 1 else tuple(values)
