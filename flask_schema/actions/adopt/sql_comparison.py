"""Compares the SQL that this engine and an installed Alembic make of the same revisions."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask_schema.actions.running import run_everywhere
from flask_schema.dialects.sqlite.rebuild import PREFIX as REBUILT_PREFIX
from flask_schema.errors import SchemaError
from flask_schema.history.routes import Step
from flask_schema.project import Project
from flask_schema.values import dataclass

_PROGRAM = Path(__file__).with_name("alembic_sql.py.txt")
_TIME_LIMIT_SECONDS = 600
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)
_CONSTRAINT = re.compile(r"(CONSTRAINT|PRIMARY KEY|FOREIGN KEY|UNIQUE|CHECK|EXCLUDE)\b")
_FRAME = re.compile(r"^(BEGIN( IMMEDIATE| TRANSACTION)?|COMMIT|START TRANSACTION|PRAGMA foreign_key.*)$", re.IGNORECASE)
"""What stands around a revision: transactions, and SQLite's switch for foreign keys."""


@dataclass(frozen=True, slots=True)
class SqlDifference:
    """One revision of which the two make different SQL. Statements are normalised.

    ``ours`` is empty where this engine cannot write what Alembic writes; then ``why`` says so.
    """

    revision: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    why: str | None = None


@dataclass(frozen=True, slots=True)
class SqlComparison:
    """``compared`` is the number of revisions, ``release`` Alembic's. ``reason`` says why nothing was compared.

    ``uncompared`` are revisions that Alembic cannot write as SQL, or that rebuild a table, each with the reason.
    """

    release: str | None = None
    compared: int = 0
    uncompared: tuple[tuple[str, str], ...] = ()
    differences: tuple[SqlDifference, ...] = ()
    reason: str | None = None


def compare_sql(project: Project, steps: Sequence[Step], rows: Sequence[str], app_path: str | None) -> SqlComparison:
    """Compare the SQL of ``steps``, which begin at the version rows ``rows``.

    What ``env.py`` writes into files, one for each of several databases, counts too. ``app_path`` is the import path
    of the application, for the process in which Alembic runs; None: as ``flask`` finds it. Nothing is changed, and no
    database is opened by this engine; ``env.py`` runs in both.
    """
    spec = find_spec("alembic")
    if spec is None or spec.origin is None:  # a folder of that name is no package
        return SqlComparison(reason="Alembic is not installed here")
    if not steps:
        return SqlComparison(reason="nothing is pending")
    places = _places(steps, rows)
    answer = _ask_alembic(project, places, app_path)
    if isinstance(answer, str):
        return SqlComparison(reason=f"Alembic could not be asked: {answer}")
    differences: list[SqlDifference] = []
    uncompared: list[tuple[str, str]] = []
    for step, (before, revision), theirs in zip(steps, places, answer["answers"], strict=True):
        ours = _our_sql(project, step, before)
        if "error" in theirs:
            uncompared.append((revision, f"Alembic cannot write it: {' '.join(theirs['error'].split())}"))
        elif isinstance(ours, str) and REBUILT_PREFIX in ours:
            uncompared.append((revision, "it rebuilds a table, which each engine does its own way"))
        elif (found := _difference(revision, ours, theirs["sql"])) is not None:
            differences.append(found)
    compared = len(steps) - len(uncompared)
    return SqlComparison(str(answer["release"]), compared, tuple(uncompared), tuple(differences))


def statements_in(sql: str) -> tuple[str, ...]:
    """The statements of a script, each on one line, without comments, transactions and the version table's.

    What has no order has one here: the constraints of a new table, and new indexes that follow each other.
    """
    found: list[str] = []
    for part in re.split(r";\s*(?:\n|$)", _COMMENT.sub("", sql)):
        text = " ".join(part.split()).replace("( ", "(").replace(" )", ")").rstrip("; ")
        if text and not _FRAME.match(text) and "alembic_version" not in text:
            found.append(_with_constraints_sorted(text) if text.startswith("CREATE TABLE") else text)
    groups = groupby(found, key=lambda text: text.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX")))
    return tuple(text for are_indexes, group in groups for text in (sorted(group) if are_indexes else group))


def _with_constraints_sorted(create: str) -> str:
    """A ``CREATE TABLE`` with its constraints, which follow the columns, in the order of the alphabet."""
    head, bracket, rest = create.partition("(")
    body, end, tail = rest.rpartition(")")
    items = _split(body)
    first = next((place for place, item in enumerate(items) if _CONSTRAINT.match(item)), len(items))
    return f"{head}{bracket}{', '.join([*items[:first], *sorted(items[first:])])}{end}{tail}"


def _split(body: str) -> list[str]:
    """What commas divide, outside of brackets and quotes."""
    items, depth, quote = [""], 0, ""
    for letter in body:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"`":
            quote = letter
        depth += (letter in "([") - (letter in ")]") if not quote else 0
        if letter == "," and not depth and not quote:
            items.append("")
        else:
            items[-1] += letter
    return [item.strip() for item in items]


def _places(steps: Sequence[Step], rows: Sequence[str]) -> list[tuple[list[str], str]]:
    """The version rows before each step, and its revision."""
    standing = set(rows)
    places = []
    for step in steps:
        places.append((sorted(standing), step.revision.revision))
        standing = (standing - set(step.delete_heads)) | set(step.insert_heads)
    return places


def _our_sql(project: Project, step: Step, before: Sequence[str]) -> str | SchemaError:
    written = io.StringIO()
    try:
        with _elsewhere() as folder:
            run_everywhere(project, lambda _: (step,), sql=True, start=before, output=written)
            files = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))]
    except SchemaError as error:
        return error
    return "\n".join([written.getvalue(), *files])


@contextmanager
def _elsewhere() -> Iterator[Path]:
    """Inside the block the current directory is an empty one: ``env.py`` for several databases writes files there."""
    before = Path.cwd()
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)


def _difference(revision: str, ours: str | SchemaError, theirs: str) -> SqlDifference | None:
    wanted = statements_in(theirs)
    if isinstance(ours, SchemaError):
        return SqlDifference(revision, (), wanted, f"it cannot be written here: {ours.message}")
    written = statements_in(ours)
    return None if written == wanted else SqlDifference(revision, written, wanted)


def _ask_alembic(project: Project, places: list[tuple[list[str], str]], app_path: str | None) -> dict[str, Any] | str:
    """Alembic's answer; a text says why there is none."""
    files = project.alembic_files
    has_env = project.env_file.is_file()
    asked = {
        "app": app_path,
        "needs_app": project.app is not None,
        "script_location": str(project.directory),
        "version_locations": [str(one) for one in project.version_locations],
        "ini": str(files.ini.absolute()) if files.ini is not None else None,
        "toml": str(files.toml.absolute()) if files.toml is not None else None,
        "dialect": None if has_env else project.databases[0].dialect.name,
        "has_env": has_env,
        "x": list(project.x_arguments),
        "steps": places,
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own program, in this interpreter
            [sys.executable, "-c", _PROGRAM.read_text(encoding="utf-8")],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=_TIME_LIMIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return " ".join(str(error).split())
    if done.returncode:
        return next((line for line in reversed(done.stderr.splitlines()) if line.strip()), f"status {done.returncode}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
