"""The table that says which revisions a database is at: one row a head, as Alembic keeps it."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from flask_schema.errors import DatabaseError

VERSION_LENGTH_CHARS = 255
"""Length of ``version_num`` in a table that we create. Alembic makes it 32, which longer ids do not fit."""


class VersionTable:
    """The version table ``name`` in ``schema`` (None: the default one); ``primary_key`` as in Alembic's option.

    ``table`` is one that a project made itself; it has a column ``version_num``.
    """

    def __init__(
        self,
        name: str = "alembic_version",
        schema: str | None = None,
        *,
        primary_key: bool = True,
        table: sa.Table | None = None,
    ) -> None:
        self.table = table if table is not None else _usual(name, schema, primary_key=primary_key)

    def exists(self, connection: sa.Connection) -> bool:
        """Whether the table is there."""
        return bool(connection.dialect.has_table(connection, self.table.name, schema=self.table.schema))

    def rows(self, connection: sa.Connection) -> tuple[str, ...]:
        """The revisions in it, sorted; empty where there is no table."""
        if not self.exists(connection):
            return ()
        return tuple(sorted(connection.execute(sa.select(self.table.c.version_num)).scalars()))

    def create(self, connection: sa.Connection) -> None:
        """Create it unless it is there."""
        if not self.exists(connection):
            connection.execute(CreateTable(self.table))

    def create_sql(self, dialect: sa.Dialect) -> str:
        """Its CREATE TABLE."""
        return str(CreateTable(self.table).compile(dialect=dialect)).strip()

    def changes_sql(
        self, dialect: sa.Dialect, delete_heads: Collection[str], insert_heads: Collection[str]
    ) -> list[str]:
        """The statements that replace rows; one row by one row is an UPDATE, as Alembic writes it."""
        table = dialect.identifier_preparer.format_table(self.table)
        literal = self.table.c.version_num.type.literal_processor(dialect) or repr
        texts: list[str] = []
        for before, after in _replaced(delete_heads, insert_heads):
            if before is None:
                texts.append(f"INSERT INTO {table} (version_num) VALUES ({literal(after)})")
            elif after is None:
                texts.append(f"DELETE FROM {table} WHERE {table}.version_num = {literal(before)}")
            else:
                new = f"version_num={literal(after)}"
                texts.append(f"UPDATE {table} SET {new} WHERE {table}.version_num = {literal(before)}")
        return texts

    def change(self, connection: sa.Connection, delete_heads: Collection[str], insert_heads: Collection[str]) -> None:
        """Replace rows. Raises DatabaseError when a row that should go is not there: someone else was here."""
        for before, after in _replaced(delete_heads, insert_heads):
            if before is None:
                connection.execute(self._insert, {"after": after})
                continue
            if after is None:
                result = connection.execute(self._delete, {"before": before})
            else:
                result = connection.execute(self._update, {"before": before, "after": after})
            if connection.dialect.supports_sane_rowcount and result.rowcount != 1:
                raise DatabaseError(
                    f"the version table {self.table.fullname} was changed by someone else meanwhile",
                    hint="run 'flask db current', then the command again",
                )

    # one construct for all revisions of a run, which SQLAlchemy compiles once

    @cached_property
    def _insert(self) -> sa.Insert:
        return sa.insert(self.table).values(version_num=sa.bindparam("after"))

    @cached_property
    def _update(self) -> sa.Update:
        return sa.update(self.table).values(version_num=sa.bindparam("after")).where(self._is_before)

    @cached_property
    def _delete(self) -> sa.Delete:
        return sa.delete(self.table).where(self._is_before)

    @property
    def _is_before(self) -> sa.ColumnElement[bool]:
        return self.table.c.version_num == sa.bindparam("before")


def _replaced(delete_heads: Collection[str], insert_heads: Collection[str]) -> list[tuple[str | None, str | None]]:
    """Rows with what comes in their place, None for nothing: those that only go first, then those that only come."""
    gone = sorted(set(delete_heads) - set(insert_heads))
    come = sorted(set(insert_heads) - set(delete_heads))
    if len(gone) == 1 and len(come) == 1:
        return [(gone[0], come[0])]
    return [*((row, None) for row in gone), *((None, row) for row in come)]


def _usual(name: str, schema: str | None, *, primary_key: bool) -> sa.Table:
    column = sa.Column("version_num", sa.String(VERSION_LENGTH_CHARS), nullable=False)
    table = sa.Table(name, sa.MetaData(), column, schema=schema)
    if primary_key:
        table.append_constraint(sa.PrimaryKeyConstraint("version_num", name=f"{name}_pkc"))
    return table
