"""Column types of MySQL and MariaDB in the one spelling that is compared.

``information_schema.COLUMNS.COLUMN_TYPE`` and SQLAlchemy's type compiler spell the same type in different ways.
Synonyms: https://dev.mysql.com/doc/refman/8.4/en/other-vendor-data-types.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from flask_schema.dialects.mysql.expressions import quoted, string_value, tokens
from flask_schema.values import dataclass

_SYNONYMS = {
    "INT": "INTEGER",
    "INT1": "TINYINT",
    "INT2": "SMALLINT",
    "INT3": "MEDIUMINT",
    "INT4": "INTEGER",
    "INT8": "BIGINT",
    "MIDDLEINT": "MEDIUMINT",
    "NUMERIC": "DECIMAL",
    "DEC": "DECIMAL",
    "FIXED": "DECIMAL",
    "DOUBLE PRECISION": "DOUBLE",
    "REAL": "DOUBLE",
    "FLOAT8": "DOUBLE",
    "FLOAT4": "FLOAT",
    "CHARACTER": "CHAR",
    "CHARACTER VARYING": "VARCHAR",
    "CHAR VARYING": "VARCHAR",
    "LONG VARCHAR": "MEDIUMTEXT",
    "LONG": "MEDIUMTEXT",
}
_SECOND_WORDS = {"PRECISION", "VARYING", "VARCHAR"}
_ZEROFILL_WIDTHS = {"TINYINT": 3, "SMALLINT": 5, "MEDIUMINT": 8, "INTEGER": 10, "BIGINT": 20}
_TEXT_SIZES = ((255, "TINY"), (65_535, ""), (16_777_215, "MEDIUM"), (4_294_967_295, "LONG"))
_LONGEST_CHARACTER_BYTES = 4
_DEFAULT_LENGTH_ONE = {"CHAR", "BINARY", "BIT"}

NUMBERS = frozenset({"TINYINT", "SMALLINT", "MEDIUMINT", "INTEGER", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE"})
STRINGS = frozenset({"CHAR", "VARCHAR", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM", "SET"})
MOMENTS = frozenset({"TIMESTAMP", "DATETIME"})
WITHOUT_LITERAL_DEFAULT = frozenset(
    {"TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB", "JSON"}
    | {"GEOMETRY", "POINT", "LINESTRING", "POLYGON"}
)
"""Types whose default MySQL takes as an expression only. https://dev.mysql.com/doc/refman/8.4/en/blob.html"""


@dataclass(frozen=True, slots=True)
class ParsedType:
    """A type in parts: ``name`` in upper case, ``arguments`` as written between the parentheses."""

    name: str
    arguments: tuple[str, ...] = ()
    unsigned: bool = False
    zerofill: bool = False
    charset: str | None = None
    collation: str | None = None
    binary: bool = False

    @property
    def sql(self) -> str:
        """The type as text."""
        inner = ",".join(self.arguments)
        parts = [f"{self.name}({inner})" if inner else self.name]
        parts += ["UNSIGNED"] if self.unsigned else []
        parts += ["ZEROFILL"] if self.zerofill else []
        parts += [f"CHARACTER SET {self.charset}"] if self.charset else []
        parts += [f"COLLATE {self.collation}"] if self.collation else []
        parts += ["BINARY"] if self.binary else []
        return " ".join(parts)


@lru_cache(maxsize=4096)
def canonical_type(sql: str) -> ParsedType:
    """The type that ``sql`` names, synonyms and what goes without saying resolved."""
    parsed = _parse(sql)
    if parsed.name in ("BOOL", "BOOLEAN"):
        return ParsedType("TINYINT", ("1",))
    if parsed.name in NUMBERS:
        return _canonical_number(parsed)
    if parsed.name in ("TEXT", "BLOB") and parsed.arguments:
        return _sized(parsed)
    arguments = parsed.arguments
    if parsed.name in _DEFAULT_LENGTH_ONE and not arguments:
        arguments = ("1",)
    elif parsed.name == "YEAR" or arguments == ("0",):
        arguments = ()
    elif parsed.name in ("ENUM", "SET"):
        arguments = tuple(quoted(string_value(one).rstrip(" ")) for one in arguments)
    return _with(parsed, arguments=arguments)


