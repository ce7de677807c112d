"""SQL expressions of MySQL as tokens, and the one spelling of them that is compared.

MySQL and MariaDB keep an expression as a tree and print it in their own way: names in backticks, keywords
in lower case, strings with their character set. https://dev.mysql.com/doc/refman/8.4/en/literals.html
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<introducer>_[A-Za-z0-9]+(?=\s*'))
    | (?P<string>[bBxXnN]?'(?:[^'\\]|\\.|'')*')
    | (?P<name>`(?:[^`]|``)*`)
    | (?P<number>0[xX][0-9A-Fa-f]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w$]))
    | (?P<word>[\w$@]+)
    | (?P<operator><=>|->>|->|<<|>>|<=|>=|<>|!=|:=|&&|\|\||.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_$]*\Z")
_KEYWORDS_BEFORE_PARENTHESIS = frozenset(
    {"and", "or", "xor", "not", "in", "is", "between", "like", "rlike", "regexp", "when", "then", "else", "case"}
    | {"div", "mod", "interval", "as", "by", "collate", "return"}
)
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}


def tokens(text: str) -> list[tuple[str, str]]:
    """Kind and text of each token, white space left out. Kinds: string, name, number, word, operator, introducer."""
    found = ((str(token.lastgroup), token[0]) for token in _TOKEN.finditer(text))
    return [(kind, token) for kind, token in found if kind != "space"]


def is_string(text: str) -> bool:
    """Whether ``text`` is exactly one plain string literal."""
    found = tokens(text)
    return len(found) == 1 and found[0][0] == "string" and found[0][1].startswith("'")


def string_value(literal: str) -> str:
    """The value of a string literal with its quotes."""
    body = literal[1:-1].replace("''", "'")
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), body, flags=re.DOTALL)


def quoted(value: str) -> str:
    """``value`` as a string literal, in the way SQLAlchemy writes it for MySQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def without_outer_parentheses(text: str) -> str:
    """``text`` without the parentheses that enclose all of it, however many pairs."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closes_at_the_end(text):
        text = text[1:-1].strip()
    return text


def _closes_at_the_end(text: str) -> bool:
    depth, place = 0, 0
    for token in _TOKEN.finditer(text):
        if token[0] == "(":
            depth += 1
        elif token[0] == ")":
            depth -= 1
            place = token.end()
            if depth == 0:
                break
    return place == len(text)


def canonical_expression(text: str) -> str:
    """One spelling for an expression, still valid SQL and still meaning the same.

    Backticks go where a name needs none, keywords and functions become lower case, character-set
    introducers go, strings and spaces get one form. Parentheses inside stay: whether they
    matter is for the database to say.
    """
    written: list[str] = []
    before = ("operator", "(")
    for kind, token in tokens(without_outer_parentheses(text)):
        if kind == "introducer":
            continue
        spelled = _spelled(kind, token)
        if written and _spaced(before, (kind, spelled), _is_unary(written, before)):
            written.append(" ")
        written.append(spelled)
        before = (kind, spelled)
    return "".join(written)


def _spelled(kind: str, token: str) -> str:
    if kind == "string":
        return quoted(string_value(token)) if token.startswith("'") else token.lower()
    if kind == "name":
        return token[1:-1] if _PLAIN_NAME.match(token[1:-1]) and not _is_reserved(token[1:-1]) else token
    if kind == "word":
        return token.lower()
    return {"!=": "<>", "&&": "and"}.get(token, token)


def _is_reserved(name: str) -> bool:
    from sqlalchemy.dialects.mysql.reserved_words import RESERVED_WORDS_MARIADB, RESERVED_WORDS_MYSQL

    return name in RESERVED_WORDS_MYSQL or name in RESERVED_WORDS_MARIADB


def _is_unary(written: list[str], before: tuple[str, str]) -> bool:
    """Whether the sign just written belongs to the operand that comes."""
    if before[1] not in ("-", "+", "~", "!") or before[0] != "operator":
        return False
    earlier = [one for one in written[:-1] if one != " "]
    return (
        not earlier
        or earlier[-1] in ("(", ",", "<", ">", "=", "<=", ">=", "<>", "+", "-", "*", "/", "%")
        or (earlier[-1] in _KEYWORDS_BEFORE_PARENTHESIS)
    )


def _spaced(before: tuple[str, str], coming: tuple[str, str], unary: bool) -> bool:
    if unary or before[1] in ("(", ".", "@") or coming[1] in (")", ",", "."):
        return False
    if coming[1] == "(":
        is_function = before[0] in ("word", "name") and before[1] not in _KEYWORDS_BEFORE_PARENTHESIS
        return not is_function
    return True
