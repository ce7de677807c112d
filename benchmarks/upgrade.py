"""``upgrade`` from an empty database, and as SQL."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.engines import Cost, Engine, compare, heading, run
from benchmarks.project import make_project

_EMPTY = "import sys, psycopg2; c = psycopg2.connect(sys.argv[1]); c.autocommit = True; c.cursor().execute(sys.argv[2])"


def measure(sides: tuple[Engine, Engine], given: argparse.Namespace) -> None:
    """Print the table; see ``--help`` for what is given."""
    count = min(given.revisions)
    with tempfile.TemporaryDirectory(prefix="flask-schema-bench-") as place:
        folders = [Path(place) / engine.extension for engine in sides]
        for engine, folder in zip(sides, folders, strict=True):
            make_project(folder, engine, count)
        pairs = list(zip(sides, folders, strict=True))
        heading(f"Upgrade of {count} revisions")
        compare("upgrade from empty, SQLite", 0.65, given.rounds, [_sqlite(*pair) for pair in pairs])
        compare("upgrade --sql, SQLite", 0.45, given.rounds, [_as_sql(*pair, "sqlite://") for pair in pairs])
        if given.postgresql:
            server = [_postgresql(*pair, given.postgresql) for pair in pairs]
            compare("upgrade from empty, PostgreSQL (client)", 0.50, given.rounds, server)
            written = [_as_sql(*pair, given.postgresql) for pair in pairs]
            compare("upgrade --sql, PostgreSQL", 0.45, given.rounds, written)


def _sqlite(engine: Engine, folder: Path) -> Callable[[], Cost]:
    def once() -> Cost:
        (folder / "app.sqlite").unlink(missing_ok=True)
        return run(engine.command("upgrade"), folder, engine)

    return once


def _postgresql(engine: Engine, folder: Path, url: str) -> Callable[[], Cost]:
    plain = url.replace("postgresql+psycopg2://", "postgresql://")
    empty = [engine.python, "-c", _EMPTY, plain, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"]

    def once() -> Cost:
        subprocess.run(empty, check=True)
        return run(engine.command("upgrade"), folder, engine, BENCH_URL=url)

    return once


def _as_sql(engine: Engine, folder: Path, url: str) -> Callable[[], Cost]:
    return lambda: run(engine.command("upgrade", "--sql"), folder, engine, BENCH_URL=url)
