"""One spelling for types and expressions: what the models say and what CockroachDB answers.

INTEGER and BIGINT are both INT8, TEXT and VARCHAR both STRING, JSON is JSONB
(https://www.cockroachlabs.com/docs/stable/data-types). Expressions come back with casts like ``1:::INT8``.
"""

from __future__ import annotations

import re
from typing import Final

_TYPE = re.compile(r"^(?P<name>[A-Za-z_0-9 ]+)(?P<arguments>\([^)]*\))?(?P<rest>[A-Za-z ]*)(?P<array>(\[\])*)$")
_SPELLINGS: Final = {
    **dict.fromkeys(("INT", "INTEGER", "INT8", "BIGINT", "INT64"), "BIGINT"),
    **dict.fromkeys(("INT4",), "INTEGER"),
    **dict.fromkeys(("INT2", "SMALLINT"), "SMALLINT"),
    **dict.fromkeys(("STRING", "TEXT", "VARCHAR", "CHARACTER VARYING"), "VARCHAR"),
    **dict.fromkeys(("CHARACTER", "CHAR", "BPCHAR"), "CHAR"),
    **dict.fromkeys(("BYTES", "BYTEA", "BLOB"), "BYTEA"),
    **dict.fromkeys(("JSON", "JSONB"), "JSONB"),
    **dict.fromkeys(("BOOL", "BOOLEAN"), "BOOLEAN"),
    **dict.fromkeys(("DECIMAL", "NUMERIC", "DEC"), "NUMERIC"),
    **dict.fromkeys(("FLOAT", "FLOAT8", "DOUBLE PRECISION"), "DOUBLE PRECISION"),
    **dict.fromkeys(("FLOAT4", "REAL"), "REAL"),
    **dict.fromkeys(("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"), "TIMESTAMP WITH TIME ZONE"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP WITHOUT TIME ZONE"), "TIMESTAMP WITHOUT TIME ZONE"),
    **dict.fromkeys(("TIMETZ", "TIME WITH TIME ZONE"), "TIME WITH TIME ZONE"),
    **dict.fromkeys(("TIME", "TIME WITHOUT TIME ZONE"), "TIME WITHOUT TIME ZONE"),
}
_CAST = re.compile(
    r":{2,3}\s*(\"[^\"]+\"|[A-Za-z_][\w.]*(\s+(WITH|WITHOUT) TIME ZONE|\s+VARYING|\s+PRECISION)?)(\([^)]*\))?(\[\])*",
    re.I,
)
_TEXTS = re.compile(r"('(?:[^']|'')*')")
_NUMBER = re.compile(r"'(-?\d+(?:\.\d+)?)'")
_NOISE = re.compile(r"[\s()]+")


def spelled_type(sql: str) -> str:
    """A type's text in its one spelling; unchanged where it is none of the server's own."""
    found = _TYPE.match(sql.strip())
    if found is None:
        return sql
    name = " ".join(f"{found['name']} {found['rest']}".upper().split())
    spelling = _SPELLINGS.get(name)
    if spelling is None:
        return sql
    head, _, tail = spelling.partition(" ") if spelling.startswith("TIME") else (spelling, "", "")
    return f"{head}{found['arguments'] or ''}{' ' + tail if tail else ''}{found['array']}"


def without_casts(sql: str) -> str:
    """An expression without the casts that CockroachDB adds; text in quotes is left alone."""
    return "".join(part if part.startswith("'") else _CAST.sub("", part) for part in _TEXTS.split(sql))


def expression_key(sql: str) -> str:
    """What two spellings of one expression have in common: casts, parentheses, blanks and letter case left out."""
    bare = _NUMBER.sub(r"\1", without_casts(sql))
    return "".join(part if part.startswith("'") else _NOISE.sub("", part).lower() for part in _TEXTS.split(bare))
