"""Finds the dialect for a SQLAlchemy engine; a database's folder is imported only when it is used."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from flask_schema.errors import DialectUnsupported

if TYPE_CHECKING:
    import sqlalchemy as sa

    from flask_schema.dialects.dialect import Dialect

_OWN = {
    "sqlite": "flask_schema.dialects.sqlite.dialect:SqliteDialect",
    "postgresql": "flask_schema.dialects.postgresql.dialect:PostgresqlDialect",
    "cockroachdb": "flask_schema.dialects.cockroachdb.dialect:CockroachdbDialect",
    "mysql": "flask_schema.dialects.mysql.dialect:MysqlDialect",
    "mariadb": "flask_schema.dialects.mysql.dialect:MariadbDialect",
}

ENTRY_POINT_GROUP = "flask_schema.dialects"
"""Other packages offer a dialect under this entry point group, named as SQLAlchemy names it."""


_LIKE: dict[str, str] = {}


def treat_like(name: str, own: str) -> None:
    """Let a database that SQLAlchemy calls ``name`` be treated in the way of ``own``, unless a dialect is offered."""
    _LIKE[name] = own


def dialect_for(sqlalchemy: sa.Dialect) -> Dialect:
    """The dialect for SQLAlchemy's ``engine.dialect``. Raises DialectUnsupported."""
    name = sqlalchemy.name
    place = _OWN.get(name)
    if place is None:
        offered = {entry.name: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
        if name not in offered and name in _LIKE:
            return _own_dialect(_OWN[_LIKE[name]], sqlalchemy)
        if name not in offered:
            raise DialectUnsupported(
                f"there is no dialect for {name!r}",
                hint=f"supported are {', '.join(sorted({*_OWN, *offered}))}",
            )
        dialect: Dialect = offered[name].load()(sqlalchemy)
        return dialect
    return _own_dialect(place, sqlalchemy)


def _own_dialect(place: str, sqlalchemy: sa.Dialect) -> Dialect:
    module, _, attribute = place.partition(":")
    dialect: Dialect = getattr(import_module(module), attribute)(sqlalchemy)
    return dialect
