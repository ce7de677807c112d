"""Fixtures for real databases, and the line that names the databases a run could not use.

``database``, ``database_url`` and ``engine`` run a test once on each database; ``@pytest.mark.databases("sqlite",
"postgresql")`` restricts them. ``sqlite_url``, ``postgresql_url``, ``mysql_url`` and ``cockroachdb_url`` give one
database; ``make_database("postgresql")`` gives as many as a test calls for. Every test gets empty databases.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.databases import DATABASE_NAMES, Database, DatabaseMaker, EngineOpener, Servers, missing_reason

_ENVIRONMENT_OF_FLASK = ("FLASK_APP", "FLASK_DEBUG", "FLASK_RUN_FROM_CLI", "DATABASE_URL")
_POSTGRESQL_FOLDER = pytest.StashKey[Path]()
_OWNER_PID = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "databases(*names): run the test on these databases only")
    folder = Path(tempfile.gettempdir()) / f"flask-schema-postgresql-{secrets.token_hex(4)}"
    given = getattr(config, "workerinput", {"postgresql_folder": folder, "owner_pid": os.getpid()})
    config.stash[_POSTGRESQL_FOLDER] = Path(given["postgresql_folder"])
    config.stash[_OWNER_PID] = given["owner_pid"]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each process of pytest-xdist whose server it shares."""
    node.workerinput["postgresql_folder"] = str(node.config.stash[_POSTGRESQL_FOLDER])
    node.workerinput["owner_pid"] = os.getpid()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("databases")
        names = marker.args if marker else DATABASE_NAMES
        metafunc.parametrize("database", names, indirect=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [f"{name} ({reason})" for name in DATABASE_NAMES if (reason := missing_reason(name))]
    if skipped:
        terminalreporter.write_line(f"Skipped databases: {', '.join(skipped)}")


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    opened = Servers(request.config.stash[_POSTGRESQL_FOLDER], request.config.stash[_OWNER_PID])
    yield opened
    opened.close()


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseMaker]:
    """A function that makes an empty database: ``make_database("sqlite")``; skips the test where it cannot."""
    lent: list[Database] = []
    numbers = count(1)

    def make(name: str) -> Database:
        if reason := missing_reason(name):
            pytest.skip(f"{name}: {reason}")
        if name == "sqlite":
            return Database(name, f"sqlite:///{tmp_path / f'database{next(numbers)}.sqlite'}")
        lent.append(Database(name, request.getfixturevalue("servers").open(name).lend()))
        return lent[-1]

    yield make
    for database in lent:
        request.getfixturevalue("servers").open(database.name).take_back(database.url)


@pytest.fixture
def database(request: pytest.FixtureRequest, make_database: DatabaseMaker) -> Database:
    return make_database(request.param)


@pytest.fixture
def database_url(database: Database) -> str:
    return database.url


@pytest.fixture
def sqlite_url(make_database: DatabaseMaker) -> str:
    return make_database("sqlite").url


@pytest.fixture
def postgresql_url(make_database: DatabaseMaker) -> str:
    return make_database("postgresql").url


@pytest.fixture
def mysql_url(make_database: DatabaseMaker) -> str:
    return make_database("mysql").url


@pytest.fixture
def cockroachdb_url(make_database: DatabaseMaker) -> str:
    return make_database("cockroachdb").url


@pytest.fixture
def open_engine(make_database: DatabaseMaker) -> Iterator[EngineOpener]:
    """A function that opens an engine on a URL and keeps no connection: ``open_engine(url, echo=True)``."""
    opened: list[sa.Engine] = []

    def open_one(url: str, **arguments: Any) -> sa.Engine:
        opened.append(sa.create_engine(url, **{"poolclass": sa.NullPool, **arguments}))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.dispose()


@pytest.fixture
def engine(database: Database, open_engine: EngineOpener) -> sa.Engine:
    return open_engine(database.url)


@pytest.fixture
def sqlite_engine(sqlite_url: str, open_engine: EngineOpener) -> sa.Engine:
    return open_engine(sqlite_url)


@pytest.fixture
def postgresql_engine(postgresql_url: str, open_engine: EngineOpener) -> sa.Engine:
    return open_engine(postgresql_url)


@pytest.fixture(autouse=True)
def _without_settings_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer exported for an application of their own must not reach the tests."""
    for name in _ENVIRONMENT_OF_FLASK:
        monkeypatch.delenv(name, raising=False)
