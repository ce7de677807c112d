"""Imports go down only: the rules of the house, held against its source and tried on made-up houses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import flask_schema
from tests.structure.import_rules import find_faults, read_source

PACKAGE = Path(flask_schema.__file__).parent


def test_the_house_keeps_its_rules() -> None:
    source = read_source(PACKAGE)
    assert len(source.imports) > 10
    assert find_faults(source) == []


def build(folder: Path, files: dict[str, str]) -> list[str]:
    """Write a made-up package and return its faults."""
    for name, text in {"__init__.py": "", **files}.items():
        path = folder / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        init = path.parent / "__init__.py"
        if not init.exists():
            init.write_text("")
    return find_faults(read_source(folder / "house"))


BROKEN = {
    "upwards": (
        {"snapshot/picture.py": "import house.operations"},
        ["house.snapshot.picture:1 imports house.operations: imports go down only"],
    ),
    "upwards for type checking": (
        {"config.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.project import Project"},
        ["house.config:3 imports house.project: imports go down only"],
    ),
    "upwards inside a function": (
        {"errors.py": "def f():\n    from . import config", "config.py": ""},
        ["house.errors:2 imports house.config: imports go down only"],
    ),
    "upwards by dots": (
        {"history/graph.py": "from ..runtime.runner import run", "runtime/runner.py": ""},
        ["house.history.graph:1 imports house.runtime.runner: imports go down only"],
    ),
    "upwards by dots from a package": (
        {"history/__init__.py": "from ..runtime import runner", "runtime/runner.py": ""},
        ["house.history:1 imports house.runtime.runner: imports go down only"],
    ),
    "strangers": (
        {"scripts/render.py": "from house.diff.tables import compare", "diff/tables.py": ""},
        ["house.scripts.render:1 imports house.diff.tables: they meet in actions and runtime"],
    ),
    "the front door": (
        {"diff/tables.py": "from house import op"},
        ["house.diff.tables:1 imports house: rooms import each other, not the package's front door"],
    ),
    "flask in the wrong room": (
        {"runtime/runner.py": "import flask.cli"},
        ["house.runtime.runner:1 imports flask.cli: flask is for cli, commands, databases, extension"],
    ),
    "mako in the wrong room": (
        {"actions/revision.py": "def f():\n    from mako.template import Template"},
        ["house.actions.revision:2 imports mako.template: mako is for scripts"],
    ),
    "sqlalchemy in the history": (
        {"history/graph.py": "import sqlalchemy as sa"},
        ["house.history.graph:1 imports sqlalchemy: sqlalchemy is for"],
    ),
    "alembic": ({"cli/x.py": "import alembic"}, ["house.cli.x:1 imports alembic: alembic is for nobody"]),
    "a new room": ({"attic/box.py": ""}, ["house.attic is not a room of the house"]),
    "a cycle": (
        {"diff/a.py": "from house.diff import b", "diff/b.py": "import house.diff.a"},
        ["import cycle: house.diff.a -> house.diff.b -> house.diff.a"],
    ),
    "a cycle through the room's door": (
        {"diff/__init__.py": "from house.diff.a import A", "diff/a.py": "from house.diff import B"},
        ["import cycle: house.diff -> house.diff.a -> house.diff"],
    ),
    "a cycle for type checking": (
        {
            "diff/a.py": "from house.diff.b import B",
            "diff/b.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.diff.a import A",
        },
        ["import cycle: house.diff.a -> house.diff.b -> house.diff.a"],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_is_found(case: str, tmp_path: Path) -> None:
    files, expected = BROKEN[case]
    faults = build(tmp_path, files)
    assert len(faults) == len(expected)
    for fault, start in zip(faults, expected, strict=True):
        assert fault.startswith(start)


def test_what_the_rules_allow_is_no_fault(tmp_path: Path) -> None:
    assert (
        build(
            tmp_path,
            {
                "__init__.py": "def __getattr__(name):\n    from house.extension import Migrate\n    return Migrate",
                "extension.py": "import flask\nfrom .config import read",
                "config.py": "from house.errors import SchemaError\nfrom house import errors",
                "errors.py": "import re",
                "cli/__init__.py": "import click, flask\nfrom house.cli.commands import db",
                "cli/commands.py": "from house.actions import upgrade",
                "actions/upgrade.py": "def f():\n    import house.diff.a, house.scripts.b, house.dialects.c",
                "diff/a.py": "from house.snapshot import elements",
                "scripts/b.py": "from mako.template import Template\nfrom sqlalchemy import Column",
                "dialects/c.py": "from . import d",
                "dialects/d.py": "def f():\n    from . import c",
                "snapshot/elements.py": "from __future__ import annotations",
            },
        )
        == []
    )


def test_the_front_door_is_light() -> None:
    """``import flask_schema`` happens in every process of an application; what it needs is loaded at first use."""
    report = "import sys, flask_schema; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = set(subprocess.check_output([sys.executable, "-c", report], cwd=PACKAGE.parent, text=True).split())
    assert "flask_schema" in loaded
    assert loaded.isdisjoint({"flask", "sqlalchemy", "click", "mako"})
