"""``alembic.operations.ops``: what a project's own operations derive from."""

from __future__ import annotations

from typing import Any


class MigrateOperation:
    """The base of operations that a project registers with ``Operations.register_operation``.

    ``info`` is a dictionary for whoever handles the operation.
    """

    @property
    def info(self) -> dict[Any, Any]:
        """A dictionary of the operation's own."""
        found: dict[Any, Any] = self.__dict__.setdefault("_info", {})
        return found

    def reverse(self) -> MigrateOperation:
        """The way back. Raises NotImplementedError where the project's class has none."""
        raise NotImplementedError(f"{type(self).__name__} has no reverse()")

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """The operation as a tuple. Raises NotImplementedError where the project's class has none."""
        raise NotImplementedError(f"{type(self).__name__} has no to_diff_tuple()")
