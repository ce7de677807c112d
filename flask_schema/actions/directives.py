"""What ``process_revision_directives`` may change: a revision before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask_schema.diff.compare import invert_all
from flask_schema.errors import Irreversible
from flask_schema.operations.operation import Operation


@dataclass(slots=True)
class OperationList:
    """The operations of one function, in ``ops``; they may be replaced, added and removed."""

    ops: list[Operation]

    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.ops

    def as_diffs(self) -> list[str]:
        """The operations in words."""
        return [operation.describe() for operation in self.ops]


@dataclass(slots=True)
class RevisionDirective:
    """A revision to be written. ``irreversible`` is the reason why there is no way down, None where there is one."""

    message: str
    rev_id: str | None
    upgrade_ops: OperationList
    downgrade_ops: OperationList
    imports: set[str] = field(default_factory=set)
    irreversible: str | None = None

    @property
    def upgrade_ops_list(self) -> list[OperationList]:
        """The upgrade of each database; here of the one that is compared."""
        return [self.upgrade_ops]

    @property
    def downgrade_ops_list(self) -> list[OperationList]:
        """The downgrade of each database; here of the one that is compared."""
        return [self.downgrade_ops]


def directive_of(message: str, rev_id: str | None, operations: Iterable[Operation]) -> RevisionDirective:
    """The revision that ``operations`` make, with the way back."""
    up = list(operations)
    try:
        return RevisionDirective(message, rev_id, OperationList(up), OperationList(list(invert_all(up))))
    except Irreversible as error:
        return RevisionDirective(message, rev_id, OperationList(up), OperationList([]), irreversible=error.message)


def processed(
    directive: RevisionDirective, hook: Callable[..., Any] | None, context: Any, parents: tuple[str, ...]
) -> RevisionDirective | None:
    """The directive after the user's hook; None when the hook took it out of the list."""
    directives = [directive]
    if hook is not None:
        hook(context, parents, directives)
    return directives[0] if directives else None
