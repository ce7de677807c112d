"""The names of PostgreSQL's types in one spelling, SQLAlchemy's: ``VARCHAR(50)`` for ``character varying(50)``.

The other names of a type are those of https://www.postgresql.org/docs/current/datatype.html.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS

from flask_schema.values import dataclass

_COLLATE = re.compile(r'\A(?P<type>.*?)\s+COLLATE\s+(?P<collation>[\w"].*?)\s*\Z', re.IGNORECASE | re.DOTALL)
_ARRAY = re.compile(r"\A(?P<item>.*?)\s*(?:(?:\[\s*\d*\s*\]\s*)+|\s+ARRAY(?:\s*\[\s*\d*\s*\])?)\Z", re.I | re.DOTALL)
_PARTS = re.compile(r"\A(?P<name>[^(]*?)\s*(?:\(\s*(?P<arguments>[^)]*?)\s*\)\s*(?P<rest>.*))?\Z", re.DOTALL)
_IDENTIFIER = re.compile(r'"(?:[^"]|"")*"|[^\W\d][\w$]*')
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")
_INTERVAL = re.compile(r"\Ainterval(?: (?P<fields>[a-z][a-z ]*?))?\Z")

_SPELLINGS = {
    "character varying": "VARCHAR", "varchar": "VARCHAR", "character": "CHAR", "char": "CHAR",
    "int": "INTEGER", "int4": "INTEGER", "integer": "INTEGER", "int8": "BIGINT", "bigint": "BIGINT",
    "int2": "SMALLINT", "smallint": "SMALLINT", "bool": "BOOLEAN", "boolean": "BOOLEAN",
    "decimal": "NUMERIC", "dec": "NUMERIC", "numeric": "NUMERIC",
    "real": "REAL", "float4": "REAL", "double precision": "DOUBLE PRECISION", "float8": "DOUBLE PRECISION",
    "bit": "BIT", "bit varying": "BIT VARYING", "varbit": "BIT VARYING",
}  # fmt: skip
_UPPER = frozenset(
    [
        "text",
        "bytea",
        "json",
        "jsonb",
        "jsonpath",
        "uuid",
        "xml",
        "money",
        "inet",
        "cidr",
        "macaddr",
        "macaddr8",
        "date",
        "oid",
        "regclass",
        "regconfig",
        "regtype",
        "regproc",
        "regprocedure",
        "regoper",
        "regoperator",
        "regnamespace",
        "regrole",
        "regdictionary",
        "tsvector",
        "tsquery",
        "point",
        "line",
        "lseg",
        "box",
        "path",
        "polygon",
        "circle",
        "name",
        "xid",
        "cid",
        "tid",
        "pg_lsn",
        "int4range",
        "int8range",
        "numrange",
        "tsrange",
        "tstzrange",
        "daterange",
        "int4multirange",
        "int8multirange",
        "nummultirange",
        "tsmultirange",
        "tstzmultirange",
        "datemultirange",
    ]
)
_SERIALS = {
    "serial": "INTEGER", "serial4": "INTEGER", "bigserial": "BIGINT", "serial8": "BIGINT", "smallserial": "SMALLINT",
    "serial2": "SMALLINT",
}  # fmt: skip

INTEGERS = frozenset({"SMALLINT", "INTEGER", "BIGINT"})
NUMBERS = INTEGERS | {"NUMERIC", "REAL", "DOUBLE PRECISION"}
STRINGS = frozenset({"VARCHAR", "CHAR", "TEXT", "bpchar", "NAME", "citext"})
LARGEST = {"SMALLINT": 2**15 - 1, "INTEGER": 2**31 - 1, "BIGINT": 2**63 - 1}
"""The largest number of each integer type; the smallest is ``-largest - 1``."""


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type taken apart: ``VARCHAR``, ``50``, no array, no collation.

    ``name`` is what remains without arguments: ``TIMESTAMP WITHOUT TIME ZONE``, a domain's or enum's name as SQL.
    ``collation`` is a quoted name.
    """

    name: str
    arguments: str = ""
    array: bool = False
    collation: str | None = None

    @property
    def sql(self) -> str:
        """The type as it is written."""
        if self.name.startswith(("TIMESTAMP ", "TIME ")) and self.arguments:
            head, _, rest = self.name.partition(" ")
            bare = f"{head}({self.arguments}) {rest}"
        else:
            bare = f"{self.name}({self.arguments})" if self.arguments else self.name
        collated = f" COLLATE {self.collation}" if self.collation else ""
        return f"{bare}{'[]' if self.array else ''}{collated}"


