"""``upgrade`` inside a decorator that takes whatever it is given."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.runtime.sites import Site

DECORATOR = """
def decorated(function):
    def any_arguments(*arguments, **keywords):
        return function(*arguments, **keywords)
    return any_arguments
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, f"sqlite:///{tmp_path / 'app.db'}")


def test_it_is_given_nothing_that_nobody_asked_for(site: Site) -> None:
    site.add("op.execute('CREATE TABLE t (id INTEGER)')", "pass\n\n\nupgrade = decorated(upgrade)", head=DECORATOR)
    site.upgrade()
    assert sa.inspect(sa.create_engine(site.url)).has_table("t")


def test_it_is_given_what_env_py_says(site: Site) -> None:
    (site.folder / "env.py").write_text(
        "from flask_schema import context\ncontext.configure()\ncontext.run_migrations(table='t')\n", encoding="utf-8"
    )
    head = f"{DECORATOR}\ndef create(table):\n    op.execute(f'CREATE TABLE {{table}} (id INTEGER)')\n"
    site.add("pass", "pass\n\n\nupgrade = decorated(create)", head=head)
    site.upgrade()
    assert sa.inspect(sa.create_engine(site.url)).has_table("t")
