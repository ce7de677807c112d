"""What becomes of an operation that a hook had in its hands: itself, or itself with what the hook changed.

A directive made from an operation of the engine is linked to it, and to what the directive would be translated to
before anybody touched it. Afterwards it is translated again: what differs between the two translations is what the
hook changed, and only that is put into the operation. So nothing is lost of what the engine has and the directive
classes have not.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import DataType
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """Where a directive comes from; ``baseline`` is its first translation, None where it could not be translated."""

    origin: Operation
    baseline: Operation | None


def merged(origin: Any, baseline: Any, final: Any) -> Any:
    """``origin`` with what differs between ``baseline`` and ``final``."""
    if fingerprint(baseline) == fingerprint(final):
        return origin
    if isinstance(final, tuple) and isinstance(baseline, tuple) and isinstance(origin, tuple):
        return tuple(_merged_element(origin, baseline, one) for one in final)
    if type(final) is not type(origin) or not is_dataclass(final) or isinstance(final, (type, DataType)):
        return final
    if type(baseline) is not type(final):
        return final
    changed = {
        field.name: merged(getattr(origin, field.name), getattr(baseline, field.name), getattr(final, field.name))
        for field in fields(final)
    }
    return replace(origin, **changed)


def _merged_element(origin: tuple[Any, ...], baseline: tuple[Any, ...], final: Any) -> Any:
    before = _counterpart(final, baseline)
    if before is None:
        return final
    place = _counterpart(before, origin)
    return final if place is None else merged(place, before, final)


def _counterpart(element: Any, candidates: tuple[Any, ...]) -> Any:
    """The one among ``candidates`` that is the same thing: equal, of the same name, or on the same columns."""
    print_ = fingerprint(element)
    alike = [one for one in candidates if type(one) is type(element)]
    for one in alike:
        if fingerprint(one) == print_:
            return one
    for attribute in ("name", "columns", "expression"):
        value = getattr(element, attribute, None)
        found = [one for one in alike if value and getattr(one, attribute, None) == value]
        if len(found) == 1:
            return found[0]
    return None


def fingerprint(value: Any) -> Any:
    """What of a value counts in a comparison; of a type also its Python side."""
    if isinstance(value, DataType):
        return (value.sql, value.enum, type(value.python), repr(value.python))
    if isinstance(value, (sa.ClauseElement, TypeEngine)):
        return (type(value), id(value))
    if isinstance(value, tuple):
        return tuple(fingerprint(one) for one in value)
    if isinstance(value, (list, dict)):
        return repr(value)
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value), tuple(fingerprint(getattr(value, one.name)) for one in fields(value) if one.compare))
    return value
