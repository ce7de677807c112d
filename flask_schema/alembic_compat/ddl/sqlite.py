"""``alembic.ddl.sqlite``."""

from __future__ import annotations

from typing import ClassVar

from flask_schema.alembic_compat.ddl.impl import DefaultImpl


class SQLiteImpl(DefaultImpl):
    """A database that is treated as SQLite is."""

    __dialect__: ClassVar[str] = "sqlite"
