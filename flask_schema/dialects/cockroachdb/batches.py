"""Several statements in one text, taken apart.

Sent together they share a transaction, which must not hold schema changes.
https://github.com/cockroachdb/cockroach/pull/76834
"""

from __future__ import annotations

import re

_PART = re.compile(
    r"""\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/|;""", re.DOTALL
)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TRANSACTION = re.compile(r"\s*(begin|start\s+transaction)\b", re.IGNORECASE)


def separate_statements(sql: str) -> list[str]:
    """The statements of ``sql``; the whole text where it is one, or begins a transaction of its own."""
    texts, start = [], 0
    for found in _PART.finditer(sql):
        if found[0] == ";":
            texts.append(sql[start : found.start()])
            start = found.end()
    texts.append(sql[start:])
    bare = [(text.strip(), _COMMENTS.sub("", text)) for text in texts]
    kept = [text for text, without in bare if without.strip()]
    if len(kept) < 2 or any(_TRANSACTION.match(without) for _, without in bare):
        return [sql]
    return kept
