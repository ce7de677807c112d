"""A SQLAlchemy dialect that writes SQL for CockroachDB where sqlalchemy-cockroachdb is not installed.

It knows no driver: what needs a connection asks for the package. ``databases`` registers it by name.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS, PGDialect, PGIdentifierPreparer

from flask_schema.snapshot.keywords import with_keywords

_MORE_RESERVED_WORDS = frozenset({"index", "nothing", "role", "virtual", "work"})
"""Words that CockroachDB reserves and PostgreSQL does not. https://www.cockroachlabs.com/docs/stable/sql-grammar"""


_CONSTRUCT_ARGUMENTS: Any = with_keywords(PGDialect.construct_arguments)


class CockroachdbPreparer(PGIdentifierPreparer):
    """Quotes what CockroachDB reserves."""

    reserved_words = set(RESERVED_WORDS) | _MORE_RESERVED_WORDS


class CockroachdbWritingDialect(PGDialect):
    """Writes names, types and expressions as CockroachDB reads them."""

    name = "cockroachdb"
    driver = "none"
    supports_statement_cache = True
    supports_smallserial = False
    preparer = CockroachdbPreparer
    construct_arguments = _CONSTRUCT_ARGUMENTS
    _backslash_escapes = False

    @classmethod
    def import_dbapi(cls) -> Any:
        """There is no driver. Raises ModuleNotFoundError, as for one that is not installed."""
        raise ModuleNotFoundError("sqlalchemy-cockroachdb is not installed", name="sqlalchemy_cockroachdb")
