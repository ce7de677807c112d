"""Headers of compiled revision files, for directories that are shipped without sources."""

from __future__ import annotations

import dis
import importlib.util
import marshal
from collections.abc import Mapping
from pathlib import Path
from types import CodeType

from flask_schema.errors import RevisionFileError
from flask_schema.history.syntax import TreeHeader

_HEADER_NAMES = frozenset({"revision", "down_revision", "branch_labels", "depends_on", "replaces", "__doc__"})
_PREFIX_BYTES = 16  # magic number, flags, and either source time and size or a hash (PEP 552)


def read_code(path: str | Path) -> TreeHeader:
    """Return the literal assignments of a ``.pyc`` file, read from its instructions without running them.

    Raises :class:`RevisionFileError` when another version of Python wrote the file, or it is damaged.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise RevisionFileError(f"the compiled file cannot be read: {error.strerror}", file=path) from error
    if content[:4] != importlib.util.MAGIC_NUMBER:
        raise RevisionFileError(
            "the compiled file was written by another version of Python",
            file=path,
            hint="compile the revision files with the Python that runs them: python -m compileall -b versions",
        )
    try:
        code = marshal.loads(content[_PREFIX_BYTES:])  # noqa: S302 (no more trusted than importing the file)
    except (EOFError, ValueError, TypeError) as error:
        raise RevisionFileError(f"the compiled file is damaged: {error}", file=path) from error
    if not isinstance(code, CodeType):
        raise RevisionFileError("the compiled file is damaged", file=path)
    names = set(code.co_names)
    if not names & {"revision", "down_revision", "upgrade", "downgrade"}:
        return TreeHeader(None, is_revision=False)
    return TreeHeader(_assignments(code), is_revision=True)


def _assignments(code: CodeType) -> Mapping[str, object] | None:
    """Return the constants that the module stores under a header's names; None when one of them is computed."""
    values: dict[str, object] = {}
    previous: dis.Instruction | None = None
    for instruction in dis.get_instructions(code):
        if instruction.opname == "STORE_NAME" and instruction.argval in _HEADER_NAMES:
            if previous is None or previous.opname != "LOAD_CONST" or instruction.argval in values:
                return None
            values[instruction.argval] = previous.argval
        previous = instruction
    return values if "revision" in values else None
