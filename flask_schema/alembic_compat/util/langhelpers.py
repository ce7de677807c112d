"""``alembic.util.langhelpers``: small functions that scripts and programs use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy.util import immutabledict as immutabledict
from sqlalchemy.util import memoized_property as memoized_property
from sqlalchemy.util import to_list as to_list
from sqlalchemy.util import unique_list as unique_list

from flask_schema.config.values import flag
from flask_schema.scripts.names import new_revision_id

_Value = TypeVar("_Value")


def rev_id() -> str:
    """A new random revision id, 12 hexadecimal digits."""
    return new_revision_id()


def to_tuple(x: Any, default: tuple[Any, ...] | None = None) -> tuple[Any, ...] | None:
    """``x`` as a tuple: a text or another single thing as its one element, None as ``default``."""
    if x is None:
        return default
    return tuple(x) if isinstance(x, Iterable) and not isinstance(x, str) else (x,)


def not_none(value: _Value | None) -> _Value:
    """``value``, which must not be None. Raises AssertionError when it is."""
    assert value is not None
    return value


def asbool(value: Any) -> bool:
    """A text of an ini file as true or false; None is false. Raises ValueError for another word."""
    if value is None or not isinstance(value, str):
        return bool(value)
    return bool(flag(value.strip(), None))
