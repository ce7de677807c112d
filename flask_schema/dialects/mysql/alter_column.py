"""ALTER COLUMN: MySQL states a column whole (MODIFY, CHANGE), or just its default, or just its name.

What a statement that states the column whole does not mention is lost, so what is not said by the
operation is taken from the table. https://dev.mysql.com/doc/refman/8.4/en/alter-table.html
"""

from __future__ import annotations

from dataclasses import replace

from flask_schema.dialects.mysql.canonical import canonical_column
from flask_schema.dialects.mysql.data_types import canonical_type
from flask_schema.dialects.mysql.defaults import has_on_update, is_current_timestamp
from flask_schema.dialects.mysql.server import Server
from flask_schema.dialects.mysql.specification import takes_current_timestamp
from flask_schema.errors import ObjectMissing, OfflineRefused
from flask_schema.operations.columns import AlterColumn
from flask_schema.operations.operation import UNSET
from flask_schema.snapshot.elements import Column, Table

_ASSUMPTIONS = {"nullable": "allow NULL", "default": "have no default", "comment": "have no comment"}


def is_rename_only(operation: AlterColumn) -> bool:
    """Whether nothing changes but the name."""
    return set(operation.after.known()) == {"name"} and not _moves(operation)


def is_default_only(operation: AlterColumn, existing: Column | None) -> bool:
    """Whether ``ALTER COLUMN c SET DEFAULT`` can do it, which knows neither CURRENT_TIMESTAMP nor ON UPDATE."""
    if set(operation.after.known()) != {"default"} or _moves(operation):
        return False
    coming = operation.after.default if isinstance(operation.after.default, str) else None
    before = operation.before.default
    if before is UNSET:
        before = existing.default if existing is not None else None
    if has_on_update(coming) or has_on_update(before):
        return False
    return coming is None or not _is_moment(coming, operation, existing)


def _is_moment(default: str, operation: AlterColumn, existing: Column | None) -> bool:
    if not is_current_timestamp(default):
        return False
    if operation.before.type is not UNSET:
        return takes_current_timestamp(operation.before.type.sql)
    return existing is None or takes_current_timestamp(existing.type.sql)


def _moves(operation: AlterColumn) -> bool:
    return operation.insert_before is not None or operation.insert_after is not None


def whole_column(operation: AlterColumn, table: Table | None, server: Server) -> Column:
    """The column as it is to be afterwards, every facet known.

    Facets that do not change are the operation's, else those of ``table``; with neither, the type is asked for
    (OfflineRefused), and the column is taken to allow NULL and to have no default and no comment, as Alembic does.
    Raises ObjectMissing when the table has no such column.
    """
    live = table.column(operation.name) if table is not None else None
    if table is not None and live is None:
        raise ObjectMissing(f"there is no column {operation.table}.{operation.name}")
    existing = _existing(operation, live)
    after = operation.after.applied_to(existing)
    if after.autoincrement:
        after = replace(after, nullable=False, default=None)
    elif existing.autoincrement and operation.after.nullable is UNSET:
        after = replace(after, nullable=False)
    if after.computed is not None and server.is_mariadb:
        after = replace(after, nullable=True)
    return after


def _existing(operation: AlterColumn, live: Column | None) -> Column:
    before = operation.before
    if live is not None:
        stated = before.applied_to(live)
        if before.type is not UNSET and _same_but_collation(before.type.sql, live.type.sql):
            stated = replace(stated, type=live.type)
        return replace(stated, name=operation.name)
    data_type = before.type if before.type is not UNSET else operation.after.type
    if data_type is UNSET:
        raise OfflineRefused(
            f"cannot {operation.describe()} without a database: MySQL states a column whole, and its type is not known",
            hint="give op.alter_column the argument 'existing_type'",
        )
    return before.applied_to(Column(operation.name, data_type))


def is_told_otherwise(operation: AlterColumn, live: Column) -> bool:
    """Whether ``existing_...`` arguments of a script contradict the column."""
    stated = replace(_existing(operation, live), name=live.name)
    return canonical_column(stated) != canonical_column(live)


def _same_but_collation(stated: str, live: str) -> bool:
    """The script's type is the live one but for character set and collation, of which it says nothing."""
    one, other = canonical_type(stated), canonical_type(live)
    if one.charset or one.collation:
        return False
    return replace(one, binary=False) == replace(other, charset=None, collation=None, binary=False)


def taken_for_granted(operation: AlterColumn, column: Column) -> str | None:
    """What a statement written without a database assumes of the column, as a sentence; None where all is said."""
    said = {*operation.before.known(), *operation.after.known()}
    if column.computed is not None or column.autoincrement:
        return None
    assumed = [text for facet, text in _ASSUMPTIONS.items() if facet not in said]
    return f"{operation.table}.{operation.name} is taken to {' and '.join(assumed)}" if assumed else None


def takes_new_column(existing: Column, after: Column) -> bool:
    """Whether MODIFY cannot do it: no server turns a virtual column into another kind, or another kind into it.

    https://dev.mysql.com/doc/refman/8.4/en/alter-table-generated-columns.html
    """
    return _is_virtual(existing) != _is_virtual(after)


def _is_virtual(column: Column) -> bool:
    return column.computed is not None and not column.computed.stored
