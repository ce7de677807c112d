"""``flask db``: each command is parsed, one action is called, and its result is printed."""

from flask_schema.cli.group import db

__all__ = ["db"]
