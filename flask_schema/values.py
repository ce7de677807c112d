"""Dataclasses that are made quickly: a command makes over a hundred of them before it does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses
    from operator import attrgetter

    def dataclass(*, frozen: bool = False, slots: bool = False, eq: bool = True) -> Any:
        """``dataclasses.dataclass`` in a third of the time: only ``__init__`` is compiled for each class.

        Equality, hash and text are the same as there. That nothing is assigned to a frozen one is left to the type
        checker, which sees the usual dataclass: refusing it at run time makes each object cost three times as much.
        """

        def made(cls: type) -> type:
            has_text = "__repr__" in vars(cls)
            made = dataclasses.dataclass(repr=False, eq=False, slots=slots)(cls)
            fields = dataclasses.fields(made)
            if not has_text:
                made.__repr__ = _text([field.name for field in fields if field.repr])
            if eq and "__eq__" not in vars(cls):
                compared = [field.name for field in fields if field.compare]
                made.__eq__ = _equality(_getter(compared))
                hashed = [field.name for field in fields if (field.compare if field.hash is None else field.hash)]
                made.__hash__ = _hash(_getter(hashed)) if frozen else None
            return made

        return made

    def _getter(names: list[str]) -> Any:
        """A function from an object to its values of ``names``, as a tuple or alone; the names themselves for none."""
        return attrgetter(*names) if names else lambda _value: ()

    def _text(names: list[str]) -> Any:
        def text(self: Any) -> str:
            return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

        return text

    def _equality(values: Any) -> Any:
        def equality(self: Any, other: object) -> Any:
            if self is other:
                return True
            if other.__class__ is not self.__class__:
                return NotImplemented
            return values(self) == values(other)

        return equality

    def _hash(values: Any) -> Any:
        def hash_(self: Any) -> int:
            return hash(values(self))

        return hash_


__all__ = ["dataclass"]
