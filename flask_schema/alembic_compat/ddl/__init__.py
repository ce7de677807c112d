"""``alembic.ddl``: classes by which a project says something about its kind of database."""

from flask_schema.alembic_compat import find_in
from flask_schema.alembic_compat.ddl import mysql, postgresql, sqlite
from flask_schema.alembic_compat.ddl.impl import DefaultImpl

__all__ = ["DefaultImpl", "mysql", "postgresql", "sqlite"]

__getattr__ = find_in(__name__)
