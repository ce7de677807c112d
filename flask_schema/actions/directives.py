"""What ``process_revision_directives`` may change: a revision before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask_schema.diff.compare import invert_all
from flask_schema.errors import Irreversible, UsageError
from flask_schema.operations.operation import Operation


@dataclass(slots=True)
class OperationList:
    """The operations of one function, in ``ops``; they may be replaced, added and removed.

    ``token`` is the template's variable for them, "" for the usual one. ``irreversible`` is the reason why there is no
    way down, None where there is one.
    """

    ops: list[Operation]
    token: str = ""
    irreversible: str | None = None

    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.ops

    def as_diffs(self) -> list[str]:
        """The operations in words."""
        return [operation.describe() for operation in self.ops]


@dataclass(slots=True)
class RevisionDirective:
    """A revision to be written.

    The two lists have an entry for each database that one ``env.py`` went through; mostly it is one.
    """

    message: str
    rev_id: str | None = None
    upgrade_ops_list: list[OperationList] = field(default_factory=list)
    downgrade_ops_list: list[OperationList] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)

    @property
    def upgrade_ops(self) -> OperationList:
        """The upgrade, where there is one database. Raises UsageError for several."""
        return _only(self.upgrade_ops_list, "upgrade_ops")

    @property
    def downgrade_ops(self) -> OperationList:
        """The downgrade, where there is one database. Raises UsageError for several."""
        return _only(self.downgrade_ops_list, "downgrade_ops")

    def add(self, operations: Iterable[Operation], tokens: tuple[str, str] = ("", "")) -> None:
        """Take in what one more database needs, with the way back."""
        up = list(operations)
        self.upgrade_ops_list.append(OperationList(up, tokens[0]))
        try:
            self.downgrade_ops_list.append(OperationList(list(invert_all(up)), tokens[1]))
        except Irreversible as error:
            self.downgrade_ops_list.append(OperationList([], tokens[1], error.message))


def _only(lists: list[OperationList], name: str) -> OperationList:
    if len(lists) != 1:
        raise UsageError(
            f"the revision is for {len(lists)} databases, so it has not one {name}", hint=f"go through {name}_list"
        )
    return lists[0]


def process(
    directives: list[RevisionDirective], hook: Callable[..., Any] | None, context: Any, parents: tuple[str, ...]
) -> None:
    """Let the user's hook change the directives in the list, or empty it."""
    if hook is not None and directives:
        hook(context, parents, directives)
