"""The dialect of sqlalchemy-cockroachdb, which takes our keywords too once it has been asked for here."""

from __future__ import annotations

from typing import Any

from flask_schema.snapshot.keywords import with_keywords


def __getattr__(name: str) -> Any:
    """``Dialect``, the one that is called ``cockroachdb``. It is there only where the package is installed."""
    if name != "Dialect":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sqlalchemy_cockroachdb.base import CockroachDBDialect
    from sqlalchemy_cockroachdb.psycopg2 import CockroachDBDialect_psycopg2

    common: Any = CockroachDBDialect
    common.construct_arguments = with_keywords(common.construct_arguments)
    return CockroachDBDialect_psycopg2
