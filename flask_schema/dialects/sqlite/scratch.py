"""Scratch databases in memory, where SQLite itself is asked what a text means and what a change would break."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final

from flask_schema.dialects.sqlite.create_table import parse_create_table
from flask_schema.dialects.sqlite.reader import SchemaRow
from flask_schema.dialects.sqlite.tokens import literal, quoted, same_name

_ORDER: Final = {"table": 0, "index": 1, "view": 2, "trigger": 3}


@contextmanager
def scratch_database(rows: Iterable[SchemaRow]) -> Iterator[sqlite3.Connection]:
    """A database in memory with the schema of ``rows``; what cannot be made there is left out."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for row in sorted(rows, key=lambda row: _ORDER.get(row.type, 4)):
            if row.sql is not None and not row.name.startswith("sqlite_"):
                _try(connection, row.sql)
        yield connection


def _try(connection: sqlite3.Connection, sql: str) -> str | None:
    """Execute; the message when it fails, else None."""
    try:
        connection.execute(sql).fetchall()
    except (sqlite3.Error, sqlite3.Warning) as problem:
        return str(problem)
    return None


def rows_of(connection: sqlite3.Connection) -> list[SchemaRow]:
    """The rows of ``sqlite_master``."""
    return [SchemaRow(*row) for row in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")]


def renamed_column(rows: Sequence[SchemaRow], table: str, name: str, new_name: str) -> list[SchemaRow] | None:
    """The schema after SQLite renamed a column in it; None when that failed here."""
    with scratch_database(rows) as connection:
        sql = f"ALTER TABLE {quoted(table)} RENAME COLUMN {quoted(name)} TO {quoted(new_name)}"
        return rows_of(connection) if _try(connection, sql) is None else None


def newly_broken(before: Sequence[SchemaRow], after: Sequence[SchemaRow]) -> list[tuple[str, str]]:
    """The views and triggers that compile in the schema ``before`` and not in ``after``, each with SQLite's reason."""
    with scratch_database(before) as connection:
        were_broken = {name for name, _ in _broken(connection, before)}
    with scratch_database(after) as connection:
        return [found for found in _broken(connection, after) if found[0] not in were_broken]


def _broken(connection: sqlite3.Connection, rows: Sequence[SchemaRow]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if row.type == "view":
            problem = _try(connection, f"EXPLAIN SELECT * FROM {quoted(row.name)}")
            if problem is not None:
                yield f"view {row.name}", problem
    triggers = [row for row in rows if row.type == "trigger"]
    tables = {row.name: row.sql for row in rows if row.type == "table" and row.sql}
    for owner in sorted({row.table for row in triggers}):
        for sql in _writes(connection, owner, tables.get(owner)):
            problem = _try(connection, sql)
            if problem is not None:
                names = ", ".join(row.name for row in triggers if same_name(row.table, owner))
                yield f"a trigger of {owner} ({names}) on {sql.split()[1]}", problem


def _writes(connection: sqlite3.Connection, owner: str, sql: str | None) -> Iterator[str]:
    """Statements that make SQLite compile every trigger of a table or view."""
    table = quoted(owner)
    yield f"EXPLAIN INSERT INTO {table} DEFAULT VALUES"
    yield f"EXPLAIN DELETE FROM {table}"
    if sql is not None:
        names = [column.name for column in parse_create_table(sql).columns if not column.is_generated]
    elif _try(connection, information := f"PRAGMA table_info({literal(owner)})") is None:
        names = [str(row[1]) for row in connection.execute(information)]
    else:
        return  # a view that is broken itself
    settings = ", ".join(f"{quoted(name)} = {quoted(name)}" for name in names)
    yield f"EXPLAIN UPDATE {table} SET {settings}"


def same_meaning(table_sql: str | None, pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """For each pair of expressions over a table: whether SQLite compiles both to the same program.

    ``table_sql`` is the CREATE TABLE; with None the expressions stand alone. An expression that
    cannot be compiled (a function of the application's, say) is the same as no other.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        source = ""
        if table_sql is not None:
            if _try(connection, table_sql) is not None:
                return [False] * len(pairs)
            source = f" FROM {quoted(parse_create_table(table_sql).name)}"
        return [_program(connection, one, source) == (_program(connection, other, source) or 0) for one, other in pairs]


def _program(connection: sqlite3.Connection, expression: str, source: str) -> list[tuple[object, ...]] | None:
    try:
        return connection.execute(f"EXPLAIN SELECT ({expression}){source}").fetchall()
    except (sqlite3.Error, sqlite3.Warning):
        return None
