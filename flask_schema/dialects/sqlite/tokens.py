"""SQL text of SQLite as tokens, after the tokenizer that SQLite documents (https://sqlite.org/draft/tokenreq.html)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"""(?:[ \t\n\f\r]+|--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))*   # blanks and comments before it
    (   [xX]'[0-9a-fA-F]*'
    |   [^\x00-@\[-^`{-\x7f][^\x00-\#%-/:-@\[-^`{-\x7f]*         # a word; all beyond ASCII is a letter
    |   "(?:[^"]|"")*"
    |   '(?:[^']|'')*'
    |   `(?:[^`]|``)*`
    |   \[[^\]]*\]
    |   0[xX][0-9a-fA-F]+
    |   (?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?
    |   \|\||->>|->|<<|>>|<=|>=|<>|==|!=
    |   [^ \t\n\f\r]
    |   \Z                                                        # so that a comment at the end is no token
    )""",
    re.VERBOSE,
)
_CLOSING: Final = {'"': '"', "`": "`", "[": "]", "'": "'"}
_SAME_OPERATOR: Final = {"==": "=", "<>": "!="}


class Span(NamedTuple):
    """A place in a text: characters from ``start`` up to, without, ``end``."""

    start: int
    end: int


class Token(NamedTuple):
    """A token's text as it stands, and where it starts."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """The place right after it."""
        return self.start + len(self.text)


def tokens_of(text: str) -> list[Token]:
    """All tokens in order; blanks and comments are left out."""
    make = Token._make
    tokens = [make((found[1], found.start(1))) for found in _TOKEN.finditer(text)]
    while tokens and not tokens[-1][0]:
        tokens.pop()
    return tokens


def texts_of(text: str) -> list[str]:
    """The texts of all tokens in order, which is faster when their places are not needed."""
    texts: list[str] = _TOKEN.findall(text)
    while texts and not texts[-1]:
        texts.pop()
    return texts


def is_word(token: str) -> bool:
    """Whether a token is a bare word: a keyword, a name, a function."""
    first = token[0]
    return (first.isalpha() or first == "_" or first >= "\x80") and token[-1] != "'"


def is_identifier(token: str) -> bool:
    """Whether a token can be the name of a column: a bare word or one in quotes of any kind but a string's."""
    return token[0] in '"`[' or is_word(token)


def unquoted(token: str) -> str:
    """The name that a token stands for: SQLite takes ``"a"``, `` `a` ``, ``[a]`` and, for old times' sake, ``'a'``."""
    closing = _CLOSING.get(token[0])
    if closing is None or token[-1] != closing:
        return token
    inside = token[1:-1]
    return inside if closing == "]" else inside.replace(closing * 2, closing)


def quoted(name: str) -> str:
    """The name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as a SQL string."""
    return "'" + text.replace("'", "''") + "'"


def same_name(one: str, other: str) -> bool:
    """Whether two names are one to SQLite, which folds the case of ASCII letters only."""
    return folded(one) == folded(other)


def folded(name: str) -> str:
    """The name with ASCII letters in lower case."""
    return name.lower() if name.isascii() else re.sub(r"[A-Z]+", lambda found: found[0].lower(), name)


def names_in(text: str) -> frozenset[str]:
    """All words and quoted names of a text, folded: what it may mention."""
    return frozenset(folded(unquoted(one)) for one in texts_of(text) if is_identifier(one))


def without_outer_parentheses(text: str) -> str:
    """The expression without blanks around it and without parentheses that enclose it whole."""
    text = text.strip()
    while text.startswith("("):
        tokens = tokens_of(text)
        if closing([token.text for token in tokens], 0) != len(tokens) - 1:
            break
        text = text[1 : tokens[-1].start].strip()
    return text


def closing(texts: list[str], opening: int) -> int:
    """The position among tokens of the parenthesis that closes the one at ``opening``. Raises ValueError."""
    depth = 0
    for place in range(opening, len(texts)):
        one = texts[place]
        if one == "(":
            depth += 1
        elif one == ")":
            depth -= 1
            if depth == 0:
                return place
    raise ValueError("a parenthesis is not closed")


def expression_key(text: str) -> tuple[str, ...]:
    """What two texts of one expression have in common: equal keys mean the same to SQLite.

    Blanks, comments, the case of words, quotes around names and outer parentheses make no difference.
    """
    return tuple(_key(one) for one in texts_of(without_outer_parentheses(text)))


def _key(token: str) -> str:
    if token[0] in '"`[':
        return folded(unquoted(token))
    if is_word(token):
        return folded(token)
    return _SAME_OPERATOR.get(token, token)
