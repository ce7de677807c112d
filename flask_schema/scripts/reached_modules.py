"""Modules that a revision file reaches through a package, without an import of its own.

``import shop`` and then ``shop.models.Customer`` works as soon as anybody has imported ``shop.models``. Under Alembic,
which loads all revision files before it runs one, another file may be who does. Here a file is loaded when it is its
turn, so what it reaches is imported then.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import CodeType, FunctionType, ModuleType

_COMPLETE = ("alembic", "flask_schema", "sqlalchemy")
_LOADS = ("LOAD_GLOBAL", "LOAD_NAME")
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")


def import_reached(module: ModuleType) -> None:
    """Import what functions of ``module`` reach through packages. What cannot be imported is left to them to find."""
    packages = {name: one for name, one in vars(module).items() if _may_lack(one)}
    if not packages:
        return
    for function in [one for one in vars(module).values() if isinstance(one, FunctionType)]:
        if function.__module__ != module.__name__:
            continue
        for code in _codes(function.__code__):
            for name in packages.keys() & set(code.co_names):
                if _lacks(packages[name], set(code.co_names)):
                    for reached in _reached(code, name):
                        _import_along(packages[name], reached)


def _may_lack(value: object) -> bool:
    return isinstance(value, ModuleType) and hasattr(value, "__path__") and not value.__name__.startswith(_COMPLETE)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


@cache
def _submodules(package: str) -> frozenset[str]:
    from pkgutil import iter_modules

    return frozenset(one.name for one in iter_modules(import_module(package).__path__))


def _lacks(package: ModuleType, names: set[str]) -> bool:
    """Whether one of ``names`` is a module in ``package``, or in one that it names, and nobody has imported it."""
    for name in names & _submodules(package.__name__):
        inner = getattr(package, name, None)
        if inner is None or (_may_lack(inner) and inner is not package and _lacks(inner, names - {name})):
            return True
    return False


def _reached(code: CodeType, name: str) -> Iterator[list[str]]:
    """The names that stand behind ``name`` with dots between them, wherever the code has it."""
    chain: list[str] | None = None
    for instruction in dis.get_instructions(code):
        if instruction.opname == "EXTENDED_ARG":
            continue
        if chain is not None and instruction.opname in _ATTRIBUTES:
            chain.append(str(instruction.argval))
            continue
        if chain:
            yield chain
        chain = [] if instruction.opname in _LOADS and instruction.argval == name else None
    if chain:
        yield chain


def _import_along(package: ModuleType, names: list[str]) -> None:
    for name in names:
        if not hasattr(package, name):
            if name not in _submodules(package.__name__):
                return
            try:
                import_module(f"{package.__name__}.{name}")
            except Exception:
                return
        inner = getattr(package, name, None)
        if not _may_lack(inner):
            return
        assert isinstance(inner, ModuleType)
        package = inner
