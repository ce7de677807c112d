"""Directives for what stands beside tables: enum types, sequences, and names of indexes and constraints."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from flask_schema.operations import enums, renames, sequences
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Enum, QualifiedName
from flask_schema.snapshot.elements import Sequence as SequenceElement

_SEQUENCE_NAMES = {"minvalue": "minimum", "maxvalue": "maximum"}


def sequence_element(name: str, schema: str | None, facets: Mapping[str, Any]) -> SequenceElement:
    """A sequence from the argument names of ``sa.Sequence``; ``data_type`` is SQL text or a SQLAlchemy type.

    ``owned_by`` is table and column, or schema, table and column.
    """
    given = {_SEQUENCE_NAMES.get(key, key): value for key, value in facets.items() if value is not None}
    if "data_type" in given and not isinstance(given["data_type"], str):
        given["data_type"] = str(given["data_type"])
    if "owned_by" in given:
        *owner_schema, table, column = given["owned_by"]
        given["owned_by"] = (QualifiedName(table, owner_schema[0] if owner_schema else None), column)
    return SequenceElement(QualifiedName(name, schema), **given)


class ObjectDirectives:
    """The part of ``op`` that Alembic has no directives for."""

    @abstractmethod
    def _hear(self, operation: Operation) -> Any:
        raise NotImplementedError

    def create_enum(
        self, name: str, values: Sequence[str], *, schema: str | None = None, if_not_exists: bool | None = None
    ) -> None:
        """Create an enum type with its values in order."""
        self._hear(
            enums.CreateEnum(Enum(QualifiedName(name, schema), tuple(values)), if_not_exists=bool(if_not_exists))
        )

    def drop_enum(
        self,
        name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        existing_values: Sequence[str] | None = None,
    ) -> None:
        """Drop an enum type that no column uses any more."""
        qualified = QualifiedName(name, schema)
        before = Enum(qualified, tuple(existing_values)) if existing_values is not None else None
        self._hear(enums.DropEnum(qualified, if_exists=bool(if_exists), before=before))

    def alter_enum(
        self,
        name: str,
        *,
        existing_values: Sequence[str],
        values: Sequence[str],
        renames: Mapping[str, str] | None = None,
        schema: str | None = None,
    ) -> None:
        """Give an enum type other values: added in their place, renamed (``renames`` old to new), or, where some go or
        change places, by a new type that the columns are moved to.
        """
        qualified = QualifiedName(name, schema)
        self._hear(
            enums.AlterEnum(
                Enum(qualified, tuple(existing_values)),
                Enum(qualified, tuple(values)),
                renames=tuple((renames or {}).items()),
            )
        )

    def rename_enum_value(self, name: str, value: str, new_value: str, *, schema: str | None = None) -> None:
        """Rename a value of an enum type; rows that have it follow."""
        self._hear(enums.RenameEnumValue(QualifiedName(name, schema), value, new_value))

    def create_sequence(
        self, name: str, *, schema: str | None = None, if_not_exists: bool | None = None, **facets: Any
    ) -> None:
        """Create a sequence; ``facets`` are named as those of ``sa.Sequence``, with ``data_type`` as SQL text."""
        self._hear(sequences.CreateSequence(sequence_element(name, schema, facets), if_not_exists=bool(if_not_exists)))

    def drop_sequence(self, name: str, *, schema: str | None = None, if_exists: bool | None = None) -> None:
        """Drop a sequence."""
        self._hear(sequences.DropSequence(QualifiedName(name, schema), if_exists=bool(if_exists)))

    def alter_sequence(
        self, name: str, *, existing: Mapping[str, Any] | None = None, schema: str | None = None, **facets: Any
    ) -> None:
        """Change a sequence; ``existing`` says what it is, with the same names as the facets it is to have."""
        self._hear(
            sequences.AlterSequence(
                sequence_element(name, schema, existing or {}),
                sequence_element(name, schema, {**(existing or {}), **facets}),
            )
        )

    def rename_index(
        self, name: str, new_name: str, *, table_name: str | None = None, schema: str | None = None
    ) -> None:
        """Rename an index; some databases need ``table_name``."""
        table = QualifiedName(table_name, schema) if table_name is not None else None
        self._hear(renames.RenameIndex(name, new_name, table, schema if table is None else None))

    def rename_constraint(self, name: str, new_name: str, table_name: str, *, schema: str | None = None) -> None:
        """Rename a constraint."""
        self._hear(renames.RenameConstraint(QualifiedName(table_name, schema), name, new_name))

    def rename_column(self, table_name: str, name: str, new_name: str, *, schema: str | None = None) -> None:
        """Rename a column: ``alter_column`` with ``new_column_name``."""
        from flask_schema.operations.columns import AlterColumn, ColumnFacets

        self._hear(AlterColumn(QualifiedName(table_name, schema), name, after=ColumnFacets(name=new_name)))
