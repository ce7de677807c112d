"""Compares models with a database: what ``revision --autogenerate`` writes and ``check`` refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import CompileError
from sqlalchemy.schema import CreateColumn

from flask_schema.actions.declared import (
    Owned,
    declarable,
    made_anew,
    own_objects,
    uses_declarations,
    without_objects,
)
from flask_schema.actions.filtering import Filters, metadatas_of
from flask_schema.actions.left_out import left_out
from flask_schema.actions.own_schemas import OwnTables, with_own, without_strangers
from flask_schema.dialects.dialect import Dialect, Scope
from flask_schema.diff.compare import diff
from flask_schema.diff.leftovers import leftovers
from flask_schema.diff.proposals import decide
from flask_schema.diff.renames import Rename
from flask_schema.errors import ConfigurationError, ModelsInvalid
from flask_schema.garbage import garbage_collection_paused
from flask_schema.operations.operation import Operation
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.journal import without_journal
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

Ask = Callable[[Rename], bool]
"""Asked whether a likely rename is one."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs. ``before`` is the database, ``after`` the models; ``guesses`` are renames nobody decided.

    ``notes`` are sentences for the user.
    """

    operations: tuple[Operation, ...]
    before: Snapshot
    after: Snapshot
    notes: tuple[str, ...] = ()
    guesses: tuple[Rename, ...] = ()


def compare(
    context: MigrationContext,
    *,
    renames: Sequence[Rename] = (),
    ask: Ask | None = None,
    before: Snapshot | None = None,
    owned: Owned | None = None,
    own_tables: OwnTables | None = None,
    opts: Mapping[str, Any] | None = None,
) -> Comparison:
    """Compare the context's models with its database, or with the snapshot ``before``.

    ``owned`` names the views, functions and triggers that the project's revision files create: where the models
    declare some, such a one that they do not declare is dropped; without ``owned`` it is left alone.
    ``own_tables`` tells the tables that these files create in schemas which the models do not name any more; without
    it such schemas are looked at with the option ``include_schemas`` only.
    ``opts`` stand in the place of the context's options. Raises ModelsInvalid when the models cannot be expressed
    in this database's SQL, ConfigurationError where there are none.
    """
    with garbage_collection_paused():
        return _compared(context, renames, ask, before, owned, own_tables, context.opts if opts is None else opts)


def _compared(
    context: MigrationContext,
    renames: Sequence[Rename],
    ask: Ask | None,
    before: Snapshot | None,
    owned: Owned | None,
    own_tables: OwnTables | None,
    opts: Mapping[str, Any],
) -> Comparison:
    filters = Filters.of(context, opts)
    metadatas = models_of(opts)
    notes: list[str] = []
    declares = uses_declarations(metadatas)
    capabilities = context.impl.capabilities
    after = declarable(_translated(context.impl, metadatas), context.impl, notes)
    connection = context.connection
    notes += left_out(metadatas, context.impl)
    if before is None:
        before = _read(context, after, filters, bool(opts.get("include_schemas")), own_tables, declares)
    versions = QualifiedName(context.version_table, context.version_table_schema)
    before = without_journal(before.without_table(versions), context.version_table_schema, after)
    before, after = filters.applied(before, after.without_table(versions))
    before = own_objects(before, after, owned, notes) if declares else without_objects(before)
    decision = decide(before, after, renames, ask)

    def settle(old: Snapshot, new: Snapshot) -> tuple[Snapshot, Snapshot, frozenset[QualifiedName]]:
        """Things are looked up by name, so that the dialect judges when renames are carried out."""
        settled = context.impl.settle(old, new, connection)
        left = leftovers(settled.before, settled.after, capabilities.table_options, settled.alike)
        notes.extend([*settled.notes, *left])
        return settled.before, settled.after, settled.alike

    operations = diff(
        before,
        after,
        renames=decision.decided,
        settle=settle,
        judge=filters.judge(),
        renamable=capabilities.renames,
        holds=capabilities.holds,
        default_name=context.impl.default_name,
        default_sequence=context.impl.default_sequence,
        table_options=capabilities.table_options,
    )
    notes += made_anew(operations) if "readers" in capabilities.holds else ()
    return Comparison(operations, before, after, tuple(notes), decision.undecided)


def _read(
    context: MigrationContext,
    after: Snapshot,
    filters: Filters,
    include_schemas: bool,
    own_tables: OwnTables | None,
    declares: bool,
) -> Snapshot:
    """What takes part of the database."""
    connection = context.connection
    assert connection is not None
    schemas = _schemas(connection, after, filters, include_schemas)
    scope = Scope(schemas, filters.wanted_table, views_and_routines=declares)
    if own_tables is None or include_schemas:
        return context.impl.read(connection, scope)
    known = frozenset(one for one in schemas if one is not None) | {str(context.dialect.default_schema_name)}
    own = [one for one in own_tables(known) if filters.wanted_schema(one.schema)]
    if own:
        inspector: Any = sa.inspect(connection)
        there = set(inspector.get_schema_names())
        own = [one for one in own if one.schema in there]
    return without_strangers(context.impl.read(connection, with_own(scope, own) if own else scope), own)


def models_of(opts: Mapping[str, Any]) -> tuple[sa.MetaData, ...]:
    """The models among the options. Raises ConfigurationError without any, ModelsInvalid for a table in two."""
    metadatas = metadatas_of(opts)
    if not metadatas:  # comparing with nothing would drop every table
        raise ConfigurationError(
            "there are no models to compare with",
            hint="say where they are: Migrate(app, db, metadata=Model.metadata), or target_metadata in env.py",
        )
    seen: dict[str, sa.MetaData] = {}
    for metadata in metadatas:
        twice = [key for key in metadata.tables if seen.setdefault(key, metadata) is not metadata]
        if twice:
            raise ModelsInvalid(
                f"several MetaData of the models have a table {twice[0]}",
                hint="leave out one of them, or give one a schema of its own",
            )
    return metadatas


def _translated(dialect: Dialect, metadatas: Iterable[sa.MetaData]) -> Snapshot:
    try:
        return dialect.snapshot_of_models(metadatas)
    except CompileError as error:
        said = str(error).split(" (Background on this error")[0]
        raise ModelsInvalid(
            f"the models cannot be expressed for {dialect.name}: {_culprit(dialect, metadatas)}{said}",
            hint="choose a type or expression that this database has, or a variant with .with_variant()",
        ) from error


def _culprit(dialect: Dialect, metadatas: Iterable[sa.MetaData]) -> str:
    """``column accounts.balance: `` for the first column that has no SQL here; empty where it is no column's fault."""
    for metadata in metadatas:
        for table in metadata.tables.values():
            for column in table.columns:
                try:
                    CreateColumn(column).compile(dialect=dialect.sqlalchemy)
                except CompileError:
                    return f"column {table.fullname}.{column.name}: "
    return ""


def _schemas(
    connection: sa.Connection, after: Snapshot, filters: Filters, include_schemas: bool
) -> tuple[str | None, ...]:
    """The default schema and those of the models; with ``include_schemas`` every one that the user lets in."""
    named = set(after.schemas)
    if include_schemas:
        inspector: Any = sa.inspect(connection)
        default = inspector.default_schema_name
        named |= {one for one in inspector.get_schema_names() if one not in (default, "information_schema")}
        named = {one for one in named if filters.wanted_schema(one)}
    return (*([None] if filters.wanted_schema(None) else []), *sorted(named))
