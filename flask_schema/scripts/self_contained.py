"""Whether a script does all that it does through ``op`` and the connection that ``op`` gives it."""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import Any, Final

from flask_schema.scripts.load import LoadedFile

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


def is_self_contained(file: LoadedFile) -> bool:
    """Whether a revision reaches nothing but ``op``, its connection, and packages that are known as harmless.

    What is imported later, or under a name that is not known, makes it False: that is always the safe answer.
    """
    if file.imports_later or not _BY_ITSELF.isdisjoint(file.names):
        return False
    own = file.module.__name__
    return all(_is_harmless(value, own) for name, value in vars(file.module).items() if not name.startswith("__"))


def _is_harmless(value: object, own: str) -> bool:
    if isinstance(value, ModuleType):
        place: Any = value.__name__
    else:
        place = getattr(value, "__module__", None) or "builtins"
        if place == own:
            return isinstance(value, FunctionType)  # of a class the methods would have to be read too
    return isinstance(place, str) and place.partition(".")[0] in _HARMLESS
