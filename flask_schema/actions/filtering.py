"""The users' say in what is compared: ``include_name``, ``include_object`` and the ``compare_`` callables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from typing import Any

import sqlalchemy as sa

from flask_schema.actions.reflecting import ModelTables, Reflected, column_of, part_of
from flask_schema.diff.columns import FacetJudge
from flask_schema.runtime.context import MigrationContext
from flask_schema.snapshot.elements import Column, QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

_KINDS = {
    "columns": "column",
    "unique_constraints": "unique_constraint",
    "foreign_keys": "foreign_key_constraint",
    "checks": "check_constraint",
    "indexes": "index",
}
"""The parts of a table that the hooks are asked about, by Alembic's names of their types."""


def metadatas_of(opts: Mapping[str, Any]) -> tuple[sa.MetaData, ...]:
    """The ``target_metadata`` among the options, which may be one, several or none."""
    target = opts.get("target_metadata")
    return tuple(target) if isinstance(target, (list, tuple)) else (target,) if target is not None else ()


@dataclass(slots=True)
class Filters:
    """The hooks of one comparison; each is None where the user has none.

    The hooks get SQLAlchemy objects: the models' own, and for what is in the database some made for the occasion.
    What a hook leaves out counts as equal on both sides.
    """

    context: MigrationContext
    include_name: Callable[..., bool] | None
    include_object: Callable[..., bool] | None
    compare_type: Any
    compare_server_default: Any
    models: ModelTables
    _reflected: Mapping[QualifiedName, sa.Table] = field(default_factory=dict)

    @classmethod
    def of(cls, context: MigrationContext, opts: Mapping[str, Any]) -> Filters:
        """The hooks among the options of ``context.configure``."""
        return cls(
            context,
            opts.get("include_name"),
            opts.get("include_object"),
            opts.get("compare_type", True),
            opts.get("compare_server_default", True),
            ModelTables(metadatas_of(opts), context.impl.sqlalchemy.default_schema_name),
        )

    # -- include_name and include_object ------------------------------------------------------

    def wanted_schema(self, schema: str | None) -> bool:
        """Whether a schema of the database is looked at, None standing for the default one."""
        return self.include_name is None or bool(self.include_name(schema, "schema", {}))

    def wanted_table(self, schema: str | None, name: str) -> bool:
        """Whether a table of the database is looked at."""
        if self.include_name is None:
            return True
        qualified = f"{schema}.{name}" if schema else name
        return bool(self.include_name(name, "table", {"schema_name": schema, "schema_qualified_table_name": qualified}))

    def applied(self, before: Snapshot, after: Snapshot) -> tuple[Snapshot, Snapshot]:
        """Both sides without the differences that the hooks leave out."""
        if self._needs_tables():
            self._reflected = Reflected(self.context.impl, before).all(before.tables.values())
        if self.include_name is None and self.include_object is None:
            return before, after
        old, new = dict(before.tables), dict(after.tables)
        left_alone: list[Table] = []
        for name in (*before.tables, *(one for one in after.tables if one not in before.tables)):
            there, wanted = before.tables.get(name), after.tables.get(name)
            if self._table_included(name, there, wanted):
                if there is not None and wanted is not None:
                    old[name], new[name] = self._parts(there, wanted)
                elif wanted is not None:
                    new[name] = self._new_parts(wanted)
                continue
            new.pop(name, None)
            left_alone += [old.pop(name)] if there is not None else []
        return replace(before, tables=old), replace(self._with_others_things(before, after, left_alone), tables=new)

    def _with_others_things(self, before: Snapshot, after: Snapshot, left_alone: Iterable[Table]) -> Snapshot:
        """``after`` with the types and sequences that may belong to tables that are not compared."""
        used = {column.type.enum for table in before.tables.values() for column in table.columns}
        others = {column.type.enum for table in left_alone for column in table.columns}
        unread = self.include_name is not None  # then there may be tables that are not known at all
        enums = {name: enum for name, enum in before.enums.items() if name in others or (unread and name not in used)}
        sequences = before.sequences if unread else {}
        return replace(after, enums={**enums, **after.enums}, sequences={**sequences, **after.sequences})

    def _needs_tables(self) -> bool:
        hooks = (self.include_object, self.compare_type, self.compare_server_default)
        return any(callable(hook) for hook in hooks)

    def _table_included(self, name: QualifiedName, there: Table | None, wanted: Table | None) -> bool:
        construct = self._reflected.get(name) if there is not None else None
        if wanted is not None:
            return self._included(self._model(wanted), name.name, "table", False, construct)
        return self._included(construct, name.name, "table", True, None)

    def _parts(self, before: Table, after: Table) -> tuple[Table, Table]:
        """The parts of a table that is on both sides."""
        model, construct = self._model(after), self._reflected.get(before.name)
        old_parts: dict[str, Any] = {}
        new_parts: dict[str, Any] = {}
        for part, kind in _KINDS.items():
            there = tuple(one for one in getattr(before, part) if self._named(before.name, one.name, kind))
            wanted = []
            matched: list[Any] = []
            for one in getattr(after, part):
                other = _counterpart(one, there)
                matched.append(other)
                if self._included(
                    self._part(model, one), one.name, kind, False, self._part(construct, other) if other else None
                ):
                    wanted.append(one)
                elif other is not None:
                    wanted.append(other)
            for one in there:
                alone = not any(one is other for other in matched)
                if alone and not self._included(self._part(construct, one), one.name, kind, True, None):
                    wanted.append(one)
            old_parts[part], new_parts[part] = there, tuple(wanted)
        return replace(before, **old_parts), replace(after, **new_parts)

    def _new_parts(self, after: Table) -> Table:
        """The indexes of a table that is new; its columns and constraints come with it."""
        model = self._model(after)
        kept = [one for one in after.indexes if self._included(self._part(model, one), one.name, "index", False, None)]
        return replace(after, indexes=tuple(kept))

    def _named(self, table: QualifiedName, name: str | None, kind: str) -> bool:
        if self.include_name is None:
            return True
        parents = {
            "schema_name": table.schema,
            "table_name": table.name,
            "schema_qualified_table_name": str(table),
        }
        return bool(self.include_name(name, kind, parents))

    def _included(self, construct: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        if self.include_object is None:
            return True
        return bool(self.include_object(construct, name, kind, reflected, compare_to))

    def _model(self, table: Table) -> sa.Table:
        found = self.models.get(table.name)
        return found if found is not None else Reflected(self.context.impl).whole(table)

    def _part(self, construct: sa.Table | None, part: Any) -> Any:
        found = part_of(construct, part, self.context.impl.translation) if construct is not None else None
        return found if found is not None else part

    # -- compare_type and compare_server_default ----------------------------------------------

    def judge(self) -> FacetJudge | None:
        """The comparison of facets as the user wants it; None to compare all."""
        if self.compare_type is True and self.compare_server_default is True:
            return None

        def decide(table: QualifiedName, facet: str, before: Column, after: Column) -> bool | None:
            if facet == "type":
                return self._verdict(self.compare_type, before, after, table, facet)
            if facet in ("default", "computed", "identity"):
                wish = self.compare_server_default
                return self._verdict(wish, before, after, table, facet) if facet == "default" or not wish else None
            return None

        return decide

    def _verdict(self, wish: Any, before: Column, after: Column, table: QualifiedName, facet: str) -> bool | None:
        if not callable(wish):
            return None if wish else False
        inspected = self._inspected(table, before)
        model = self.models.get(table)
        column = column_of(model, after.name) if model is not None else None
        if column is None:
            column = Reflected(self.context.impl).column(after)
        if facet == "type":
            verdict = wish(self.context, inspected, column, inspected.type, after.type.python)
        else:
            verdict = wish(self.context, inspected, column, before.default, column.server_default, after.default)
        return None if verdict is None else bool(verdict)

    def _inspected(self, table: QualifiedName, before: Column) -> sa.Column[Any]:
        construct = self._reflected.get(table)
        if construct is not None and before.name in construct.columns:
            return construct.columns[before.name]
        return Reflected(self.context.impl).column(before)


def _counterpart(element: Any, candidates: Iterable[Any]) -> Any:
    """What the database has in the place of an element of the models: of the same name, or on the same columns."""
    known = tuple(candidates)
    if element.name is not None:
        found = next((one for one in known if one.name == element.name), None)
        if found is not None or isinstance(element, Column):
            return found
    columns = getattr(element, "columns", None)
    unnamed = [one for one in known if element.name is None or one.name is None]
    return next((one for one in unnamed if columns and getattr(one, "columns", None) == columns), None)
