"""``alembic.runtime.environment``."""

from flask_schema.runtime.environment import Environment as EnvironmentContext

__all__ = ["EnvironmentContext"]
