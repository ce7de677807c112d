"""Comparing with what the revision files lead to, without a database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.autogenerate.conftest import body
from tests.scenarios.projects import Place

MakePlace = Callable[..., Place]

NOWHERE = "postgresql+psycopg://nobody@nowhere.invalid/none"


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all.db", NOWHERE, "mysql+pymysql://nobody@nowhere.invalid/none"]
)
def test_a_history_is_written_without_any_database(make_place: MakePlace, shop: sa.MetaData, url: str) -> None:
    place = make_place(shop, url)
    place.fine("migrate", "-m", "first", "--offline")
    assert "create_table" in body(place)
    place.fine("check", "--offline")
    assert "No changes" in place.fine("migrate", "-m", "nothing", "--offline").out
    shop.tables["customer"].append_column(sa.Column("email", sa.String(80)))
    assert "add column customer.email" in place.wrong("check", "--offline").text
    place.fine("revision", "--autogenerate", "-m", "second", "--offline")
    assert body(place) == 'op.add_column("customer", sa.Column("email", sa.String(length=80)))'
    place.fine("check", "--offline")


def test_own_sql_counts_where_there_is_a_scratch_database(make_place: MakePlace) -> None:
    metadata = sa.MetaData()
    sa.Table("thing", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Text))
    place = make_place(metadata, "sqlite:////nowhere/at/all.db")
    place.write("a1", None, "op.execute('CREATE TABLE thing (id INTEGER NOT NULL PRIMARY KEY)')")
    place.write("b2", "a1", "op.get_bind().exec_driver_sql('ALTER TABLE thing ADD COLUMN x TEXT')")
    place.fine("check", "--offline")


def test_own_sql_is_named_where_it_cannot_be_followed(make_place: MakePlace) -> None:
    metadata = sa.MetaData()
    sa.Table("thing", metadata, sa.Column("id", sa.Integer, primary_key=True))
    place = make_place(metadata, NOWHERE)
    path = place.write("a1", None, "op.execute('create table other (id int)')\n    op.execute('UPDATE x SET y = 1')")
    line = 1 + path.read_text().splitlines().index("    op.execute('create table other (id int)')")
    answer = place.wrong("check", "--offline")
    assert "create table thing" in answer.text
    assert "create table other (id int)" in answer.err.replace("\n", "")
    assert "differ in 1 place " in f"{answer.error()} "
    answer = place.fine("migrate", "-m", "x", "--offline")
    assert f"create table other (id int) ({path.resolve()}:{line})" in answer.text.replace("\n", "")
    assert "UPDATE" not in answer.text


def test_a_script_that_needs_the_database_is_refused_with_its_place(make_place: MakePlace) -> None:
    place = make_place(sa.MetaData(), NOWHERE)
    path = place.write("a1", None, "rows = op.get_bind().execute('SELECT 1')")
    line = 1 + path.read_text().splitlines().index("    rows = op.get_bind().execute('SELECT 1')")
    answer = place.wrong("check", "--offline")
    assert f"{path.name}:{line}" in answer.error()
    assert "revision a1" in answer.error()
    assert "leave out --offline" in answer.hint()
    assert "as_sql" in answer.hint()


def test_a_guarded_script_goes_through(make_place: MakePlace) -> None:
    metadata = sa.MetaData()
    sa.Table("thing", metadata, sa.Column("id", sa.Integer, primary_key=True))
    place = make_place(metadata, NOWHERE)
    place.write(
        "a1",
        None,
        "op.create_table('thing', sa.Column('id', sa.Integer, primary_key=True))\n"
        "    if not op.get_context().as_sql:\n        op.get_bind().execute('SELECT 1')",
    )
    place.fine("check", "--offline")


def test_offline_is_for_comparing(make_place: MakePlace, shop: sa.MetaData) -> None:
    place = make_place(shop)
    assert "--autogenerate" in place.wrong("revision", "-m", "x", "--offline", code=2).text


def test_a_database_that_is_behind_does_not_matter(make_place: MakePlace, shop: sa.MetaData) -> None:
    place = make_place(shop)
    place.fine("migrate", "-m", "first")
    assert place.db("check").code == 1
    place.fine("check", "--offline")
