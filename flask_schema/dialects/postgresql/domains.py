"""Domains: types with a condition, as the catalog describes them."""

from __future__ import annotations

from flask_schema.snapshot.elements import QualifiedName
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain: its type, and what it asks of values; ``checks`` are pairs of name and expression."""

    name: QualifiedName
    type_sql: str
    not_null: bool
    default: str | None
    checks: tuple[tuple[str, str], ...]
