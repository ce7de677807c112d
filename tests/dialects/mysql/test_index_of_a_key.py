"""The index that the server makes for a foreign key: it stays when a script drops the key, and counts from then on."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from flask_schema.operations.facade import Directives
from flask_schema.operations.indexes import DropIndex
from flask_schema.operations.listening import Recorder

from .conftest import Database

SETUP = """
CREATE TABLE p (id INTEGER PRIMARY KEY);
CREATE TABLE t (id INTEGER PRIMARY KEY, p_id INTEGER, CONSTRAINT to_p FOREIGN KEY (p_id) REFERENCES p (id));
"""


def models(*, with_key: bool) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("p", metadata, sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False))
    key = [sa.ForeignKey("p.id", name="to_p")] if with_key else []
    identity = sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False)
    sa.Table("t", metadata, identity, sa.Column("p_id", sa.Integer(), *key))
    return metadata


def run(server: Database, script: Any) -> None:
    recorder = Recorder(server.dialect.translation)
    script(Directives(recorder))
    server.run(*recorder.operations)


def test_a_script_drops_the_key_and_then_its_index(server: Database) -> None:
    server.sql(SETUP)
    run(server, lambda op: op.drop_constraint("to_p", "t", type_="foreignkey"))
    assert "KEY `to_p`" in server.text("t")
    run(server, lambda op: op.drop_index("to_p", table_name="t"))
    assert "to_p" not in server.text("t")


def test_models_without_the_key_drop_both(server: Database) -> None:
    server.sql(SETUP)
    assert server.differences(models(with_key=True)) == ()
    found = server.differences(models(with_key=False))
    assert any(isinstance(one, DropIndex) for one in found)
    server.run(*found)
    assert "to_p" not in server.text("t")
    assert server.differences(models(with_key=False)) == ()


def test_a_script_creates_the_index_itself_under_the_columns_name(server: Database) -> None:
    """Nova's first revision does, for a key that it gives a name like the server's own."""
    server.sql("CREATE TABLE p (id INTEGER PRIMARY KEY)")

    def script(op: Any) -> None:
        key = sa.ForeignKey("p.id", name="t_ibfk_1")
        op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("p_id", sa.Integer, key))
        op.create_index("p_id", "t", ["p_id"])

    run(server, script)
    assert server.text("t").count("  KEY `") == 1


def test_an_index_named_like_a_key_of_the_server_is_its_own(server: Database) -> None:
    server.sql("CREATE TABLE p (id INTEGER PRIMARY KEY)")
    server.sql(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, p_id INTEGER, CONSTRAINT t_ibfk_1 FOREIGN KEY (p_id) REFERENCES p (id))"
    )
    metadata = models(with_key=True)
    assert "KEY `t_ibfk_1`" in server.text("t")
    assert [one.describe() for one in server.differences(metadata) if "index" in one.describe()] == []
