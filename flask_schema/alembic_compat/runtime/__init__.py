"""``alembic.runtime``."""

from flask_schema.alembic_compat import find_in

__getattr__ = find_in(__name__)
