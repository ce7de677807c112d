"""Reads the text of SHOW CREATE TABLE, the one place where a server shows a temporary table's expressions."""

from __future__ import annotations

import re
from dataclasses import field

from flask_schema.dialects.mysql.data_types import canonical_type
from flask_schema.dialects.mysql.defaults import canonical_default
from flask_schema.dialects.mysql.expressions import canonical_expression, tokens
from flask_schema.values import dataclass

_CHECK_LINE = re.compile(r"\A\s*CONSTRAINT (?P<name>`(?:[^`]|``)*`) CHECK (?P<rest>\(.*)\Z")
_KEY_LINE = re.compile(r"\A\s*(?P<unique>UNIQUE )?KEY (?P<name>`(?:[^`]|``)*`) (?P<keys>.*?),?\Z")
_LAST_NUMBER = re.compile(r"(\d+)\D*\Z")
_TYPE_WORDS = frozenset(["unsigned", "zerofill", "character", "set", "collate", "charset", "precision", "binary"])


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column as the server shows it, its texts in canonical form."""

    type_sql: str
    default: str | None = None
    computed: str | None = None


@dataclass(frozen=True, slots=True)
class ShownTable:
    """Columns by name, the expressions of checks that were given no name in their order, and keys by name."""

    columns: dict[str, ShownColumn] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    keys: dict[str, str] = field(default_factory=dict)


def parse_show_create(text: str) -> ShownTable:
    """The parts of a CREATE TABLE text as the server prints it, one element a line."""
    columns: dict[str, ShownColumn] = {}
    checks: list[tuple[int, str]] = []
    keys: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("  `"):
            name, column = _column(line.strip().removesuffix(","))
            columns[name] = column
        elif found := _CHECK_LINE.match(line):
            number = _LAST_NUMBER.search(found["name"])
            group = _group(tokens(found["rest"]), 0)
            checks.append((int(number[1]) if number else 0, canonical_expression(_joined(group))))
        elif found := _KEY_LINE.match(line):
            keys[_bare(found["name"])] = found["keys"]
    return ShownTable(columns, tuple(expression for _, expression in sorted(checks)), keys)


def column_check(text: str, column: str, new_name: str | None = None) -> str | None:
    """The expression of the check that a CREATE TABLE text has in the line of ``column``; None where there is none.

    ``new_name`` stands in it for the column where that is renamed. The catalog lists such a check under the name that
    the column had when it was made.
    """
    quoted, renamed = (f"`{one.replace('`', '``')}`" for one in (column, new_name or column))
    line = next((one for one in text.splitlines() if one.startswith(f"  {quoted} ")), "")
    found = _after(tokens(line), 0, "CHECK")
    return " ".join(renamed if one == quoted else one for _, one in found[1:-1]) if found is not None else None


def _bare(name: str) -> str:
    return name[1:-1].replace("``", "`")


def _joined(found: list[tuple[str, str]]) -> str:
    return " ".join(token for _, token in found)


def _group(found: list[tuple[str, str]], place: int) -> list[tuple[str, str]]:
    """The tokens from an opening parenthesis to the one that closes it."""
    depth = 0
    for end in range(place, len(found)):
        depth += {"(": 1, ")": -1}.get(found[end][1], 0) if found[end][0] == "operator" else 0
        if depth == 0:
            return found[place : end + 1]
    return found[place:]


def _column(line: str) -> tuple[str, ShownColumn]:
    found = tokens(line)
    place = 2
    if place < len(found) and found[place][1] == "(":
        place += len(_group(found, place))
    while place < len(found) and (
        found[place][1].lower() in _TYPE_WORDS or found[place - 1][1].lower() in ("set", "collate", "charset")
    ):
        place += 1
    type_sql = canonical_type(_joined(found[1:place])).sql
    default = _default(found, place)
    group = _after(found, place, "AS")
    computed = _joined(group) if group is not None else None
    check = _after(found, place, "CHECK")
    if check is not None and canonical_expression(_joined(check)) == canonical_expression(f"json_valid({found[0][1]})"):
        type_sql = "JSON"  # so MariaDB keeps it
    return _bare(found[0][1]), ShownColumn(
        type_sql, canonical_default(default, type_sql), canonical_expression(computed) if computed else None
    )


def _after(found: list[tuple[str, str]], place: int, word: str) -> list[tuple[str, str]] | None:
    """The parenthesised expression behind ``word``."""
    for at in range(place, len(found) - 1):
        if found[at][0] == "word" and found[at][1].upper() == word and found[at + 1][1] == "(":
            return _group(found, at + 1)
    return None


def _default(found: list[tuple[str, str]], place: int) -> str | None:
    words = [token.upper() if kind == "word" else "" for kind, token in found]
    on_update = ""
    if "UPDATE" in words[place:]:
        at = words.index("UPDATE", place)
        on_update = f" ON UPDATE {_value(found, at + 1)}"
    if "DEFAULT" not in words[place:]:
        return f"NULL{on_update}" if on_update else None
    return f"{_value(found, words.index('DEFAULT', place) + 1)}{on_update}"


def _value(found: list[tuple[str, str]], place: int) -> str:
    """A literal, a call, or an expression in parentheses."""
    if found[place][1] == "(":
        return _joined(_group(found, place))
    end = place + (2 if found[place][1] in ("-", "+") else 1)
    if found[place][0] == "introducer":
        end += 1
    value = _joined(found[place:end]).replace("- ", "-")
    if end < len(found) and found[end][1] == "(":
        return value + _joined(_group(found, end))
    return value
