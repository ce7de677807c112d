"""The directives inside a ``batch_alter_table`` block: those of ``op`` for one table."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from flask_schema.errors import UsageError
from flask_schema.operations import columns, tables
from flask_schema.operations.building import Builder, final_name, prefixed_options
from flask_schema.operations.extending import CustomDirectives, implementation_of
from flask_schema.operations.groups import TableTemplate
from flask_schema.snapshot.elements import Options, QualifiedName
from flask_schema.snapshot.from_sqlalchemy import frozen_options
from flask_schema.values import dataclass

if TYPE_CHECKING:
    from flask_schema.operations.operation import Operation

COMPAT = "flask_schema.alembic_compat.operations.base"
"""Stands above this room, and is reached by its name."""

_RECREATE = ("auto", "always", "never")
_KNOWN = {
    "recreate", "copy_from", "table_args", "table_kwargs", "reflect_args", "reflect_kwargs",
    "partial_reordering", "naming_convention",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """The arguments of ``batch_alter_table``."""

    recreate: str = "auto"
    copy_from: sa.Table | None = None
    table_args: tuple[Any, ...] = ()
    table_kwargs: Options = ()
    partial_reordering: tuple[Any, ...] = ()
    naming_convention: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> BatchOptions:
        """Read them. ``reflect_args`` and ``reflect_kwargs`` are accepted; nothing is reflected that they could guide.

        Raises UsageError for an argument nobody knows.
        """
        unknown = set(options) - _KNOWN
        if unknown:
            raise UsageError(f"batch_alter_table has no argument {', '.join(sorted(unknown))}")
        recreate = options.get("recreate", "auto")
        if recreate not in _RECREATE:
            raise UsageError(f"recreate is one of {', '.join(_RECREATE)}, not {recreate!r}")
        return cls(
            recreate=recreate,
            copy_from=options.get("copy_from"),
            table_args=tuple(options.get("table_args") or ()),
            table_kwargs=frozen_options(options.get("table_kwargs") or {}),
            partial_reordering=tuple(options.get("partial_reordering") or ()),
            naming_convention=options.get("naming_convention"),
        )

    def template(self, builder: Builder) -> TableTemplate:
        """What the script says of the table, as elements."""
        copied = builder.translation.table(self.copy_from) if self.copy_from is not None else None
        name = copied.name if copied is not None else QualifiedName("t")
        added = [one for one in self.table_args if isinstance(one, sa.Constraint)]
        return TableTemplate(
            table=copied,
            constraints=tuple(builder.constraint_element(name, one) for one in added),
            options=builder.own_options(dict(self.table_kwargs)),
            order=tuple(tuple(str(column) for column in run) for run in self.partial_reordering),
            naming_convention=frozen_options(self.naming_convention or {}),
        )


class Outside(Protocol):
    """What the directives inside a block ask of those outside it."""

    def execute(self, sqltext: Any, *, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run a statement."""

    def get_bind(self) -> sa.Connection:
        """The connection."""

    def get_context(self) -> Any:
        """The migration context."""

    def inline_literal(self, value: Any, type_: Any = None) -> Any:
        """A value as SQL text."""


@dataclass(frozen=True, slots=True)
class BatchTable:
    """The table of a block, for directives of a project's own."""

    table_name: str
    schema: str | None


