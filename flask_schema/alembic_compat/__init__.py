"""Alembic's names, for env.py, revision scripts, hooks and programs that were written to its documented API."""
