"""SQLite's constraints without a name, dropped by scripts that got the names from an inspector."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_schema.errors import ObjectMissing
from tests.runtime.sites import Site

INSPECT = "keys = sa.inspect(op.get_bind()).get_foreign_keys('t')"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path, f"sqlite:///{tmp_path / 'app.db'}")
    made.add(
        "op.execute('CREATE TABLE p (id INTEGER PRIMARY KEY, other INTEGER UNIQUE)')\n    op.execute('CREATE TABLE t ("
        "a INTEGER REFERENCES p (id), b INTEGER, c INTEGER UNIQUE, FOREIGN KEY (b) REFERENCES p (other))')"
    )
    made.upgrade()
    return made


def foreign_keys(site: Site) -> list[list[str]]:
    return [one["constrained_columns"] for one in sa.inspect(sa.create_engine(site.url)).get_foreign_keys("t")]


def test_all_of_them_may_go_one_by_one(site: Site) -> None:
    site.add(f"{INSPECT}\n    for key in keys:\n        op.drop_constraint(key['name'], 't', type_='foreignkey')")
    site.upgrade()
    assert foreign_keys(site) == []
    assert sa.inspect(sa.create_engine(site.url)).get_unique_constraints("t")


def test_they_go_before_what_comes_next(site: Site) -> None:
    drop = "op.drop_constraint(None, 't', type_='foreignkey')"
    site.add(f"{INSPECT}\n    {drop}\n    {drop}\n    op.create_foreign_key(None, 't', 'p', ['c'], ['id'])")
    site.upgrade()
    assert foreign_keys(site) == [["c"]]


@pytest.mark.parametrize("then", ["", "op.execute('SELECT 1')", "op.get_bind()", "op.drop_column('t', 'c')"])
def test_one_of_several_cannot_be_told(site: Site, then: str) -> None:
    site.add(f"{INSPECT}\n    op.drop_constraint(keys[0]['name'], 't', type_='foreignkey')\n    {then}")
    with pytest.raises(ObjectMissing, match="2 of that kind are unnamed, and nothing says which") as refused:
        site.upgrade()
    assert refused.value.line is not None
    assert len(foreign_keys(site)) == 2
