"""``flask db revision``: writes a revision file, with ``autogenerate`` from the difference of models and database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

from flask_schema.actions.comparing import Ask, Comparison, compare
from flask_schema.actions.difference import write_difference
from flask_schema.actions.directives import RevisionDirective, directive_of, processed
from flask_schema.actions.post_write import finish_file
from flask_schema.actions.type_changes import type_changes
from flask_schema.databases import Database
from flask_schema.diff.proposals import suspicion_of
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
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.environment import Environment
from flask_schema.scripts.imports import Imports
from flask_schema.scripts.names import chronological_revision_id, creation_date, new_revision_id, revision_file
from flask_schema.scripts.page import Rendering, RenderItem
from flask_schema.scripts.source import Source, all_imports, render_operations
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


@dataclass(slots=True)
class _Draft:
    """The two functions of each database in the making."""

    message: str
    parents: tuple[str, ...]
    upgrades: dict[str, Source] = field(default_factory=dict)
    downgrades: dict[str, Source] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    guesses: list[Rename] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)


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
    draft = _Draft(message, parents)
    if autogenerate:
        for database in project.databases:
            _compare(project, database, wish, draft)
        if not draft.operations and not allow_empty:
            return RevisionResult(notes=tuple(draft.notes), why=" ".join(draft.why) or None)
    rev_id = _new_id(project, wish)
    path = _write(project, draft.message, rev_id, parents, wish, draft)
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


def _compare(project: Project, database: Database, wish: Wish, draft: _Draft) -> None:
    def work(context: MigrationContext, _: Mapping[str, Any]) -> None:
        rows = context.get_current_heads()
        graph = project.history.graph
        pending = upgrade_route(graph, rows, "heads")
        if pending and rows:
            raise NotAtHead(
                f"the database {database.url} is {len(pending)} revisions behind the files",
                hint="run 'flask db upgrade' first, so that only what is new is compared",
            )
        if pending:
            raise NotAtHead(
                f"the database {database.url} has none of the {len(pending)} revisions",
                hint="run 'flask db upgrade' first; or 'flask db stamp head' if its tables were made otherwise",
            )
        comparison = _decided(context, wish)
        made = directive_of(draft.message, wish.rev_id, comparison.operations)
        hook = context.opts.get("process_revision_directives")
        directive = processed(made, hook, context, draft.parents)
        if not comparison.operations:
            draft.why.append(_why_nothing(database, comparison, rows))
        elif directive is None:
            draft.why.append("process_revision_directives left nothing to write.")
        if directive is not None:
            draft.message = directive.message
            _draw(context, database.name, comparison, directive, draft)

    Environment(project, database, work).run()


def _decided(context: MigrationContext, wish: Wish) -> Comparison:
    """The comparison with the renames that the user decided on."""
    if not wish.renames:
        return compare(context, ask=wish.ask)
    first = compare(context)
    renames = [parse_rename(text, first.before, first.after) for text in wish.renames]
    return compare(context, renames=renames, ask=wish.ask)


def _draw(
    context: MigrationContext, name: str, comparison: Comparison, directive: RevisionDirective, draft: _Draft
) -> None:
    rendering = _rendering(context, comparison)
    up = render_operations(directive.upgrade_ops.ops, rendering)
    down = render_operations(directive.downgrade_ops.ops, rendering)
    if directive.irreversible is not None and not directive.downgrade_ops.ops:
        down = Source(body=f"raise NotImplementedError({directive.irreversible!r})")
        draft.notes.append(f"the downgrade cannot be written: {directive.irreversible}")
    draft.upgrades[name] = up
    draft.downgrades[name] = down
    draft.imports |= directive.imports
    draft.operations += directive.upgrade_ops.ops
    draft.notes += [*type_changes(directive.upgrade_ops.ops, context.impl), *comparison.notes, *up.notes]
    draft.guesses += comparison.guesses


def _rendering(context: MigrationContext, comparison: Comparison) -> Rendering:
    impl, opts = context.impl, context.opts
    prefix = opts.get("user_module_prefix")
    return Rendering(
        impl.python_type,
        lambda python: impl.translation.data_type(python).sql,
        option_prefix=impl.option_dialects[-1],
        op_prefix=opts.get("alembic_module_prefix", "op."),
        sqlalchemy_module_prefix=opts.get("sqlalchemy_module_prefix", "sa."),
        user_module_prefix=prefix,
        render_item=_item_renderer(opts.get("render_item"), context),
        render_as_batch=bool(opts.get("render_as_batch")),
        says_autoincrement=impl.capabilities.shows_autoincrement,
        suspicions=suspicion_of(comparison.guesses),
    )


def _item_renderer(hook: Callable[..., Any] | None, context: MigrationContext) -> RenderItem | None:
    """The user's ``render_item(type, object, context)``; ``context.imports`` is a set of statements to add to."""
    if hook is None:
        return None

    def render(kind: str, item: Any, imports: Imports) -> Any:
        return hook(
            kind, item, SimpleNamespace(imports=imports.statements, migration_context=context, opts=context.opts)
        )

    return render


def _why_nothing(database: Database, comparison: Comparison, rows: Sequence[str]) -> str:
    name = database.name or "the database"
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


def _write(project: Project, message: str, rev_id: str, parents: Sequence[str], wish: Wish, draft: _Draft) -> Path:
    settings = project.settings
    moment = creation_date(settings.timezone)
    names = list(draft.upgrades) or _database_names(project)
    bodies = {
        name: Body(
            draft.upgrades[name].body if name in draft.upgrades else "",
            draft.downgrades[name].body if name in draft.downgrades else "",
        )
        for name in names
    }
    script = Script(
        message=message or "empty message",
        up_revision=rev_id,
        down_revision=_one_or_several(parents),
        create_date=moment,
        branch_labels=_one_or_several(_listed(wish.branch_label)),
        depends_on=_one_or_several([project.history.get(one).revision for one in wish.depends_on]),
        bodies=bodies,
        imports=tuple(sorted({*all_imports([*draft.upgrades.values(), *draft.downgrades.values()]), *draft.imports})),
        config=settings,
        arguments=settings.template_args,
    )
    template = project.template_path
    if template is not None and any(bodies) and "_upgrades" not in template.read_text(encoding="utf-8"):
        template = TEMPLATES / "multidb.py.mako"  # the project's is from a time with one database
    text = render_script(script, template)
    folder = Path(wish.version_path).absolute() if wish.version_path else project.version_locations[0]
    path = revision_file(
        folder,
        rev_id,
        message or None,
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
