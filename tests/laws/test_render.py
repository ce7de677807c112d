"""The laws of writing: what is rendered is Python, formatted, and says the operations it came from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.types import TypeEngine

from flask_schema.diff.compare import diff, invert_all
from flask_schema.operations.operation import Operation
from flask_schema.scripts.page import Rendering
from flask_schema.scripts.source import render_operations
from flask_schema.snapshot.snapshot import Snapshot
from tests.laws.strategies import TRANSLATION, TYPES, snapshots, without_python_types

RUFF = Path(sys.executable).parent / "ruff"
BY_SQL = {TRANSLATION.data_type(python).sql: python for python in TYPES}
pairs = st.tuples(snapshots().map(without_python_types), snapshots())


def python_type(sql: str) -> TypeEngine[object]:
    return BY_SQL[sql]


def type_sql(python: TypeEngine[object]) -> str:
    return TRANSLATION.data_type(python).sql


def rendering(*, batch: bool) -> Rendering:
    return Rendering(python_type, type_sql, render_as_batch=batch)


def function(operations: tuple[Operation, ...], *, batch: bool) -> str:
    source = render_operations(operations, rendering(batch=batch))
    imports = "".join(f"{line}\n" for line in source.imports)
    return f"{imports}\n\ndef upgrade() -> None:\n    {source.body or 'pass'}\n"


def formatted(text: str) -> str:
    command = [str(RUFF), "format", "--isolated", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


@settings(max_examples=60, deadline=None)
@given(pairs, st.booleans())
def test_ruff_finds_nothing_to_format(pair: tuple[Snapshot, Snapshot], batch: bool) -> None:
    operations = diff(*pair)
    both = function(operations, batch=batch) + "\n\n" + function(invert_all(operations), batch=batch).lstrip()
    text = both.lstrip()
    assert formatted(text) == text


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_every_import_is_needed_and_every_name_is_imported(pair: tuple[Snapshot, Snapshot]) -> None:
    text = "from flask_schema import op\n" + function(diff(*pair), batch=False) + "    op.f('used')\n"
    command = [str(RUFF), "check", "--isolated", "--select", "F,E9", "-"]
    checked = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
