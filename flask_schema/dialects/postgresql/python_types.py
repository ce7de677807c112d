"""SQLAlchemy types for PostgreSQL's type texts, as SQLAlchemy's own reflection finds them."""

from __future__ import annotations

import warnings
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from flask_schema.dialects.constructs import TypeText
from flask_schema.dialects.postgresql.data_types import TypeName, type_name

_CATALOG_NAMES = {"VARCHAR": "character varying", "CHAR": "character"}


def python_type(sql: str, dialect: Any) -> TypeEngine[Any]:
    """The type for a text such as ``VARCHAR(50)``; a type that SQLAlchemy does not know is its own text."""
    name = type_name(sql)
    item = _item(name, dialect)
    if item is None:
        return TypeText(sql)
    return postgresql.ARRAY(item) if name.array else item


def _item(name: TypeName, dialect: Any) -> TypeEngine[Any] | None:
    if name.name == "DOUBLE PRECISION":
        return sa.Double()
    catalog_name = _CATALOG_NAMES.get(name.name, name.name.lower())
    head, blank, rest = catalog_name.partition(" ")
    arguments = f"({name.arguments.replace(' ', '')})" if name.arguments else ""
    moment = head in ("timestamp", "time")
    text = f"{head}{arguments}{blank}{rest}" if moment else f"{catalog_name}{arguments}"
    if catalog_name not in dialect.ischema_names and head != "interval":
        return None
    collation = name.collation.strip('"').replace('""', '"') if name.collation else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        found: TypeEngine[Any] = dialect._reflect_type(text, {}, {}, "type", collation)
    return None if isinstance(found, sa.types.NullType) else found