class BatchDirectives(CustomDirectives):
    """Collects operations on ``table`` in ``operations``; arguments are as on ``op``, without table and schema."""

    def __init__(self, table: QualifiedName, builder: Builder, outside: Outside) -> None:
        self.table = table
        self.operations: list[Operation] = []
        self._builder = builder
        self._outside = outside

    @property
    def impl(self) -> BatchTable:
        """The table's name and schema, as class methods of a project's own operations ask for them."""
        return BatchTable(self.table.name, self.table.schema)

    def __getattr__(self, name: str) -> Any:
        """A directive that a package registered with a real Alembic, which the application had imported before."""
        if name.startswith("_") or "alembic.operations.base" not in sys.modules:
            raise AttributeError(f"a batch block has no directive {name!r}")
        return import_module(COMPAT).registered_elsewhere(name, self)

    def invoke(self, operation: Any) -> Any:
        """Collect an operation that was built elsewhere; one of a project's own is carried out now."""
        implementation = implementation_of(operation)
        if implementation is not None:
            return implementation(self, operation)
        self.operations.append(operation)
        return None

    def get_bind(self) -> sa.Connection:
        """The connection on which the migration runs."""
        return self._outside.get_bind()

    def get_context(self) -> Any:
        """The migration context."""
        return self._outside.get_context()

    def execute(self, sqltext: Any, *, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run a statement now, before the changes that this block collects."""
        self._outside.execute(sqltext, execution_options=execution_options)

    def f(self, name: str) -> Any:
        """``name`` as a final name: naming conventions leave it alone."""
        return final_name(name)

    def inline_literal(self, value: Any, type_: Any = None) -> Any:
        """A value that is written into the SQL text."""
        return self._outside.inline_literal(value, type_)

    def add_column(
        self,
        column: sa.Column[Any],
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        **flags: Any,
    ) -> None:
        """Add a column, at a place where the table is rebuilt."""
        given = {key: value for key, value in flags.items() if value is not None}
        self.operations.append(
            self._builder.add_column(
                self.table.name,
                column,
                self.table.schema,
                insert_before=insert_before,
                insert_after=insert_after,
                **given,
            )
        )

    def drop_column(self, column_name: str, *, if_exists: bool | None = None, **options: Any) -> None:
        """Drop a column."""
        self.operations.append(
            columns.DropColumn(self.table, column_name, if_exists=bool(if_exists), options=prefixed_options(options))
        )

    def alter_column(self, column_name: str, **facets: Any) -> None:
        """Change facets of a column, or its place by ``insert_before`` and ``insert_after``."""
        self.operations.extend(self._builder.alter_column(self.table, column_name, facets))

    def create_primary_key(self, constraint_name: str | None, columns: Sequence[str], **kw: Any) -> None:
        """Give the table its primary key."""
        construct = sa.PrimaryKeyConstraint(*columns, name=constraint_name, **kw)
        self.operations.append(self._builder.constraint(self.table, construct, columns))

    def create_unique_constraint(self, constraint_name: str | None, columns: Sequence[str], **kw: Any) -> None:
        """Add a unique constraint."""
        construct = sa.UniqueConstraint(*columns, name=constraint_name, **kw)
        self.operations.append(self._builder.constraint(self.table, construct, columns))

    def create_check_constraint(self, constraint_name: str | None, condition: Any, **kw: Any) -> None:
        """Add a CHECK."""
        construct = sa.CheckConstraint(condition, name=constraint_name, **kw)
        self.operations.append(self._builder.constraint(self.table, construct, ()))

    def create_exclude_constraint(self, constraint_name: str, *elements: Any, **kw: Any) -> None:
        """Add an EXCLUDE constraint (PostgreSQL)."""
        self.operations.append(self._builder.exclude(self.table, constraint_name, elements, kw))

    def create_foreign_key(
        self,
        constraint_name: str | None,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        *,
        referent_schema: str | None = None,
        **facets: Any,
    ) -> None:
        """Add a foreign key."""
        referent = QualifiedName(referent_table, referent_schema)
        self.operations.append(
            self._builder.foreign_key(constraint_name, self.table, referent, local_cols, remote_cols, facets)
        )

    def drop_constraint(
        self,
        constraint_name: str | None,
        type_: str | None = None,
        *,
        if_exists: bool | None = None,
        existing: sa.Constraint | None = None,
        **options: Any,
    ) -> None:
        """Drop a constraint by name, or by what ``existing`` says it is."""
        given = {"if_exists": if_exists, "existing": existing, **options}
        self.operations.append(self._builder.drop_constraint(self.table, constraint_name, type_, given))

    def create_index(self, index_name: str | None, columns: Sequence[Any], **kw: Any) -> None:
        """Create an index."""
        self.operations.append(self._builder.create_index(index_name, self.table.name, columns, self.table.schema, kw))

    def drop_index(self, index_name: str, *, if_exists: bool | None = None, **options: Any) -> None:
        """Drop an index."""
        given = {"if_exists": if_exists, **options}
        self.operations.append(self._builder.drop_index(index_name, self.table, self.table.schema, given))

    def create_table_comment(self, comment: str | None, *, existing_comment: str | None = None) -> None:
        """Set the comment of the table."""
        if comment is None:
            self.operations.append(tables.DropTableComment(self.table, before=existing_comment))
        else:
            self.operations.append(tables.CreateTableComment(self.table, comment, before=existing_comment))

    def drop_table_comment(self, *, existing_comment: str | None = None) -> None:
        """Remove the comment of the table."""
        self.operations.append(tables.DropTableComment(self.table, before=existing_comment))
