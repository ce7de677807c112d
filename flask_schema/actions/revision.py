"""``flask db revision``: writes a revision file, with ``autogenerate`` from the difference of models and database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from flask_schema.actions.comparing import Ask
from flask_schema.actions.difference import write_difference
from flask_schema.actions.drafting import Drafting
from flask_schema.actions.drafts import Draft, Part
from flask_schema.actions.one_time_values import AskValue
from flask_schema.actions.post_write import finish_file
from flask_schema.diff.renames import Rename
from flask_schema.errors import (
    ConfigurationError,
    DirectoryMissing,
    DuplicateRevision,
    MultipleHeads,
    RevisionFileError,
    UsageError,
)
from flask_schema.operations.operation import Operation
from flask_schema.project import Project
from flask_schema.runtime.configuration import Configuration
from flask_schema.scripts.names import chronological_revision_id, creation_date, new_revision_id, revision_file
from flask_schema.scripts.source import Source, all_imports, render_operations
from flask_schema.scripts.template import TEMPLATES, Body, Script, render_script
from flask_schema.scripts.writing import write_new_file
from flask_schema.values import dataclass

_FORBIDDEN_IN_IDS = "@-+:/\\"


@dataclass(frozen=True, slots=True)
class RevisionResult:
    """What was written. ``paths`` is empty and ``why`` says the reason when nothing differs.

    ``names`` has the database of each operation; it is empty where there is but one.
    ``revision`` is the id of the last file. ``operations`` are those of all databases, ``notes`` sentences for the
    user, ``guesses`` renames that nobody decided and that were written as a drop and an addition.
    """

    paths: tuple[Path, ...] = ()
    revision: str | None = None
    operations: tuple[Operation, ...] = ()
    notes: tuple[str, ...] = ()
    why: str | None = None
    guesses: tuple[Rename, ...] = ()
    names: tuple[str, ...] = ()


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
    ask_value: AskValue | None = None
    offline: bool = False
    hook: Callable[..., Any] | None = None

    def draft(self, message: str) -> Draft:
        """The file that is asked for, with nothing in it."""
        return Draft(
            message,
            self.rev_id,
            self.head,
            self.splice,
            self.branch_label,
            str(self.version_path) if self.version_path else None,
            tuple(self.depends_on),
        )


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
    NotAtHead when the database is behind the files, ModelsInvalid, TemplateError; with ``offline`` OfflineRefused
    where a file cannot be replayed without a database.
    """
    wish = Wish(**wishes)
    if sql:
        write_difference(project, output or sys.stdout, wish.renames)
        return RevisionResult()
    if wish.offline and not autogenerate:
        raise UsageError("--offline is for comparing", hint="add --autogenerate, or leave out --offline")
    if not project.directory.is_dir():
        raise DirectoryMissing(f"there is no migrations directory {project.directory}")
    draft = wish.draft(message)
    visits = autogenerate or project.settings.revision_environment
    try:
        _parents(project, draft)
    except MultipleHeads:
        if not visits:
            raise  # else a hook may name a head for each file; if none does, it is raised when the file is written
    draft.rev_id = _checked_id(project, draft.rev_id)
    drafting = Drafting(project, draft, wish.renames, wish.ask, wish.offline, wish.hook, wish.ask_value)
    if visits:
        drafting.visit_all(_arguments(message, autogenerate, wish), autogenerate=autogenerate)
    return _written(project, drafting, allow_empty or not autogenerate)


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
        "cmd": (revision,),
    }


def _written(project: Project, drafting: Drafting, allow_empty: bool) -> RevisionResult:
    drafts = drafting.drafts()
    notes = list(drafting.notes)
    if not allow_empty:
        drafts = [one for one in drafts if not one.is_empty]
    if not drafts:
        return RevisionResult(notes=tuple(notes), why=" ".join(drafting.why) or None)
    paths: list[Path] = []
    for draft in drafts:
        if paths:  # it may build on the one just written
            project.reload_history()
        draft.rev_id = _checked_id(project, draft.rev_id)
        paths.append(write_draft(project, draft, notes))
    parts = [part for draft in drafts for part in draft.parts]
    operations = tuple(one for part in parts for one in part.upgrade)
    names = tuple(part.name for part in parts for _ in part.upgrade) if any(part.name for part in parts) else ()
    guesses = tuple(drafting.guesses)
    return RevisionResult(tuple(paths), drafts[-1].rev_id, operations, tuple(notes), guesses=guesses, names=names)


