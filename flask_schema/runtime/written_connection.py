"""What ``op.get_bind()`` gives while SQL is written: a connection that writes what is executed on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, cast

import sqlalchemy as sa
from sqlalchemy.engine.mock import MockConnection

from flask_schema.dialects.statement import Statement
from flask_schema.errors import OfflineRefused

if TYPE_CHECKING:
    from flask_schema.runtime.context import MigrationContext

_HINT = "guard it with 'if not op.get_context().as_sql', or run the upgrade on a database"
_QUERIES = ("select", "with", "show", "pragma", "values", "table", "explain")


class WrittenConnection(MockConnection):
    """``dialect`` and DDL of SQLAlchemy's constructs work: ``Enum(...).create(op.get_bind())``.

    Everything that needs an answer raises :class:`OfflineRefused`.
    """

    def __init__(self, dialect: sa.Dialect, send: Callable[[Statement], Any]) -> None:
        super().__init__(dialect, self._write)
        self._send = send

    def execute(self, obj: Any, parameters: Any = None, execution_options: Any = None) -> Any:
        """Write a statement that returns no rows."""
        self._write(obj, parameters)

    def exec_driver_sql(self, statement: str, parameters: Any = None, execution_options: Any = None) -> None:
        """Write SQL text as it stands."""
        if parameters:
            _refuse("hands parameters to the driver")
        self._write(sa.text(statement.replace(":", r"\:")), None)

    def _write(self, obj: Any, parameters: Any = None, *_: Any, **__: Any) -> None:
        if _is_query(obj):
            _refuse("asks the database for rows")
        self._send(Statement(obj, parameters=parameters or None))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        _refuse(f"asks for connection.{name}")


def written_connection(context: MigrationContext) -> sa.Connection:
    """The connection of a context that writes SQL; operations that come later know of the types it creates."""

    def send(statement: Statement) -> None:
        operation = context.impl.operation_of(statement.sql)
        if operation is None:
            context.destination.send(statement)
        else:
            context.hear(operation)

    return cast(sa.Connection, WrittenConnection(context.dialect, send))


def _is_query(obj: Any) -> bool:
    if isinstance(obj, sa.TextClause):
        return obj.text.lstrip("( \n\t").lower().startswith(_QUERIES)
    return bool(getattr(obj, "is_select", False) or getattr(obj, "_returning", ()))


def _refuse(what: str) -> NoReturn:
    raise OfflineRefused(f"the revision {what}, and SQL is being written without a connection", hint=_HINT)
