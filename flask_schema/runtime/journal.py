"""The journal: a table that says what has been done to a database, kept where the setting ``journal`` asks for it.

The version table says where a database is; the journal says how it came there. A row is written in the transaction
of its revision, so that it is there if and only if the revision is applied; a revision that failed gets its row
afterwards. The table is made with the first run, and nothing in it decides what runs.
"""

from __future__ import annotations

import ast
import getpass
import hashlib
import socket
import sys
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from flask_schema.history.routes import Stamp, Step
from flask_schema.snapshot.elements import QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

TABLE_NAME = "schema_history"
DONE, FAILED = "done", "failed"
_ID_LENGTH_CHARS = 255
_ERROR_LENGTH_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, a revision that ran or a stamp.

    ``direction`` is ``upgrade``, ``downgrade`` or ``stamp``; ``rows`` are those of the version table afterwards, or as
    they were when it failed. ``started`` is in UTC. ``outcome`` is ``done`` or ``failed``, then ``error`` says why.
    ``checksum`` is that of the script (see :func:`checksum_of`), None for a stamp.
    """

    revision: str
    direction: str
    message: str
    rows: tuple[str, ...]
    started: datetime
    seconds: float
    outcome: str
    error: str | None
    user: str
    host: str
    tool: str
    checksum: str | None


class Journal:
    """The table in ``schema`` (None: the default one)."""

    def __init__(self, schema: str | None = None) -> None:
        self.table = sa.Table(
            TABLE_NAME,
            sa.MetaData(),
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("revision", sa.String(_ID_LENGTH_CHARS), nullable=False),
            sa.Column("direction", sa.String(16), nullable=False),
            sa.Column("message", sa.Text, nullable=False),
            sa.Column("version_rows", sa.Text, nullable=False),
            sa.Column("started", sa.String(32), nullable=False),
            sa.Column("seconds", sa.Float, nullable=False),
            sa.Column("outcome", sa.String(16), nullable=False),
            sa.Column("error", sa.Text),
            sa.Column("user_name", sa.String(255), nullable=False),
            sa.Column("host_name", sa.String(255), nullable=False),
            sa.Column("tool", sa.String(64), nullable=False),
            sa.Column("checksum", sa.String(64)),
            schema=schema,
        )

    def exists(self, connection: sa.Connection) -> bool:
        """Whether the table is there."""
        return bool(connection.dialect.has_table(connection, TABLE_NAME, schema=self.table.schema))

    def create(self, connection: sa.Connection, rows: Collection[str]) -> None:
        """Create it unless it is there; ``rows`` of the version table are what it begins with."""
        if self.exists(connection):
            return
        connection.execute(CreateTable(self.table))
        for row in sorted(rows):
            self.write(connection, _entry(row, "stamp", "the journal begins", rows, datetime.now(timezone.utc), 0.0))

    def write(self, connection: sa.Connection, entry: Entry) -> None:
        """Add a row."""
        values = {
            "revision": entry.revision,
            "direction": entry.direction,
            "message": entry.message,
            "version_rows": " ".join(entry.rows),
            "started": entry.started.isoformat(timespec="seconds"),
            "seconds": entry.seconds,
            "outcome": entry.outcome,
            "error": entry.error,
            "user_name": entry.user,
            "host_name": entry.host,
            "tool": entry.tool,
            "checksum": entry.checksum,
        }
        connection.execute(sa.insert(self.table), values)

    def entries(self, connection: sa.Connection, limit: int | None = None) -> tuple[Entry, ...]:
        """The rows, newest first, ``limit`` at most; none where there is no table."""
        if not self.exists(connection):
            return ()
        query = sa.select(self.table).order_by(self.table.c.id.desc())
        found = connection.execute(query.limit(limit) if limit is not None else query)
        return tuple(_read(row) for row in found)


def _read(row: Any) -> Entry:
    return Entry(
        row.revision,
        row.direction,
        row.message,
        tuple(row.version_rows.split()),
        datetime.fromisoformat(row.started),
        row.seconds,
        row.outcome,
        row.error,
        row.user_name,
        row.host_name,
        row.tool,
        row.checksum,
    )


def entries_of(
    step: Step | Stamp, rows: Collection[str], started: datetime, seconds: float, error: str | None = None
) -> Iterable[Entry]:
    """The rows for a step, after which the version table has ``rows``; ``error`` is why it failed, if it did."""
    if isinstance(step, Stamp):
        named = sorted(step.insert_heads) or [""]
        return [_entry(name, "stamp", "", rows, started, seconds, error) for name in named]
    revision = step.revision
    checksum = checksum_of(revision.path) if revision.path is not None else None
    return [
        _entry(revision.revision, step.direction, revision.message, rows, started, seconds, error, checksum),
    ]


def _entry(
    revision: str,
    direction: str,
    message: str,
    rows: Collection[str],
    started: datetime,
    seconds: float,
    error: str | None = None,
    checksum: str | None = None,
) -> Entry:
    return Entry(
        revision,
        direction,
        message,
        tuple(sorted(rows)),
        started,
        round(seconds, 3),
        DONE if error is None else FAILED,
        error[:_ERROR_LENGTH_CHARS] if error is not None else None,
        _user(),
        socket.gethostname(),
        f"flask-schema {_version()}",
        checksum,
    )


def _version() -> str:
    package = sys.modules[__name__.partition(".")[0]]
    return str(package.__version__)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return ""


def applied_according_to(entries: Sequence[Entry]) -> tuple[frozenset[str], frozenset[str]]:
    """What a journal, newest entry first, knows as applied: single revisions, and rows that stand for all below them.

    The second are rows that were stamped, the beginning of the journal included, or that a downgrade from there left.
    """
    single: set[str] = set()
    whole: set[str] = set()
    for entry in reversed(entries):
        if entry.outcome != DONE:
            continue
        if entry.direction == "upgrade":
            single.add(entry.revision)
        elif entry.direction == "downgrade":
            single.discard(entry.revision)
            whole.discard(entry.revision)
            whole.update(row for row in entry.rows if row not in single)
        else:
            single.clear()
            whole = set(entry.rows)
    return frozenset(single), frozenset(whole)


def without_journal(snapshot: Snapshot, schema: str | None, models: Snapshot) -> Snapshot:
    """The snapshot without the journal, unless the models have a table of its name: it is no business of theirs."""
    name = QualifiedName(TABLE_NAME, schema)
    found = snapshot.tables.get(name)
    if found is None or name in models.tables or not _is_journal(found):
        return snapshot
    return snapshot.without_table(name)


def _is_journal(table: Table) -> bool:
    """Whether a table has the journal's columns, so that another one of its name is still compared."""
    return set(table.column_names) >= {"revision", "direction", "version_rows", "outcome", "checksum"}


def checksum_of(path: Path) -> str | None:
    """The SHA-256 of a script's syntax tree: comments, layout and docstrings are no change. None for one unreadable."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    return hashlib.sha256(_told(tree).encode()).hexdigest()


def _told(node: Any) -> str:
    """A tree as text, the same in every version of Python: what is empty in one and missing in another is left out."""
    if isinstance(node, ast.AST):
        told = [f"{name}={_told(value)}" for name, value in ast.iter_fields(node) if value not in (None, [])]
        return f"{type(node).__name__}({','.join(told)})"
    if isinstance(node, list):
        return f"[{','.join(_told(one) for one in node if not _is_docstring(one))}]"
    return repr(node)


def _is_docstring(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
