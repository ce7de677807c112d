"""``alembic.context``: each call reaches the environment of the command that is running in this context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_schema.runtime.environment import Environment, context, is_in_environment


def __getattr__(name: str) -> Any:
    """A function that asks the environment when it is called, or a value that it has now (``config``)."""
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "script":
        from flask_schema.alembic_compat.running_scripts import RunningScripts  # few env.py files ask for it

        return RunningScripts.of(context.config)
    if callable(getattr(Environment, name, None)):
        return _asked_later(name)
    return getattr(context, name)


def _asked_later(name: str) -> Callable[..., Any]:
    """So that ``from alembic.context import get_context`` in a helper module does not outlive its command."""

    def ask(*arguments: Any, **keywords: Any) -> Any:
        return getattr(context, name)(*arguments, **keywords)

    ask.__name__ = name
    ask.__doc__ = getattr(Environment, name).__doc__
    return ask


def is_running() -> bool:
    """Whether a command is running in this context."""
    return is_in_environment()
