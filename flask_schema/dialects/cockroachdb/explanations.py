"""What is known about errors of CockroachDB, by SQLSTATE.

https://www.cockroachlabs.com/docs/stable/common-errors, https://www.cockroachlabs.com/docs/stable/online-schema-changes
"""

from __future__ import annotations

from typing import Final

from flask_schema.dialects.postgresql.explanations import EXPLANATIONS as OF_POSTGRESQL

EXPLANATIONS: Final[dict[str, tuple[str, str | None]]] = {
    **{state: said for state, said in OF_POSTGRESQL.items() if state not in ("25001", "42804", "55P04")},
    "40003": (
        "whether it took effect is not known: the connection was lost while it was committed",
        "see what the database has ('flask db current', 'flask db check') before anything is run again",
    ),
    "XXA00": (
        "the transaction was committed in part: some of its schema changes exist and others do not",
        "compare the database with the models ('flask db check') before anything is run again",
    ),
    "55000": (
        "a schema change of the same object is still running",
        "wait until SHOW JOBS says that it is done, then run it again",
    ),
    "40001": (
        "the transaction met another one and has to be run again",
        "run it again; the version table is written with retries by itself",
    ),
    "42701": (
        "the column is there, or another session is adding it now",
        "see whether another migration runs (SHOW JOBS); then run it again",
    ),
    "42P10": ("a key or an expression index uses the column", "change the key or drop the index first"),
    "2BP01": ("something else uses it", "drop or change what is named in the message first"),
    "23502": ("rows hold NULL there", "fill them first, or give the column a default"),
    "23505": ("rows hold the same value twice", "remove or change the duplicates first"),
    "23514": ("rows break the constraint", "mend the rows first"),
    "23503": ("rows refer to rows that are not there", "mend the rows first"),
    "01000": (
        "sql_safe_updates refuses what may lose data",
        "put op.execute('SET sql_safe_updates = false') before it",
    ),
    "0A000": (
        "this version of CockroachDB cannot do it, or not as the session is set",
        "before 25.1 another type needs op.execute('SET enable_experimental_alter_column_type_general = true') first",
    ),
}
