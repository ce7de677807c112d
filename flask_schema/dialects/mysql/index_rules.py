"""Which index serves which foreign key, and what the server calls the ones it makes itself.

InnoDB needs an index that begins with the columns of a foreign key, on both tables. Where there is none on the
referring table it makes one, named as the constraint, or as the first column where the constraint was given no
name; it drops that one by itself when another index comes that serves as well.
https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from flask_schema.snapshot.elements import Column, ForeignKey, Index, IndexElement, QualifiedName, Table

_GENERATED = re.compile(r".+_ibfk_\d+", re.DOTALL)
NUMBER_KEY_PREFIX = "idx_autoinc_"
"""SQLAlchemy's own prefix for the key that an AUTO_INCREMENT column needs when no other begins with it."""


def number_key(column: str) -> str:
    """The name of the key that is there for nothing but AUTO_INCREMENT."""
    return f"{NUMBER_KEY_PREFIX}{column}"


def has_generated_name(table: QualifiedName, key: ForeignKey) -> bool:
    """Whether the server gave a foreign key of ``table`` its name."""
    generated = rf"{re.escape(table.name)}_ibfk_\d+"
    return key.name is not None and re.fullmatch(generated, key.name) is not None


def with_followed_keys(table: Table) -> Table:
    """The table with the names that the server gives its foreign keys anew when the table is renamed.

    https://dev.mysql.com/doc/refman/8.4/en/rename-table.html
    """
    keys = tuple(replace(key, name=_followed(key.name, table.name.name)) for key in table.foreign_keys)
    return table if keys == table.foreign_keys else replace(table, foreign_keys=keys)


def _followed(name: str | None, table: str) -> str | None:
    if name is None or _GENERATED.fullmatch(name) is None:
        return name
    return f"{table}_ibfk_{name.rpartition('_')[2]}"


def implied_index(table: Table, key: ForeignKey) -> Index:
    """The index that the server makes for a foreign key of ``table`` when no other serves it."""
    name = key.columns[0] if key.name is None or has_generated_name(table.name, key) else key.name
    return Index(name, tuple(IndexElement(column) for column in key.columns))


def is_implied(table: Table, index: Index) -> bool:
    """Whether ``index`` is one that the server made for a foreign key of ``table``."""
    if index.unique or index.options or any(one.length is not None or one.descending for one in index.elements):
        return False
    return any(index.columns == key.columns and _is_named_for(index, table, key) for key in table.foreign_keys)


def _is_named_for(index: Index, table: Table, key: ForeignKey) -> bool:
    if index.name == key.name:  # of a key created under a name like those that the server gives
        return True
    made = implied_index(table, key).name or ""
    if key.name is not None and _GENERATED.fullmatch(key.name):  # of a table that has another name by now
        made = key.columns[0]
    # a column's name that is taken already is numbered
    return index.name == made or (
        made == key.columns[0] and re.fullmatch(rf"{re.escape(made)}_\d+", index.name or "") is not None
    )


def serving_keys(table: Table, without: str | None = None) -> Iterable[tuple[str | None, tuple[str, ...]]]:
    """Name and leading plain columns of each key and index of ``table`` but ``without``."""
    if table.primary_key is not None and without != "PRIMARY":
        yield "PRIMARY", table.primary_key.columns
    for unique in table.unique_constraints:
        if unique.name is None or unique.name != without:
            yield unique.name, unique.columns
    for index in table.indexes:
        if index.name is None or index.name != without:
            yield index.name, _leading(index)


def _leading(index: Index) -> tuple[str, ...]:
    if index.options:  # FULLTEXT and SPATIAL serve no foreign key
        return ()
    leading = []
    for element in index.elements:
        if not element.is_column or element.length is not None:
            break
        leading.append(element.expression)
    return tuple(leading)


def is_served(table: Table, columns: tuple[str, ...], without: str | None = None) -> bool:
    """Whether a key of ``table`` other than ``without`` begins with ``columns``, in any order among them."""
    return any(
        set(leading[: len(columns)]) == set(columns) and len(leading) >= len(columns)
        for _, leading in serving_keys(table, without)
    )


def needing_keys(table: Table, index: str) -> list[ForeignKey]:
    """The foreign keys of ``table`` that no other index would serve if ``index`` were gone."""
    return [
        key
        for key in table.foreign_keys
        if is_served(table, key.columns) and not is_served(table, key.columns, without=index)
    ]


def key_names(table: Table) -> set[str | None]:
    """The names of a table's indexes, unique constraints among them."""
    return {one.name for one in table.indexes} | {one.name for one in table.unique_constraints}


def counts(column: Column) -> bool:
    """Whether a column is AUTO_INCREMENT: a default stands in the place of that word, as SQLAlchemy writes it."""
    return column.autoincrement and column.default is None


def numbered_column(table: Table) -> Column | None:
    """The AUTO_INCREMENT column; a table has one at most."""
    return next((column for column in table.columns if counts(column)), None)


def leads_a_key(table: Table, column: str, without: str | None = None) -> bool:
    """Whether a key other than ``without`` begins with ``column``, as AUTO_INCREMENT needs."""
    return any(leading[:1] == (column,) for _, leading in serving_keys(table, without))
