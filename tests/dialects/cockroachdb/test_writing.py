"""SQL for CockroachDB where neither its SQLAlchemy package nor a driver is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = """
import sys
for name in ("sqlalchemy_cockroachdb", "psycopg", "psycopg2"):
    sys.modules[name] = None
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "sqlalchemy_cockroachdb" else found(name, *rest)

import sqlalchemy as sa
from flask_schema.databases import Database
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import DriverMissing
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder

database = Database("", (), "cockroachdb+psycopg2://root@localhost/bank")
dialect = dialect_for(database.dialect)
recorder = Recorder(dialect.translation)
op = Directives(recorder)
op.create_table("accounts", sa.Column("id", sa.Uuid(), primary_key=True), sa.Column("index", sa.String(5)))
op.add_column("accounts", sa.Column("overdrawn", sa.Boolean(), sa.Computed("balance < 0")))
for statement in dialect.statements(recorder.operations, ReplayedSurroundings(dialect, None)):
    print(" ".join(statement.sql.split()))
try:
    with database.connect():
        pass
except DriverMissing as error:
    print(error.hint)
"""


def test_nothing_need_be_installed() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        'CREATE TABLE accounts ( id UUID NOT NULL, "index" VARCHAR(5), PRIMARY KEY (id) )',
        "ALTER TABLE accounts ADD COLUMN overdrawn BOOLEAN AS (balance < 0) STORED",
        "run: pip install 'flask-schema[cockroachdb]'",
    ]
