"""The migration context, and the steps of a way through the history."""

from flask_schema.alembic_compat.runtime.steps import HeadMaintainer, MigrationStep, RevisionStep, StampStep
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.information import MigrationInfo

__all__ = ["HeadMaintainer", "MigrationContext", "MigrationInfo", "MigrationStep", "RevisionStep", "StampStep"]
