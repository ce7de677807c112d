"""``alembic.migration``, where older programs find the migration context."""

from flask_schema.alembic_compat.runtime.migration import MigrationContext as MigrationContext
