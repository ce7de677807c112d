"""Pairs the nameable elements of two sides: constraints and indexes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, Protocol, TypeVar

from flask_schema.values import dataclass


class Nameable(Protocol):
    """An element that a database names itself where the model does not."""

    @property
    def name(self) -> str | None:
        """The name, None when it has none."""


_Element = TypeVar("_Element", bound=Nameable)
_Matched_co = TypeVar("_Matched_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Matching(Generic[_Matched_co]):
    """What is the same on both sides (``pairs``: before, after), what is only before, what is only after."""

    pairs: tuple[tuple[_Matched_co, _Matched_co], ...]
    dropped: tuple[_Matched_co, ...]
    added: tuple[_Matched_co, ...]


def match(
    before: Iterable[_Element], after: Iterable[_Element], content: Callable[[_Element], Hashable]
) -> Matching[_Element]:
    """Pair elements: same name and content first, then same content where a side has no name.

    ``content`` gives what an element says, its name left out. Two elements with different
    names, or with the same name and different content, are different elements.
    """
    waiting = list(before)
    if tuple(waiting) == (coming := tuple(after)):
        return Matching(tuple(zip(waiting, coming, strict=True)), (), ())
    contents = {id(one): content(one) for one in (*waiting, *coming)}
    pairs: list[tuple[_Element, _Element]] = []

    def take(unpaired: Iterable[_Element], fits: Callable[[_Element, _Element], bool]) -> list[_Element]:
        left = []
        for new in unpaired:
            found = next((old for old in waiting if fits(old, new) and contents[id(old)] == contents[id(new)]), None)
            if found is None:
                left.append(new)
            else:
                pairs.append((found, new))
                waiting[:] = [old for old in waiting if old is not found]
        return left

    added = take(coming, lambda old, new: old.name == new.name)
    added = take(added, lambda old, new: old.name is None or new.name is None)
    return Matching(tuple(pairs), tuple(waiting), tuple(added))
