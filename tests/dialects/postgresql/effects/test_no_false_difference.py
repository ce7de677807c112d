"""What SQLAlchemy created of models is read back as what the models say."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.dialects.postgresql.effects.conftest import Catalog, Database
from tests.dialects.postgresql.effects.schemas import SCHEMAS


@pytest.mark.parametrize("name", SCHEMAS)
def test_nothing_differs_after_create_all(server: Database, name: str) -> None:
    metadata = sa.MetaData()
    SCHEMAS[name](metadata)
    server.sql("CREATE SCHEMA app")
    server.create_all(metadata)
    catalog = server.catalog()
    settled = server.settle(metadata, schemas=(None, "app"))
    assert settled.notes == ()
    assert [one.describe() for one in server.differences(metadata, schemas=(None, "app"))] == []
    assert server.catalog() == catalog
    assert server.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'flask_schema%'") == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_own_statements_make_the_same_catalog(server: Database, name: str) -> None:
    metadata = sa.MetaData()
    SCHEMAS[name](metadata)
    server.sql("CREATE SCHEMA app")
    server.create_all(metadata)
    catalog = server.catalog()
    metadata.drop_all(server.engine)
    operations = server.differences(metadata, schemas=(None, "app"))
    server.run(*operations)
    assert _unnumbered(server.catalog()) == _unnumbered(catalog)
    assert [one.describe() for one in server.differences(metadata, schemas=(None, "app"))] == []


def _unnumbered(catalog: Catalog) -> Catalog:
    """The numbers that the server puts behind equal names depend on the order of a table's checks."""
    named = [(*row[:2], re.sub(r"_check\d+$", "_check", row[2]), *row[3:]) for row in catalog]
    return sorted((tuple(None if one == "NULL::character varying" else one for one in row) for row in named), key=repr)
