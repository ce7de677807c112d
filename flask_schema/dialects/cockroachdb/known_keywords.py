"""The dialect of sqlalchemy-cockroachdb, which takes the keywords of this package too once this module is loaded."""

from __future__ import annotations

from typing import Any

from sqlalchemy_cockroachdb.base import CockroachDBDialect
from sqlalchemy_cockroachdb.psycopg2 import CockroachDBDialect_psycopg2 as Dialect

from flask_schema.snapshot.keywords import with_keywords

__all__ = ["Dialect"]

_BASE: Any = CockroachDBDialect
_BASE.construct_arguments = with_keywords(_BASE.construct_arguments)
