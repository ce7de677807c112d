"""PostgreSQL behind the cockroachdb dialect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

_APPENDED = """
    SELECT q.*, 'NO'::text AS is_hidden,
        (SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
         WHERE a.attrelid = (quote_ident(q.table_schema) || '.' || quote_ident(q.table_name))::regclass
            AND a.attname = q.column_name) AS crdb_sql_type,
        col_description((quote_ident(q.table_schema) || '.' || quote_ident(q.table_name))::regclass,
            q.ordinal_position::int) AS column_comment
    FROM ({definition}) q
"""


@pytest.fixture
def behind_the_dialect(postgresql_url: str, open_engine: Callable[[Any], sa.Engine]) -> sa.Engine:
    pytest.importorskip("sqlalchemy_cockroachdb")
    with open_engine(postgresql_url).begin() as connection:
        query = "SELECT pg_get_viewdef('information_schema.columns'::regclass)"
        definition = connection.exec_driver_sql(query).scalar_one().rstrip("; \n")
        if "is_hidden" not in definition:
            view = _APPENDED.format(definition=definition)
            connection.exec_driver_sql(
                f"CREATE OR REPLACE VIEW information_schema.columns AS {view}",
                execution_options={"no_parameters": True},
            )
    url = sa.make_url(postgresql_url).set(drivername="cockroachdb+psycopg2")
    return open_engine(url)
