"""Runs again what a server refused only because it met another transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

_RETRIES = 8
_FIRST_PAUSE_SECONDS = 0.05
_SERIALIZATION_FAILURE = "40001"
_Result = TypeVar("_Result")


def retried(connection: sa.Connection, work: Callable[[], _Result], *, commits: bool = True) -> _Result:
    """The result of ``work``, committed; done again, with growing pauses, while the server answers SQLSTATE 40001.

    ``commits`` False: the connection is in autocommit, and ``work`` is one statement.
    """
    attempt = 0
    while True:
        try:
            result = work()
            if commits:
                connection.commit()
        except DBAPIError as error:
            if commits or sqlstate(error) == _SERIALIZATION_FAILURE:
                connection.rollback()
            if sqlstate(error) != _SERIALIZATION_FAILURE or attempt == _RETRIES:
                raise
        else:
            return result
        time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries
        attempt += 1


def sqlstate(error: DBAPIError) -> str | None:
    """The five characters of an error's SQLSTATE, where the driver tells it."""
    original = error.orig
    for name in ("sqlstate", "pgcode"):
        value = getattr(original, name, None)
        if isinstance(value, str):
            return value
    return None
