"""Python source laid out as ``ruff format`` and ``black`` do, so that they find nothing to change.

Source is built from :class:`Group` values, a pair of brackets with what stands between them, and
plain strings, which are never broken.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

from flask_schema.values import dataclass

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


@dataclass(frozen=True, slots=True)
class Chain:
    """Calls on what ``base`` gives: ``base.first(...).second(...)``; the heads of ``calls`` begin with a dot."""

    base: Group
    calls: tuple[Group, ...]


Code = str | Group | Chain


@dataclass(frozen=True, slots=True)
class Block:
    """A statement with others indented below it: ``head`` and ``tail`` of ``with head tail:``."""

    head: Group
    tail: str
    statements: tuple[Code, ...]


Statement = Code | Block


def call(function: str, *items: Code) -> Group:
    """``function(items)``."""
    return Group(f"{function}(", items)


def after(prefix: str, value: Code) -> Code:
    """``value`` with ``prefix`` before it."""
    if isinstance(value, str):
        return prefix + value
    if isinstance(value, Chain):
        return replace(value, base=replace(value.base, head=prefix + value.base.head))
    return replace(value, head=prefix + value.head)


def keyword(name: str, value: Code) -> Code:
    """``name=value``."""
    return after(f"{name}=", value)


def assignment(name: str, value: Code) -> Code:
    """``name = value``."""
    return after(f"{name} = ", value)


def bracketed(items: Iterable[Code]) -> Group:
    """A list."""
    return Group("[", tuple(items), "]", collection=True)


def mapping(items: Mapping[str, Code]) -> Group:
    """A dictionary; keys are source already."""
    return Group("{", tuple(after(f"{key}: ", value) for key, value in items.items()), "}", collection=True)


def attribute(value: Code, name: str, *items: Code) -> Code:
    """``value.name(items)``."""
    if isinstance(value, str):
        return call(f"{value}.{name}", *items)
    if isinstance(value, Chain):
        return replace(value, calls=(*value.calls, call(f".{name}", *items)))
    return Chain(value, (call(f".{name}", *items),))


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
    if isinstance(code, Chain):
        return "".join(flat(group) for group in (code.base, *code.calls))
    return f"{code.head}{', '.join(flat(item) for item in code.items)}{code.tail}"


def layout(code: Code, indent: int = 0, suffix: str = "") -> str:
    """The code indented by ``indent`` columns, on as many lines as it takes; ``suffix`` follows it."""
    margin = " " * indent
    line = f"{margin}{flat(code)}{suffix}"
    if isinstance(code, Chain):
        return line if _fits(line) else _layout_chain(code, indent, suffix)
    if isinstance(code, str) or not code.items or (_fits(line) and not _spreads(code)):
        return line
    inner = " " * (indent + 4)
    together = f"{inner}{', '.join(flat(item) for item in code.items)}"
    if not code.collection and _fits(together) and not _spreads(code):
        body = together
    else:
        body = "\n".join(layout(item, indent + 4, ",") for item in code.items)
    return f"{margin}{code.head}\n{body}\n{margin}{code.tail}{suffix}"


def _layout_chain(chain: Chain, indent: int, suffix: str) -> str:
    """One call a line; a single call stays with its base, and the last brackets that hold something are opened."""
    if len(chain.calls) > 1:
        *first, last = (chain.base, *chain.calls)
        return "\n".join([*(layout(group, indent) for group in first), layout(last, indent, suffix)])
    (only,) = chain.calls
    if only.items:
        return layout(replace(only, head=flat(chain.base) + only.head), indent, suffix)
    return layout(replace(chain.base, tail=chain.base.tail + flat(only)), indent, suffix)


def _spreads(group: Group) -> bool:
    """A string of several lines shares its brackets with nothing else."""
    return len(group.items) > 1 and any("\n" in flat(item) for item in group.items)


def layout_statement(statement: Statement, indent: int) -> str:
    """A statement indented by ``indent`` columns; an empty line follows a block."""
    if not isinstance(statement, Block):
        return layout(statement, indent)
    head = replace(statement.head, head=f"with {statement.head.head}")
    lines = [layout(head, indent, f" {statement.tail}:")]
    return "\n".join([*lines, *(layout(one, indent + 4) for one in statement.statements)]) + "\n"


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
