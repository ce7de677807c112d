"""Python values as source."""

from __future__ import annotations

import datetime
import math
import sys
import uuid
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any

from flask_schema.scripts.imports import Imports
from flask_schema.scripts.layout import Code, Group, bracketed, call, flat, mapping, text


class NotRenderable(ValueError):
    """A value that cannot be written as source."""


def literal(value: Any, imports: Imports) -> Code:
    """The source of a value, with the imports it needs. Raises NotRenderable."""
    if isinstance(value, type):
        return _class(value, imports)
    writer = next((_WRITERS[cls] for cls in type(value).__mro__ if cls in _WRITERS), None)
    if writer is None or isinstance(value, Enum):
        raise NotRenderable(f"{type(value).__name__} cannot be written as source")
    return writer(value, imports)


def _class(value: type, imports: Imports) -> Code:
    module, name = value.__module__, value.__qualname__
    if module == "builtins":
        return name
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not value or module == "__main__":
        raise NotRenderable(f"the class {name} cannot be imported")
    imports.module(module)
    return f"{module}.{name}"


def _repr(value: Any, imports: Imports) -> Code:
    del imports
    return repr(int(value)) if type(value) not in (bool, int, type(None)) else repr(value)


def _float(value: float, imports: Imports) -> Code:
    del imports
    if not math.isfinite(value):
        return call("float", text(str(value)))
    return repr(value)


def _text(value: str, imports: Imports) -> Code:
    del imports
    return text(str(value))


def _bytes(value: bytes, imports: Imports) -> Code:
    del imports
    written = text(value.decode("latin-1"))
    if written.isascii():
        return f"b{written}"
    return call("bytes.fromhex", text(value.hex()))


def _decimal(value: Decimal, imports: Imports) -> Code:
    imports.member("decimal", "Decimal")
    return call("Decimal", text(str(value)))


def _uuid(value: uuid.UUID, imports: Imports) -> Code:
    imports.module("uuid")
    return call("uuid.UUID", text(str(value)))


def _moment(value: Any, imports: Imports) -> Code:
    if getattr(value, "tzinfo", None) not in (None, datetime.timezone.utc):
        raise NotRenderable("a time zone cannot be written as source")
    imports.module("datetime")
    head, _, rest = repr(value).partition("(")
    return Group(f"{head}(", tuple(rest[:-1].split(", ")) if len(rest) > 1 else ())


def _list(value: list[Any], imports: Imports) -> Code:
    return bracketed([literal(one, imports) for one in value])


def _tuple(value: tuple[Any, ...], imports: Imports) -> Code:
    items = tuple(literal(one, imports) for one in value)
    return Group("(", items, ",)" if len(items) == 1 else ")", collection=True)


def _dict(value: dict[Any, Any], imports: Imports) -> Code:
    return mapping({flat(literal(key, imports)): literal(one, imports) for key, one in value.items()})


_WRITERS: dict[type, Callable[[Any, Imports], Code]] = {
    type(None): _repr,
    bool: _repr,
    int: _repr,
    float: _float,
    str: _text,
    bytes: _bytes,
    Decimal: _decimal,
    uuid.UUID: _uuid,
    datetime.date: _moment,
    datetime.datetime: _moment,
    datetime.time: _moment,
    datetime.timedelta: _moment,
    list: _list,
    tuple: _tuple,
    dict: _dict,
}
