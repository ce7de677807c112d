"""What a running revision finds in its database and is given by the run."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_schema.errors import MigrationFailed
from tests.runtime.sites import Site


def test_the_first_revision_finds_the_version_table(tmp_path: Path) -> None:
    site = Site(tmp_path, f"sqlite:///{tmp_path / 'a.sqlite'}")
    site.add(
        "versions = sa.Table('alembic_version', sa.MetaData(), autoload_with=op.get_bind())\n"
        "    rows = op.get_bind().execute(sa.select(versions.c.version_num)).all()\n"
        "    op.create_table('seen', sa.Column('rows', sa.Integer(), server_default=str(len(rows))))"
    )
    site.upgrade()
    with sa.create_engine(site.url).connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == ["a1"]
        assert "seen" in sa.inspect(connection).get_table_names()


def test_a_first_revision_that_fails_leaves_no_version_table(tmp_path: Path) -> None:
    site = Site(tmp_path, f"sqlite:///{tmp_path / 'a.sqlite'}")
    site.add("op.execute('SELEC')")
    with pytest.raises(MigrationFailed):
        site.upgrade()
    assert sa.inspect(sa.create_engine(site.url)).get_table_names() == []
