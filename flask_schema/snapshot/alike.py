"""Whether two tables say the same, found out quickly where most do."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from flask_schema.snapshot.elements import CheckConstraint, Column, ForeignKey, PrimaryKey, Table, UniqueConstraint

_REST: Final = attrgetter("name", "comment", "prefixes", "options", "excludes", "indexes")
_WITHOUT_NAME: Final[dict[type[Any], Callable[[Any], tuple[object, ...]]]] = {
    kind: attrgetter(*(name for name in kind.__dataclass_fields__ if name != "name"))
    for kind in (PrimaryKey, UniqueConstraint, ForeignKey, CheckConstraint)
}


class Alikeness:
    """Compares tables in one comparison. Many have the same columns: what was found out about two is kept."""

    def __init__(self) -> None:
        self._equal: dict[tuple[int, int], tuple[Column, Column]] = {}  # by identity; they are kept, so that they stay

    def tables(self, before: Table, after: Table) -> bool:
        """Whether nothing is to be done to make ``after`` of ``before``.

        Both are equal, but for names of constraints that one side lacks. False for constraints in another order, which
        may say the same.
        """
        return (
            _REST(before) == _REST(after)
            and self._columns(before.columns, after.columns)
            and _constraints(before.checks, after.checks)
            and _constraints(before.foreign_keys, after.foreign_keys)
            and _constraints(before.unique_constraints, after.unique_constraints)
            and _constraint(before.primary_key, after.primary_key)
        )

    def _columns(self, before: tuple[Column, ...], after: tuple[Column, ...]) -> bool:
        if len(before) != len(after):
            return False
        known = self._equal
        for one, other in zip(before, after, strict=True):
            pair = (id(one), id(other))
            if pair not in known:
                if one != other:
                    return False
                known[pair] = (one, other)
        return True


def _constraints(before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
    return len(before) == len(after) and all(map(_constraint, before, after))


def _constraint(before: Any, after: Any) -> bool:
    if before is None or after is None or (before.name is not None and after.name is not None):
        return bool(before == after)
    content = _WITHOUT_NAME[after.__class__]
    return bool(content(before) == content(after))
