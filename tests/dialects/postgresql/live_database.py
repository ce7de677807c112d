"""A PostgreSQL database with the dialect on it, an executor that does what the runner does, and plain SQL."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.dialect import Dialect, Scope, Settled
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import LiveSurroundings
from flask_schema.diff.compare import diff
from flask_schema.errors import MigrationFailed
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot

_CATALOG = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
            pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum), a.attcollation::regcollation::text
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND {scope}
    """,
    "constraints": """
        SELECT c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype <> 'n' AND {scope}
    """,
    "indexes": """
        SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisvalid FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid WHERE {scope}
    """,
    "tables": "SELECT c.relname, c.relpersistence, obj_description(c.oid) FROM pg_class c WHERE c.relkind = 'r' AND {scope}",
    "enums": """
        SELECT t.typname, e.enumlabel, rank() OVER (PARTITION BY t.oid ORDER BY e.enumsortorder),
            obj_description(t.oid, 'pg_type')
        FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid WHERE t.typnamespace = '{schema}'::regnamespace
    """,
    "sequences": """
        SELECT c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
            s.seqcycle, (SELECT concat_ws(' ', p.refobjid::regclass, a.attname, p.deptype) FROM pg_depend p
                         JOIN pg_attribute a ON a.attrelid = p.refobjid AND a.attnum = p.refobjsubid
                         WHERE p.objid = c.oid AND p.deptype IN ('a', 'i') AND p.refobjsubid > 0)
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid WHERE {scope}
    """,
}


class LiveDatabase:
    """``sent`` holds the texts of the last ``run``."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        with engine.connect() as connection:
            self.dialect: Dialect = dialect_for(connection.dialect)
        self.sent: list[str] = []
        self.queries: list[str] = []
        sa.event.listen(engine, "before_cursor_execute", self._count)

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.queries.append(statement)

    # -- plain SQL ----------------------------------------------------------------------------

    def sql(self, script: str) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql(script, execution_options={"no_parameters": True})

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(query, execution_options={"no_parameters": True})
            return [tuple(row) for row in found]

    def catalog(self, schema: str = "public") -> dict[str, Counter[tuple[Any, ...]]]:
        """All that the server says of a schema, the order of columns left out."""
        scope = f"c.relnamespace = '{schema}'::regnamespace"
        return {
            kind: Counter(self.rows(query.replace("{scope}", scope).replace("{schema}", schema)))
            for kind, query in _CATALOG.items()
        }

    # -- the dialect --------------------------------------------------------------------------

    def read(self, scope: Scope | None = None) -> Snapshot:
        with self.engine.connect() as connection:
            return self.dialect.read(connection, scope or Scope())

    def table(self, name: str, schema: str | None = None) -> Table:
        return self.read(Scope(schemas=(schema,))).tables[QualifiedName(name, schema)]

    def settle(self, *metadatas: sa.MetaData) -> Settled:
        after = self.dialect.snapshot_of_models(metadatas)
        with self.engine.connect() as connection:
            before = self.dialect.read(connection, Scope(schemas=(None, *sorted(after.schemas))))
            after = self.dialect.snapshot_of_models(metadatas)
            return self.dialect.settle(before, after, connection)

    def differences(self, *metadatas: sa.MetaData) -> tuple[Operation, ...]:
        settled = self.settle(*metadatas)
        return diff(settled.before, settled.after)

    def run(self, *operations: Operation) -> None:
        """Run operations as one revision. What the database refuses comes up as MigrationFailed or the driver's error."""
        self.sent.clear()
        with self.engine.connect() as connection:
            self.dialect.begin(connection)
            surroundings = LiveSurroundings(self.dialect, connection)
            for operation in operations:
                for statement in self.dialect.statements([operation], surroundings):
                    self._send(connection, statement)
            self.dialect.before_commit(connection)
            connection.commit()

    def _send(self, connection: sa.Connection, statement: Any) -> None:
        if not statement.transactional:
            connection.commit()
            connection.execution_options(isolation_level="AUTOCOMMIT")
        if isinstance(statement.sql, str):
            self.sent.append(statement.sql)
            result = connection.exec_driver_sql(statement.sql, execution_options={"no_parameters": True})
        else:
            result = connection.execute(statement.sql, statement.parameters)
        if statement.must_be_empty and result.fetchall():
            raise MigrationFailed(statement.failure or "not empty", statement=statement.sql)
        if not statement.transactional:
            connection.commit()
            connection.execution_options(isolation_level="READ COMMITTED")
            self.dialect.begin(connection)

    def script(self, function: Any) -> list[Operation]:
        """The operations of a script's function, which gets ``op``."""
        recorder = Recorder(self.dialect.translation)
        function(Directives(recorder))
        return list(recorder.operations)
