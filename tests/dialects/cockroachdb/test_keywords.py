"""Keywords of tables and indexes for CockroachDB cost an application nothing until it uses one."""

from __future__ import annotations

import subprocess
import sys

_CODE = """
import sys
import sqlalchemy as sa
from flask_schema.snapshot.keywords import accept_keywords

accept_keywords()
assert "sqlalchemy_cockroachdb" not in sys.modules and "sqlalchemy.dialects.postgresql" not in sys.modules
table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), cockroachdb_ttl_expire_after="1 day")
index = sa.Index("i", table.c.a, cockroachdb_storing=["a"], cockroachdb_where=table.c.a > 1)
accept_keywords()
sa.Index("j", table.c.a, cockroachdb_bucket_count=3)
try:
    sa.Index("k", table.c.a, cockroachdb_nonsense=1)
except sa.exc.ArgumentError:
    print(table.dialect_options["cockroachdb"]["ttl_expire_after"], index.dialect_options["cockroachdb"]["storing"])
"""


def test_keywords_load_the_dialect_when_one_is_used() -> None:
    done = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=False)
    assert done.stdout == "1 day ['a']\n", done.stderr
