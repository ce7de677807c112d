"""A hook for ``process_revision_directives`` that is made of one function a directive class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask_schema.alembic_compat.operations import ops
from flask_schema.alembic_compat.util.dispatching import Dispatcher

ProcessRevisionDirectiveFn = Callable[[Any, Any, list[Any]], None]


class Rewriter:
    """Give an instance as ``process_revision_directives``.

    ``@writer.rewrites(ops.AddColumnOp)`` registers ``function(context, revision, op)``, which returns a directive, a
    list of them, or nothing to leave it out. What it returns is not handed to it again.
    """

    _chained: tuple[Any, ...] = ()

    def __init__(self) -> None:
        self.dispatch = Dispatcher()

    def chain(self, other: ProcessRevisionDirectiveFn | Rewriter) -> Rewriter:
        """A rewriter that does what this one does, and then ``other``."""
        copied = type(self).__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied._chained = (*self._chained, other)
        return copied

    def rewrites(self, operator: type[ops.MigrateOperation]) -> Callable[..., Any]:
        """Function decorator: what to do with directives of a class."""
        return self.dispatch.dispatch_for(operator)

    def __call__(self, context: Any, revision: Any, directives: list[Any]) -> None:
        """Rewrite ``directives`` in place, then let the chained ones."""
        self.process_revision_directives(context, revision, directives)
        for one in self._chained:
            one(context, revision, directives)

    def process_revision_directives(self, context: Any, revision: Any, directives: list[Any]) -> None:
        """Rewrite ``directives`` in place, without the chained ones."""
        self._rewrite_list(context, revision, directives)

    def _rewrite_list(self, context: Any, revision: Any, directives: list[Any]) -> None:
        directives[:] = [done for one in directives for done in self._rewritten(context, revision, one)]

    def _rewritten(self, context: Any, revision: Any, directive: Any) -> list[Any]:
        """The directive's successors, with what is inside them rewritten too."""
        found = list(self._successors(context, revision, directive))
        for one in found:
            if isinstance(one, ops.MigrationScript):
                one.upgrade_ops = [self._one(context, revision, each) for each in one.upgrade_ops_list]
                one.downgrade_ops = [self._one(context, revision, each) for each in one.downgrade_ops_list]
            elif isinstance(one, ops.OpContainer):
                self._rewrite_list(context, revision, one.ops)
        return found

    def _one(self, context: Any, revision: Any, container: Any) -> Any:
        found = self._rewritten(context, revision, container)
        if len(found) != 1:
            raise ValueError(f"Can only return single object for {type(container).__name__} traverse")
        return found[0]

    def _successors(self, context: Any, revision: Any, directive: Any) -> Iterator[Any]:
        try:
            function = self.dispatch.dispatch(directive)
        except ValueError:
            function = None
        mutations: frozenset[Any] = getattr(directive, "_mutations", frozenset())
        if function is None or self in mutations:
            yield directive
            return
        made = function(context, revision, directive)
        for one in [] if made is None else made if isinstance(made, (list, tuple)) else [made]:
            if isinstance(one, ops.MigrateOperation):
                one._mutations = one._mutations | {self}
            yield one
