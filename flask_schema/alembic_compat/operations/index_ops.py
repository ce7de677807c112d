"""Directive classes for indexes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from flask_schema.alembic_compat.operations.migrate_operation import MigrateOperation
from flask_schema.alembic_compat.operations.schemaobj import SchemaObjects


class CreateIndexOp(MigrateOperation):
    """``op.create_index``; ``columns`` are names, columns and expressions, ``kw`` the options of databases."""

    def __init__(
        self,
        index_name: Any,
        table_name: str,
        columns: Sequence[Any],
        *,
        schema: str | None = None,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        self.index_name = index_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.unique = unique
        self.if_not_exists = if_not_exists
        self.kw = kw

    @classmethod
    def from_index(cls, index: sa.Index) -> CreateIndexOp:
        """The directive that creates ``index``, which must belong to a table."""
        table = index.table
        if table is None:
            raise ValueError(f"index {index.name} belongs to no table")
        return cls(
            index.name,
            table.name,
            list(index.expressions),
            schema=table.schema,
            unique=bool(index.unique),
            **index.dialect_kwargs,
        )

    def to_index(self, migration_context: Any = None) -> sa.Index:
        """The index, on a table that has just the columns it names."""
        return SchemaObjects(migration_context).index(
            self.index_name, self.table_name, self.columns, schema=self.schema, unique=self.unique, **self.kw
        )

    def reverse(self) -> DropIndexOp:
        """The directive that drops it."""
        return DropIndexOp.from_index(self.to_index())

    def to_diff_tuple(self) -> tuple[str, sa.Index]:
        """``("add_index", index)``."""
        return ("add_index", self.to_index())


class DropIndexOp(MigrateOperation):
    """``op.drop_index``."""

    def __init__(
        self,
        index_name: Any,
        table_name: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: CreateIndexOp | None = None,
        **kw: Any,
    ) -> None:
        self.index_name = index_name
        self.table_name = table_name
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse
        self.kw = kw

    @classmethod
    def from_index(cls, index: sa.Index) -> DropIndexOp:
        """The directive that drops ``index``, which must belong to a table."""
        created = CreateIndexOp.from_index(index)
        return cls(
            index.name,
            table_name=created.table_name,
            schema=created.schema,
            _reverse=created,
            unique=index.unique,
            **index.dialect_kwargs,
        )

    def to_index(self, migration_context: Any = None) -> sa.Index:
        """The index; on a column named ``x`` when nobody said what it was."""
        return SchemaObjects(migration_context).index(
            self.index_name,
            self.table_name,
            self._reverse.columns if self._reverse is not None else ["x"],
            schema=self.schema,
            **self.kw,
        )

    def reverse(self) -> CreateIndexOp:
        """The directive that creates it again."""
        return CreateIndexOp.from_index(self.to_index())

    def to_diff_tuple(self) -> tuple[str, sa.Index]:
        """``("remove_index", index)``."""
        return ("remove_index", self.to_index())
