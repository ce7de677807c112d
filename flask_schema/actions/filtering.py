"""The users' say in what is compared: ``include_name``, ``include_object`` and the ``compare_`` callables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import sqlalchemy as sa

from flask_schema.dialects.constructs import Constructs
from flask_schema.diff.columns import FacetJudge
from flask_schema.runtime.context import MigrationContext
from flask_schema.snapshot.elements import Column, QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot

_Named = TypeVar("_Named")

_KINDS = {
    "unique_constraints": "unique_constraint",
    "foreign_keys": "foreign_key_constraint",
    "checks": "check_constraint",
    "indexes": "index",
}
"""The parts of a table that the hooks are asked about, by Alembic's names of their types."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The hooks of one comparison; each is None where the user has none.

    The hooks get SQLAlchemy objects made for the occasion; those of the models are the models' own tables
    and columns.
    """

    include_name: Callable[..., bool] | None
    include_object: Callable[..., bool] | None
    compare_type: Any
    compare_server_default: Any
    metadatas: tuple[sa.MetaData, ...]

    @classmethod
    def of(cls, opts: Mapping[str, Any]) -> Filters:
        """The hooks among the options of ``context.configure``."""
        target = opts.get("target_metadata")
        metadatas = tuple(target) if isinstance(target, (list, tuple)) else (target,) if target is not None else ()
        return cls(
            opts.get("include_name"),
            opts.get("include_object"),
            opts.get("compare_type", True),
            opts.get("compare_server_default", True),
            metadatas,
        )

    # -- include_name and include_object ------------------------------------------------------

    def wanted_table(self, schema: str | None, name: str) -> bool:
        """Whether a table of the database is looked at."""
        if self.include_name is None:
            return True
        qualified = f"{schema}.{name}" if schema else name
        return bool(self.include_name(name, "table", {"schema_name": schema, "schema_qualified_table_name": qualified}))

    def models(self, snapshot: Snapshot) -> Snapshot:
        """The models without what ``include_object`` leaves out."""
        return self._filtered(snapshot, reflected=False, other=None)

    def database(self, snapshot: Snapshot, after: Snapshot) -> Snapshot:
        """The database without what ``include_name`` and ``include_object`` leave out."""
        return self._filtered(snapshot, reflected=True, other=after)

    def _filtered(self, snapshot: Snapshot, *, reflected: bool, other: Snapshot | None) -> Snapshot:
        if self.include_object is None and (self.include_name is None or not reflected):
            return snapshot
        tables = {}
        for name, table in snapshot.tables.items():
            construct = self._table(table, reflected)
            counterpart = other.tables.get(name) if other is not None else None
            compare_to = self._table(counterpart, False) if counterpart is not None else None
            if self._included(construct, name.name, "table", reflected, compare_to):
                tables[name] = self._parts(table, construct, reflected)
        return replace(snapshot, tables=tables)

    def _parts(self, table: Table, construct: sa.Table, reflected: bool) -> Table:
        parents = {
            "schema_name": table.name.schema,
            "table_name": table.name.name,
            "schema_qualified_table_name": str(table.name),
        }

        def kept(things: Iterable[_Named], kind: str) -> tuple[_Named, ...]:
            return tuple(
                one
                for one in things
                if self._named(getattr(one, "name", None), kind, parents, reflected)
                and self._included(self._part(construct, one), getattr(one, "name", None), kind, reflected, None)
            )

        parts: dict[str, Any] = {part: kept(getattr(table, part), kind) for part, kind in _KINDS.items()}
        return replace(table, columns=kept(table.columns, "column"), **parts)

    def _named(self, name: str | None, kind: str, parents: Mapping[str, Any], reflected: bool) -> bool:
        return not reflected or self.include_name is None or bool(self.include_name(name, kind, dict(parents)))

    def _included(self, construct: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        if self.include_object is None:
            return True
        return bool(self.include_object(construct, name, kind, reflected, compare_to))

    def _table(self, table: Table, reflected: bool) -> sa.Table:
        if not reflected:
            key = str(table.name)
            found = next((one.tables[key] for one in self.metadatas if key in one.tables), None)
            if found is not None:
                return found
        return Constructs("").table(replace(table, options=(), excludes=(), columns=_plain(table.columns)))

    def _part(self, construct: sa.Table, part: Any) -> Any:
        if isinstance(part, Column):
            return construct.columns.get(part.name, part)
        parts: list[Any] = [*construct.constraints, *construct.indexes]
        return next((one for one in parts if part.name and one.name == part.name), part)

    # -- compare_type and compare_server_default ----------------------------------------------

    def judge(self, context: MigrationContext) -> FacetJudge | None:
        """The comparison of facets as the user wants it; None to compare all."""
        if self.compare_type is True and self.compare_server_default is True:
            return None

        def decide(table: QualifiedName, facet: str, before: Column, after: Column) -> bool | None:
            if facet == "type":
                return self._verdict(self.compare_type, context, before, after, table, "type")
            if facet == "default":
                return self._verdict(self.compare_server_default, context, before, after, table, "default")
            return None

        return decide

    def _verdict(
        self, wish: Any, context: MigrationContext, before: Column, after: Column, table: QualifiedName, facet: str
    ) -> bool | None:
        if not callable(wish):
            return None if wish else False
        inspected = Constructs("").column(replace(before, options=()))
        model = self._table(Table(table, (after,)), False).columns.get(after.name)
        if facet == "type":
            old = before.type.python or context.impl.python_type(before.type.sql)
            verdict = wish(context, inspected, model, old, after.type.python)
        else:
            verdict = wish(
                context, inspected, model, before.default, getattr(model, "server_default", None), after.default
            )
        return None if verdict is None else bool(verdict)


def _plain(columns: Iterable[Column]) -> tuple[Column, ...]:
    return tuple(replace(column, options=()) for column in columns)
