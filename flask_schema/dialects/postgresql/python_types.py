"""SQLAlchemy types for type texts, so that they can be written as Python source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from flask_schema.dialects.postgresql.canonical import enum_sql
from flask_schema.dialects.postgresql.data_types import TypeName, type_name
from flask_schema.dialects.postgresql.domains import Domain
from flask_schema.snapshot.elements import Enum, QualifiedName
from flask_schema.snapshot.type_text import TypeText


class PythonTypes:
    """Finds types; enums and domains are known once they have been read from a database."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect: Any = dialect
        self._enums: dict[str, Enum] = {}
        self._domains: dict[str, Domain] = {}

    def learn(self, enums: Mapping[QualifiedName, Enum], domains: Mapping[QualifiedName, Domain]) -> None:
        """Take in the types that a database has."""
        self._enums.update((enum_sql(name), enum) for name, enum in enums.items())
        self._domains.update((enum_sql(name), domain) for name, domain in domains.items())

    def of(self, sql: str) -> TypeEngine[Any]:
        """The type that ``sql`` names; one that is not known (PostGIS without its package, say) is its own text."""
        named = type_name(sql)
        item = self._item(named)
        return postgresql.ARRAY(item) if named.array else item

    def _item(self, named: TypeName) -> TypeEngine[Any]:
        enum = self._enums.get(named.name)
        if enum is not None:
            return sa.Enum(*enum.values, name=enum.name.name, schema=enum.name.schema)
        domain = self._domains.get(named.name)
        if domain is not None:
            return self._domain(domain)
        cls = self._dialect.ischema_names.get(_reflected_name(named.name))
        if cls is None:
            return TypeText(named.name + (f"({named.arguments})" if named.arguments else ""))
        return _made(cls, named)

    def _domain(self, domain: Domain) -> TypeEngine[Any]:
        name, expression = domain.checks[0] if domain.checks else (None, None)
        return postgresql.DOMAIN(
            domain.name.name,
            self.of(domain.type_sql),
            schema=domain.name.schema,
            not_null=domain.not_null or None,
            default=sa.text(domain.default) if domain.default is not None else None,
            constraint_name=name,
            check=sa.text(expression) if expression is not None else None,
        )


def _reflected_name(name: str) -> str:
    """The name that SQLAlchemy's reflection knows a type by."""
    if name.startswith("INTERVAL"):
        return "interval"
    return {"VARCHAR": "character varying", "CHAR": "character"}.get(name, name.lower())


def _made(cls: Any, named: TypeName) -> TypeEngine[Any]:
    arguments = [int(one) for one in named.arguments.split(",") if one.strip().lstrip("-").isdigit()]
    first = arguments[0] if arguments else None
    made: TypeEngine[Any]
    if named.name.startswith(("TIMESTAMP ", "TIME ")):
        made = cls(timezone=" WITH " in named.name, precision=first)
    elif named.name.startswith("INTERVAL"):
        made = cls(precision=first, fields=named.name[len("INTERVAL ") :].lower() or None)
    elif named.name == "BIT VARYING":
        made = cls(first, varying=True)
    elif named.name in ("VARCHAR", "CHAR", "TEXT") or named.collation is not None:
        collation = named.collation.strip('"') if named.collation is not None else None
        made = cls(first, collation=collation)
    else:
        made = cls(*arguments)
    return made
