"""Whether a script does all that it does through ``op`` and the connection that ``op`` gives it."""

from __future__ import annotations

import opcode
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Final

_HARMLESS: Final = frozenset(
    [
        "__future__",
        "abc",
        "alembic",
        "base64",
        "builtins",
        "calendar",
        "collections",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "flask_schema",
        "functools",
        "geoalchemy2",
        "hashlib",
        "itertools",
        "json",
        "logging",
        "math",
        "operator",
        "pgvector",
        "re",
        "secrets",
        "sqlalchemy",
        "sqlalchemy_utils",
        "string",
        "textwrap",
        "time",
        "types",
        "typing",
        "typing_extensions",
        "uuid",
        "warnings",
        "zoneinfo",
    ]
)
"""Packages that open no connection, nor run another program, by themselves."""

_BY_ITSELF: Final = frozenset(
    [
        "__import__",
        "autocommit_block",
        "backfill",
        "begin",
        "close",
        "commit",
        "connect",
        "create_async_engine",
        "create_engine",
        "detach",
        "engine",
        "eval",
        "exec",
        "execution_options",
        "import_module",
        "invalidate",
        "raw_connection",
        "rollback",
        "run_async",
        "sessionmaker",
    ]
)
"""Names under which a script gets at another connection, or ends a transaction."""

_IMPORT: Final = opcode.opmap["IMPORT_NAME"]


def is_self_contained(module: ModuleType) -> bool:
    """Whether a revision's module reaches nothing but ``op``, its connection, and packages that are known as harmless.

    What is imported later, or under a name that is not known, makes it False: that is always the safe answer.
    """
    own = module.__name__
    for name, value in vars(module).items():
        if name.startswith("__"):
            continue
        place = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None) or "builtins"
        if place != own and (not isinstance(place, str) or place.partition(".")[0] not in _HARMLESS):
            return False
        if isinstance(value, FunctionType) and value.__module__ == own and any(map(_acts, _codes(value.__code__))):
            return False
        if isinstance(value, type) and value.__module__ == own:
            return False  # its methods would have to be read too
    return True


def _acts(code: CodeType) -> bool:
    return not _BY_ITSELF.isdisjoint(code.co_names) or _IMPORT in code.co_code[::2]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
