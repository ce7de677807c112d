"""Snapshots for programs: of a database, and of models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.registry import dialect_for
from flask_schema.snapshot.snapshot import Snapshot


def snapshot_of_database(connection: sa.Connection, schemas: Iterable[str] = ()) -> Snapshot:
    """What a database holds in its default schema and in ``schemas``; nothing is changed.

    Names of the default schema carry no schema. Raises DialectUnsupported.
    """
    return dialect_for(connection.dialect).read(connection, Scope(schemas=(None, *schemas), views_and_routines=True))


def snapshot_of_models(metadata: sa.MetaData | Sequence[sa.MetaData], dialect: sa.Dialect) -> Snapshot:
    """What a database of that SQLAlchemy dialect (``engine.dialect``) would hold after ``create_all``.

    Raises DialectUnsupported, and what SQLAlchemy raises for a construct that the dialect cannot express.
    """
    metadatas = [metadata] if isinstance(metadata, sa.MetaData) else list(metadata)
    return dialect_for(dialect).snapshot_of_models(metadatas)
