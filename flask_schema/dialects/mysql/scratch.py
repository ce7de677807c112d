"""Asks the server whether two texts mean the same, by building the model's version in a temporary table.

CREATE TEMPORARY TABLE and DROP TEMPORARY TABLE commit nothing, and the table is seen by this connection only.
https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from flask_schema.dialects.mysql.expressions import canonical_expression
from flask_schema.dialects.mysql.server import Server
from flask_schema.dialects.mysql.show_create import ShownColumn, ShownTable, parse_show_create
from flask_schema.dialects.mysql.specification import MysqlConstructs, Specifications
from flask_schema.snapshot.elements import CheckConstraint, Column, Index, QualifiedName, Table

_SCRATCH = QualifiedName("flask_schema_scratch")
_TEXT_LENGTH_IN_NOTE = 120


def differs_in_text(before: Table, after: Table) -> bool:
    """Whether something differs that two texts could say in two ways."""
    if {_bare(one) for one in before.checks} != {_bare(one) for one in after.checks}:
        return True
    if any(one not in before.indexes for one in after.indexes if _is_functional(one)):
        return True
    return any(_texts(old) != _texts(new) for old, new in _columns(before, after))


def _bare(check: CheckConstraint) -> str:
    return check.expression


def _is_functional(index: Index) -> bool:
    return any(not element.is_column for element in index.elements)


def _texts(column: Column) -> tuple[object, ...]:
    return (column.type.sql, column.default, column.computed)


def _columns(before: Table, after: Table) -> Iterator[tuple[Column, Column]]:
    """Columns of both tables, a declared rename included."""
    for column in after.columns:
        old = before.column(column.name)
        if old is None and column.renamed_from is not None:
            old = before.column(column.renamed_from)
        if old is not None:
            yield old, column


class Judge:
    """Builds tables on one connection and reads them back."""

    def __init__(self, connection: sa.Connection, sqlalchemy: sa.Dialect, server: Server) -> None:
        self.connection = connection
        self.sqlalchemy = sqlalchemy
        self.constructs = MysqlConstructs(sqlalchemy.name, Specifications(sqlalchemy, server))

    def settled(self, before: Table, after: Table, notes: list[str]) -> Table:
        """``after`` with the texts of ``before`` wherever the server takes both for the same."""
        try:
            shown = self._built(before, after)
        except sa.exc.DBAPIError as error:
            reason = str(error.orig)[:_TEXT_LENGTH_IN_NOTE]
            notes.append(f"table {after.name}: expressions were compared by their text only ({reason})")
            return after
        old = {new.name: column for column, new in _columns(before, after)}
        columns = tuple(
            _settled_column(old[one.name], one, shown.columns.get(one.name)) if one.name in old else one
            for one in after.columns
        )
        return replace(
            after,
            columns=columns,
            checks=_settled_checks(before, after, shown),
            indexes=self._settled_indexes(before, after, shown),
        )

    def _built(self, before: Table, after: Table) -> ShownTable:
        """The columns, checks and functional indexes of ``after`` as the server shows them."""
        held = dict(before.options)
        scratch = Table(
            name=_SCRATCH,
            columns=tuple(replace(one, autoincrement=False, comment=None) for one in after.columns),
            checks=tuple(CheckConstraint(one.expression) for one in after.checks),
            prefixes=("TEMPORARY",),
            options=tuple((key, held[key]) for key in ("charset", "collate") if key in held),
        )
        name = self.sqlalchemy.identifier_preparer.quote(_SCRATCH.name)
        try:
            self._run(str(CreateTable(self.constructs.table(scratch)).compile(dialect=self.sqlalchemy)))
            for index in after.indexes:
                if _is_functional(index):
                    self._run(self.constructs.specifications.create_index(index, name))
            return parse_show_create(self._shown(name))
        finally:
            self._run(f"DROP TEMPORARY TABLE IF EXISTS {name}")

    def _settled_indexes(self, before: Table, after: Table, shown: ShownTable) -> tuple[Index, ...]:
        if not any(_is_functional(one) and one not in before.indexes for one in after.indexes):
            return after.indexes
        name = self.sqlalchemy.identifier_preparer.quote(before.name.name)
        schema = before.name.schema
        prefix = f"{self.sqlalchemy.identifier_preparer.quote(schema)}." if schema else ""
        keys = parse_show_create(self._shown(f"{prefix}{name}")).keys
        old = {one.name: one for one in before.indexes}

        def settled(index: Index) -> Index:
            same = index.name in keys and keys[index.name] == shown.keys.get(index.name)
            found = old.get(index.name)
            if not (same and _is_functional(index) and found is not None and found.unique == index.unique):
                return index
            return replace(index, elements=found.elements)

        return tuple(settled(one) for one in after.indexes)

    def _run(self, sql: str) -> None:
        self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})

    def _shown(self, name: str) -> str:
        result = self.connection.exec_driver_sql(f"SHOW CREATE TABLE {name}", execution_options={"no_parameters": True})
        text = result.one()[1]
        return text.decode("utf-8") if isinstance(text, bytes) else str(text)


def _settled_column(old: Column, new: Column, shown: ShownColumn | None) -> Column:
    if shown is None:
        return new
    data_type, default, computed = new.type, new.default, new.computed
    if data_type.sql != old.type.sql and shown.type_sql == old.type.sql:
        data_type = replace(data_type, sql=old.type.sql)
    if default != old.default and shown.default == old.default:
        default = old.default
    if computed is not None and old.computed == replace(computed, expression=shown.computed or ""):
        computed = old.computed
    return replace(new, type=data_type, default=default, computed=computed)


def _settled_checks(before: Table, after: Table, shown: ShownTable) -> tuple[CheckConstraint, ...]:
    """Checks in the words of the database, where it has a check that reads the same."""
    if len(shown.checks) != len(after.checks):
        return after.checks
    held = {canonical_expression(one.expression) for one in before.checks}
    return tuple(
        replace(one, expression=expression) if expression in held else one
        for one, expression in zip(after.checks, shown.checks, strict=True)
    )
