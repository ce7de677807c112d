"""Directive classes for columns."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from flask_schema.alembic_compat.operations.migrate_operation import AlterTableOp


class AlterColumnOp(AlterTableOp):
    """``op.alter_column``: what is ``modify_...`` is to change, what is ``existing_...`` is what it is.

    None says nothing; for defaults and comments it is False that says nothing, and None that there is none.
    """

    def __init__(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        existing_type: Any = None,
        existing_server_default: Any = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        modify_nullable: bool | None = None,
        modify_comment: Any = False,
        modify_server_default: Any = False,
        modify_name: str | None = None,
        modify_type: Any = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.existing_type = existing_type
        self.existing_server_default = existing_server_default
        self.existing_nullable = existing_nullable
        self.existing_comment = existing_comment
        self.modify_nullable = modify_nullable
        self.modify_comment = modify_comment
        self.modify_server_default = modify_server_default
        self.modify_name = modify_name
        self.modify_type = modify_type
        self.kw = kw

    def _changes(self) -> dict[str, bool]:
        """The facets by the names that they have in tuples, and whether they change."""
        return {
            "type": self.modify_type is not None,
            "nullable": self.modify_nullable is not None,
            "server_default": self.modify_server_default is not False,
            "comment": self.modify_comment is not False,
        }

    def has_changes(self) -> bool:
        """Whether anything changes."""
        renamed = self.modify_name is not None
        return renamed or any(self._changes().values()) or any(name.startswith("modify_") for name in self.kw)

    def to_diff_tuple(self) -> list[tuple[Any, ...]]:
        """A tuple a change: ``("modify_type", schema, table, column, existing facets, old, new)``."""
        changes = self._changes()
        place = (self.schema, self.table_name, self.column_name)
        renamed: list[tuple[Any, ...]] = []
        if self.modify_name is not None:
            renamed.append(("modify_name", *place, {}, self.column_name, self.modify_name))
        return [
            *renamed,
            *(
                (
                    f"modify_{'default' if facet == 'server_default' else facet}",
                    *place,
                    {f"existing_{other}": getattr(self, f"existing_{other}") for other in changes if other != facet},
                    getattr(self, f"existing_{facet}"),
                    getattr(self, f"modify_{facet}"),
                )
                for facet, changed in changes.items()
                if changed
            ),
        ]

    def reverse(self) -> AlterColumnOp:
        """The directive that makes the column what it was."""
        facets = dict(self.kw)
        for facet, changed in self._changes().items():
            existing = getattr(self, f"existing_{facet}")
            facets[f"existing_{facet}"] = getattr(self, f"modify_{facet}") if changed else existing
            if changed:
                facets[f"modify_{facet}"] = existing
        for name in [name for name in self.kw if name.startswith("modify_")]:
            other = f"existing_{name.removeprefix('modify_')}"
            facets[name], facets[other] = self.kw.get(other), self.kw[name]
        name = self.column_name
        if self.modify_name is not None:
            name, facets["modify_name"] = self.modify_name, self.column_name
        return type(self)(self.table_name, name, schema=self.schema, **facets)


class AddColumnOp(AlterTableOp):
    """``op.add_column``."""

    def __init__(
        self,
        table_name: str,
        column: sa.Column[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column = column
        self.if_not_exists = if_not_exists
        self.inline_references = inline_references
        self.inline_primary_key = inline_primary_key
        self.kw = kw

    @classmethod
    def from_column(cls, col: sa.Column[Any]) -> AddColumnOp:
        """The directive that adds ``col`` to the table that it belongs to."""
        return cls(col.table.name, col, schema=col.table.schema)

    @classmethod
    def from_column_and_tablename(cls, schema: str | None, tname: str, col: sa.Column[Any]) -> AddColumnOp:
        """The directive that adds ``col`` to a table by name."""
        return cls(tname, col, schema=schema)

    def to_column(self) -> sa.Column[Any]:
        """The column."""
        return self.column

    def reverse(self) -> DropColumnOp:
        """The directive that drops it."""
        dropped = DropColumnOp.from_column_and_tablename(self.schema, self.table_name, self.column)
        dropped.if_exists = self.if_not_exists
        return dropped

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """``("add_column", schema, table, column)``."""
        return ("add_column", self.schema, self.table_name, self.column)


class DropColumnOp(AlterTableOp):
    """``op.drop_column``."""

    def __init__(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: AddColumnOp | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.if_exists = if_exists
        self._reverse = _reverse
        self.kw = kw

    @classmethod
    def from_column_and_tablename(cls, schema: str | None, tname: str, col: sa.Column[Any]) -> DropColumnOp:
        """The directive that drops ``col`` from a table by name."""
        added = AddColumnOp.from_column_and_tablename(schema, tname, col)
        return cls(tname, col.name, schema=schema, _reverse=added)

    def to_column(self, migration_context: Any = None) -> sa.Column[Any]:
        """The column; without a type when nobody said what it was."""
        del migration_context
        if self._reverse is not None:
            return self._reverse.column
        return sa.Column(self.column_name, sa.types.NULLTYPE)

    def reverse(self) -> AddColumnOp:
        """The directive that adds it again. Raises ValueError when nobody said what it was."""
        if self._reverse is None:
            raise ValueError("operation is not reversible; original column is not present")
        added = AddColumnOp.from_column_and_tablename(self.schema, self.table_name, self._reverse.column)
        added.if_not_exists = self.if_exists
        return added

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """``("remove_column", schema, table, column)``."""
        return ("remove_column", self.schema, self.table_name, self.to_column())
