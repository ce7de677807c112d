"""The types of a function's arguments, read from its CREATE FUNCTION."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEAD = re.compile(r"\b(?:FUNCTION|PROCEDURE)\b", re.IGNORECASE)
_PIECE = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|/\*.*?\*/|[()\[\],=]|[^\s()\[\],='"`]+|\s+""", re.DOTALL
)
_DEFAULT = re.compile(r"\bDEFAULT\b|:?=", re.IGNORECASE)
_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
_SECOND_WORDS = frozenset({"PRECISION", "VARYING", "WITH", "WITHOUT", "UNSIGNED", "SIGNED"})
"""Words that go on with a type; no type that PostgreSQL or MySQL knows has another second word."""


def argument_types(definition: str) -> str:
    """The types in order, as they are written, parted by ``, ``; of OUT parameters none. Empty when there are none."""
    head = _HEAD.search(definition)
    found = (_type(one) for one in _parameters(definition[head.end() :])) if head is not None else ()
    return ", ".join(one for one in found if one)


def _parameters(text: str) -> Iterator[str]:
    """What stands in the first parentheses, cut at the commas that no other parentheses hold."""
    depth, said = 0, ""
    for match in _PIECE.finditer(text):
        piece = match[0]
        if piece.startswith(("--", "/*")):
            continue
        if piece in "([":
            depth += 1
        elif piece in ")]":
            depth -= 1
        if depth == 0 and piece == ")":
            break
        if piece == "," and depth == 1:
            yield said
            said = ""
        elif depth and not (depth == 1 and piece == "("):
            said += piece
    yield said


def _type(parameter: str) -> str:
    words = _DEFAULT.split(parameter, maxsplit=1)[0].split()
    modes = [word.upper() for word in words[:2] if word.upper() in _MODES]
    if "OUT" in modes:
        return ""
    words = [word for place, word in enumerate(words) if not (place == 0 and word.upper() in _MODES)]
    named = len(words) > 1 and words[1].partition("(")[0].upper() not in _SECOND_WORDS and not words[1].startswith("(")
    return " ".join(words[1:] if named else words)
