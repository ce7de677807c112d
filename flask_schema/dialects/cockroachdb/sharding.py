"""Hash-sharded indexes and keys, whose rows are spread over buckets, and the columns that an index stores.

https://www.cockroachlabs.com/docs/stable/hash-sharded-indexes
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from flask_schema.snapshot.elements import Index, PrimaryKey

HASH: Final = "hash"
"""The method of an index that is hash-sharded."""

BUCKETS: Final = "bucket_count"
"""The option of a hash-sharded index or key."""

NOT_VISIBLE: Final = "not_visible"
"""The option of an index that queries pass over. The catalog is not asked for it."""

_SHARD = re.compile(r"crdb_internal_.*_shard_(\d+)\Z")


def sharding(key: PrimaryKey) -> str:
    """What stands behind a key's columns where it is hash-sharded."""
    buckets = dict(key.options).get(BUCKETS)
    return f" USING HASH WITH ({BUCKETS} = {buckets})" if buckets is not None else ""


def buckets_of(columns: Iterable[object]) -> int | None:
    """The number of buckets that a hidden column among an index's columns tells; None where there is none."""
    return next((int(found[1]) for one in columns if (found := _SHARD.match(str(one)))), None)


def is_shard(column: object) -> bool:
    """Whether a column is the hidden one of a hash-sharded index."""
    return _SHARD.match(str(column)) is not None


def respelled_index(index: Index) -> Index:
    """An index with its stored columns under one name, and a hash-sharded one known by its method."""
    options = dict(index.options)
    storing = options.pop("storing", None)
    return replace(
        index,
        include=tuple(storing) if storing is not None else index.include,
        method=HASH if BUCKETS in options else index.method,
        options=tuple(sorted(options.items())),
    )
