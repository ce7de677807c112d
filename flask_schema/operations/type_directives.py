"""Directives for what Alembic has none: enum types, sequences, and new names for indexes and constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.types import TypeEngine

from flask_schema.errors import UsageError
from flask_schema.operations import enums, renames, sequences
from flask_schema.operations.listening import Listener
from flask_schema.operations.operation import Operation
from flask_schema.snapshot import elements
from flask_schema.snapshot.elements import QualifiedName

SEQUENCE_FACETS = {
    "start": "start",
    "increment": "increment",
    "minvalue": "minimum",
    "maxvalue": "maximum",
    "cycle": "cycle",
    "cache": "cache",
    "data_type": "data_type",
    "owned_by": "owned_by",
}
"""The facets of a sequence: the directive's argument, named as SQLAlchemy names it, and the element's field."""


class TypeDirectives:
    """Part of ``op``."""

    def _listener(self) -> Listener:
        raise NotImplementedError

    def _hear(self, operation: Operation) -> Any:
        return self._listener().hear(operation)

    # -- enum types ---------------------------------------------------------------------------

    def create_enum(
        self,
        enum_name: str,
        values: Sequence[str],
        *,
        schema: str | None = None,
        comment: str | None = None,
        if_not_exists: bool = False,
    ) -> None:
        """Create an enum type with its values in order."""
        enum = elements.Enum(QualifiedName(enum_name, schema), tuple(values), comment)
        self._hear(enums.CreateEnum(enum, if_not_exists=if_not_exists))

    def drop_enum(self, enum_name: str, *, schema: str | None = None, if_exists: bool = False) -> None:
        """Drop an enum type that no column uses."""
        self._hear(enums.DropEnum(QualifiedName(enum_name, schema), if_exists=if_exists))

    def alter_enum(
        self,
        enum_name: str,
        values: Sequence[str],
        *,
        existing_values: Sequence[str],
        renames: Mapping[str, str] | None = None,
        schema: str | None = None,
        comment: str | None = None,
    ) -> None:
        """Give an enum type other values. ``renames`` maps old values to new ones: rows that hold them follow."""
        name = QualifiedName(enum_name, schema)
        before = elements.Enum(name, tuple(existing_values), comment)
        after = elements.Enum(name, tuple(values), comment)
        self._hear(enums.AlterEnum(before, after, tuple((renames or {}).items())))

    def rename_enum_value(self, enum_name: str, value: str, new_value: str, *, schema: str | None = None) -> None:
        """Rename one value of an enum type; rows that hold it follow."""
        self._hear(enums.RenameEnumValue(QualifiedName(enum_name, schema), value, new_value))

    def add_enum_value(
        self,
        enum_name: str,
        value: str,
        *,
        before: str | None = None,
        after: str | None = None,
        if_not_exists: bool = False,
        schema: str | None = None,
    ) -> None:
        """Add a value to an enum type: before or after another one, or last. Raises UsageError for both."""
        if before is not None and after is not None:
            raise UsageError("op.add_enum_value takes 'before' or 'after', not both")
        name = QualifiedName(enum_name, schema)
        self._hear(enums.AddEnumValue(name, value, before, after, if_not_exists=if_not_exists))

    def remove_enum_value(
        self,
        enum_name: str,
        value: str,
        *,
        replacement: str | None = None,
        after: str | None = None,
        before: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Remove a value from an enum type. Rows that hold it get ``replacement``; without one there must be none.

        Columns, defaults, checks, indexes and views that use the type follow. ``after`` and ``before`` are its
        neighbours, for the way back.
        """
        name = QualifiedName(enum_name, schema)
        self._hear(enums.RemoveEnumValue(name, value, replacement, following=after, leading=before))

    # -- sequences ----------------------------------------------------------------------------

    def create_sequence(
        self, sequence_name: str, *, schema: str | None = None, if_not_exists: bool = False, **facets: Any
    ) -> None:
        """Create a sequence: ``start``, ``increment``, ``minvalue``, ``maxvalue``, ``cycle``, ``cache``, ``data_type``
        (a type or its SQL), ``owned_by`` (table and column, or schema, table and column; or ``"table.column"``).
        """
        sequence = self._sequence(QualifiedName(sequence_name, schema), facets)
        self._hear(sequences.CreateSequence(sequence, if_not_exists=if_not_exists))

    def drop_sequence(self, sequence_name: str, *, schema: str | None = None, if_exists: bool = False) -> None:
        """Drop a sequence."""
        self._hear(sequences.DropSequence(QualifiedName(sequence_name, schema), if_exists=if_exists))

    def alter_sequence(self, sequence_name: str, *, schema: str | None = None, **facets: Any) -> None:
        """Give a sequence other facets, named as in ``create_sequence``; ``existing_...`` say what they are.

        A facet that is not mentioned is the database's default, before and after.
        """
        name = QualifiedName(sequence_name, schema)
        existing = {key[len("existing_") :]: value for key, value in facets.items() if key.startswith("existing_")}
        given = {key: value for key, value in facets.items() if not key.startswith("existing_")}
        self._hear(sequences.AlterSequence(self._sequence(name, existing), self._sequence(name, given)))

    def rename_sequence(self, old_sequence_name: str, new_sequence_name: str, *, schema: str | None = None) -> None:
        """Rename a sequence within its schema; a column that takes numbers from it goes on to."""
        self._hear(sequences.RenameSequence(QualifiedName(old_sequence_name, schema), new_sequence_name))

    def _sequence(self, name: QualifiedName, facets: Mapping[str, Any]) -> elements.Sequence:
        unknown = sorted(facets.keys() - SEQUENCE_FACETS.keys())
        if unknown:
            raise UsageError(f"a sequence has no facet {unknown[0]!r}", hint=f"facets are {', '.join(SEQUENCE_FACETS)}")
        given = {SEQUENCE_FACETS[key]: value for key, value in facets.items() if value is not None}
        data_type = given.get("data_type")
        if isinstance(data_type, (TypeEngine, type)):
            given["data_type"] = self._listener().translation.data_type(data_type).sql
        if "owned_by" in given:
            owner = given["owned_by"]
            *schema, table, column = owner.split(".") if isinstance(owner, str) else owner
            given["owned_by"] = (QualifiedName(table, schema[0] if schema else None), column)
        return elements.Sequence(name, **given)

    # -- new names ----------------------------------------------------------------------------

    def rename_index(
        self, old_name: str, new_name: str, table_name: str | None = None, *, schema: str | None = None
    ) -> None:
        """Rename an index; some databases need ``table_name``."""
        table = QualifiedName(table_name, schema) if table_name is not None else None
        self._hear(renames.RenameIndex(old_name, new_name, table, schema if table is None else None))

    def rename_constraint(self, old_name: str, new_name: str, table_name: str, *, schema: str | None = None) -> None:
        """Rename a constraint of a table."""
        self._hear(renames.RenameConstraint(QualifiedName(table_name, schema), old_name, new_name))
