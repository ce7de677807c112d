"""What is known about errors of the server, by SQLSTATE.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

from typing import Final

_EARLIER = "mend them in a revision before this one"

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
    "0A000": ("the server has no such feature in this version, or not for this object", None),
    "22001": (
        "texts that are there already are longer than the new type",
        "shorten them in a revision before this one",
    ),
    "22003": ("numbers that are there already do not fit into the new type", _EARLIER),
    "22007": ("values that are there already are no dates or times", _EARLIER),
    "22P02": ("values that are there already cannot be read as the new type", f"{_EARLIER}, or say postgresql_using"),
    "23P01": ("rows that are there already exclude each other", _EARLIER),
    "25006": ("the server takes no writes: it is a standby, or the session is read-only", "connect to the primary"),
    "25P02": ("an earlier statement of this transaction failed", "look for the first error"),
    "3D000": ("the database does not exist", "create it: createdb NAME"),
    "3F000": ("the schema does not exist", "create it first: op.execute('CREATE SCHEMA ...')"),
    "40001": ("two transactions were in each other's way", "run the command again"),
    "42701": ("there is a column of that name already", "if_not_exists=True lets it pass"),
    "42703": ("there is no column of that name", "run 'flask db current' to see where the database stands"),
    "42704": (
        "there is no object of that name: a type, constraint, index or extension",
        "if_exists=True lets a drop pass; a type of an extension needs CREATE EXTENSION first",
    ),
    "42710": ("there is an object of that name already", None),
    "42830": ("the columns that the foreign key refers to have no unique key", "give them one first"),
    "42883": ("there is no such function or operator for these types", "a cast may be missing"),
    "42P01": ("there is no table of that name", "run 'flask db current' to see where the database stands"),
    "42P07": (
        "there is a table or index of that name already",
        "if the database has the tables but no version, run 'flask db stamp head'",
    ),
    "55006": ("the object is in use", "end the sessions that use it and run the command again"),
    "57014": ("the statement took longer than statement_timeout, or was cancelled", None),
}


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of a driver's error, or of one that SQLAlchemy wrapped; None where there is none."""
    original = getattr(error, "orig", None) or error
    for attribute in ("sqlstate", "pgcode"):
        value = getattr(original, attribute, None)
        if isinstance(value, str):
            return value
    return None