@lru_cache(maxsize=4096)
def type_name(sql: str) -> TypeName:
    """Take a type text apart, its parts in their one spelling. A SERIAL is the integer that it stands for."""
    text, collation = sql.strip(), None
    found = _COLLATE.match(text)
    if found is not None:
        text, collation = found["type"], canonical_collation(found["collation"])
    found = _ARRAY.match(text)
    if found is not None:
        item = type_name(found["item"])
        return TypeName(item.name, item.arguments, True, collation or item.collation)
    name, arguments = _spelled(text)
    return TypeName(name, arguments, False, collation)


def canonical_type(sql: str) -> str:
    """A type text in its one spelling."""
    return type_name(sql).sql


def is_serial(sql: str) -> bool:
    """Whether the text is SERIAL, which is no type but an integer with a sequence."""
    return sql.strip().lower() in _SERIALS


def _spelled(text: str) -> tuple[str, str]:  # noqa: PLR0911 - one return for each kind of type
    if '"' in text:
        return _user_type(text)
    found = _PARTS.match(text)
    if found is None:
        return text, ""
    words = " ".join(found["name"].split()).lower()
    arguments = ", ".join(one.strip() for one in (found["arguments"] or "").split(",")).lower()
    rest = " ".join((found["rest"] or "").split()).lower()
    if words in _SERIALS:
        return _SERIALS[words], ""
    if words.split(" ")[0] in ("timestamp", "time", "timestamptz", "timetz"):
        return _moment(words, rest), arguments
    if words.startswith("interval") and (interval := _INTERVAL.match(words)) is not None:
        fields = f" {interval['fields'].upper()}" if interval["fields"] else ""
        return f"INTERVAL{fields}", arguments
    if words == "float":
        return ("REAL" if arguments and int(arguments) <= 24 else "DOUBLE PRECISION"), ""
    spelling = _SPELLINGS.get(words)
    if spelling is not None:
        return spelling, _arguments(spelling, arguments)
    return (words.upper(), arguments) if words in _UPPER else _user_type(text)


def _arguments(name: str, arguments: str) -> str:
    """What the arguments are where they are left out."""
    if name in ("CHAR", "BIT"):
        return arguments or "1"
    if name == "NUMERIC" and arguments and "," not in arguments:
        return f"{arguments}, 0"
    return arguments


def _moment(words: str, rest: str) -> str:
    word = words.split(" ", maxsplit=1)[0]
    zoned = word.endswith("tz") or "with time zone" in f"{words} {rest}"
    return f"{word.removesuffix('tz').upper()} {'WITH' if zoned else 'WITHOUT'} TIME ZONE"


def _user_type(text: str) -> tuple[str, str]:
    """A domain, enum, composite or extension type: unquoted where that is the same."""
    names, end = [], 0
    for found in _IDENTIFIER.finditer(text):
        if found.start() != end:
            break
        names.append(canonical_identifier(found[0]))
        end = found.end() + (text[found.end() : found.end() + 1] == ".")
    rest = text[end:].strip()
    arguments = ", ".join(one.strip().lower() for one in rest[1:-1].split(",")) if rest.startswith("(") else ""
    if names and (not rest or arguments):
        return ".".join(names), arguments
    return text, ""


def canonical_identifier(name: str) -> str:
    """A name as SQL: folded to lower case where it is not quoted, quoted only where it must be."""
    if not name.startswith('"'):
        return name.lower()
    bare = name[1:-1].replace('""', '"')
    return name if bare in _SPELLINGS or bare in _UPPER else quoted(bare)  # "char" is another type than char


def quoted(name: str) -> str:
    """A name as SQL, in quotes where it needs them."""
    if _PLAIN.match(name) and name not in RESERVED_WORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def collation_sql(name: str) -> str:
    """A collation's name as SQL: always in quotes."""
    return '"' + name.replace('"', '""') + '"'


def canonical_collation(text: str) -> str:
    """A collation's name, always in quotes; those that PostgreSQL brings are named without their schema."""
    found = (one[0] for one in _IDENTIFIER.finditer(text))
    names = [name if name.startswith('"') else f'"{name.lower()}"' for name in found]
    if len(names) == 2 and names[0] == '"pg_catalog"':
        names = names[1:]
    return ".".join(names)
