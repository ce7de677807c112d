"""``alembic.operations.base``: ``Operations``, for scripts that make one and projects that extend it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy.sql.elements import conv as conv

from flask_schema.alembic_compat.operations.migrate_operation import MigrateOperation
from flask_schema.operations.batch import BatchDirectives
from flask_schema.operations.extending import add_lookup
from flask_schema.operations.facade import Directives, op
from flask_schema.operations.listening import Listener, listening

_Class = TypeVar("_Class", bound=type[Any])


class Operations(Directives):
    """The directives for one migration context: ``Operations(context).add_column(...)``.

    What is registered here is known to ``op`` too.
    """

    def __init__(self, migration_context: Listener | None = None, impl: Any = None) -> None:
        del impl  # Alembic's second argument; the context knows its dialect
        super().__init__(migration_context)

    @classmethod
    def register_operation(cls, name: str, sourcename: str | None = None) -> Callable[[_Class], _Class]:
        """Class decorator: add the directive ``name`` to ``op``; see :class:`CustomDirectives`."""
        return Directives.register_operation(name, sourcename)

    @classmethod
    @contextmanager
    def context(cls, migration_context: Listener) -> Iterator[Directives]:
        """Let ``op`` speak to ``migration_context`` inside the block."""
        with listening(migration_context):
            yield op

    @property
    def impl(self) -> Any:
        """The database below the directives: ``bind``, ``dialect``, ``execute``."""
        return self.get_context().impl


AbstractOperations = Operations
"""Alembic's name for what ``op`` and the directives inside a batch block have in common."""

BatchOperations = BatchDirectives
"""The directives inside ``with op.batch_alter_table(...)``."""


def registered_elsewhere(name: str, batch: Any = None) -> Any:
    """The directive ``name`` that a module imported earlier registered with a real Alembic, of ``batch`` where given.

    Raises AttributeError when there is none.
    """
    real = _real_operations("BatchOperations" if batch is not None else "Operations")
    function = getattr(real, name, None) if real is not None and not name.startswith("_") else None
    if not callable(function):
        raise AttributeError(f"{'batch_op' if batch is not None else 'op'!r} has no directive {name!r}")

    def directive(*arguments: Any, **keywords: Any) -> Any:
        return function(op if batch is None else batch, *arguments, **keywords)

    return directive


def _real_operations(name: str = "Operations") -> Any:
    return getattr(sys.modules.get("alembic.operations.base"), name, None)


def _implementation_elsewhere(operation: object) -> Callable[[Any, Any], Any] | None:
    """How a real Alembic would carry out an operation of its own kind that a project registered there."""
    real, kind = _real_operations(), getattr(sys.modules.get("alembic.operations.ops"), "MigrateOperation", None)
    if real is None or kind is None or not isinstance(operation, kind):
        return None
    try:
        found: Callable[[Any, Any], Any] = real._to_impl.dispatch(operation)
    except ValueError:
        return None
    return found


def _as_a_call(operation: object) -> Callable[[Any, Any], Any] | None:
    """How a directive that was made as a value is carried out: as the call that it stands for."""
    if not isinstance(operation, MigrateOperation):
        return None
    from flask_schema.alembic_compat.autogenerate.to_operations import hear_directive

    return hear_directive


add_lookup(_implementation_elsewhere)
add_lookup(_as_a_call)
