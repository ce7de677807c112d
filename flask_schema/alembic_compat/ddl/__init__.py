"""``alembic.ddl``: classes by which a project says something about its kind of database."""

from flask_schema.alembic_compat.ddl import base, mysql, postgresql, sqlite
from flask_schema.alembic_compat.ddl.impl import DefaultImpl

__all__ = ["DefaultImpl", "base", "mysql", "postgresql", "sqlite"]
