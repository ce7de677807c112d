"""What is known about errors of the server, by SQLSTATE.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

from typing import Final

EXPLANATIONS: Final[dict[str, tuple[str, str | None]]] = {
    "55P04": (
        "an enum value cannot be used in the transaction that added it",
        "add the value in a revision of its own, before the one that uses it",
    ),
    "42804": (
        "PostgreSQL has no conversion for this by itself",
        "say how to convert with postgresql_using='...' in op.alter_column",
    ),
    "2BP01": ("something else stands on it", "drop or change what is named in the detail first"),
    "55P03": ("another session holds a lock on it", "run it again when that session is done"),
    "40P01": ("two sessions waited for each other", "run it again"),
    "42501": ("the database user has no right to do this", "grant it, or run as the owner"),
    "23502": ("rows hold NULL", "fill the column first, with op.execute('UPDATE ...') or a server_default"),
    "23505": ("rows hold the same value twice", "remove or change the duplicates first"),
    "23514": ("rows break the constraint", "mend the rows first, or create it with postgresql_not_valid=True"),
    "23503": (
        "rows refer to rows that are not there",
        "mend the rows first, or create it with postgresql_not_valid=True",
    ),
    "25001": (
        "it cannot run inside a transaction",
        "use the directive's concurrently argument, or op.get_context().autocommit_block()",
    ),
    "53300": ("the server takes no more connections", None),
}


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of a driver's error, or of one that SQLAlchemy wrapped; None where there is none."""
    original = getattr(error, "orig", None) or error
    for attribute in ("sqlstate", "pgcode"):
        value = getattr(original, attribute, None)
        if isinstance(value, str):
            return value
    return None
