"""Settings: one table of them, the places they are read from, and how a wrong one is refused.

No Flask, no SQLAlchemy: commands that need only files come here too.
"""

from flask_schema.config.places import read_app_config, read_environment, read_pyproject
from flask_schema.config.settings import Layer, Setting, Settings, list_settings, settings_of

__all__ = [
    "Layer",
    "Setting",
    "Settings",
    "list_settings",
    "read_app_config",
    "read_environment",
    "read_pyproject",
    "settings_of",
]
