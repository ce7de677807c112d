"""A failure names the line of its own directive, also where directives wait for each other."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_schema.errors import SchemaError
from tests.runtime.sites import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path, f"sqlite:///{tmp_path / 'app.db'}")
    made.add("op.execute('CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER)')")
    made.upgrade()
    with sa.create_engine(made.url).begin() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (1, 1, NULL), (2, 1, 1)")
    return made


def line_of(site: Site, text: str) -> int:
    lines = (site.folder / "versions" / f"{site.revisions[-1]}.py").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("first", "second", "third", "guilty", "words"),
    [
        (
            "op.add_column('t', sa.Column('c', sa.Integer()))",
            "op.alter_column('t', 'b', nullable=False)",
            "op.execute('SELECT 1')",
            "nullable=False",
            "t.b holds NULLs",
        ),
        (
            "op.alter_column('t', 'a', nullable=False)",
            "op.drop_constraint('nope', 't', type_='check')",
            "op.execute('SELECT 1')",
            "op.alter_column",
            "there is no constraint nope on t",
        ),
        (
            "op.alter_column('t', 'a', nullable=False)",
            "op.create_unique_constraint('uq', 't', ['a'])",
            "op.add_column('t', sa.Column('c', sa.Integer()))",
            "op.alter_column",
            "UNIQUE constraint failed",
        ),
    ],
)
def test_the_line_is_told(site: Site, first: str, second: str, third: str, guilty: str, words: str) -> None:
    site.add(f"{first}\n    {second}\n    {third}")
    with pytest.raises(SchemaError, match=words) as failed:
        site.upgrade()
    assert failed.value.line == line_of(site, guilty)
    assert failed.value.file is not None
    assert failed.value.file.endswith(f"{site.revisions[-1]}.py")


def test_a_rebuild_that_fails_names_all_that_it_was_for(site: Site) -> None:
    site.add("op.alter_column('t', 'a', nullable=False)\n    op.create_unique_constraint('uq', 't', ['a'])")
    with pytest.raises(SchemaError) as failed:
        site.upgrade()
    assert "alter column t.a (nullable)" in failed.value.message
    assert "create unique constraint uq on t" in failed.value.message
