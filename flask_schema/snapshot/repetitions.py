"""What models say again and again, translated once.

Most columns of an application are like one of another table: ``id``, ``created``, ``name``. What decides about the
translation of a column is made into a key, which takes a fraction of the time that compiling its type and default
takes; columns with the same key share an element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.sql import functions
from sqlalchemy.sql.elements import False_, Null, TextClause, True_
from sqlalchemy.types import TypeEngine

from flask_schema.snapshot.elements import Column, DataType, Enum
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation

Key = Any
"""What tells one thing from others in a dictionary."""

_SINGLE: Final = (True_, False_, Null)
_SCALARS: Final = frozenset((str, int, float, bool, type(None)))
_LISTENERS: Final = "dispatch"
"""The attribute with those who hear what happens to a type: no part of its SQL, and never the same twice."""
MORE: Any = []
"""Stands for what cannot be told without compiling it: it cannot be part of a key."""


class Repetitions:
    """The columns of one translation of models; it is to live no longer than that."""

    def __init__(self, translation: SqlalchemyTranslation) -> None:
        self._translation = translation
        self._keys = TypeKeys()
        self._types: dict[Key, DataType] = {}
        self._columns: dict[Key, Column] = {}
        self._nameless: dict[Key, Column] = {}  # by what they say but for the name
        self._enums: dict[int, tuple[DataType, Enum | None]] = {}  # by identity; the type is kept, so that it stays one

    def columns(self, table: sa.Table) -> tuple[Column, ...]:
        """The columns of ``table`` in order, as ``SqlalchemyTranslation.column`` makes them."""
        automatic: Any = getattr(table, "_autoincrement_column", None)
        key_of_type, known = self._keys.key, self._columns
        found = []
        for column in table.columns:
            if column.system:
                continue
            if automatic is None:
                numbered = column.autoincrement is True
            else:
                numbered = automatic is column and self._translation.autoincrements(column, table)
            said = column.__dict__
            simple = column.default is None and column.server_default is None
            more = None if simple and "info" not in said and "dialect_options" not in said else _key_of_more(column)
            kind = key_of_type(column.type)
            key = (column.name, kind, column.nullable, numbered, column.comment, more)
            try:
                element = known.get(key)
                if element is None:
                    element = known[key] = self._named(column, table, key)
            except TypeError:  # of a key that is none
                element = self._new(column, table, kind)
            found.append(element)
        return tuple(found)

    def _named(self, column: sa.Column[Any], table: sa.Table, key: tuple[Any, ...]) -> Column:
        """A column of which there may have been one like it under another name."""
        name, kind, *_ = key
        alike = self._nameless.get(key[1:])
        if alike is not None:
            return alike.called(str(name))
        element = self._nameless[key[1:]] = self._new(column, table, kind)
        return element

    def _new(self, column: sa.Column[Any], table: sa.Table, kind: Key) -> Column:
        try:
            data_type = self._types.get(kind)
        except TypeError:
            return self._translation.column(column, table)
        if data_type is None:
            data_type = self._types[kind] = self._translation.data_type(column.type)
        return self._translation.column(column, table, data_type)

    def enums(self, table: sa.Table, columns: tuple[Column, ...]) -> Iterator[Enum]:
        """The enum types of the database that ``table`` uses; ``columns`` are its columns as elements."""
        for element in columns:
            if element.type.enum is None:
                continue
            column = next(one for one in table.columns if one.name == element.name)
            place = id(element.type)
            if place not in self._enums:
                self._enums[place] = (element.type, self._translation.enum(column.type))
            enum = self._enums[place][1]
            if enum is not None:
                yield self._translation.with_renamed_values(enum, column)


class _Shape(NamedTuple):
    """What the instances of a class have for attributes, ``size`` of them, and what reads their values.

    ``number`` stands for the class and the names. ``listens``: one attribute tells nothing of the SQL. ``mutable`` are
    the places of lists and dictionaries. ``by_kind``: equal values may be written in two ways (1, 1.0 and True).
    """

    number: int
    size: int
    values: Callable[[dict[str, Any]], tuple[Any, ...]]
    listens: bool
    mutable: tuple[int, ...]
    by_kind: bool


class TypeKeys:
    """Makes keys of types. Types with the same key have one class and the same attributes, and so the same SQL."""

    def __init__(self) -> None:
        self._shapes: dict[type[Any], _Shape] = {}

    def key(self, python: TypeEngine[Any]) -> Key:
        """The key of a type, ``MORE`` where it has attributes that make none; it may turn out to be unhashable."""
        said: dict[str, Any] = python.__dict__
        if not said:
            return python.__class__
        shape = self._shapes.get(python.__class__)
        if shape is None:
            shape = self._shapes[python.__class__] = _shape_of(python.__class__, said, len(self._shapes))
        if shape.size != len(said) or (shape.listens and _LISTENERS not in said):
            return MORE
        try:
            values = shape.values(said)
        except KeyError:  # it has other attributes than the first of its class
            return MORE
        if shape.mutable:
            values = tuple(_frozen(one) if place in shape.mutable else one for place, one in enumerate(values))
        return (shape.number, values, tuple(map(type, values))) if shape.by_kind else (shape.number, values)


def _shape_of(kind: type[Any], said: dict[str, Any], number: int) -> _Shape:
    names = tuple(name for name in said if name != _LISTENERS)
    if len(names) > 1:
        values: Callable[[dict[str, Any]], tuple[Any, ...]] = itemgetter(*names)
    else:

        def values(said: dict[str, Any]) -> tuple[Any, ...]:
            return tuple(said[name] for name in names)

    mutable = tuple(place for place, name in enumerate(names) if isinstance(said[name], (list, dict)))
    by_kind = not kind.__module__.startswith("sqlalchemy.")
    return _Shape(number, len(said), values, _LISTENERS in said, mutable, by_kind)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(value.items())
    return tuple(value) if isinstance(value, list) else value


def _key_of_more(column: sa.Column[Any]) -> Key:
    """What decides about a column beside what most have: its defaults. ``MORE`` where that makes no key."""
    said, clause = vars(column), column.server_default
    default: Any = column.default
    if "dialect_options" in said or "renamed_from" in said.get("info", ()):
        return MORE
    scalar = default.arg if default is not None and getattr(default, "is_scalar", False) else None
    if scalar.__class__ not in _SCALARS:
        return MORE
    written = _key_of_default(clause) if clause is not None else None
    return (written, scalar, scalar.__class__) if written is not MORE else MORE


def _key_of_default(clause: Any) -> Key:
    """What decides about the text of a server default; ``MORE`` where that is not known."""
    said = clause.arg if clause.__class__ is sa.DefaultClause else None
    if isinstance(said, str):
        return said
    if isinstance(said, TextClause):
        return (TextClause, said.text) if not said._bindparams else MORE
    kind: Any = said.__class__
    if kind in _SINGLE:
        return kind
    if isinstance(said, functions.Function) and kind.__module__ == functions.__name__:
        bare = not said._has_args and not said._with_ordinality and said.name.__class__ is str
        return (kind, said.name, said.packagenames) if bare else MORE
    return MORE
