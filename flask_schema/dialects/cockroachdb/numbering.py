"""The sequences behind columns that number themselves.

SERIAL is ``unique_rowid()``, or a sequence where the session asks for one (``serial_normalization``); an identity
column always has one. https://www.cockroachlabs.com/docs/stable/serial, https://www.cockroachlabs.com/docs/stable/create-table
"""

from __future__ import annotations

import re

_NEXT = re.compile(r"nextval\('(?:.*\.)?\"?([^'\"]+)\"?'\)\Z", re.IGNORECASE)


def named_sequence(default: str | None, usual_name: str, is_identity: bool) -> str | None:
    """The name of the sequence that a column has for itself; None where its default is something else.

    ``default`` carries no casts. A sequence that is called otherwise than the database would call it is somebody's own.
    """
    found = _NEXT.match(default) if default is not None else None
    if is_identity:
        return found[1] if found else usual_name
    return found[1] if found and found[1].startswith(usual_name) else None
