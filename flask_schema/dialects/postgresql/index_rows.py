"""Indexes, and EXCLUDE constraints, made of the rows that ``catalog.index_details`` selects."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from flask_schema.dialects.postgresql.data_types import collation_sql, quoted
from flask_schema.dialects.postgresql.expressions import read_expression
from flask_schema.snapshot.elements import ExcludeConstraint, Index, IndexElement, Options, column_key

_NUMBERS = re.compile(r"-?\d+")
_DESCENDING, _NULLS_FIRST = 1, 2  # bits of pg_index.indoption


@lru_cache(maxsize=1024)
def numbers_of(text: str) -> tuple[int, ...]:
    """Numbers that are written one after the other: ``1 3`` is (1, 3)."""
    return tuple(int(one) for one in _NUMBERS.findall(text))


def index_of(numbers: dict[int, str], row: Any) -> Index | ExcludeConstraint:
    """An index, or the EXCLUDE constraint that it stands behind, from a row of ``Catalog.indexes`` without its table.

    ``numbers`` are the table's columns by number.
    """
    name, unique, method, key, key_count, flags, nulls_not_distinct, *rest = row
    expressions, opclasses, collations, where, storage, tablespace, kind, deferrable, deferred, operators = rest
    places = numbers_of(key)
    texts = json.loads(expressions) if expressions is not None else None
    classes = json.loads(opclasses) if opclasses is not None else None
    collated = json.loads(collations) if collations is not None else None
    bits = numbers_of(flags)
    predicate = read_expression(where) if where is not None else None
    elements = tuple(
        _element(
            numbers.get(number) if number else None,
            texts[place] if texts is not None else "",
            bits[place] if place < len(bits) else 0,
            classes[place] if classes is not None else None,
            collated[place] if collated is not None else None,
        )
        for place, number in enumerate(places[:key_count])
    )
    if kind == "x":
        return ExcludeConstraint(
            elements=tuple(
                (_exclude_key(one), operator) for one, operator in zip(elements, json.loads(operators), strict=True)
            ),
            name=name,
            using=method,
            where=predicate,
            deferrable=True if deferrable else None,
            initially="DEFERRED" if deferred else None,
        )
    options: dict[str, Any] = {}
    if storage:
        options["with"] = storage_parameters(storage)
    if tablespace:
        options["tablespace"] = tablespace
    return Index(
        name=name,
        elements=elements,
        unique=bool(unique),
        where=predicate,
        method=None if method == "btree" else method,
        include=tuple(numbers[number] for number in places[key_count:]),
        nulls_not_distinct=bool(nulls_not_distinct),
        options=tuple(sorted(options.items())),
    )


def _element(
    column: str | None, expression: str, bits: int, opclass: str | None, collation: str | None
) -> IndexElement:
    if column is not None and not bits and opclass is None and collation is None:
        return column_key(column)
    descending, first = bool(bits & _DESCENDING), bool(bits & _NULLS_FIRST)
    nulls = None if descending == first else ("first" if first else "last")
    text = column if column is not None else read_expression(expression)
    return IndexElement(text, column is not None, descending, nulls, opclass, collation)


def _exclude_key(element: IndexElement) -> str:
    text = quoted(element.expression) if element.is_column else element.expression
    collation = f" COLLATE {collation_sql(element.collation)}" if element.collation else ""
    return f"{text}{collation} {element.opclass}" if element.opclass else f"{text}{collation}"


def storage_parameters(text: str) -> Options:
    """``fillfactor=70`` and more, one a line, as sorted pairs of texts."""
    pairs = (one.partition("=") for one in text.split("\n"))
    return tuple(sorted((key, value.lower()) for key, _, value in pairs))
