"""``import flask_schema``: what it gives, what it loads, and the name that is a function and a package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

import flask_schema
from flask_schema.errors import NoContext

ROOT = Path(__file__).parents[2]


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        "import flask_schema.history\nfrom flask_schema import history\nfrom flask_schema.history import Graph",
        "from flask_schema import history\nimport flask_schema.history\nfrom flask_schema.history import Graph",
        "from flask_schema.history.graph import Graph\nimport flask_schema\nhistory = flask_schema.history",
        "import flask_schema.history as inner\nfrom flask_schema import history\nGraph = inner.Graph",
    ],
)
def test_history_is_the_function_and_the_package(code: str) -> None:
    check = "import inspect, flask_schema\nprint(inspect.isfunction(history), history.__name__, Graph.__module__)"
    assert run(f"{code}\n{check}") == "True history flask_schema.history.graph"


def test_names_of_the_package_are_reached_through_the_function() -> None:
    code = "import flask_schema.history\nprint(flask_schema.history.Graph.__name__)"
    assert run(code) == "Graph"


def test_importing_the_package_loads_nothing_else() -> None:
    code = "import sys, flask_schema\nprint([name for name in ('flask', 'sqlalchemy', 'mako') if name in sys.modules])"
    assert run(code) == "[]"


@pytest.mark.parametrize("name", flask_schema.__all__)
def test_everything_promised_is_there(name: str) -> None:
    assert getattr(flask_schema, name) is not None
    assert name in dir(flask_schema)


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = flask_schema.nothing_such  # type: ignore[attr-defined]


def test_commands_need_an_application_context() -> None:
    with pytest.raises(NoContext, match="no application context"):
        flask_schema.heads()
    with Flask(__name__).app_context(), pytest.raises(flask_schema.SchemaError, match="does not know Migrate"):
        flask_schema.heads()


@pytest.mark.parametrize("package", ["installed", "missing"])
def test_models_may_say_what_cockroachdb_alone_knows(package: str) -> None:
    code = (
        "import sqlalchemy as sa, flask_schema.snapshot.keywords as keywords\n"
        f"if {package!r} == 'missing': keywords.find_spec = lambda name: None\n"
        "from flask_schema import Migrate\n"
        "Migrate(metadata=sa.MetaData())\n"
        "t = sa.Table('t', sa.MetaData(), sa.Column('id', sa.Integer()), cockroachdb_ttl_expire_after='3 days')\n"
        "print(dict(t.dialect_kwargs), dict(sa.Index('ix', t.c.id, cockroachdb_bucket_count=8).dialect_kwargs))"
    )
    assert run(code) == "{'cockroachdb_ttl_expire_after': '3 days'} {'cockroachdb_bucket_count': 8}"
