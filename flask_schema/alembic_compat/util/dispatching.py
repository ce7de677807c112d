"""Registries of functions: by class, and by name with priorities."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, IntEnum, auto
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])


class PriorityDispatchResult(Enum):
    """What a comparator returns; anything but STOP goes on."""

    CONTINUE = auto()
    STOP = auto()


class DispatchPriority(IntEnum):
    """When a comparator has its turn."""

    FIRST = 50
    MEDIUM = 25
    LAST = 10


class Dispatcher:
    """Functions by class (a subclass finds that of its base) or by name; ``qualifier`` is a database's name."""

    def __init__(self) -> None:
        self._registry: dict[tuple[Any, str], Any] = {}

    def dispatch_for(
        self, target: Any, *, qualifier: str = "default", replace: bool = False
    ) -> Callable[[_Function], _Function]:
        """Function decorator. Raises ValueError when there is one already and ``replace`` is not set."""

        def enter(function: _Function) -> _Function:
            if (target, qualifier) in self._registry and not replace:
                raise ValueError(
                    f"there is a function for {target!r} already; replace=True puts another one in its place"
                )
            self._registry[(target, qualifier)] = function
            return function

        return enter

    def dispatch(self, obj: Any, qualifier: str = "default") -> Any:
        """The function for an object, a class or a name. Raises ValueError when there is none."""
        kinds: tuple[Any, ...] = (
            (obj,) if isinstance(obj, str) else (obj if isinstance(obj, type) else type(obj)).__mro__
        )
        for kind in kinds:
            for one in dict.fromkeys((qualifier, "default")):
                if (kind, one) in self._registry:
                    return self._registry[(kind, one)]
        raise ValueError(f"no dispatch function for object: {obj}")

    def branch(self) -> Dispatcher:
        """A copy, which may go its own way."""
        copied = Dispatcher()
        copied._registry.update(self._registry)
        return copied


class PriorityDispatcher:
    """Several functions by name, called in the order of their priorities.

    ``subgroup`` joins functions of one name: when one of them returns STOP the later ones are left out.
    """

    def __init__(self) -> None:
        self._registry: dict[tuple[str, str, DispatchPriority], list[tuple[Callable[..., Any], str | None]]] = {}

    def dispatch_for(
        self,
        target: str,
        *,
        priority: DispatchPriority = DispatchPriority.MEDIUM,
        qualifier: str = "default",
        subgroup: str | None = None,
    ) -> Callable[[_Function], _Function]:
        """Function decorator."""

        def enter(function: _Function) -> _Function:
            self._registry.setdefault((target, qualifier, priority), []).append((function, subgroup))
            return function

        return enter

    def has(self, target: str) -> bool:
        """Whether any function is registered under a name."""
        return any(functions and name == target for (name, _, _), functions in self._registry.items())

    def dispatch(self, target: str, *, qualifier: str = "default") -> Callable[..., None]:
        """A function that calls all those registered under a name, those of the database's name first."""

        def go(*arguments: Any, **keywords: Any) -> None:
            results: dict[str | None, Any] = {}
            for priority in sorted(DispatchPriority, reverse=True):
                for one in dict.fromkeys((qualifier, "default")):
                    for function, subgroup in self._registry.get((target, one, priority), ()):
                        if results.get(subgroup) is not PriorityDispatchResult.STOP:
                            results[subgroup] = function(*arguments, **keywords)

        return go

    def branch(self) -> PriorityDispatcher:
        """A copy, which may go its own way."""
        copied = PriorityDispatcher()
        copied.populate_with(self)
        return copied

    def remove_of(self, package: str) -> bool:
        """Forget the functions of a package; whether there were any."""
        found = False
        for key, functions in self._registry.items():
            kept = [pair for pair in functions if pair[0].__module__.partition(".")[0] != package]
            found |= len(kept) < len(functions)
            self._registry[key] = kept
        return found

    def populate_with(self, other: PriorityDispatcher) -> None:
        """Take in the functions of another one."""
        for key, functions in other._registry.items():
            self._registry.setdefault(key, []).extend(functions)
