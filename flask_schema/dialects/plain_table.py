"""CREATE TABLE of a plain table, in the words of SQLAlchemy's compiler and without building a ``sa.Table`` for it.

A history creates hundreds of tables, and almost all are plain: columns, keys and checks that carry no option of one
database. Building and compiling constructs takes ten times as long as writing their text, and was a third of the time
that the client spends on an upgrade. A test compares both for tables of every kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import schema as sa_schema

from flask_schema.snapshot.elements import (
    CheckConstraint,
    Constraint,
    ExcludeConstraint,
    ForeignKey,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)

_PHRASES: Final = frozenset(
    (
        "CASCADE",
        "SET NULL",
        "SET DEFAULT",
        "RESTRICT",
        "NO ACTION",
        "DEFERRED",
        "IMMEDIATE",
        "FULL",
        "PARTIAL",
        "SIMPLE",
    )
)
"""What may stand after ON DELETE, ON UPDATE, INITIALLY and MATCH; anything else is for SQLAlchemy to judge."""

_COMPILED: Final = (
    sa_schema.CreateTable,
    sa_schema.CreateColumn,
    sa_schema.PrimaryKeyConstraint,
    sa_schema.ForeignKeyConstraint,
    sa_schema.UniqueConstraint,
    sa_schema.CheckConstraint,
)
"""What stands in a CREATE TABLE; types are compiled by SQLAlchemy anyway."""

_DEFERRAL: Final = {None: "", True: " DEFERRABLE", False: " NOT DEFERRABLE"}


def _is_compiled_by_others() -> bool:
    """Whether an application has put a compiler of its own in the place of SQLAlchemy's, by ``@compiles``."""
    return any("_compiler_dispatcher" in vars(construct) for construct in _COMPILED)


class PlainTables:
    """Writes plain tables; ``preparer`` quotes names, and with ``has_schemas`` keys refer to tables by their schema."""

    def __init__(self, preparer: Any, longest_name: int, *, has_schemas: bool) -> None:
        self._preparer = preparer
        self._longest_name = longest_name
        self._has_schemas = has_schemas

    def definition(self, table: Table, columns: Iterable[str], *, if_not_exists: bool) -> str | None:
        """The CREATE TABLE with ``columns`` as they were specified elsewhere; None for a table that is not plain."""
        if table.options or table.prefixes or _is_compiled_by_others():
            return None
        key = (table.primary_key,) if table.primary_key is not None else ()
        written: list[str] = list(columns)
        for constraint in (*key, *(one for one in table.constraints if not isinstance(one, PrimaryKey))):
            text = self.constraint(constraint)
            if text is None:
                return None
            written.append(text)
        guard = "IF NOT EXISTS " if if_not_exists else ""
        body = ", \n\t".join(written)
        name = self.qualified(table.name, with_schema=True)
        return f"CREATE TABLE {guard}{name} (\n\t{body}\n)" if body else None

    def constraint(self, constraint: Constraint) -> str | None:
        """A constraint as it stands in CREATE TABLE; None for one that is not plain."""
        name = constraint.name
        if constraint.options or (name is not None and len(name) > self._longest_name):
            return None
        body = self._body(constraint)
        if body is None:
            return None
        head = f"CONSTRAINT {self.quoted(name)} " if name is not None else ""
        return f"{head}{body}"

    def _body(self, constraint: Constraint) -> str | None:
        if isinstance(constraint, CheckConstraint):
            return f"CHECK ({constraint.expression})"
        body: str | None = None
        if isinstance(constraint, PrimaryKey):
            body = f"PRIMARY KEY ({self._names(constraint.columns)})"
        elif isinstance(constraint, UniqueConstraint) and not constraint.nulls_not_distinct:
            body = f"UNIQUE ({self._names(constraint.columns)})"
        elif isinstance(constraint, ForeignKey):
            body = self._foreign_key(constraint)
        if body is None or isinstance(constraint, ExcludeConstraint):
            return None
        if constraint.initially is not None and constraint.initially not in _PHRASES:
            return None
        initially = f" INITIALLY {constraint.initially}" if constraint.initially is not None else ""
        return f"{body}{_DEFERRAL[constraint.deferrable]}{initially}"

    def _foreign_key(self, key: ForeignKey) -> str | None:
        actions = dict(self._actions(key))
        if not key.referred_columns or not _PHRASES.issuperset(actions.values()):
            return None
        target = self.qualified(key.referred_table, with_schema=self._has_schemas)
        words = "".join(f" {word} {action}" for word, action in actions.items())
        columns = self._names(key.columns)
        return f"FOREIGN KEY({columns}) REFERENCES {target} ({self._names(key.referred_columns)}){words}"

    def _actions(self, key: ForeignKey) -> Iterator[tuple[str, str]]:
        for word, action in (("MATCH", key.match), ("ON DELETE", key.ondelete), ("ON UPDATE", key.onupdate)):
            if action is not None:
                yield word, action

    def _names(self, columns: Iterable[str]) -> str:
        return ", ".join([self.quoted(column) for column in columns])

    def quoted(self, name: str) -> str:
        """A name, quoted where it must be."""
        text: str = self._preparer.quote(name)
        return text

    def qualified(self, name: QualifiedName, *, with_schema: bool) -> str:
        """A table's name with its schema, if it has one and ``with_schema``."""
        quoted = self.quoted(name.name)
        return f"{self._preparer.quote_schema(name.schema)}.{quoted}" if name.schema and with_schema else quoted
