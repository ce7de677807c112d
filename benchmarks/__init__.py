"""Measurements of Flask-Schema beside Alembic and Flask-Migrate: ``make bench``, or ``python -m benchmarks --help``."""
