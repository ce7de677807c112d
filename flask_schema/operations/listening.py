"""Who listens to ``op``: the runner, the SQL writer, or a recorder.

The listener is held in a ContextVar, so that threads and tasks do not hear each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import sqlalchemy as sa

from flask_schema.errors import NoContext, OfflineRefused
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation


class Listener(Protocol):
    """What ``op`` hands operations to."""

    @property
    def translation(self) -> SqlalchemyTranslation:
        """Turns SQLAlchemy constructs into elements for the database at hand."""

    @property
    def naming_convention(self) -> Mapping[str, Any] | None:
        """The naming convention of the models, None for SQLAlchemy's default."""

    def hear(self, operation: Operation) -> Any:
        """Take an operation; what it returns is what the directive returns."""

    def take_connection(self) -> sa.Connection:
        """The connection that a script may use. Raises OfflineRefused where there is none."""

    def context(self) -> Any:
        """What ``op.get_context()`` returns."""


_LISTENER: ContextVar[Listener | None] = ContextVar("flask_schema_listener", default=None)


def listener() -> Listener:
    """The one who listens in this thread or task. Raises NoContext."""
    current = _LISTENER.get()
    if current is None:
        raise NoContext("'op' was used while no migration is running")
    return current


def is_heard() -> bool:
    """Whether somebody listens in this thread or task."""
    return _LISTENER.get() is not None


@contextmanager
def listening(one: Listener) -> Iterator[None]:
    """Let ``one`` hear all directives inside the ``with`` block."""
    token = _LISTENER.set(one)
    try:
        yield
    finally:
        _LISTENER.reset(token)


class Recorder:
    """Listens and keeps the operations in ``operations``; nothing is sent anywhere."""

    def __init__(self, translation: SqlalchemyTranslation, naming_convention: Mapping[str, Any] | None = None) -> None:
        self.translation = translation
        self.naming_convention = naming_convention
        self.operations: list[Operation] = []

    def hear(self, operation: Operation) -> None:
        """Keep the operation."""
        self.operations.append(operation)

    def take_connection(self) -> sa.Connection:
        """Always refused: a recorder has no database."""
        raise OfflineRefused("the script asks for a connection, and it is only being read")

    def context(self) -> Any:
        """The recorder itself; it offers the SQLAlchemy dialect as ``dialect``."""
        return self

    @property
    def dialect(self) -> sa.Dialect:
        """The SQLAlchemy dialect that is recorded for."""
        return self.translation.dialect
