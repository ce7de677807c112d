"""Directives and operations of a project's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask_schema.errors import UsageError
from flask_schema.operations.operation import CATALOGUE

_Class = TypeVar("_Class", bound=type[Any])
_Function = TypeVar("_Function", bound=Callable[..., Any])

Implementation = Callable[[Any, Any], Any]
"""Carries out an operation: called with ``op`` and the operation."""

_IMPLEMENTATIONS: dict[type[Any], Implementation] = {}
_LOOKUPS: list[Callable[[object], Implementation | None]] = []


def implementation_of(operation: object) -> Implementation | None:
    """The function that a project registered to carry out this kind of operation, or None."""
    for kind in type(operation).__mro__:
        if kind in _IMPLEMENTATIONS:
            return _IMPLEMENTATIONS[kind]
    return next((found for look in _LOOKUPS if (found := look(operation)) is not None), None)


def add_lookup(look: Callable[[object], Implementation | None]) -> None:
    """Let ``look`` find implementations that were registered elsewhere; it is asked last."""
    _LOOKUPS.append(look)


class CustomDirectives:
    """What makes ``op`` extensible; the two decorators are used on the class or on ``op``."""

    @classmethod
    def register_operation(cls, name: str, sourcename: str | None = None) -> Callable[[_Class], _Class]:
        """Class decorator: add the directive ``name``, which calls the class method of that name (or ``sourcename``).

        The class method gets the directives first, then what the script passed.
        """

        def register(operation_class: _Class) -> _Class:
            build = getattr(operation_class, sourcename or name)

            def directive(self: Any, *arguments: Any, **keywords: Any) -> Any:
                return build(self, *arguments, **keywords)

            directive.__name__ = name
            directive.__doc__ = getattr(build, "__doc__", None)
            setattr(cls, name, directive)
            return operation_class

        return register

    @classmethod
    def implementation_for(
        cls, operation_class: type[Any], *, replace: bool = False
    ) -> Callable[[_Function], _Function]:
        """Function decorator: ``function(op, operation)`` carries out operations of that class.

        With ``replace`` it takes the place of what the class does otherwise: of the engine's own way, too, which
        is at hand inside the function, by ``op.invoke(operation)``.

        Raises UsageError when there is a way already and ``replace`` is not set, and for a class that only stands for
        a call of a directive.
        """

        def register(function: _Function) -> _Function:
            _refuse_calls(operation_class)
            built_in = operation_class in CATALOGUE.values()
            if (built_in or operation_class in _IMPLEMENTATIONS) and not replace:
                raise UsageError(
                    f"{operation_class.__name__} has an implementation already", hint="pass replace=True to replace it"
                )
            _IMPLEMENTATIONS[operation_class] = function
            return function

        return register


def _refuse_calls(operation_class: type[Any]) -> None:
    directive = vars(operation_class).get("stands_for")
    if directive is None:
        return
    meant = CATALOGUE.get(directive)
    raise UsageError(
        f"{operation_class.__name__} stands for a call of a directive; op.{directive} would not come here",
        hint=f"replace {meant.__module__}.{meant.__name__}, which op.{directive} makes" if meant is not None else None,
    )
