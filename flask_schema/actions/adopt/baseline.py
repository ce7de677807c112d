"""``flask db adopt --from-database``: a history that begins with the schema that is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flask_schema.actions.comparing import Comparison
from flask_schema.actions.drafting import part_of
from flask_schema.actions.drafts import Draft
from flask_schema.actions.filtering import Filters
from flask_schema.actions.init import init
from flask_schema.actions.new_file import new_id
from flask_schema.actions.revision import write_draft
from flask_schema.actions.stamp import stamp
from flask_schema.dialects.dialect import Scope
from flask_schema.diff.compare import diff
from flask_schema.errors import DatabaseAhead, HistoryError
from flask_schema.operations.operation import Operation
from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.visits import database_name, database_url, visit
from flask_schema.scripts.names import creation_date
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class Baseline:
    """The first revision. ``path`` is None after a dry run; ``written`` are files of a new migrations directory.

    ``operations`` make the schema of all databases, ``notes`` are sentences for the user.
    """

    operations: tuple[Operation, ...]
    revision: str | None = None
    path: Path | None = None
    written: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


def write_baseline(
    project: Project, message: str | None = None, *, rev_id: str | None = None, dry_run: bool = False
) -> Baseline:
    """Write a revision that makes what each database holds, and stamp the databases with it.

    A migrations directory is made where there is none. No table is touched. Raises :class:`HistoryError` where there
    are revisions already, and :class:`DatabaseAhead` where a version table says so.
    """
    if project.directory.is_dir() and project.history.graph.revisions:
        raise HistoryError(
            f"there are {len(project.history.graph.revisions)} revisions already",
            hint="'flask db stamp' says at which of them the database is; a baseline begins an empty history",
        )
    draft = Draft(message or "baseline", rev_id, head="base")
    notes: list[str] = []
    visit(project, lambda context, keywords: _add(draft, context, keywords))
    operations = tuple(one for part in draft.parts for one in part.upgrade)
    if not operations:
        raise HistoryError(
            "the database holds nothing to begin with", hint="'flask db migrate' begins with what the models say"
        )
    if dry_run:
        return Baseline(operations, notes=tuple(notes))
    written = init(project).paths if not project.directory.is_dir() else ()
    draft.rev_id = revision = new_id(project, rev_id, creation_date(project.settings.timezone))
    path = write_draft(project, draft, notes)
    project.reload_history()
    stamp(project, revision)
    return Baseline(operations, revision, path, written, tuple(notes))


def _add(draft: Draft, context: MigrationContext, keywords: Mapping[str, Any]) -> None:
    rows = context.get_current_heads()
    if rows:
        raise DatabaseAhead(
            f"the database {database_url(context)} is at {', '.join(rows)}, and there is no such revision file",
            hint="look for the files first; 'flask db stamp base --purge' forgets what the version table says",
        )
    connection = context.connection
    assert connection is not None
    found = _schema(context, connection)
    before = Snapshot(found.dialect)

    def settle(old: Snapshot, new: Snapshot) -> tuple[Snapshot, Snapshot, frozenset[QualifiedName]]:
        settled = context.impl.settle(old, new, connection)
        return settled.before, settled.after, settled.alike

    operations = diff(before, found, settle=settle)
    draft.parts.append(part_of(context, Comparison(operations, before, found), database_name(context, keywords)))


def _schema(context: MigrationContext, connection: sa.Connection) -> Snapshot:
    """The database's schema, without the version table and what ``include_name`` and ``include_object`` leave out."""
    filters = Filters.of(context, context.opts)
    scope = Scope(schemas=_schemas(context, connection), include_table=filters.wanted_table, views_and_routines=True)
    versions = QualifiedName(context.version_table, context.version_table_schema)
    read = context.impl.read(connection, scope).without_table(versions)
    kept, _ = filters.applied(read, Snapshot(read.dialect))
    return kept


def _schemas(context: MigrationContext, connection: sa.Connection) -> tuple[str | None, ...]:
    """The default schema and those of the models; with ``include_schemas`` every one that the user lets in."""
    target = context.opts.get("target_metadata")
    metadatas = target if isinstance(target, (list, tuple)) else (target,) if target is not None else ()
    named = {table.schema for metadata in metadatas for table in metadata.tables.values()} - {None}
    if context.opts.get("include_schemas"):
        inspector: Any = sa.inspect(connection)
        named |= set(inspector.get_schema_names()) - {inspector.default_schema_name, "information_schema"}
        include_name = context.opts.get("include_name")
        named = {one for one in named if include_name is None or include_name(one, "schema", {})}
    return (None, *sorted(str(one) for one in named))
