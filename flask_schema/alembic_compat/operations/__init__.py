"""``alembic.operations``: the directives as classes, and operations of a project's own."""

from flask_schema.alembic_compat.operations.base import AbstractOperations as AbstractOperations
from flask_schema.alembic_compat.operations.base import BatchOperations as BatchOperations
from flask_schema.alembic_compat.operations.base import Operations as Operations
from flask_schema.alembic_compat.operations.ops import MigrateOperation as MigrateOperation

__all__ = ["AbstractOperations", "BatchOperations", "MigrateOperation", "Operations"]
