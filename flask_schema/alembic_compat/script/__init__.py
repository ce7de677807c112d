"""``alembic.script``."""
