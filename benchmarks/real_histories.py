"""Histories of published projects, from nothing to their heads and back, by Alembic and by Flask-Schema: ``make
bench-histories``.

Each package is downloaded from PyPI without its dependencies (those in ``HISTORIES`` need none to run). Both engines
get the same ``env.py`` and the same revision files, unchanged; the two differ in one import of the application. The
order in which ``history`` lists the revisions and the schema that SQLAlchemy's inspector finds have to be the same;
figures are processor seconds of ``flask db upgrade heads``, start of Python included.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.engines import Engine, find_reference, ours, run


@dataclass(frozen=True, slots=True)
class History:
    """A package on PyPI, the folder of its revisions in the wheel, where they run, and whether they go back to base."""

    package: str
    folder: str
    databases: tuple[str, ...] = ("sqlite", "postgresql")
    goes_back: bool = False


HISTORIES = (
    History("argilla-server==2.8.0", "argilla_server/alembic/versions", goes_back=True),
    History("ckan==2.12.0", "ckan/migration/versions", ("postgresql",)),
    History("cloudkitty==25.0.0", "cloudkitty/db/sqlalchemy/alembic/versions"),
    History("openstack-placement==16.0.0", "placement/db/sqlalchemy/alembic/versions"),
)

_APP = """
import os
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from {extension} import Migrate

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)
Migrate(app, db)
"""

_ENV = """
from alembic import context
from flask import current_app

with current_app.extensions["migrate"].db.engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

_VERSION_TABLE = "alembic_version"
_LISTED = re.compile(r"-> ([\w.-]+)")


def download(history: History, place: Path) -> Path:
    """Unpack the package's wheel into a folder of ``place`` and return it."""
    folder = place / history.package.partition("==")[0]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    pip += ["--disable-pip-version-check", "--ignore-requires-python", "--dest", str(folder), history.package]
    subprocess.run(pip, check=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def make_project(folder: Path, engine: Engine, source: Path, history: History) -> None:
    """Write the application and its migrations; the package itself stays beside them, for revisions that import it."""
    migrations = folder / "migrations"
    migrations.mkdir(parents=True)
    (folder / "app.py").write_text(_APP.format(extension=engine.extension))
    (migrations / "env.py").write_text(_ENV)
    (migrations / "script.py.mako").touch()
    (migrations / "alembic.ini").write_text("[alembic]\n")
    (migrations / "versions").symlink_to(source / history.folder)
    (folder / source.joinpath(history.folder).relative_to(source).parts[0]).symlink_to(
        source / history.folder.partition("/")[0]
    )


def catalog(url: str) -> dict[str, object]:
    """What SQLAlchemy's inspector finds in a database, but for the version table; comparable as it is."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        inspector = sa.inspect(engine)
        return {name: _table(inspector, name) for name in inspector.get_table_names() if name != _VERSION_TABLE}
    finally:
        engine.dispose()


def _table(inspector: sa.Inspector, name: str) -> dict[str, object]:
    columns = [{**column, "type": str(column["type"])} for column in inspector.get_columns(name)]
    parts = {
        "foreign keys": inspector.get_foreign_keys(name),
        "indexes": inspector.get_indexes(name),
        "uniques": inspector.get_unique_constraints(name),
        "checks": inspector.get_check_constraints(name),
    }
    named = {
        kind: sorted(json.dumps(one, sort_keys=True, default=str) for one in found) for kind, found in parts.items()
    }
    return {"columns": columns, "key": inspector.get_pk_constraint(name), **named}


def listed(engine: Engine, folder: Path, url: str) -> list[str]:
    """The revisions in the order in which ``history`` lists them."""
    done = subprocess.run(
        engine.command("history"),
        cwd=folder,
        env={**os.environ, **engine.variables, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{engine.name}: history failed:\n{done.stdout}{done.stderr}")
    return _LISTED.findall(done.stdout)


def databases(history: History, folder: Path, postgresql: str | None) -> Iterator[tuple[str, str]]:
    """Kind and URL of an empty database for each that the history runs on."""
    if "sqlite" in history.databases:
        yield "sqlite", f"sqlite:///{folder / 'app.sqlite'}"
    if "postgresql" in history.databases and postgresql:
        server = sa.create_engine(postgresql, poolclass=sa.NullPool)
        with server.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        yield "postgresql", postgresql


def measure(history: History, sides: tuple[Engine, Engine], postgresql: str | None) -> bool:
    """Print a line for each database; True where both sides came to the same."""
    same = True
    with tempfile.TemporaryDirectory(prefix="flask-schema-bench-") as place:
        source = download(history, Path(place))
        found: dict[str, list[tuple[list[str], list[dict[str, object]], float]]] = {}
        for engine in sides:
            folder = Path(place) / engine.extension
            make_project(folder, engine, source, history)
            for kind, url in databases(history, folder, postgresql):
                order = listed(engine, folder, url)
                seconds = run(engine.command("upgrade", "heads"), folder, engine, DATABASE_URL=url).cpu_seconds
                catalogs = [catalog(url)]
                if history.goes_back:
                    for words in (("downgrade", "base"), ("upgrade", "heads")):
                        run(engine.command(*words), folder, engine, DATABASE_URL=url)
                        catalogs.append(catalog(url))
                found.setdefault(kind, []).append((order, catalogs, seconds))
        for kind, (one, other) in found.items():
            verdict = "same" if one[:2] == other[:2] else "order differs" if one[0] != other[0] else "schema differs"
            same = same and verdict == "same"
            label = f"{history.package} on {kind}, {len(one[0])} revisions"
            print(f"{label:<62} {one[2]:7.2f} {other[2]:7.2f} {one[2] / other[2]:6.2f}  {verdict}", flush=True)
    return same


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_histories", description=__doc__)
    parser.add_argument("names", nargs="*", help="packages to try; all of them without")
    parser.add_argument("--reference", type=Path, help="a Python that has Alembic, Flask-Migrate and Flask-SQLAlchemy")
    parser.add_argument("--postgresql", metavar="URL", help="a database that is emptied (psycopg2); else SQLite alone")
    given = parser.parse_args()
    sides = (ours(), find_reference(given.reference))
    chosen = [one for one in HISTORIES if not given.names or one.package.partition("==")[0] in given.names]
    print(f"{'':<62} {'CPU s':>7} {'theirs':>7} {'ratio':>6}")
    results = [measure(history, sides, given.postgresql) for history in chosen]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
