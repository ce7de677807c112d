"""What in a table's own texts uses a column."""

from __future__ import annotations

from collections.abc import Iterator

from flask_schema.dialects.sqlite import create_table as parts
from flask_schema.dialects.sqlite.create_index import parse_create_index
from flask_schema.dialects.sqlite.create_table import TableText, parse_create_table
from flask_schema.dialects.sqlite.rebuild import StoredTable
from flask_schema.dialects.sqlite.tokens import folded, names_in, same_name, tokens_of


def user_of(name: str, table: StoredTable) -> str | None:
    """What still mentions a column that is gone from the table's text, in words; None when nothing does."""
    return next((what for what, text in _expressions(table) if folded(name) in names_in(text)), None)


def _expressions(table: StoredTable) -> Iterator[tuple[str, str]]:
    parsed = parse_create_table(table.sql)
    for clause in parsed.clauses():
        if clause.kind == parts.CHECK:
            yield f"the check {clause.name}" if clause.name else f"the check ({clause.text})", clause.text
    for column in parsed.columns:
        for clause in column.clauses:
            if clause.kind == parts.GENERATED:
                yield f"the computed column {column.name}", clause.text
    yield from _outside(table)


def _outside(table: StoredTable) -> Iterator[tuple[str, str]]:
    for name, sql in table.indexes.items():
        index = parse_create_index(sql)
        for element in index.elements:
            if not element.is_column:
                yield f"the index {name}", element.expression
        if index.where is not None:
            yield f"the index {name}", index.where
    for name, sql in table.triggers.items():
        yield f"the trigger {name}", watched_columns(sql)


def watched_columns(sql: str) -> str:
    """What stands between UPDATE OF and ON in a CREATE TRIGGER: SQLite does not mind when such a column is gone."""
    tokens = tokens_of(sql)
    words = [token.text.upper() for token in tokens]
    end = words.index("ON") if "ON" in words else 0
    start = words.index("OF", 0, end) + 1 if "OF" in words[:end] else end
    return " ".join(token.text for token in tokens[start:end] if token.text != ",")


def uses_column(table: StoredTable, name: str) -> bool:
    """Whether anything in the table's own texts but the column itself may mention it; then DROP COLUMN refuses."""
    parsed = parse_create_table(table.sql)
    rest = [table.sql[clause.span.start : clause.span.end] for clause in parsed.constraints]
    texts = [*rest, *table.indexes.values(), *table.triggers.values()]
    return _columns_use(parsed, name) or any(folded(name) in names_in(text) for text in texts)


def _columns_use(parsed: TableText, name: str) -> bool:
    wanted = folded(name)
    others = {folded(column.name) for column in parsed.columns} - {wanted}
    for column in parsed.columns:
        own = same_name(column.name, name)
        for clause in column.clauses:
            if own and clause.kind in (parts.PRIMARY_KEY, parts.UNIQUE, parts.FOREIGN_KEY):
                return True
            if not own and wanted in names_in(clause.text):
                return True
            if own and clause.kind == parts.CHECK and names_in(clause.text) & others:
                return True
    return False
