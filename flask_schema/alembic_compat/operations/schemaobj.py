"""SQLAlchemy constructs on tables of their own, made from what a directive says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.types import NULLTYPE, TypeEngine

from flask_schema.snapshot.references import referred_by


class SchemaObjects:
    """Makes constructs, named by ``naming_convention`` or, without it, by that of ``migration_context``'s models."""

    def __init__(self, migration_context: Any = None, naming_convention: Any = None) -> None:
        self.migration_context = migration_context
        self._naming_convention = naming_convention

    def metadata(self) -> sa.MetaData:
        """An empty MetaData with the models' naming convention."""
        opts = getattr(self.migration_context, "opts", None) or {}
        convention = self._naming_convention or getattr(opts.get("target_metadata"), "naming_convention", None)
        return sa.MetaData(naming_convention=convention) if convention else sa.MetaData()

    def primary_key_constraint(
        self, name: Any, table_name: str, cols: Sequence[str], schema: str | None = None, **options: Any
    ) -> sa.PrimaryKeyConstraint:
        """A primary key on a table that has just its columns."""
        table = self._stub(table_name, cols, schema)
        return sa.PrimaryKeyConstraint(*(table.c[column] for column in cols), name=name, **options)

    def foreign_key_constraint(
        self,
        name: Any,
        source: str,
        referent: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        source_schema: str | None = None,
        referent_schema: str | None = None,
        **options: Any,
    ) -> sa.ForeignKeyConstraint:
        """A foreign key between two tables that have just its columns."""
        metadata = self.metadata()
        own = list(local_cols)
        if (source, source_schema) == (referent, referent_schema):
            own += remote_cols
        else:
            self._stub(referent, remote_cols, referent_schema, metadata)
        table = self._stub(source, own, source_schema, metadata)
        target = f"{referent_schema}.{referent}" if referent_schema else referent
        key = sa.ForeignKeyConstraint(
            list(local_cols), [f"{target}.{column}" for column in remote_cols], name=name, **options
        )
        table.append_constraint(key)
        return key

    def unique_constraint(
        self, name: Any, source: str, local_cols: Sequence[str], schema: str | None = None, **options: Any
    ) -> sa.UniqueConstraint:
        """A unique constraint on a table that has just its columns."""
        table = self._stub(source, local_cols, schema)
        unique = sa.UniqueConstraint(*(table.c[column] for column in local_cols), name=name, **options)
        table.append_constraint(unique)
        return unique

    def check_constraint(
        self, name: Any, source: str, condition: Any, schema: str | None = None, **options: Any
    ) -> sa.CheckConstraint:
        """A CHECK on a table of which nothing is known."""
        make: Any = sa.CheckConstraint
        check: sa.CheckConstraint = make(condition, name=name, _autoattach=False, **options)
        self._stub(source, (), schema).append_constraint(check)
        return check

    def table(self, name: str, *items: Any, **keywords: Any) -> sa.Table:
        """A table; what belongs to another table is copied, and a CHECK that a type brings is left to the type."""
        included = keywords.pop("_constraints_included", False)
        table = sa.Table(name, self.metadata(), **keywords)
        for item in items:
            if isinstance(item, sa.Column):
                column = item._copy() if item.table is not None else item
                if included:  # the constraints and indexes that the flags ask for stand beside the columns
                    column.unique = column.index = False
                table.append_column(column)
        for item in items:
            if isinstance(item, (sa.Constraint, sa.Index)) and not is_type_bound(item):
                table.append_constraint(own_copy(item, table))
        for key in table.foreign_keys:
            self._referred(table.metadata, key)
        return table

    def column(self, name: str, type_: TypeEngine[Any], **keywords: Any) -> sa.Column[Any]:
        """A column that is attached to nothing."""
        return sa.Column(name, type_, **keywords)

    def index(
        self, name: Any, tablename: str | None, columns: Sequence[Any], schema: str | None = None, **options: Any
    ) -> sa.Index:
        """An index on a table that has just the columns that are named."""
        table = self._stub(tablename or "no_table", [one for one in map(_column_name, columns) if one], schema)
        keys = [table.c[_column_name(one)] if _column_name(one) else detached(one) for one in columns]  # type: ignore[index]
        return sa.Index(name, *keys, _table=table, **options)

    def _stub(
        self, name: str, columns: Iterable[str], schema: str | None, metadata: sa.MetaData | None = None
    ) -> sa.Table:
        return sa.Table(
            name,
            metadata if metadata is not None else self.metadata(),
            *(sa.Column(column, NULLTYPE) for column in dict.fromkeys(map(str, columns))),
            schema=schema,
        )

    def _referred(self, metadata: sa.MetaData, key: sa.ForeignKey) -> None:
        """Give the table that a foreign key names a place in the MetaData."""
        if not isinstance(key._colspec, str):
            return
        schema, name, column = key._column_tokens
        fullname = f"{schema}.{name}" if schema else name
        table = metadata.tables.get(fullname)
        if table is None:
            table = sa.Table(name, metadata, schema=schema or None)
        if column is not None and column not in table.c:
            table.append_column(sa.Column(column, NULLTYPE))


def detached(clause: Any) -> Any:
    """An expression whose columns belong to no table, so that nothing made of it attaches itself to the models."""
    if not isinstance(clause, sa.ClauseElement):
        return clause

    def replaced(element: Any, **_: Any) -> Any:
        if isinstance(element, sa.Column):
            return sa.column(element.name, element.type)
        return None

    return visitors.replacement_traverse(clause, {}, replaced)


def is_type_bound(item: Any) -> bool:
    """Whether a constraint is one that its column's type brings by itself."""
    return bool(getattr(item, "_type_bound", False))


def own_copy(item: Any, table: sa.Table | None = None) -> Any:
    """A constraint or index itself, or a copy where it belongs to another table."""
    if isinstance(item, sa.Index):
        if item.table is None or item.table is table:
            return item
        names = [one.name if isinstance(one, sa.Column) else detached(one) for one in item.expressions]
        return sa.Index(item.name, *names, unique=item.unique, **item.dialect_kwargs)
    parent = getattr(item, "parent", None)
    if parent is None or parent is table:
        return item
    if isinstance(item, sa.ForeignKeyConstraint):
        return _foreign_key_copy(item)
    return item._copy(target_table=table) if table is not None else item._copy()


def _foreign_key_copy(key: sa.ForeignKeyConstraint) -> sa.ForeignKeyConstraint:
    """A foreign key that says by name where it points; among other tables a key or a default schema could mislead."""
    target, columns = referred_by(key)
    return sa.ForeignKeyConstraint(
        [str(column.key) for column in key.columns],
        [f"{target}.{column}" for column in columns],
        name=key.name,
        onupdate=key.onupdate,
        ondelete=key.ondelete,
        deferrable=key.deferrable,
        initially=key.initially,
        match=key.match,
        use_alter=key.use_alter,
        link_to_name=True,
        **key.dialect_kwargs,
    )


def _column_name(key: Any) -> str | None:
    if isinstance(key, str):
        return key
    return str(key.name) if isinstance(key, sa.Column) else None
