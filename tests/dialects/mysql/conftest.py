"""An executor on a real server, and plain SQL beside it; and the dialect alone, for SQL text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.dialect import Dialect, Scope, Settled
from flask_schema.dialects.mysql.dialect import MysqlDialect
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import LiveSurroundings, ReplayedSurroundings
from flask_schema.diff.compare import diff
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot


class Database:
    """An empty database of a server, the dialect under test on it, and plain SQL."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url)
        with self.engine.connect() as connection:
            self.dialect: Dialect = dialect_for(connection.dialect)
            self.is_mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
        self.sent: list[str] = []

    # -- plain SQL ----------------------------------------------------------------------------

    def sql(self, script: str) -> None:
        """Run statements that stand apart by a semicolon at the end of a line."""
        with self.engine.begin() as connection:
            for statement in re.split(r";\s*\n", script.strip().rstrip(";") + "\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            found = connection.exec_driver_sql(query, execution_options={"no_parameters": True})
            return [tuple(row) for row in found]

    def text(self, table: str) -> str:
        """SHOW CREATE TABLE without the next number, which is not schema."""
        return re.sub(r" AUTO_INCREMENT=\d+", "", str(self.rows(f"SHOW CREATE TABLE `{table}`")[0][1]))

    def catalog(self) -> dict[str, list[str]]:
        """What the server says of each table, the order of columns left out."""
        tables = [row[0] for row in self.rows("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")]
        return {table: sorted(line.rstrip(",") for line in self.text(table).splitlines()) for table in tables}

    def columns(self, table: str) -> list[str]:
        return [row[0] for row in self.rows(f"SHOW COLUMNS FROM `{table}`")]

    # -- the dialect --------------------------------------------------------------------------

    def read(self) -> Snapshot:
        with self.engine.connect() as connection:
            return self.dialect.read(connection, Scope())

    def table(self, name: str) -> Table:
        return self.read().tables[QualifiedName(name)]

    def run(self, *operations: Operation) -> None:
        """Run operations one after the other, as the runner does; ``sent`` holds the SQL afterwards."""
        self.sent.clear()
        with self.engine.connect() as connection:
            self.dialect.begin(connection)
            surroundings = LiveSurroundings(self.dialect, connection)
            for operation in operations:
                for statement in self.dialect.statements([operation], surroundings):
                    if isinstance(statement.sql, str):
                        self.sent.append(statement.sql)
                        connection.exec_driver_sql(statement.sql, execution_options={"no_parameters": True})
                    else:
                        connection.execute(statement.sql, statement.parameters)
            connection.commit()

    def settle(self, metadata: sa.MetaData) -> Settled:
        """The database and the models, made comparable."""
        with self.engine.connect() as connection:
            before = self.dialect.read(connection, Scope())
            after = self.dialect.snapshot_of_models([metadata])
            return self.dialect.settle(before, after, connection)

    def differences(self, metadata: sa.MetaData) -> tuple[Operation, ...]:
        """The operations that bring the database to the models."""
        settled = self.settle(metadata)
        return diff(settled.before, settled.after)


@pytest.fixture
def server(mysql_url: str) -> Iterator[Database]:
    """A real database behind ``mysql://``, be it MySQL or MariaDB."""
    made = Database(mysql_url)
    yield made
    made.engine.dispose()


@pytest.fixture
def mariadb_server(mysql_url: str) -> Iterator[Database]:
    """A real database behind ``mariadb://``."""
    made = Database(mysql_url)
    if not made.is_mariadb:
        pytest.skip("mysql: the server is MySQL, which does not answer to mariadb://")
    url = sa.make_url(mysql_url)
    made = Database(url.set(drivername=f"mariadb+{url.get_driver_name()}").render_as_string(hide_password=False))
    yield made
    made.engine.dispose()


class Writer:
    """The dialect with no database: SQL text, as offline."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def write(self, *operations: Operation, snapshot: Snapshot | None = None) -> list[str]:
        surroundings = ReplayedSurroundings(self.dialect, snapshot)
        written = []
        for operation in operations:
            written += [str(one.sql) for one in self.dialect.statements([operation], surroundings)]
            surroundings.replay(operation)
        return [" ".join(one.split()) for one in written]


@pytest.fixture
def writer() -> Writer:
    return Writer(MysqlDialect(sa.create_engine("mysql+pymysql://").dialect))


@pytest.fixture
def mariadb_writer() -> Writer:
    return Writer(dialect_for(sa.create_engine("mariadb+pymysql://").dialect))
