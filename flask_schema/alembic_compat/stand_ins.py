"""Calls through the real ``alembic.op`` and ``alembic.context``, sent here while a migration runs."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_OURS = "flask_schema.alembic_compat"
_MISSING = object()


class StandIn:
    """What stands in ``_proxy`` of a real module.

    A call made in the context of a running migration reaches our module of the same name; any other call reaches
    what stood there before.
    """

    def __init__(self, name: str, before: Any) -> None:
        self._flask_schema_name = name
        self._flask_schema_before = before

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        module = import_module(f"{_OURS}.{self._flask_schema_name}")
        before = self._flask_schema_before
        if before is None or before is _MISSING or module.is_running():
            return getattr(module, name)
        return getattr(before, name)


class StandIns:
    """Puts stand-ins into the real modules that have been imported, and takes them out again."""

    def __init__(self) -> None:
        self._installed: dict[str, tuple[ModuleType, StandIn, Any, Any]] = {}

    def install(self) -> None:
        """Put stand-ins where there are none yet."""
        for name in ("op", "context"):
            module = sys.modules.get(f"alembic.{name}")
            if module is None or name in self._installed or module.__name__.startswith(_OURS):
                continue
            before = module.__dict__.get("_proxy", _MISSING)
            getter = module.__dict__.get("__getattr__", _MISSING)
            stand_in = StandIn(name, before)
            module.__dict__["_proxy"] = stand_in
            module.__dict__["__getattr__"] = _attribute_of(stand_in)
            self._installed[name] = (module, stand_in, before, getter)

    def remove(self) -> None:
        """Leave every module as it was; what somebody else has put there meanwhile stays."""
        for module, stand_in, before, getter in self._installed.values():
            if module.__dict__.get("_proxy") is stand_in:
                _restore(module, "_proxy", before)
            _restore(module, "__getattr__", getter)
        self._installed.clear()


def _attribute_of(stand_in: StandIn) -> Any:
    """For what is no function in the real module: ``context.config``, and directives that Alembic has not."""

    def attribute(name: str) -> Any:
        return getattr(stand_in, name)

    return attribute


def _restore(module: ModuleType, name: str, value: Any) -> None:
    if value is _MISSING:
        module.__dict__.pop(name, None)
    else:
        module.__dict__[name] = value
