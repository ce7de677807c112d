"""What was registered with a real Alembic, by packages that the application imported before the names were ours."""

from __future__ import annotations

import sys
from typing import Any

from flask_schema.alembic_compat.operations import ops
from flask_schema.alembic_compat.util.dispatching import DispatchPriority, PriorityDispatcher


def comparators_elsewhere() -> PriorityDispatcher:
    """The comparators that packages gave a real Alembic; its own are not among them."""
    found = PriorityDispatcher()
    real = getattr(sys.modules.get("alembic.autogenerate.compare"), "comparators", None)
    if isinstance(real, PriorityDispatcher):
        return found
    for key, registered in dict(getattr(real, "_registry", {})).items():
        target, qualifier, *rest = key
        pairs = registered if isinstance(registered, list) else [(registered, None)]
        priority = DispatchPriority(int(rest[0])) if rest else DispatchPriority.MEDIUM
        for function, subgroup in pairs:
            if not _is_alembics(function):
                enter = found.dispatch_for(target, priority=priority, qualifier=qualifier, subgroup=subgroup)
                enter(function)
    return found


def renderer_elsewhere(op: Any) -> Any:
    """The renderer that a package gave a real Alembic for a directive of its own, or None."""
    real = getattr(sys.modules.get("alembic.autogenerate.render"), "renderers", None)
    try:
        function = real.dispatch(op)  # type: ignore[union-attr]
    except (AttributeError, ValueError):
        return None
    return None if _is_alembics(function) else function


def _is_alembics(function: Any) -> bool:
    """Whether a function belongs to Alembic itself (it is a partial or a bound method in some releases)."""
    while hasattr(function, "func"):
        function = function.func
    return str(getattr(function, "__module__", "")).startswith("alembic.")


def as_ours(op: Any) -> Any:
    """A directive of a real Alembic as one of ours, with all that it says; any other object as it is."""
    cls = type(op)
    ours = getattr(ops, cls.__name__, None) if cls.__module__.startswith("alembic.") else None
    if ours is None or isinstance(op, ops.MigrateOperation):
        return op
    made = ours.__new__(ours)
    made.__dict__.update(op.__dict__)
    if getattr(made, "_reverse", None) is not None:
        made._reverse = as_ours(made._reverse)
    return made
