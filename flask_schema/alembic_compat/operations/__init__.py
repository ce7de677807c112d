"""``alembic.operations``."""
