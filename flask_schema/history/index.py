"""The index of a versions directory: the headers of its files, kept beside them so that they are not read again.

It lies in ``__pycache__``, which every ``.gitignore`` covers, and is trusted only for files whose name, size and time
of change are those it was written from. Losing it costs nothing but the reading.
"""

from __future__ import annotations

import json
import os
import threading
import time
import zlib
from collections.abc import Sequence
from typing import Any

from flask_schema.history.revision import Header

DIRECTORY_NAME = "__pycache__"
FILE_NAME = "flask_schema_history.json"
_FORMAT = b"flask-schema history index 2 "
# A file may change twice within one tick of the file system's clock; a time this recent proves nothing yet.
_SETTLING_NS = 2_000_000_000

Row = Sequence[Any]
"""``mtime_ns, size_bytes, revision, down_revisions, docstring``, then, if any, ``depends_on, branch_labels, replaces``.

Only the first two for a file that is no revision; and None as the third and last for a computed header.
"""


def read_index(directory: str) -> tuple[dict[str, Row], int]:
    """Return the rows by file name and the time before which they are trusted (ns); empty when absent or damaged."""
    try:
        with open(os.path.join(directory, DIRECTORY_NAME, FILE_NAME), "rb") as file:  # noqa: PTH118, PTH123 (start-up cost)
            head, _, payload = file.read().partition(b"\n")
        if not head.startswith(_FORMAT) or int(head[len(_FORMAT) :]) != zlib.crc32(payload):
            return {}, 0
        content = json.loads(payload)
        return content["rows"], content["written_ns"] - _SETTLING_NS
    except (OSError, ValueError, KeyError, TypeError):
        return {}, 0


def write_index(directory: str, rows: dict[str, Row]) -> None:
    """Write the index in one step, so that readers see the old or the new one; a directory that refuses is no error."""
    payload = json.dumps({"written_ns": time.time_ns(), "rows": rows}, separators=(",", ":")).encode()
    folder = os.path.join(directory, DIRECTORY_NAME)  # noqa: PTH118
    target = os.path.join(folder, FILE_NAME)  # noqa: PTH118
    draft = f"{target}.{os.getpid()}.{threading.get_ident()}"
    try:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        with open(draft, "wb") as file:  # noqa: PTH123
            file.write(_FORMAT + str(zlib.crc32(payload)).encode() + b"\n" + payload)
        os.replace(draft, target)  # noqa: PTH105
    except OSError:
        try:
            os.unlink(draft)  # noqa: PTH108
        except OSError:
            return


def make_row(mtime_ns: int, size_bytes: int, header: Header | None, *, is_lasting: bool) -> Row:
    """Return a file's row; ``header`` is None for no revision, ``is_lasting`` False if running the file gave it."""
    if not is_lasting:
        return (mtime_ns, size_bytes, None)
    if header is None:
        return (mtime_ns, size_bytes)
    revision, down, depends, labels, replaces, docstring, _ = header
    if depends or labels or replaces:
        return (mtime_ns, size_bytes, revision, down, docstring, depends, labels, replaces)
    return (mtime_ns, size_bytes, revision, down, docstring)


def is_computed(row: Row) -> bool:
    """Whether the file's header depends on more than the file, so that it is computed every time."""
    return len(row) == 3


def header_of_row(row: Row, path: str) -> Header | None:
    """Return the header that ``row`` holds for the file ``path``, None for a file that is no revision."""
    if len(row) == 5:
        return Header(row[2], tuple(row[3]), (), (), (), row[4], path)
    if len(row) == 2:
        return None
    _, _, revision, down, docstring, depends, labels, replaces = row
    return Header(revision, tuple(down), tuple(depends), tuple(labels), tuple(replaces), docstring, path)
