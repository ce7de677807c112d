"""What a compiler may ask about the database it writes for: a live one, or one that is only replayed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask_schema.errors import ObjectMissing, OfflineRefused

if TYPE_CHECKING:
    import sqlalchemy as sa

    from flask_schema.dialects.dialect import Dialect
    from flask_schema.operations.operation import Operation
    from flask_schema.snapshot.elements import QualifiedName, Table
    from flask_schema.snapshot.snapshot import Snapshot


class LiveSurroundings:
    """Answers from a connection. Every question reads anew, since statements run between two questions."""

    offline = False

    def __init__(self, dialect: Dialect, connection: sa.Connection) -> None:
        self.dialect = dialect
        self.connection = connection

    def table(self, name: QualifiedName) -> Table | None:
        """The table as it is in the database now, or None."""
        from flask_schema.dialects.dialect import Scope

        found = self.dialect.read(self.connection, Scope(schemas=(name.schema,), only_tables=frozenset({name})))
        return found.tables.get(name) or next(iter(found.tables.values()), None)

    def tables(self) -> Iterable[Table]:
        """All tables of the default schema as they are now."""
        return self.snapshot().tables.values()

    def snapshot(self) -> Snapshot:
        """The whole default schema as it is now."""
        from flask_schema.dialects.dialect import Scope

        return self.dialect.read(self.connection, Scope())

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query; percent signs in it stand for themselves."""
        result = self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        return [tuple(row) for row in result]


class ReplayedSurroundings:
    """Answers from a snapshot that follows the operations, for SQL written without a database.

    ``snapshot`` is the schema before the first operation. With None nothing is known but what
    the operations themselves create: questions about any other table raise OfflineRefused.
    Call ``replay`` after each operation has been written.
    """

    offline = True

    def __init__(self, dialect: Dialect, snapshot: Snapshot | None) -> None:
        from flask_schema.snapshot.snapshot import Snapshot

        self.dialect = dialect
        self.complete = snapshot is not None
        self._snapshot = snapshot if snapshot is not None else Snapshot(dialect.sqlalchemy.name)

    def replay(self, operation: Operation) -> None:
        """Take in what ``operation`` changed. Raises ObjectMissing when it does not fit a schema known whole."""
        try:
            self._snapshot = operation.replay(self._snapshot)
        except ObjectMissing:
            if self.complete:
                raise

    def table(self, name: QualifiedName) -> Table | None:
        """The table as the operations so far leave it; None when it is known that there is none."""
        table = self._snapshot.tables.get(name)
        if table is None and not self.complete:
            raise OfflineRefused(
                f"what table {name} looks like cannot be known without a database",
                hint="run it on a database, or start the SQL at the revision that creates the table",
            )
        return table

    def tables(self) -> Iterable[Table]:
        """All tables; raises OfflineRefused when only some are known."""
        return self.snapshot().tables.values()

    def snapshot(self) -> Snapshot:
        """The whole schema; raises OfflineRefused when only a part is known."""
        if not self.complete:
            raise OfflineRefused("what the schema looks like cannot be known without a database")
        return self._snapshot

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Always refused: there is no database to ask."""
        raise OfflineRefused(
            "this needs the answer of a query, and SQL is being written without a database", statement=sql
        )
