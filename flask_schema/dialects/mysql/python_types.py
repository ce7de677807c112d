"""SQLAlchemy types for the type texts of MySQL and MariaDB, by SQLAlchemy's own reflection parser."""

from __future__ import annotations

import warnings
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql.mariadb import INET4, INET6
from sqlalchemy.dialects.mysql.reflection import MySQLTableDefinitionParser
from sqlalchemy.types import TypeEngine

from flask_schema.dialects.mysql.data_types import NUMBERS, canonical_type
from flask_schema.snapshot.type_text import TypeText

_NOT_REFLECTED: dict[str, type[TypeEngine[Any]]] = {"INET4": INET4, "INET6": INET6}


def python_type(sql: str, sqlalchemy: sa.Dialect) -> TypeEngine[Any]:
    """The type that ``sql`` names; one that SQLAlchemy does not know (GEOMETRY, say) is its own text."""
    parsed = canonical_type(sql)
    if parsed.name in _NOT_REFLECTED:
        return _NOT_REFLECTED[parsed.name]()
    known: Any = sqlalchemy
    parser: Any = MySQLTableDefinitionParser(known, known.identifier_preparer)
    attributes = parsed.sql[len(parsed.name) :]
    if parsed.name in NUMBERS:
        attributes = attributes.lower()
    shown = parsed.name.lower() + attributes
    if parsed.name.lower() not in known.ischema_names:
        return TypeText(parsed.sql)
    quote = known.identifier_preparer.initial_quote
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        state = parser.parse(f"CREATE TABLE {quote}t{quote} (\n  {quote}c{quote} {shown}\n)", None)
    found: TypeEngine[Any] = state.columns[0]["type"]
    return found
