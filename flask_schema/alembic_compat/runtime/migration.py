"""``alembic.runtime.migration``."""

from flask_schema.runtime.context import MigrationContext as MigrationContext
