"""Alembic's names, for scripts and programs that were written for it; nothing below this room knows it."""