def _parents(project: Project, draft: Draft) -> tuple[str, ...]:
    """The parents of the new revision: the head, or what ``--head`` says, which must be a head unless spliced."""
    history = project.history
    heads = (draft.head,) if isinstance(draft.head, str) else tuple(draft.head)
    if not history.graph.revisions or heads == ("base",):
        return ()
    if heads == ("head",) and len(history.graph.heads) > 1:
        raise MultipleHeads(
            f"there are several heads: {', '.join(history.graph.heads)}",
            hint="run 'flask db merge heads' to join them, or name one with --head",
        )
    found = tuple(dict.fromkeys(one.revision for head in heads for one in history.get_all(head)))
    inner = [one for one in found if one not in history.graph.heads]
    if inner and not draft.splice:
        raise UsageError(
            f"revision {', '.join(inner)} is not a head: a revision on top of it begins another branch",
            hint="add --splice if that is meant",
        )
    return found


def _checked_id(project: Project, rev_id: str | None) -> str:
    """``rev_id`` if a new revision may have it; a new one for None."""
    if rev_id is None:
        if project.settings.revision_ids == "chronological":
            return chronological_revision_id(creation_date(project.settings.timezone))
        return new_revision_id()
    bad = [letter for letter in _FORBIDDEN_IN_IDS if letter in rev_id]
    bad += ["blanks"] if any(letter.isspace() for letter in rev_id) else []
    if bad or not rev_id:
        raise RevisionFileError(
            f"{rev_id!r} cannot be a revision id: it holds {', '.join(bad) or 'nothing'}",
            hint=f"leave out blanks and the characters {' '.join(_FORBIDDEN_IN_IDS)}",
        )
    if rev_id in project.history.graph.revisions:
        raise DuplicateRevision(f"there is a revision {rev_id} already", hint="choose another --rev-id")
    return rev_id


# -- the file ---------------------------------------------------------------------------------


def write_draft(project: Project, draft: Draft, notes: list[str]) -> Path:
    """Write the file of a draft that has an id, with all that happens to a new file; return its path.

    What the user should know is added to ``notes``. Raises :class:`TemplateError`.
    """
    assert draft.rev_id is not None
    settings = project.settings
    moment = creation_date(settings.timezone)
    sources = {part.name: _sources(part, notes) for part in draft.parts}
    bodies = {name: Body(up.body, down.body) for name, (up, down) in sources.items()}
    if not bodies:
        bodies = {name: Body() for name in _database_names(project)}
    imports = all_imports([source for pair in sources.values() for source in pair])
    parents = _parents(project, draft)
    script = Script(
        message=draft.message or "empty message",
        up_revision=draft.rev_id,
        down_revision=_one_or_several(parents),
        create_date=moment,
        branch_labels=_one_or_several(_listed(draft.branch_label)),
        depends_on=_one_or_several([project.history.get(one).revision for one in _listed(draft.depends_on)]),
        bodies=bodies,
        imports=tuple(sorted({*imports, *draft.imports})),
        config=project.configuration or Configuration(project, {}),
        arguments={**settings.template_args, **project.template_args, **_variables(draft, bodies)},
    )
    template = project.template_path
    if template is not None and any(bodies) and "_upgrades" not in template.read_text(encoding="utf-8"):
        template = TEMPLATES / "multidb.py.mako"  # the project's is from a time with one database
    text = render_script(script, template)
    path = revision_file(
        _folder(project, draft, parents),
        draft.rev_id,
        draft.message or None,
        moment,
        template=settings.file_template,
        slug_length=settings.truncate_slug_length,
    )
    write_new_file(path, text, encoding=settings.output_encoding)
    return finish_file(project, path)


def _folder(project: Project, draft: Draft, parents: Sequence[str]) -> Path:
    """The folder that is named, else the version location of the first parent that is in one, else the first of all."""
    if draft.version_path:
        return Path(draft.version_path).absolute()
    paths = (project.history.graph.revisions[parent].path for parent in parents)
    places = (place for path in paths for place in project.version_locations if path and path.is_relative_to(place))
    return next(places, project.version_locations[0])


def _sources(part: Part, notes: list[str]) -> tuple[Source, Source]:
    """The text of both functions; what the user should know is added to ``notes``."""
    up = render_operations(part.upgrade, part.rendering)
    down = render_operations(part.downgrade, part.rendering)
    notes += up.notes
    if part.irreversible is not None and not part.downgrade:
        notes.append(f"the downgrade cannot be written: {part.irreversible}")
        down = Source(body=f"raise NotImplementedError({part.irreversible!r})")
    return up, down


def _variables(draft: Draft, bodies: Mapping[str, Body]) -> dict[str, str]:
    """The template's variables that ``env.py`` names by itself."""
    pairs = [
        (token, text)
        for part in draft.parts
        for token, text in zip(part.tokens, (bodies[part.name].upgrades, bodies[part.name].downgrades), strict=True)
    ]
    return {token: text for token, text in pairs if token}


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