def _with(parsed: ParsedType, name: str | None = None, arguments: tuple[str, ...] = ()) -> ParsedType:
    return ParsedType(
        name or parsed.name,
        arguments,
        parsed.unsigned,
        parsed.zerofill,
        parsed.charset,
        parsed.collation,
        parsed.binary,
    )


def _canonical_number(parsed: ParsedType) -> ParsedType:
    """Display widths mean nothing but in TINYINT(1) and with ZEROFILL."""
    unsigned = parsed.unsigned or parsed.zerofill
    name, arguments = parsed.name, parsed.arguments
    if name == "DECIMAL":
        arguments = (*(arguments or ("10",)), "0")[:2]
    elif name == "FLOAT" and len(arguments) == 1:
        name, arguments = ("FLOAT" if int(arguments[0]) <= 24 else "DOUBLE"), ()
    elif name in _ZEROFILL_WIDTHS:
        if parsed.zerofill:
            arguments = arguments or (str(_ZEROFILL_WIDTHS[name]),)
        elif not (name == "TINYINT" and arguments == ("1",) and not unsigned):
            arguments = ()
    return ParsedType(name, arguments, unsigned, parsed.zerofill)


def _sized(parsed: ParsedType) -> ParsedType:
    """``TEXT(n)`` is the smallest type that holds n characters, ``BLOB(n)`` the one for n bytes."""
    bytes_needed = int(parsed.arguments[0])
    if parsed.name == "TEXT" and (parsed.charset or "utf8mb4").startswith("utf8mb4"):
        bytes_needed *= _LONGEST_CHARACTER_BYTES
    size = next((name for limit, name in _TEXT_SIZES if bytes_needed <= limit), "LONG")
    return _with(parsed, name=f"{size}{parsed.name}")


def _parse(sql: str) -> ParsedType:
    found = tokens(sql)
    words = [found[0][1].upper()]
    place = 1
    national = words[0] in ("NATIONAL", "NCHAR", "NVARCHAR")
    if words[0] == "NATIONAL" and len(found) > 1:
        words = [found[1][1].upper()]
        place = 2
    elif national:
        words = [words[0].removeprefix("N")]
    while place < len(found) and found[place][1].upper() in _SECOND_WORDS:
        words.append(found[place][1].upper())
        place += 1
    arguments, place = _arguments(found, place)
    name = " ".join(words)
    return _attributes(_SYNONYMS.get(name, name), arguments, found[place:], "utf8mb3" if national else None)


def _arguments(found: list[tuple[str, str]], place: int) -> tuple[tuple[str, ...], int]:
    if place >= len(found) or found[place][1] != "(":
        return (), place
    inner = []
    place += 1
    while place < len(found) and found[place][1] != ")":
        if found[place][1] != ",":
            inner.append(found[place][1])
        place += 1
    return tuple(inner), place + 1


def _attributes(name: str, arguments: tuple[str, ...], found: list[tuple[str, str]], charset: str | None) -> ParsedType:
    words = [token.upper() for _, token in found]
    collation = _word_after(found, "COLLATE")
    charset = charset or _word_after(found, "SET") or _word_after(found, "CHARSET")
    if charset is None and "ASCII" in words:
        charset = "latin1"
    elif charset is None and "UNICODE" in words:
        charset = "ucs2"
    collation = re.sub(r"\Autf8_", "utf8mb3_", collation.lower()) if collation else None
    charset = "utf8mb3" if charset and charset.lower() == "utf8" else charset.lower() if charset else None
    if collation and charset is None and "_" in collation and not collation.startswith("uca"):
        charset = collation.partition("_")[0]
    return ParsedType(
        name,
        arguments,
        "UNSIGNED" in words,
        "ZEROFILL" in words,
        charset,
        collation,
        "BINARY" in words and not collation,
    )


def _word_after(found: list[tuple[str, str]], word: str) -> str | None:
    for (_, token), (kind, following) in pairwise(found):
        if token.upper() == word:
            return string_value(following) if kind == "string" else following.strip("`")
    return None
