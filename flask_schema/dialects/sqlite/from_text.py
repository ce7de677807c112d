"""Elements made of parsed texts: what a CREATE TABLE or CREATE VIEW says as a table or view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_schema.dialects.sqlite import create_table as parts
from flask_schema.dialects.sqlite.canonical import folded_names, type_text
from flask_schema.dialects.sqlite.create_table import Clause, ColumnText, TableText
from flask_schema.dialects.sqlite.tokens import closing, folded, quoted, tokens_of, unquoted
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DataType,
    ForeignKey,
    Index,
    IndexElement,
    Options,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
    View,
)


def table_of(text: TableText, name: QualifiedName, indexes: Iterable[Index] = ()) -> Table:
    """A parsed CREATE TABLE and its indexes as a table."""
    declared = folded_names(column.name for column in text.columns)
    clauses = text.clauses()
    found = [one for one in (constraint_of(clause, declared, name.schema) for clause in clauses) if one is not None]
    key = next((clause for clause in clauses if clause.kind == parts.PRIMARY_KEY), None)
    return Table(
        name=name,
        columns=tuple(column_of(column) for column in text.columns),
        primary_key=next((one for one in found if isinstance(one, PrimaryKey)), None),
        unique_constraints=tuple(one for one in found if isinstance(one, UniqueConstraint)),
        foreign_keys=tuple(one for one in found if isinstance(one, ForeignKey)),
        checks=tuple(one for one in found if isinstance(one, CheckConstraint)),
        indexes=tuple(spelled_index(index, declared) for index in indexes),
        options=table_options(text, key),
        sql=text.text,
    )


def constraint_of(clause: Clause, declared: Mapping[str, str], schema: str | None) -> Constraint | None:
    """A clause as a constraint, None for NOT NULL and the like. ``declared`` has the columns by folded name."""
    if clause.kind == parts.PRIMARY_KEY:
        return PrimaryKey(_spelled(clause, declared), clause.name, options=_conflict(clause))
    if clause.kind == parts.UNIQUE:
        return UniqueConstraint(_spelled(clause, declared), clause.name, options=_conflict(clause))
    if clause.kind == parts.FOREIGN_KEY:
        return foreign_key_of(clause, declared, schema)
    if clause.kind == parts.CHECK:
        return CheckConstraint(clause.text, clause.name, _conflict(clause))
    return None


def table_options(text: TableText, key: Clause | None) -> Options:
    """What stands behind the columns, and AUTOINCREMENT of the clause ``key``, as options of the table."""
    options: list[tuple[str, Any]] = []
    if key is not None and key.autoincrement is not None:
        options.append(("autoincrement", True))
    if text.strict:
        options.append(("strict", True))
    if text.without_rowid:
        options.append(("with_rowid", False))
    return tuple(options)


def column_of(text: ColumnText) -> Column:
    """A column's definition as a column; its constraints are the table's."""
    sql, default, computed, nullable = text.type, None, None, True
    options: Options = ()
    autoincrement = False
    for clause in text.clauses:
        if clause.kind == parts.NOT_NULL:
            nullable = False
            if clause.on_conflict is not None:
                options = (("on_conflict_not_null", clause.on_conflict),)
        elif clause.kind == parts.DEFAULT:
            default = clause.text
        elif clause.kind == parts.GENERATED:
            computed = Computed(clause.text, clause.stored)
        elif clause.kind == parts.COLLATE:
            sql = type_text(f"{sql} COLLATE {quoted(clause.text)}")
        elif clause.kind == parts.PRIMARY_KEY:
            autoincrement = clause.autoincrement is not None
    return Column(text.name, DataType(sql), nullable, default, computed, None, autoincrement, None, options)


def _conflict(clause: Clause) -> Options:
    return (("on_conflict", clause.on_conflict),) if clause.on_conflict is not None else ()


def _spelled(clause: Clause, declared: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(declared.get(folded(name), name) for name in clause.columns)


def foreign_key_of(clause: Clause, declared: Mapping[str, str], schema: str | None) -> ForeignKey:
    """A REFERENCES clause as a foreign key; ``declared`` has the table's columns by folded name."""
    reference = clause.reference
    assert reference is not None
    return ForeignKey(
        columns=_spelled(clause, declared),
        referred_table=QualifiedName(reference.table, schema),
        referred_columns=reference.columns,
        name=clause.name,
        onupdate=reference.onupdate,
        ondelete=reference.ondelete,
        deferrable=reference.deferrable,
        initially=reference.initially,
        match=reference.match,
    )


def spelled_index(index: Index, declared: Mapping[str, str]) -> Index:
    """The index with its columns spelled as in ``declared``, which has the table's columns by folded name."""
    if all(
        not element.is_column or declared.get(folded(element.expression)) == element.expression
        for element in index.elements
    ):
        return index
    elements = tuple(
        IndexElement(
            declared.get(folded(one.expression), one.expression), True, one.descending, collation=one.collation
        )
        if one.is_column
        else one
        for one in index.elements
    )
    return Index(index.name, elements, index.unique, index.where)


def view_of(name: QualifiedName, sql: str) -> View:
    """A CREATE VIEW as a view; a list of column names is kept as the option ``columns``."""
    tokens = tokens_of(sql)
    place = next(place for place, token in enumerate(tokens) if place > 1 and token.text.upper() == "AS")
    columns: tuple[str, ...] = ()
    opening = next((one for one in range(2, place) if tokens[one].text == "("), None)
    if opening is not None:
        end = closing([token.text for token in tokens], opening)
        columns = tuple(unquoted(token.text) for token in tokens[opening + 1 : end] if token.text != ",")
    definition = sql[tokens[place].end :].strip().rstrip(";")
    return View(name, definition, options=(("columns", columns),) if columns else ())
