"""CREATE TYPE for enums and domains that columns use and that the database lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOMAIN, ENUM, CreateDomainType
from sqlalchemy.types import TypeDecorator, TypeEngine

from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.from_sqlalchemy import may_be_named
from flask_schema.values import dataclass


@dataclass(slots=True)
class Memory:
    """What a dialect must know of earlier statements.

    ``created``: types that this SQL file has created, so that it does not create them twice.
    ``uncommitted``: enum values that were added in the transaction that is still open.
    ``knows_no_leftovers``: there was no invalid index, and nothing has been sent since that could leave one.
    """

    created: set[QualifiedName] = field(default_factory=set)
    uncommitted: set[str] = field(default_factory=set)
    knows_no_leftovers: bool = False


@dataclass(frozen=True, slots=True)
class NamedType:
    """A type that must exist before a column of it: its name and, for an enum, its values."""

    name: QualifiedName
    construct: TypeEngine[Any]
    values: tuple[str, ...] | None = None


def named_types(types: Iterable[TypeEngine[Any] | None], dialect: sa.Dialect) -> Iterator[NamedType]:
    """The enums and domains among SQLAlchemy types, item types of arrays included, each once.

    One with ``create_type=False`` is left to whoever says so.
    """
    seen = set()
    for one in types:
        for construct in _constructs(one, dialect) if one is not None and may_be_named(one) else ():
            known: Any = construct
            name = QualifiedName(str(known.name), known.schema or getattr(known.metadata, "schema", None))
            if name in seen or not known.create_type:
                continue
            seen.add(name)
            yield NamedType(name, construct, tuple(known.enums) if isinstance(construct, ENUM) else None)


def _constructs(python: TypeEngine[Any], dialect: sa.Dialect) -> Iterator[TypeEngine[Any]]:
    implementation: Any = python.dialect_impl(dialect)
    if isinstance(implementation, TypeDecorator):
        yield from _constructs(implementation.impl_instance, dialect)
    elif getattr(implementation, "item_type", None) is not None:
        yield from _constructs(implementation.item_type, dialect)
    elif isinstance(implementation, DOMAIN):
        yield from _constructs(implementation.data_type, dialect)
        yield implementation
    elif isinstance(implementation, ENUM) and implementation.native_enum and implementation.name:
        yield implementation


def create_domain(construct: TypeEngine[Any], dialect: sa.Dialect) -> str:
    """CREATE DOMAIN as SQLAlchemy writes it."""
    return str(CreateDomainType(construct).compile(dialect=dialect)).strip()
