"""``alembic.op``: the directives. Each call reaches whoever listens to ``op`` in this context."""

from __future__ import annotations

import inspect
from typing import Any

from flask_schema.operations.facade import op
from flask_schema.operations.listening import is_heard

__all__ = sorted(  # noqa: PLE0605 - a list, made here
    name for name, value in inspect.getmembers(type(op), callable) if not name.startswith("_")
)


def __getattr__(name: str) -> Any:
    """A directive, or an attribute of the running migration: ``op.add_column``, ``op._proxy``, ``op.impl``."""
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if hasattr(type(op), name) and name != "_proxy":
        return getattr(op, name)
    from flask_schema.alembic_compat.operations.base import Operations, registered_elsewhere  # few scripts need it

    return getattr(Operations(), name) if name in ("_proxy", "impl") else registered_elsewhere(name)


def is_running() -> bool:
    """Whether a migration is running in this context."""
    return is_heard()
