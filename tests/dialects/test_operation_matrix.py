"""Every directive on real databases: on a connection and by its SQL file, there and back, or refused by name.

The scripts are those of the reference page "Operations by database" (docs/matrix.py).
"""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.diff.compare import invert_all
from flask_schema.errors import Irreversible, OperationRefused
from flask_schema.operations.facade import Directives
from flask_schema.operations.operation import CATALOGUE, Operation
from flask_schema.operations.schemas import CreateSchema, DropSchema
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.destinations import SqlFile
from flask_schema.snapshot.normal import sorted_snapshot
from flask_schema.snapshot.snapshot import Snapshot
from tests.databases import Database, DatabaseMaker

DOCS = Path(__file__).parents[2] / "docs"
DATABASES = ("sqlite", "postgresql", "mysql")


def load(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


MATRIX = load("matrix")
MATRIX.SCHEMA_NAME = f"flask_schema_matrix_{os.getpid()}"


@dataclass(frozen=True)
class Picture:
    """What a database holds."""

    schema: Snapshot
    rows: tuple[tuple[Any, ...], ...]


class Site:
    """One database, with the ways to run a script on it."""

    def __init__(self, database: Database, engine: sa.Engine) -> None:
        self.name = database.name
        self.engine = engine
        with engine.connect() as connection:
            self.dialect = dialect_for(connection.dialect)

    @property
    def column(self) -> str:
        """The URL of this database in the matrix."""
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        name = names.get(self.name) or ("MariaDB" if getattr(self.engine.dialect, "is_mariadb", False) else "MySQL")
        return str(MATRIX.URLS[name])

    def run(self, script: Callable[[Any], None]) -> list[Operation]:
        """Run a script on a connection, in a transaction as a revision has; its operations are returned."""
        heard: list[Operation] = []
        with self.engine.connect() as connection:
            context = MigrationContext(connection.dialect, connection)
            hear = context.hear

            def listen(operation: Operation) -> Any:
                heard.append(operation)
                return hear(operation)

            context.hear = listen  # type: ignore[method-assign]
            with context.begin_transaction():
                script(Directives(context))
        return heard

    def picture(self) -> Picture:
        """The schema as it is read, and all rows of the tables that were there at first."""
        with self.engine.connect() as connection:
            read = self.dialect.read(connection, Scope(views_and_routines=True))
            names = [name for name in ("accounts", "owners", "tags", "labels") if (name, None) in read.tables]
            tables = [sa.table(name, *map(sa.column, sorted(read.tables[(name, None)].column_names))) for name in names]  # type: ignore[index]
            rows = [(table.name, *map(tuple, connection.execute(sa.select(table)))) for table in tables]
            schemas = frozenset(sa.inspect(connection).get_schema_names())
        bare = {name: replace(table, sql=None) for name, table in read.tables.items()}
        found = replace(read, tables=bare, schemas=schemas & {MATRIX.SCHEMA_NAME})
        return Picture(sorted_snapshot(found), tuple(sorted(rows, key=str)))

    def file(self, *scripts: Callable[[Any], None]) -> str:
        """The scripts as one SQL file, written without a connection."""
        output = io.StringIO()
        dialect = dialect_for(sa.make_url(self.column).get_dialect()())
        known = ReplayedSurroundings(dialect, Snapshot(dialect.name))
        context = MigrationContext(dialect.sqlalchemy, destination=SqlFile(dialect, output), surroundings=known)
        with context.begin_transaction():
            for script in scripts:
                script(Directives(context))
        return output.getvalue()

    def feed(self, sql: str) -> None:
        """Run a SQL file by the database's own client; skips the test by name where that is not there."""
        url = self.engine.url
        programs = {"sqlite": ("sqlite3",), "postgresql": ("psql",), "mysql": ("mysql", "mariadb")}[self.name]
        program = next((path for one in programs if (path := shutil.which(one))), None)
        if program is None:
            pytest.skip(f"{self.name}: its client {programs[0]} is not on the path")
        socket = str(url.query.get("unix_socket") or "")
        place = ["-S", socket] if socket else ["-h", str(url.host), "-P", str(url.port or 3306)]
        psql_place = ["-h", str(url.query.get("host") or url.host), *(["-p", str(url.port)] if url.port else [])]
        user, name = str(url.username), str(url.database)
        arguments = {
            "sqlite": ["-bail", name],
            "postgresql": ["-X", "-q", "-v", "ON_ERROR_STOP=1", *psql_place, "-U", user, name],
            "mysql": ["--no-defaults", "--default-character-set=utf8mb4", *place, "-u", user, name],
        }[self.name]
        secret = {"PGPASSWORD": url.password or "", "MYSQL_PWD": url.password or ""}
        done = subprocess.run(
            [program, *arguments], input=sql, capture_output=True, text=True, check=False, env={**os.environ, **secret}
        )
        assert (done.returncode, done.stderr) == (0, ""), f"{done.stderr}\n{sql}"


@pytest.fixture
def make_site(make_database: DatabaseMaker, open_engine: Any) -> Callable[[str], Site]:
    def make(name: str) -> Site:
        database = make_database(name)
        return Site(database, open_engine(database.url))

    return make


def test_every_operation_has_its_script() -> None:
    ours = {name for name, cls in CATALOGUE.items() if cls.__module__.startswith("flask_schema.")}
    assert set(MATRIX.EXAMPLES) == ours


@pytest.mark.parametrize("name", DATABASES)
@pytest.mark.parametrize("directive", MATRIX.EXAMPLES)
def test_there_and_back_and_the_same_by_a_file(directive: str, name: str, make_site: Callable[[str], Site]) -> None:
    script, site = MATRIX.EXAMPLES[directive], make_site(name)
    site.run(MATRIX.schema)
    before = site.picture()
    cell = MATRIX.cell(directive, site.column)
    if cell == MATRIX.REFUSED:
        with pytest.raises(OperationRefused, match=r"SQLite|PostgreSQL|MySQL|MariaDB"):
            site.run(script)
        if site.dialect.capabilities.transactional_ddl:
            assert site.picture() == before
        return
    operations = site.run(script)
    there = site.picture()
    if cell == MATRIX.LIVE:
        assert there.rows != before.rows
        return

    other = make_site(name)
    site.run(_without_schema)
    other.feed(other.file(MATRIX.schema, script))
    by_file = other.picture()
    other.run(_without_schema)
    assert by_file == there
    _go_back(site, operations, before)


def _go_back(site: Site, operations: list[Operation], before: Picture) -> None:
    try:
        inverse = invert_all(operations)
    except Irreversible:
        return
    if any(isinstance(one, (CreateSchema, DropSchema)) for one in inverse):
        return  # what was created is gone already
    site.run(lambda op: [op.invoke(one) for one in inverse])
    after = site.picture()
    assert after.schema == before.schema
    assert [one[0] for one in after.rows] == [one[0] for one in before.rows]


def _without_schema(op: Any) -> None:
    """MySQL's schemas are databases of the server, which outlive a test."""
    if op.get_context().dialect.name != "sqlite":
        op.execute(f"DROP SCHEMA IF EXISTS {MATRIX.SCHEMA_NAME}")
