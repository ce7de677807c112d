"""Enum types and domains that columns use, and which of them have to be created first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.named_types import DOMAIN, ENUM, CreateDomainType, CreateEnumType
from sqlalchemy.types import TypeDecorator, TypeEngine

from flask_schema.dialects.dialect import Surroundings
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.errors import OfflineRefused
from flask_schema.snapshot.elements import DataType, QualifiedName


def named_types(python: TypeEngine[Any] | None, dialect: sa.Dialect) -> Iterator[Any]:
    """SQLAlchemy's ENUM and DOMAIN objects that a column type refers to, what others stand on first."""
    if python is None:
        return
    implementation: Any = python.dialect_impl(dialect)
    if isinstance(implementation, TypeDecorator):
        yield from named_types(implementation.impl_instance, dialect)
    elif getattr(implementation, "item_type", None) is not None:
        yield from named_types(implementation.item_type, dialect)
    elif isinstance(implementation, DOMAIN):
        yield from named_types(implementation.data_type, dialect)
        yield implementation
    elif isinstance(implementation, ENUM) and implementation.name and getattr(implementation, "native_enum", True):
        yield implementation


def types_to_create(types: Iterable[DataType], dialect: sa.Dialect) -> dict[QualifiedName, Any]:
    """The DDL constructs of the named types that columns use, by name; ``create_type=False`` leaves one out."""
    wanted: dict[QualifiedName, Any] = {}
    for data_type in types:
        for one in named_types(data_type.python, dialect):
            if not getattr(one, "create_type", True):
                continue
            name = QualifiedName(str(one.name), one.schema or getattr(getattr(one, "metadata", None), "schema", None))
            if name not in wanted:
                wanted[name] = CreateDomainType(one) if isinstance(one, DOMAIN) else CreateEnumType(one)
    return wanted


class KnownTypes:
    """Remembers, for SQL written without a database, which types the SQL so far has created."""

    def __init__(self) -> None:
        self._written: WeakKeyDictionary[Surroundings, set[QualifiedName]] = WeakKeyDictionary()

    def missing(self, names: Iterable[QualifiedName], surroundings: Surroundings) -> set[QualifiedName]:
        """Those of ``names`` that there is no type of: the database is asked once, else what was written counts."""
        wanted = set(names)
        if not wanted:
            return set()
        if not surroundings.offline:
            return wanted - existing_types(wanted, surroundings)
        try:
            known = set(surroundings.snapshot().enums)
        except OfflineRefused:
            known = set()
        return wanted - known - self._written.get(surroundings, set())

    def created(self, name: QualifiedName, surroundings: Surroundings) -> None:
        """Note that a type is created."""
        if surroundings.offline:
            self._written.setdefault(surroundings, set()).add(name)

    def dropped(self, name: QualifiedName, surroundings: Surroundings) -> None:
        """Note that a type is dropped."""
        self._written.get(surroundings, set()).discard(name)


def existing_types(names: Iterable[QualifiedName], surroundings: Surroundings) -> set[QualifiedName]:
    """Those of ``names`` that the database has a type of."""
    pairs = ", ".join(f"({literal(one.schema or '')}, {literal(one.name)})" for one in sorted(names, key=str))
    rows = surroundings.query(
        "SELECT w.schema, w.name FROM (VALUES " + pairs + ") w(schema, name) WHERE EXISTS ("
        "SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = w.name "
        "AND CASE WHEN w.schema = '' THEN pg_type_is_visible(t.oid) ELSE n.nspname = w.schema END)"
    )
    return {QualifiedName(name, schema or None) for schema, name in rows}
