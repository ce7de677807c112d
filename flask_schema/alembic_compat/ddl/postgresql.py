"""``alembic.ddl.postgresql``."""

from __future__ import annotations

from typing import ClassVar

from flask_schema.alembic_compat.ddl.impl import DefaultImpl


class PostgresqlImpl(DefaultImpl):
    """A database that is treated as PostgreSQL is."""

    __dialect__: ClassVar[str] = "postgresql"


class CockroachDBImpl(PostgresqlImpl):
    """A database that is treated as CockroachDB is; scripts take it for PostgreSQL's kin."""

    __dialect__: ClassVar[str] = "cockroachdb"
