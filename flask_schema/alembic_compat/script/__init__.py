"""The migrations directory and its revisions."""

from flask_schema.alembic_compat import find_in
from flask_schema.alembic_compat.script.base import ScriptDirectory
from flask_schema.alembic_compat.script.script import Script

__all__ = ["Script", "ScriptDirectory"]

__getattr__ = find_in(__name__)
