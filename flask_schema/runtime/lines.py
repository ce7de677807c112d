"""Where in a script the operations stand that wait for others: the traceback of a failure shows only the last."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from flask_schema.errors import SchemaError
from flask_schema.scripts.load import REVISION_MODULE

if TYPE_CHECKING:
    from types import FrameType

    from sqlalchemy.exc import DBAPIError

    from flask_schema.operations.operation import Operation

LINE: Final = "_flask_schema_line"


class Lines:
    """The lines of one script."""

    def __init__(self, script: str | None = None) -> None:
        self._script = script
        self._noted: list[tuple[Operation, int]] = []

    def note(self, operation: Operation) -> None:
        """Remember the line that is being run; nothing where the script is not among the callers."""
        frame: FrameType | None = sys._getframe(1)
        while self._script is not None and frame is not None:
            if frame.f_code.co_filename == self._script:
                self._noted.append((operation, frame.f_lineno))
                return
            frame = frame.f_back

    def tell(self, error: SchemaError | DBAPIError, operations: Sequence[Operation], doing: Operation | None) -> None:
        """Put the line into an error that has none; into one of SQLAlchemy's as the attribute ``LINE``.

        ``doing`` is the operation whose statement failed; without it the one of ``operations`` that the message names.
        """
        if not isinstance(error, SchemaError):
            vars(error).setdefault(LINE, self._line_of(doing or operations[0]))
        elif error.line is None:
            named = next((one for one in operations if one.describe() in error.message), None)
            error.line = self._line_of(doing or named or operations[0])

    def _line_of(self, operation: Operation) -> int | None:
        from flask_schema.operations.groups import AlterTable  # only where something went wrong

        meant = operation.operations if isinstance(operation, AlterTable) else (operation,)
        return next((line for noted, line in self._noted if any(noted is one for one in meant)), None)


def asked_by_a_library() -> bool:
    """Whether a directive was called by a function outside the revision's file, which may handle its errors."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_NO_CALLERS):
        frame = frame.f_back
    return not str(frame.f_globals.get("__name__", "")).startswith(REVISION_MODULE)


_NO_CALLERS = ("flask_schema.", "contextlib", "alembic.")
