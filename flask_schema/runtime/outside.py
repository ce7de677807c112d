"""A block of a script that runs outside its revision's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask_schema.runtime.destinations import (
    AUTOCOMMIT,
    Live,
    SqlFile,
    back_in_transaction,
    stands_alone,
    usual_isolation_level,
)


@contextmanager
def outside_transaction(destination: Live | SqlFile, flush: Callable[[], None]) -> Iterator[None]:
    """What stands in the block runs outside a transaction; what came before it is committed.

    ``flush`` carries out the operations that wait.
    """
    flush()
    with _written(destination) if isinstance(destination, SqlFile) else _executed(destination):
        yield
        flush()


@contextmanager
def _written(file: SqlFile) -> Iterator[None]:
    reopen = file.in_transaction
    if reopen:
        file.commit()
    yield
    if reopen:
        file.begin()


@contextmanager
def _executed(live: Live) -> Iterator[None]:
    connection, dialect = live.connection, live.dialect
    if stands_alone(connection):  # a block in a block, or a database where everything does
        yield
        return
    dialect.before_commit(connection)
    if connection.in_transaction():
        connection.commit()
    live.committed()
    dialect.after_transaction(connection)
    level = usual_isolation_level(connection)
    connection.execution_options(isolation_level=AUTOCOMMIT)
    commits_itself, live.commits_itself = live.commits_itself, True
    try:
        yield
    finally:
        live.commits_itself = commits_itself
        back_in_transaction(dialect, connection, level)
