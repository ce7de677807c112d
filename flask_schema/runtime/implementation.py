"""What ``context.get_impl()`` and ``op.impl`` give to scripts that reach below the directives."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

import sqlalchemy as sa

from flask_schema.runtime.version_table import VersionTable


class Owner(Protocol):
    """The migration context, as far as an implementation asks it."""

    opts: dict[str, Any]

    @property
    def native(self) -> Any:
        """The dialect of this package."""

    @property
    def connection(self) -> sa.Connection | None:
        """The connection, None while SQL is written."""

    @property
    def dialect(self) -> sa.Dialect:
        """SQLAlchemy's dialect."""

    @property
    def as_sql(self) -> bool:
        """True while SQL is written."""

    @property
    def transactional_ddl(self) -> bool:
        """Whether DDL is done in transactions."""

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run a statement, or write it."""

    def static_output(self, text: str) -> None:
        """Write text as it stands into the SQL file."""


_CLASSES: dict[str, type[Implementation]] = {}


def register_implementation(dialect_name: str, kind: type[Implementation], *, is_built_in: bool = False) -> None:
    """Let ``kind`` be what contexts of a dialect have; the last one counts, and a project's before a built-in one."""
    if not is_built_in or dialect_name not in _CLASSES:
        _CLASSES[dialect_name] = kind


_BUILT_IN = "flask_schema.alembic_compat.ddl"
"""Where the classes are; it stands above this room and is reached by its name."""

DEFAULT = "default"
"""The name under which the class for all dialects without one of their own is registered."""


def make_implementation(context: Owner) -> Implementation:
    """What scripts get for a context. Raises ConfigurationError for a project's class that cannot be heeded."""
    import_module(_BUILT_IN)  # scripts ask whether it is an SQLiteImpl
    kind = _CLASSES.get(context.dialect.name) or _CLASSES[DEFAULT]
    kind.refuse_what_has_no_effect()
    return kind(context)


class Implementation:
    """A migration context's database, with the attributes that Alembic's ``DefaultImpl`` has for scripts.

    What it has not is looked for on the dialect of this package.
    """

    def __init__(self, context: Owner) -> None:
        self._context = context

    @classmethod
    def refuse_what_has_no_effect(cls) -> None:
        """Raise ConfigurationError where a project's class replaces what is not used here; this one does not."""

    def options(self) -> dict[str, Any]:
        """Options of ``context.configure`` that a project's class stands for; this one has none."""
        return {}

    def version_table_impl(
        self, *, version_table: str, version_table_schema: str | None, version_table_pk: bool, **_: Any
    ) -> sa.Table:
        """The version table; a project's class may give it further columns."""
        return VersionTable(version_table, version_table_schema, primary_key=version_table_pk).table

    @property
    def bind(self) -> sa.Connection | None:
        """The connection, None while SQL is written."""
        return self._context.connection

    @property
    def connection(self) -> sa.Connection | None:
        """The same as ``bind``."""
        return self._context.connection

    @property
    def dialect(self) -> sa.Dialect:
        """SQLAlchemy's dialect."""
        return self._context.dialect

    @property
    def as_sql(self) -> bool:
        """True while SQL is written instead of executed."""
        return self._context.as_sql

    @property
    def transactional_ddl(self) -> bool:
        """Whether DDL is done in transactions."""
        return self._context.transactional_ddl

    @property
    def context_opts(self) -> dict[str, Any]:
        """The options of ``context.configure``."""
        return self._context.opts

    def execute(self, sql: Any, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run a statement, or write it."""
        self._context.execute(sql, execution_options)

    def static_output(self, text: str) -> None:
        """Write text as it stands into the SQL file; to standard output where statements are executed."""
        self._context.static_output(text)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._context.native, name)
