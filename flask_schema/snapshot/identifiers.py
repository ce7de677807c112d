"""Names inside SQL text: found and renamed without touching literals, comments or function names.

A database lets expressions follow a renamed column by itself; a snapshot holds them as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy.sql.compiler import RESERVED_WORDS

_TOKEN = re.compile(
    r"""
      (?P<string>'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<comment>--[^\n]*|/\*.*?\*/)
    | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]\[]+\])
    | (?P<word>[^\W\d][\w$]*)
    """,
    re.VERBOSE | re.DOTALL,
)
_MARKS = {"mysql": "`", "mariadb": "`"}
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


def _names(text: str) -> Iterator[tuple[re.Match[str], str, bool]]:
    """Each name in ``text``: where it stands, what it says, and whether it is quoted."""
    for token in _TOKEN.finditer(text):
        if token["word"] is not None:
            yield token, token["word"], False
        elif token["quoted"] is not None and not _is_subscript(text, token):
            mark = token["quoted"][-1]
            yield token, token["quoted"][1:-1].replace(mark * 2, mark), True


def _is_subscript(text: str, token: re.Match[str]) -> bool:
    """``tags[i]`` is an array's element, ``[tags]`` a quoted name."""
    return token[0].startswith("[") and bool(re.search(r"[\w\])]\s*\Z", text[: token.start()]))


def _means(word: str, quoted: bool, name: str) -> bool:
    return word == name or (not quoted and word.lower() == name.lower())


def _is_called(text: str, token: re.Match[str]) -> bool:
    return text[token.end() :].lstrip().startswith("(")


def mentions(text: str, name: str) -> bool:
    """Whether ``name`` stands in ``text`` as a name, not inside a literal and not as a function that is called."""
    if name.lower() not in text.lower():
        return False
    return any(
        _means(word, quoted, name) and (quoted or not _is_called(text, token)) for token, word, quoted in _names(text)
    )


def quote_mark(dialect: str) -> str:
    """What stands around a name that needs quotes, in the SQL of a dialect by SQLAlchemy's name."""
    return _MARKS.get(dialect, '"')


def renamed(text: str, before: str, after: str, mark: str = '"') -> str:
    """``text`` with the column ``before`` called ``after``; a name that needs quotes gets ``mark`` around it.

    A name followed by a dot qualifies another one and is left alone.
    """
    if before.lower() not in text.lower():
        return text
    pieces, end = [], 0
    for token, word, quoted in _names(text):
        follower = text[token.end() :].lstrip()[:1]
        if not _means(word, quoted, before) or follower == "." or (follower == "(" and not quoted):
            continue
        pieces += [text[end : token.start()], _written(after, token[0] if quoted else "", mark)]
        end = token.end()
    return "".join(pieces) + text[end:]


def _written(name: str, like: str, mark: str) -> str:
    if not like and _PLAIN.match(name) and name not in RESERVED_WORDS:
        return name
    if like.startswith("["):
        return f"[{name}]"
    mark = like[:1] or mark
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


_LOOSE = re.compile(r'"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^\W\d][\w$]*')


def names_in(text: str, *, inside_texts: bool = False) -> frozenset[str]:
    """All words of ``text`` in lower case, quoted or not: what it may read or call.

    ``inside_texts``: those in literals too, since the body of a function is one.
    """
    if inside_texts:
        return frozenset(_bare(found[0]).lower() for found in _LOOSE.finditer(text))
    return frozenset(word.lower() for _, word, _ in _names(text))


def _bare(token: str) -> str:
    mark = token[0]
    return token[1:-1].replace(mark * 2, mark) if mark in '"`' else token
