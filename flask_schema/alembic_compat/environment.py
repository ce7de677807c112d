"""``alembic.environment``, where older programs find the environment."""

from flask_schema.alembic_compat.runtime.environment import EnvironmentContext as EnvironmentContext
