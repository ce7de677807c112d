"""What all directive classes are."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar


class MigrateOperation:
    """A directive as a value that hooks may look at and change: what ``op`` would be told, or a container of such.

    Operations of a project's own are subclasses; :meth:`reverse` and :meth:`to_diff_tuple` are theirs to write.
    """

    stands_for: ClassVar[str | None] = None
    """The directive of ``op`` whose call this is, if it is one."""

    _mutations: frozenset[Any] = frozenset()
    _link: Any = None  # what it was made from, where it was made from an operation of the engine

    @cached_property
    def info(self) -> dict[Any, Any]:
        """A dictionary for the user."""
        return {}

    def reverse(self) -> MigrateOperation:
        """The directive that undoes this one. Raises NotImplementedError where nobody wrote one."""
        raise NotImplementedError(f"{type(self).__name__} has no reverse()")

    def to_diff_tuple(self) -> Any:
        """The directive as one of the tuples of ``compare_metadata``, or a list of them."""
        raise NotImplementedError(f"{type(self).__name__} has no to_diff_tuple()")


class AlterTableOp(MigrateOperation):
    """A directive about one table."""

    def __init__(self, table_name: str, *, schema: str | None = None) -> None:
        self.table_name = table_name
        self.schema = schema
