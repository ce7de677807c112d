"""A revision file as the runner takes it: its function for a direction and a database, and what that accepts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

from flask_schema.errors import Irreversible
from flask_schema.scripts.load import LoadedFile, load_file
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class ScriptFunction:
    """``upgrade`` or ``downgrade`` of a revision, and its parameters; ``takes_all``: it has ``**keywords``."""

    function: Callable[..., Any]
    parameters: tuple[str, ...]
    takes_all: bool

    def arguments(self, database: str, keywords: Mapping[str, Any]) -> dict[str, Any]:
        """Of what ``run_migrations`` was given, that which the function takes; ``engine_name`` where it names that.

        A decorator's function may take anything, and hand it on to one that takes nothing.
        """
        offered = {"engine_name": database, **keywords} if "engine_name" in self.parameters else keywords
        if self.takes_all:
            return dict(offered)
        return {key: value for key, value in offered.items() if key in self.parameters}


class Script(NamedTuple):
    """A loaded revision file, and its function to call."""

    file: LoadedFile
    function: ScriptFunction


def load_script(path: Path, direction: str, database: str, keywords: Mapping[str, Any]) -> Script | None:
    """Load a revision file; None when it has nothing to do for a database ("": the default one).

    A function that takes ``engine_name`` decides by itself (Flask-Migrate's multidb template). Otherwise ``upgrade()``
    is for the default database, ``upgrade_<name>()`` for the one of that name.
    Raises Irreversible when the revision has no ``downgrade``, and what :func:`load_file` does.
    """
    file = load_file(path)
    function: Callable[..., Any] | None = getattr(file.module, direction, None)
    common = _with_parameters(function) if function is not None else None
    if common is not None and "engine_name" in common.arguments(database, keywords):
        return Script(file, common)
    if database:
        named: Callable[..., Any] | None = getattr(file.module, f"{direction}_{database}", None)
        return Script(file, _with_parameters(named)) if named is not None else None
    if common is None:
        raise Irreversible(
            f"the revision has no {direction}() function",
            hint=f"write one, with 'pass' when there is nothing to {direction}",
            file=path,
        )
    return Script(file, common)


def _with_parameters(function: Callable[..., Any]) -> ScriptFunction:
    if isinstance(function, FunctionType) and not vars(function):  # no decorator has left a signature on it
        code = function.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        return ScriptFunction(function, names, bool(code.co_flags & inspect.CO_VARKEYWORDS))
    parameters = inspect.signature(function).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    return ScriptFunction(function, tuple(parameters), takes_all)
