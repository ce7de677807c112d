"""What the parameters of sequences and identity columns are where they are left out.

https://www.postgresql.org/docs/current/sql-createsequence.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from flask_schema.dialects.postgresql.data_types import LARGEST, canonical_type
from flask_schema.snapshot.elements import Identity, Sequence

_Numbering = TypeVar("_Numbering", Identity, Sequence)


def canonical_identity(identity: Identity, type_sql: str) -> Identity:
    """An identity with None for every parameter that has the value it has by default for this integer type."""
    return _bare(identity, LARGEST.get(type_sql, LARGEST["BIGINT"]))


def canonical_sequence(sequence: Sequence) -> Sequence:
    """A sequence with None for every parameter that has its default value."""
    data_type = canonical_type(sequence.data_type) if sequence.data_type is not None else "BIGINT"
    bare = _bare(sequence, LARGEST.get(data_type, LARGEST["BIGINT"]))
    return replace(bare, data_type=None if data_type == "BIGINT" else data_type)


def _bare(numbering: _Numbering, largest: int) -> _Numbering:
    ascending = (numbering.increment or 1) > 0
    minimum, maximum = (1, largest) if ascending else (-largest - 1, -1)
    first = numbering.minimum if ascending else numbering.maximum
    start = first if first is not None else (minimum if ascending else maximum)
    return replace(
        numbering,
        increment=None if numbering.increment == 1 else numbering.increment,
        minimum=None if numbering.minimum == minimum else numbering.minimum,
        maximum=None if numbering.maximum == maximum else numbering.maximum,
        start=None if numbering.start == start else numbering.start,
        cache=None if numbering.cache == 1 else numbering.cache,
    )
