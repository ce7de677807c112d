"""SQL expressions as text: cut into tokens, freed of needless parentheses and white space, casts taken off.

Nothing here decides whether two expressions mean the same; that is asked of the server (``scratch``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<string>[eE]'(?:[^'\\]|\\.|'')*'|(?:[nNbBxX]|[uU]&)?'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<quoted>(?:[uU]&)?"(?:[^"]|"")*")
    | (?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<cast>::)
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CACHE_SIZE = 4096


class Token(NamedTuple):
    """A piece of SQL: its kind (``string``, ``quoted``, ``number``, ``word``, ``cast``, ``open``, ``close``,
    ``space``, ``other``) and its text."""

    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    """All tokens of ``text`` in order; joined they are ``text`` again."""
    return [Token(str(found.lastgroup), found[0]) for found in _tokens(text)]


def _tokens(text: str) -> list[re.Match[str]]:
    # The group ``tag`` stands inside ``string``, so that lastgroup is always the outer alternative.
    return list(_TOKEN.finditer(text))


@lru_cache(maxsize=_CACHE_SIZE)
def canonical_expression(text: str) -> str:
    """``text`` with single spaces between its tokens as they stood, and without parentheses around the whole."""
    squeezed = "".join(" " if kind == "space" else part for kind, part in tokens(text.strip()))
    return without_outer_parentheses(squeezed)


@lru_cache(maxsize=_CACHE_SIZE)
def expression_key(text: str) -> str:
    """What an expression says whatever its white space and the letter case of its words: equal keys, equal meaning."""
    parts = [part.lower() if kind == "word" else part for kind, part in tokens(text) if kind != "space"]
    return "\n".join(parts).replace("!\n=", "<\n>")


_MEMBERSHIP = re.compile(
    r"""(?P<key>"(?:[^"]|"")*"|(?<![\w.")])[^\W\d][\w$]*)::text\ (?P<operator>=\ ANY|<>\ ALL)\ \(ARRAY\[
        (?P<values>'(?:[^']|'')*'::character\ varying(?:,\ '(?:[^']|'')*'::character\ varying)*)\]::text\[\]\)""",
    re.VERBOSE,
)
_KEY = r"""(?P<key>\(?(?:"(?:[^"]|"")*"|[^\W\d]\w*)\)?(?:::[\w ]+)?)"""
_BOUND = r"(?:'(?:[^']|'')*'|[^()'])+?"
_BETWEEN = {
    "BETWEEN": re.compile(rf"\(\({_KEY} >= (?P<low>{_BOUND})\) AND \((?P=key) <= (?P<high>{_BOUND})\)\)(?= AND )"),
    "NOT BETWEEN": re.compile(rf"\(\({_KEY} < (?P<low>{_BOUND})\) OR \((?P=key) > (?P<high>{_BOUND})\)\)(?= OR )"),
}
_WORDS = {"= ANY": "IN", "<> ALL": "NOT IN"}


@lru_cache(maxsize=_CACHE_SIZE)
def read_expression(text: str) -> str:
    """An expression as the server prints it, in canonical form.

    ``x IN ('a', 'b')`` of a VARCHAR is printed as a comparison with a cast array, which does not come back as itself
    when it is sent to the server again; so it is turned back. So is BETWEEN before another AND, whose two comparisons
    would come back as two more members of one AND.
    """

    def restored(found: re.Match[str]) -> str:
        values = found["values"].replace("'::character varying", "'")
        return f"{found['key']} {_WORDS[found['operator']]} ({values})"

    expression = _MEMBERSHIP.sub(restored, canonical_expression(text))
    for word, between in _BETWEEN.items():
        expression = between.sub(rf"(\g<key> {word} \g<low> AND \g<high>)", expression)
    return expression


_PLAIN_QUOTED = re.compile(r'"[a-z_][a-z0-9_$]*"\Z')


@lru_cache(maxsize=_CACHE_SIZE)
def unquoted(text: str) -> str:
    """An expression as the server prints it, without quotes around names of small letters.

    A name that was renamed in the text may stand in quotes where the server would print none. The server prints
    keywords such as CURRENT_USER in capital letters, so that these stay apart from names in small ones.
    """
    return "".join(
        part[1:-1] if kind == "quoted" and _PLAIN_QUOTED.match(part) else part for kind, part in tokens(text)
    )


def without_outer_parentheses(text: str) -> str:
    """``text`` without parentheses that enclose all of it."""
    text = text.strip()
    while text.startswith("(") and closing_place(text, 0) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def closing_place(text: str, start: int) -> int:
    """The place of the bracket that closes the one at ``start``; -1 when there is none."""
    depth, place = 0, start
    for kind, part in tokens(text[start:]):
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if depth == 0:
            return place
        place += len(part)
    return -1


def is_call(text: str) -> bool:
    """Whether ``text`` is one function call, which an index takes without parentheses around it."""
    found = re.match(r"(?:(?:\w+|\"(?:[^\"]|\"\")*\")\.)?(?:[^\W\d][\w$]*|\"(?:[^\"]|\"\")*\")\(", text)
    return found is not None and closing_place(text, found.end() - 1) == len(text) - 1


@lru_cache(maxsize=_CACHE_SIZE)
def split_cast(text: str) -> tuple[str, str | None]:
    """A literal with a cast behind it as literal and type: ``'x'::text`` gives ``'x'`` and ``text``.

    Anything else comes back whole, with None.
    """
    found = tokens(text)
    depth = 0
    for place, (kind, _) in enumerate(found):
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if kind == "cast" and depth == 0:
            before = without_outer_parentheses("".join(part for _, part in found[:place]))
            after = [one for one in found[place + 1 :] if one.kind != "space"]
            if is_literal(before) and all(one.kind in _TYPE_KINDS or one.text in ".,[]()" for one in after):
                return before, "".join(part for _, part in found[place + 1 :]).strip()
            return text, None
    return text, None


_TYPE_KINDS = frozenset({"word", "quoted", "number"})


def is_literal(text: str) -> bool:
    """Whether ``text`` is one string, one number with or without its sign, or NULL, TRUE, FALSE."""
    found = [one for one in tokens(text) if one.kind != "space"]
    if len(found) == 2 and found[0].text in "+-":
        found = found[1:]
        return found[0].kind == "number"
    if len(found) != 1:
        return False
    return found[0].kind in ("string", "number") or found[0].text.lower() in ("null", "true", "false")


def literal(text: str) -> str:
    """``text`` as a string literal, with standard_conforming_strings on."""
    return "'" + text.replace("'", "''") + "'"


def literal_value(text: str) -> str | None:
    """What a plain string literal says; None for anything else."""
    found = tokens(text)
    if len(found) == 1 and found[0].kind == "string" and text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return None
