"""Hearing the operations of one script: each is sent, or waits for others that its dialect does together with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import SchemaError
from flask_schema.operations.backfill import Backfill
from flask_schema.operations.extending import implementation_of
from flask_schema.operations.facade import Directives
from flask_schema.operations.groups import AlterTable
from flask_schema.operations.operation import Operation
from flask_schema.runtime.backfilling import Backfilling
from flask_schema.runtime.destinations import Live, writes_file
from flask_schema.runtime.lines import Lines, asked_by_a_library

if TYPE_CHECKING:
    from flask_schema.runtime.context import MigrationContext


class Hearing:
    """The operations of ``script``, a file's name (None: of whoever speaks to the context)."""

    def __init__(self, context: MigrationContext, script: str | None = None) -> None:
        self._context = context
        self._waiting: list[Operation] = []
        self._lines = Lines(script)
        self._implementations: list[Callable[[Any, Any], Any]] = []  # those running: inside one, its class is built in

    def hear(self, operation: Operation) -> Any:
        """Carry out an operation, or let it wait for others that its dialect does with it in one go."""
        context = self._context
        implementation = implementation_of(operation)
        if implementation is not None and implementation not in self._implementations:
            self.flush()
            self._implementations.append(implementation)
            try:
                return implementation(Directives(context), operation)
            finally:
                self._implementations.pop()
        if isinstance(operation, Backfill) and not writes_file(context.destination):
            self._backfill(operation)
            return None
        if isinstance(operation, AlterTable) or not context.native.joins(self._waiting, operation):
            self.flush()
        if not isinstance(operation, AlterTable) and context.native.joins(self._waiting, operation):
            self._waiting.append(operation)
            self._lines.note(operation)
            alone = context.script_has_connection or not context.operations_wait or asked_by_a_library()
            if alone and not context.native.lacks_company(self._waiting, context.surroundings):
                self.flush()
        else:
            self._send([operation])
        return None

    def flush(self) -> None:
        """Carry out the operations that wait."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._send(waiting)

    def _backfill(self, operation: Backfill) -> None:
        """Outside the revision's transaction; where operations are only replayed, rows are of no account."""
        context = self._context
        if isinstance(context.destination, Live):
            with context.autocommit_block():
                Backfilling(operation, context.destination, context.surroundings).run()

    def _send(self, operations: Sequence[Operation]) -> None:
        context = self._context
        doing: Operation | None = None
        try:
            for statement in context.native.statements(operations, context.surroundings):
                doing = statement.operation
                context.destination.send(statement)
                doing = None
        except (SchemaError, DBAPIError) as error:
            self._lines.tell(error, operations, doing)
            raise
        if isinstance(context.surroundings, ReplayedSurroundings):
            for operation in operations:
                context.surroundings.replay(operation)
