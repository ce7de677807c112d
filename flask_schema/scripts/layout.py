"""Python source laid out as ``ruff format`` and ``black`` do, so that they find nothing to change.

Source is built from :class:`Group` values, a pair of brackets with what stands between them, and
plain strings, which are never broken.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

LINE_WIDTH = 88
"""The width, in columns, that both formatters use unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Group:
    """``head`` ends with the opening bracket, ``tail`` begins with the closing one.

    ``items`` may stand together on one line of their own only in a call: literals (``collection``)
    are written on one line or with one item a line.
    """

    head: str
    items: tuple[Code, ...]
    tail: str = ")"
    collection: bool = False


Code = str | Group


def call(function: str, *items: Code) -> Group:
    """``function(items)``."""
    return Group(f"{function}(", items)


def keyword(name: str, value: Code) -> Code:
    """``name=value``."""
    return f"{name}={value}" if isinstance(value, str) else replace(value, head=f"{name}={value.head}")


def assignment(name: str, value: Code) -> Code:
    """``name = value``."""
    return f"{name} = {value}" if isinstance(value, str) else replace(value, head=f"{name} = {value.head}")


def bracketed(items: Iterable[Code]) -> Group:
    """A list."""
    return Group("[", tuple(items), "]", collection=True)


def mapping(items: Mapping[str, Code]) -> Group:
    """A dictionary with keys of text."""
    pairs = []
    for key, value in items.items():
        head = f"{text(key)}: "
        pairs.append(head + value if isinstance(value, str) else replace(value, head=head + value.head))
    return Group("{", tuple(pairs), "}", collection=True)


def attribute(value: Code, name: str, *items: Code) -> Group:
    """``value.name(items)``."""
    return call(f"{flat(value)}.{name}", *items)


def text(value: str) -> str:
    """A string literal in double quotes, or single ones where that saves backslashes."""
    quote = "'" if value.count('"') > value.count("'") else '"'
    written = []
    for character in value:
        if character in ("\\", quote):
            written.append(f"\\{character}")
        elif character.isprintable():
            written.append(character)
        else:
            written.append(repr(character)[1:-1])
    return f"{quote}{''.join(written)}{quote}"


def block(value: str) -> str:
    """A string literal of several lines between triple quotes, where it can be; else as :func:`text`."""
    plain = all(character.isprintable() or character == "\n" for character in value)
    if "\n" not in value or not plain or "\\" in value or '"""' in value or value.endswith('"'):
        return text(value)
    if any(line != line.rstrip() for line in value.split("\n")):
        return text(value)  # an editor would strip spaces at the end of a line
    return f'"""{value}"""'


def flat(code: Code) -> str:
    """The code on one line."""
    if isinstance(code, str):
        return code
    return f"{code.head}{', '.join(flat(item) for item in code.items)}{code.tail}"


def layout(code: Code, indent: int = 0, suffix: str = "") -> str:
    """The code indented by ``indent`` columns, on as many lines as it takes; ``suffix`` follows it."""
    margin = " " * indent
    line = f"{margin}{flat(code)}{suffix}"
    if isinstance(code, str) or not code.items or _fits(line):
        return line
    inner = " " * (indent + 4)
    together = f"{inner}{', '.join(flat(item) for item in code.items)}"
    if not code.collection and _fits(together):
        body = together
    else:
        body = "\n".join(layout(item, indent + 4, ",") for item in code.items)
    return f"{margin}{code.head}\n{body}\n{margin}{code.tail}{suffix}"


def _fits(line: str) -> bool:
    """Whether the line, or the first line of several, is within the width."""
    return _width(line.partition("\n")[0]) <= LINE_WIDTH


def _width(line: str) -> int:
    """Columns that a line takes on a terminal: wide characters take two, combining ones none."""
    if line.isascii():
        return len(line)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in line
    )
