"""Directive classes for tables."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

import sqlalchemy as sa

from flask_schema.alembic_compat.operations.migrate_operation import AlterTableOp, MigrateOperation
from flask_schema.alembic_compat.operations.schemaobj import SchemaObjects


class CreateTableOp(MigrateOperation):
    """``op.create_table``; ``columns`` are its columns and constraints, in their order."""

    def __init__(
        self,
        table_name: str,
        columns: Sequence[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        _namespace_metadata: sa.MetaData | None = None,
        _constraints_included: bool = False,
        **kw: Any,
    ) -> None:
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.if_not_exists = if_not_exists
        self.info: dict[Any, Any] = kw.pop("info", None) or {}
        self.comment: str | None = kw.pop("comment", None)
        self.prefixes: Sequence[str] | None = kw.pop("prefixes", None)
        self.kw = kw
        self._namespace_metadata = _namespace_metadata
        self._constraints_included = _constraints_included

    @classmethod
    def from_table(cls, table: sa.Table, *, _namespace_metadata: sa.MetaData | None = None) -> CreateTableOp:
        """The directive that creates ``table``; its indexes are directives of their own."""
        return cls(
            table.name,
            [*table.c, *table.constraints],
            schema=table.schema,
            _namespace_metadata=_namespace_metadata if _namespace_metadata is not None else table.metadata,
            _constraints_included=True,
            comment=table.comment,
            info=dict(table.info),
            prefixes=list(table._prefixes),
            **table.dialect_kwargs,
        )

    def to_table(self, migration_context: Any = None) -> sa.Table:
        """The table, on a MetaData of its own."""
        return SchemaObjects(migration_context).table(
            self.table_name,
            *self.columns,
            schema=self.schema,
            prefixes=list(self.prefixes or ()),
            comment=self.comment,
            info=dict(self.info),
            _constraints_included=self._constraints_included,
            **self.kw,
        )

    def reverse(self) -> DropTableOp:
        """The directive that drops it."""
        return DropTableOp.from_table(self.to_table(), _namespace_metadata=self._namespace_metadata)

    def to_diff_tuple(self) -> tuple[str, sa.Table]:
        """``("add_table", table)``."""
        return ("add_table", self.to_table())


class DropTableOp(MigrateOperation):
    """``op.drop_table``."""

    def __init__(
        self,
        table_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        table_kw: MutableMapping[Any, Any] | None = None,
        _reverse: CreateTableOp | None = None,
    ) -> None:
        self.table_name = table_name
        self.schema = schema
        self.if_exists = if_exists
        self.table_kw = table_kw if table_kw is not None else {}
        self.comment = self.table_kw.pop("comment", None)
        self.info = self.table_kw.pop("info", None) or {}
        self.prefixes = self.table_kw.pop("prefixes", None)
        self._reverse = _reverse

    @classmethod
    def from_table(cls, table: sa.Table, *, _namespace_metadata: sa.MetaData | None = None) -> DropTableOp:
        """The directive that drops ``table``."""
        kept = {"comment": table.comment, "info": dict(table.info), "prefixes": list(table._prefixes)}
        return cls(
            table.name,
            schema=table.schema,
            table_kw={**kept, **table.dialect_kwargs},
            _reverse=CreateTableOp.from_table(table, _namespace_metadata=_namespace_metadata),
        )

    def to_table(self, migration_context: Any = None) -> sa.Table:
        """The table; without columns when nobody said what it was."""
        reverse = self._reverse
        return SchemaObjects(migration_context).table(
            self.table_name,
            *(reverse.columns if reverse is not None else ()),
            comment=self.comment,
            info=dict(self.info),
            prefixes=list(self.prefixes or ()),
            schema=self.schema,
            _constraints_included=reverse is not None and reverse._constraints_included,
            **self.table_kw,
        )

    def reverse(self) -> CreateTableOp:
        """The directive that creates it again."""
        namespace = self._reverse._namespace_metadata if self._reverse is not None else None
        return CreateTableOp.from_table(self.to_table(), _namespace_metadata=namespace)

    def to_diff_tuple(self) -> tuple[str, sa.Table]:
        """``("remove_table", table)``."""
        return ("remove_table", self.to_table())


class RenameTableOp(AlterTableOp):
    """``op.rename_table``."""

    def __init__(self, old_table_name: str, new_table_name: str, *, schema: str | None = None) -> None:
        super().__init__(old_table_name, schema=schema)
        self.new_table_name = new_table_name

    def reverse(self) -> RenameTableOp:
        """The directive that gives it its old name."""
        return RenameTableOp(self.new_table_name, self.table_name, schema=self.schema)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """``("rename_table", schema, old name, new name)``; Alembic never finds one."""
        return ("rename_table", self.schema, self.table_name, self.new_table_name)


class CreateTableCommentOp(AlterTableOp):
    """``op.create_table_comment``."""

    def __init__(
        self,
        table_name: str,
        comment: str | None,
        *,
        schema: str | None = None,
        existing_comment: str | None = None,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.comment = comment
        self.existing_comment = existing_comment

    def reverse(self) -> CreateTableCommentOp | DropTableCommentOp:
        """The directive that gives it its old comment, or none."""
        if self.existing_comment is None:
            return DropTableCommentOp(self.table_name, existing_comment=self.comment, schema=self.schema)
        return CreateTableCommentOp(
            self.table_name, self.existing_comment, existing_comment=self.comment, schema=self.schema
        )

    def to_table(self, migration_context: Any = None) -> sa.Table:
        """A table that has nothing but the comment."""
        return SchemaObjects(migration_context).table(self.table_name, schema=self.schema, comment=self.comment)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """``("add_table_comment", table, existing comment)``."""
        return ("add_table_comment", self.to_table(), self.existing_comment)


class DropTableCommentOp(AlterTableOp):
    """``op.drop_table_comment``."""

    def __init__(self, table_name: str, *, schema: str | None = None, existing_comment: str | None = None) -> None:
        super().__init__(table_name, schema=schema)
        self.existing_comment = existing_comment

    def reverse(self) -> CreateTableCommentOp:
        """The directive that sets it again."""
        return CreateTableCommentOp(self.table_name, self.existing_comment, schema=self.schema)

    def to_table(self, migration_context: Any = None) -> sa.Table:
        """A table that has nothing."""
        return SchemaObjects(migration_context).table(self.table_name, schema=self.schema)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """``("remove_table_comment", table)``."""
        return ("remove_table_comment", self.to_table())
