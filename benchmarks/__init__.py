"""Measurements of Flask-Schema beside Flask-Migrate and Alembic: ``make bench``."""
