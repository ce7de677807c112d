"""Those options of tables for which there are operations: how long rows live, and where."""

from __future__ import annotations

from collections.abc import Iterator

from flask_schema.operations.operation import Operation
from flask_schema.operations.placement import (
    LOCALITY,
    TTL,
    RemoveRowTtl,
    SetLocality,
    SetRowTtl,
    locality_of,
    ttl_parameters,
)
from flask_schema.snapshot.elements import Table


def compare_options(before: Table, after: Table) -> Iterator[Operation]:
    """Row-level TTL and locality of one table."""
    old, new = ttl_parameters(before), ttl_parameters(after)
    if old != new:
        yield SetRowTtl(after.name, new, old) if new else RemoveRowTtl(after.name, old)
    if locality_of(before) != locality_of(after):
        yield SetLocality(after.name, locality_of(after), locality_of(before))


def has_operation(option: str) -> bool:
    """Whether an option of tables is compared here."""
    return option == LOCALITY or option.startswith(TTL)
