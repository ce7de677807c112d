"""Reads the text of a CREATE INDEX, as SQLite keeps it in ``sqlite_master``."""

from __future__ import annotations

import re
from typing import Final

from flask_schema.dialects.sqlite.tokens import (
    Token,
    closing,
    is_identifier,
    quoted,
    tokens_of,
    unquoted,
    without_outer_parentheses,
)
from flask_schema.snapshot.elements import Index, IndexElement, column_key

_NAME: Final = r"[A-Za-z_]\w*|\"[^\",]+\""
_PLAIN: Final = re.compile(
    rf"CREATE (?P<unique>UNIQUE )?INDEX (?P<name>{_NAME}) ON (?:{_NAME}) \((?P<keys>(?:{_NAME})(?:, (?:{_NAME}))*)\)\Z"
)
"""An index on columns as SQLAlchemy writes it: most of all indexes, found without looking at every token."""


def parse_create_index(text: str) -> Index:
    """The index that a CREATE INDEX describes. Raises ValueError."""
    plain = _PLAIN.match(text)
    if plain is not None:
        elements = tuple(column_key(unquoted(key)) for key in plain["keys"].split(", "))
        return Index(unquoted(plain["name"]), elements, unique=plain["unique"] is not None)
    tokens = tokens_of(text)
    words = [token.text.upper() for token in tokens[:8]]
    unique = words[1] == "UNIQUE"
    place = 3 if unique else 2
    if words[place : place + 3] == ["IF", "NOT", "EXISTS"]:
        place += 3
    name = unquoted(tokens[place].text)
    while tokens[place].text != "(":
        place += 1
    end = closing([token.text for token in tokens], place)
    where = None
    if end + 1 < len(tokens) and tokens[end + 1].text.upper() == "WHERE":
        where = without_outer_parentheses(text[tokens[end + 1].end : tokens[-1].end])
    return Index(name, tuple(_keys(text, tokens, place, end)), unique=unique, where=where)


def _keys(text: str, tokens: list[Token], opening: int, end: int) -> list[IndexElement]:
    """The keys between the parentheses at positions ``opening`` and ``end``."""
    keys, first, depth = [], opening + 1, 0
    for place in range(opening + 1, end + 1):
        one = tokens[place].text
        if depth == 0 and (one == "," or place == end):
            keys.append(_key(text, tokens[first:place]))
            first = place + 1
        depth += (one == "(") - (one == ")")
    return keys


def key_of(text: str) -> IndexElement:
    """One key: ``name``, ``name COLLATE nocase DESC``, or an expression. Raises ValueError when it is empty."""
    return _key(text, tokens_of(text))


def _key(text: str, tokens: list[Token]) -> IndexElement:
    if not tokens:
        raise ValueError(f"an index key is missing in {text[:60]!r}")
    descending, collation = False, None
    if len(tokens) == 1:
        one = tokens[0].text
        if is_identifier(one):
            return IndexElement(unquoted(one))
        return IndexElement(one, is_column=False)
    tokens = list(tokens)
    if len(tokens) > 2 and tokens[-2].text.upper() == "NULLS":
        del tokens[-2:]
    if tokens[-1].text.upper() in ("ASC", "DESC"):
        descending = tokens.pop().text.upper() == "DESC"
    if len(tokens) == 3 and tokens[1].text.upper() == "COLLATE":
        collation = unquoted(tokens[2].text).upper()
        del tokens[1:]
    if len(tokens) == 1 and is_identifier(tokens[0].text):
        return IndexElement(
            unquoted(tokens[0].text), True, descending, collation=None if collation == "BINARY" else collation
        )
    expression = without_outer_parentheses(text[tokens[0].start : tokens[-1].end])
    return IndexElement(expression, False, descending, collation=collation)


def in_schema(sql: str, schema: str | None) -> str:
    """A CREATE INDEX or CREATE TRIGGER with the schema written before the name; SQLite keeps it without."""
    if schema is None:
        return sql
    tokens = tokens_of(sql)
    place = _place_of_name(tokens)
    if tokens[place + 1].text == ".":
        return sql
    return f"{sql[: tokens[place].start]}{quoted(schema)}.{sql[tokens[place].start :]}"


def renamed_index(sql: str, name: str) -> str:
    """A CREATE INDEX with another name in it."""
    tokens = tokens_of(sql)
    place = _place_of_name(tokens)
    if tokens[place + 1].text == ".":
        place += 2
    return f"{sql[: tokens[place].start]}{quoted(name)}{sql[tokens[place].end :]}"


def _place_of_name(tokens: list[Token]) -> int:
    words = [token.text.upper() for token in tokens[:7]]
    place = words.index("INDEX" if "INDEX" in words[:3] else "TRIGGER") + 1
    return place + 3 if words[place : place + 3] == ["IF", "NOT", "EXISTS"] else place
