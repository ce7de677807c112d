"""What a dialect makes of an operation: statements, in the order in which they are to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_schema.values import dataclass

if TYPE_CHECKING:
    from flask_schema.operations.operation import Operation


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    ``sql`` is plain SQL text without a closing semicolon, sent without parameters, or, for a
    script's own ``op.execute`` and ``op.bulk_insert``, a SQLAlchemy construct to be executed
    with ``parameters`` (None, a dictionary, or a list of dictionaries).
    ``transactional`` False: it must run outside any transaction.
    ``online_only``: it has a meaning only on a live connection (a check), and is left out of SQL files.
    ``leaves``: what may be left behind where it fails, although nothing else is.
    ``must_be_empty``: it is a query; rows coming back mean that the operation failed, and
    ``failure`` says how.
    """

    sql: Any
    parameters: Any = None
    operation: Operation | None = None
    transactional: bool = True
    online_only: bool = False
    must_be_empty: bool = False
    failure: str | None = None
    leaves: str | None = None
    comment: str | None = None
    execution_options: tuple[tuple[str, Any], ...] = ()
