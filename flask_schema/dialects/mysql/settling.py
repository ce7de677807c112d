"""The second step of the comparison: what MySQL and MariaDB cannot tell apart reads the same afterwards.

A unique index and a unique constraint are one thing to the server; indexes that it made for foreign keys are no
difference; table options of which the models say nothing are the database's own. Where texts still differ,
the server itself is the judge (``scratch``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa

from flask_schema.dialects.dialect import Settled
from flask_schema.dialects.mysql.index_rules import is_implied, number_key, numbered_column, with_followed_keys
from flask_schema.dialects.mysql.programs import settle_programs
from flask_schema.dialects.mysql.scratch import Judge, differs_in_text
from flask_schema.dialects.mysql.server import Server
from flask_schema.dialects.mysql.table_options import foreign_by_text, with_options
from flask_schema.snapshot.elements import Column, Index, IndexElement, QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot

_KEY_LIMITS_BYTES = (3072, 767, 1000)
"""The longest key of InnoDB, of its older row formats, and of MyISAM. https://mariadb.com/kb/en/innodb-limitations/"""


def settle(
    before: Snapshot, after: Snapshot, connection: sa.Connection | None, sqlalchemy: sa.Dialect, server: Server
) -> Settled:
    """Make two canonical snapshots comparable; ``before`` was read, ``after`` made from models."""
    notes: list[str] = []
    judge = Judge(connection, sqlalchemy, server) if connection is not None else None
    old = {
        name: _without_own_indexes(with_followed_keys(table), after.tables.get(name))
        for name, table in before.tables.items()
    }
    new = dict(after.tables)
    foreign = foreign_by_text(before)
    for name, other in _pairs(before, after):
        old[name], new[other] = _aligned(old[name], new[other], server, foreign, notes)
        if judge is not None and differs_in_text(old[name], new[other]):
            new[other] = judge.settled(old[name], new[other], notes)
    before = settle_programs(before, after, connection, notes)
    return Settled(replace(before, tables=old), replace(after, tables=new), tuple(notes))


def _pairs(before: Snapshot, after: Snapshot) -> Iterable[tuple[QualifiedName, QualifiedName]]:
    """The names, before and after, of each table that both sides have; a declared rename pairs two names."""
    for name, table in after.tables.items():
        if name in before.tables:
            yield name, name
        elif table.renamed_from is not None:
            old = QualifiedName(table.renamed_from, name.schema)
            if old in before.tables and old not in after.tables:
                yield old, name


def _without_own_indexes(table: Table, model: Table | None) -> Table:
    """The table without indexes that the server or SQLAlchemy made unasked, unless the model asks for them.

    The index of a foreign key stays behind when the key is dropped, so it counts where the model has the key no more.
    """
    kept = {key.columns for key in model.foreign_keys} if model is not None else set()
    keys = tuple(key for key in table.foreign_keys if model is None or key.columns in kept)
    serving = replace(table, foreign_keys=keys)
    asked = {index.name for index in model.indexes} if model is not None else set()
    numbered = numbered_column(table)
    helper = number_key(numbered.name) if numbered is not None else None

    def is_own(index: Index) -> bool:
        if index.name in asked:
            return False
        return is_implied(serving, index) or (index.name == helper and helper is not None)

    return replace(table, indexes=tuple(index for index in table.indexes if not is_own(index)))


def _aligned(
    before: Table, after: Table, server: Server, foreign: set[QualifiedName], notes: list[str]
) -> tuple[Table, Table]:
    before = _with_unique_indexes(before, after)
    parsers = {index.name: index for index in after.indexes if dict(index.options).get("with_parser")}
    before = replace(before, indexes=tuple(_with_parser(index, parsers) for index in before.indexes))
    if server.is_mariadb:
        models = {index.name: index for index in after.indexes}
        before = replace(before, indexes=tuple(_with_whole_keys(index, models) for index in before.indexes))
        after = replace(after, columns=tuple(_with_nullability(column, before) for column in after.columns))
    return before, with_options(before, after, foreign, notes)


def _with_unique_indexes(before: Table, after: Table) -> Table:
    """A unique constraint that was read is an index where the model says so."""
    meant = {index.name for index in after.indexes if index.unique and index.name is not None}
    meant -= {one.name for one in after.unique_constraints}
    turned = [one for one in before.unique_constraints if one.name in meant]
    made = [Index(one.name, tuple(map(IndexElement, one.columns)), unique=True) for one in turned]
    return replace(
        before,
        unique_constraints=tuple(one for one in before.unique_constraints if one not in turned),
        indexes=(*before.indexes, *made),
    )


def _with_parser(index: Index, models: dict[str | None, Index]) -> Index:
    """information_schema does not say which full-text parser an index has; the model's word is taken."""
    model = models.get(index.name)
    if model is None or ("prefix", "FULLTEXT") not in index.options:
        return index
    parser = ("with_parser", dict(model.options)["with_parser"])
    return replace(index, options=tuple(sorted((*index.options, parser))))


def _with_whole_keys(index: Index, models: dict[str | None, Index]) -> Index:
    """MariaDB indexes as much of a long text as fits where no length was asked for."""
    model = models.get(index.name)
    if model is None or len(model.elements) != len(index.elements):
        return index
    pairs = zip(index.elements, model.elements, strict=True)
    elements = (replace(old, length=None) if _is_cut(old, new) else old for old, new in pairs)
    return replace(index, elements=tuple(elements))


def _is_cut(old: IndexElement, new: IndexElement) -> bool:
    cuts = {limit // width for limit in _KEY_LIMITS_BYTES for width in (1, 2, 3, 4)}
    return new.is_column and new.length is None and old.length in cuts


def _with_nullability(column: Column, before: Table) -> Column:
    """MariaDB's generated columns always take NULL."""
    old = before.column(column.renamed_from or column.name) or before.column(column.name)
    if column.computed is None or old is None or old.computed is None:
        return column
    return replace(column, nullable=old.nullable)
