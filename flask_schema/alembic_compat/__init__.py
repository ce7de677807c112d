"""Alembic's names, for scripts, ``env.py`` files and programs that were written for it.

The modules have the layout of the package ``alembic``: ``alembic.a.b`` is ``flask_schema.alembic_compat.a.b``.
:mod:`~flask_schema.alembic_compat.imports` lets ``import alembic`` find them. Nothing else of Flask-Schema is shaped
by this package, and importing it loads nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__version__ = "1.20.1"
"""The release of Alembic whose documented names and meanings these are; programs compare it with others."""


def find_in(package: str) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package: its modules, each loaded when it is first asked for."""

    def find(name: str) -> Any:
        place = f"{package}.{name}"
        if name.startswith("_") or find_spec(place) is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return import_module(place)

    return find


__getattr__ = find_in(__name__)
