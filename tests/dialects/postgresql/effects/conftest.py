"""An executor on a real server, and plain SQL beside it; and the dialect alone, for SQL text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.dialect import Scope, Settled
from flask_schema.dialects.postgresql.dialect import PostgresqlDialect
from flask_schema.dialects.statement import Statement
from flask_schema.dialects.surroundings import LiveSurroundings, ReplayedSurroundings
from flask_schema.diff.compare import diff
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot

CATALOG = """
SELECT 'column', c.relname::text, a.attname::text,
    concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END, a.attidentity,
        a.attgenerated, a.attcollation::regcollation) AS detail,
    pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), convalidated::text, NULL
FROM pg_constraint WHERE conrelid >= 16384 AND contype <> 'n'
UNION ALL
SELECT 'index', i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid),
    i.indisvalid::text, NULL
FROM pg_index i WHERE i.indrelid >= 16384
    AND i.indrelid NOT IN (SELECT oid FROM pg_class WHERE relnamespace = 'pg_toast'::regnamespace)
UNION ALL
SELECT 'enum', t.typname::text, string_agg(e.enumlabel, '|' ORDER BY e.enumsortorder), NULL,
    obj_description(t.oid, 'pg_type'), NULL
FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid WHERE t.oid >= 16384 GROUP BY t.oid, t.typname
UNION ALL
SELECT 'sequence', q.seqrelid::regclass::text, format_type(q.seqtypid, NULL),
    concat_ws(' ', q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle),
    p.refobjid::regclass::text, p.deptype::text
FROM pg_sequence q LEFT JOIN pg_depend p ON p.objid = q.seqrelid AND p.deptype IN ('a', 'i') AND p.refobjsubid > 0
UNION ALL
SELECT 'table', c.relname::text, c.relpersistence::text, obj_description(c.oid, 'pg_class'),
    array_to_string(c.reloptions, ' '), pg_get_partkeydef(c.oid)
FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384
"""

Catalog = list[tuple[Any, ...]]


class Database:
    """An empty database of a server, the dialect under test on it, and plain SQL."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url, poolclass=sa.NullPool)
        with self.engine.connect() as connection:
            self.dialect = PostgresqlDialect(connection.dialect)
        self.sent: list[str] = []
        self.queries: list[str] = []
        sa.event.listen(self.engine, "before_cursor_execute", self._heard)

    def _heard(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.queries.append(statement)

    # -- plain SQL ----------------------------------------------------------------------------

    def sql(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    def rows(self, query: str) -> Catalog:
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(query, execution_options={"no_parameters": True})
            return [tuple(row) for row in found]

    def create_all(self, metadata: sa.MetaData) -> None:
        """As SQLAlchemy does it; outside a transaction, for indexes that are built concurrently."""
        metadata.create_all(self.engine.execution_options(isolation_level="AUTOCOMMIT"))

    def catalog(self) -> Catalog:
        """What the server's catalog holds, the order of columns left out."""
        return sorted(self.rows(CATALOG), key=repr)

    # -- the dialect --------------------------------------------------------------------------

    def read(self, scope: Scope | None = None) -> Snapshot:
        with self.engine.connect() as connection:
            return self.dialect.read(connection, scope or Scope())

    def table(self, name: str, schema: str | None = None) -> Table:
        return self.read(Scope(schemas=(schema,))).tables[QualifiedName(name, schema)]

    def run(self, *operations: Operation) -> None:
        """Run operations one after the other in one transaction, left where a statement asks for it."""
        self.sent.clear()
        with self.engine.connect() as connection:
            self.dialect.begin(connection)
            surroundings = LiveSurroundings(self.dialect, connection)
            for operation in operations:
                for statement in self.dialect.statements([operation], surroundings):
                    self._send(connection, statement)
            connection.commit()

    def _send(self, connection: sa.Connection, statement: Statement) -> None:
        if not isinstance(statement.sql, str):
            connection.execute(statement.sql, statement.parameters)
            return
        self.sent.append(statement.sql)
        if statement.transactional:
            connection.exec_driver_sql(statement.sql, execution_options={"no_parameters": True})
            return
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql(statement.sql, execution_options={"no_parameters": True})
        connection.commit()
        connection.execution_options(isolation_level="READ COMMITTED")
        self.dialect.begin(connection)

    def settle(self, *metadata: sa.MetaData, schemas: tuple[str | None, ...] = (None,)) -> Settled:
        """The database and the models, made comparable."""
        with self.engine.connect() as connection:
            before = self.dialect.read(connection, Scope(schemas=schemas))
            after = self.dialect.snapshot_of_models(metadata)
            return self.dialect.settle(before, after, connection)

    def differences(self, *metadata: sa.MetaData, schemas: tuple[str | None, ...] = (None,)) -> tuple[Operation, ...]:
        """The operations that bring the database to the models."""
        settled = self.settle(*metadata, schemas=schemas)
        return diff(settled.before, settled.after)


@pytest.fixture
def server(postgresql_url: str) -> Iterator[Database]:
    made = Database(postgresql_url)
    yield made
    made.engine.dispose()


class Writer:
    """The dialect with no database: SQL text, as offline."""

    def __init__(self) -> None:
        self.dialect = PostgresqlDialect(sa.create_engine("postgresql+psycopg://").dialect)

    def write(self, *operations: Operation, snapshot: Snapshot | None = None) -> list[str]:
        surroundings = ReplayedSurroundings(self.dialect, snapshot)
        written = []
        for operation in operations:
            written += [str(one.sql) for one in self.dialect.statements([operation], surroundings)]
            surroundings.replay(operation)
        return [" ".join(one.split()) for one in written]


@pytest.fixture
def writer() -> Writer:
    return Writer()
