"""Writes models for a database that has tables and no models yet, through the ``sqlacodegen`` library."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy as sa

from flask_schema.errors import DriverMissing, UsageError
from flask_schema.project import Project
from flask_schema.scripts.writing import write_new_file

LIBRARY = "sqlacodegen"


def check_models_library() -> None:
    """Raise :class:`DriverMissing` where the library is not installed, so that nothing is written before."""
    if find_spec(LIBRARY) is None:
        raise DriverMissing(
            f"models are written by the library {LIBRARY!r}, which is not installed",
            hint="run: pip install 'flask-schema[models]'",
        )


def write_models(project: Project, path: Path) -> Path:
    """Write declarative models of the default database to ``path``, which must not exist; return it.

    The version table is left out. Raises :class:`DriverMissing` and what writing a new file raises.
    """
    check_models_library()
    generators = import_module(f"{LIBRARY}.generators")
    database = project.databases[0]
    metadata = sa.MetaData()
    with database.connect() as connection:
        settings = project.settings
        named = {table.schema for one in database.metadatas for table in one.tables.values()} - {None}
        for schema in (None, *sorted(str(one) for one in named)):
            metadata.reflect(connection, schema=schema)
        versions = ".".join(part for part in (settings.version_table_schema, settings.version_table) if part)
        if versions in metadata.tables:
            metadata.remove(metadata.tables[versions])
        if not metadata.tables:
            raise UsageError("the database holds no tables to write models of", hint="leave out --models")
        text: str = generators.DeclarativeGenerator(metadata, connection, set()).generate()
    return write_new_file(path, text)
