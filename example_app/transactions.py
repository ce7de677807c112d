"""Transactions that are tried again when the database asks for it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

Result = TypeVar("Result")

SERIALIZATION_FAILURE = "40001"  # SQLSTATE: this transaction met another one; run it again from its beginning


def run_transaction(
    session: Session | scoped_session[Any],
    work: Callable[[], Result],
    *,
    max_attempts: int = 10,
    first_delay_seconds: float = 0.05,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """Do ``work`` in one transaction of ``session``, commit, and return what it returned.

    When the database answers with SQLSTATE 40001 the transaction is rolled back and ``work`` runs again, at most
    ``max_attempts`` times in all, each time after about twice the delay. So ``work`` must read what it needs by
    itself and do nothing outside the database. Any other error rolls back and is raised.
    """
    for attempt in range(max_attempts):
        try:
            result = work()
            session.commit()
        except Exception as error:
            session.rollback()
            if attempt + 1 == max_attempts or not asks_for_retry(error):
                raise
            delay_seconds = first_delay_seconds * 2**attempt
            sleep(delay_seconds * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries, guards no secret
        else:
            return result
    raise ValueError("max_attempts must be at least 1")


def asks_for_retry(error: Exception) -> bool:
    """Whether the database wants the transaction run again. psycopg calls the code sqlstate, psycopg2 pgcode."""
    if not isinstance(error, DBAPIError):
        return False
    found = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return found == SERIALIZATION_FAILURE
