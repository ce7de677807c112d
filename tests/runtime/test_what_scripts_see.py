"""What a running revision finds in its database and is given by the run."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_schema.errors import MigrationFailed
from tests.runtime.sites import Site


def columns_of_t(site: Site) -> list[str]:
    engine = sa.create_engine(site.url)
    try:
        return [one["name"] for one in sa.inspect(engine).get_columns("t")]
    finally:
        engine.dispose()


def test_the_first_revision_finds_the_version_table(tmp_path: Path) -> None:
    site = Site(tmp_path, f"sqlite:///{tmp_path / 'a.sqlite'}")
    site.add(
        "versions = sa.Table('alembic_version', sa.MetaData(), autoload_with=op.get_bind())\n"
        "    rows = op.get_bind().execute(sa.select(versions.c.version_num)).all()\n"
        "    op.create_table('seen', sa.Column('rows', sa.Integer(), server_default=str(len(rows))))"
    )
    site.upgrade()
    engine = sa.create_engine(site.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == ["a1"]
        assert "seen" in sa.inspect(connection).get_table_names()


def test_a_first_revision_that_fails_leaves_no_version_table(tmp_path: Path) -> None:
    site = Site(tmp_path, f"sqlite:///{tmp_path / 'a.sqlite'}")
    site.add("op.execute('SELEC')")
    with pytest.raises(MigrationFailed):
        site.upgrade()
    engine = sa.create_engine(site.url)
    try:
        assert sa.inspect(engine).get_table_names() == []
    finally:
        engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_script_catches_what_a_directive_runs_into(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite'}" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    site = Site(tmp_path, url)
    site.add("op.create_table('t', sa.Column('x', sa.Integer()))")
    site.add(
        "try:\n"
        "        with op.get_bind().begin_nested():\n"
        "            op.add_column('t', sa.Column('x', sa.Integer()))\n"
        "    except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:\n"
        "        assert 'ADD COLUMN x' in error.statement\n"
        "        op.add_column('t', sa.Column('y', sa.Integer()))"
    )
    site.upgrade()
    assert columns_of_t(site) == ["x", "y"]


HELPER = """
from flask_schema import op

def add_once(table, column):
    try:
        op.add_column(table, column)
    except Exception as error:
        assert "duplicate" in str(error)
"""


@pytest.mark.parametrize("where", ["script", "helper"])
def test_a_directive_does_not_wait_where_its_error_is_handled(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "helper_of_scripts.py").write_text(HELPER, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    site = Site(tmp_path, f"sqlite:///{tmp_path / 'a.sqlite'}")
    site.add("op.create_table('t', sa.Column('x', sa.Integer()))")
    head = "from helper_of_scripts import add_once" if where == "helper" else HELPER
    site.add("add_once('t', sa.Column('x', sa.Integer()))\n    add_once('t', sa.Column('y', sa.Text()))", head=head)
    site.upgrade()
    assert columns_of_t(site) == ["x", "y"]
