"""``op.get_bind()`` while SQL is written: what is executed is written, what asks for an answer is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.dialects import postgresql

from flask_schema import Migrate, downgrade, upgrade
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.statement import Statement
from flask_schema.errors import OfflineRefused
from flask_schema.runtime.destinations import texts_of
from flask_schema.runtime.written_connection import WrittenConnection

DIALECT = dialect_for(postgresql.dialect())
TABLE = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.String))


def written(work: Callable[[Any], Any]) -> list[str]:
    texts: list[str] = []

    def send(statement: Statement) -> None:
        texts.extend(" ".join(text.split()) for text in texts_of(statement, DIALECT))

    work(WrittenConnection(DIALECT.sqlalchemy, send))
    return texts


@pytest.mark.parametrize(
    ("work", "texts"),
    [
        (lambda bind: sa.Enum("a", "b", name="letter").create(bind), ["CREATE TYPE letter AS ENUM ('a', 'b')"]),
        (lambda bind: sa.Enum("a", name="letter").drop(bind, checkfirst=True), ["DROP TYPE letter"]),
        (lambda bind: TABLE.create(bind), ["CREATE TABLE t ( a INTEGER, b VARCHAR )"]),
        (lambda bind: bind.execute(sa.text("DELETE FROM t WHERE b = 'x'")), ["DELETE FROM t WHERE b = 'x'"]),
        (lambda bind: bind.execute(TABLE.update().values(a=1)), ["UPDATE t SET a=1"]),
        (
            lambda bind: bind.execute(TABLE.insert(), [{"a": 1, "b": "x"}, {"a": 2, "b": None}]),
            ["INSERT INTO t (a, b) VALUES (1, 'x')", "INSERT INTO t (a, b) VALUES (2, NULL)"],
        ),
        (lambda bind: bind.exec_driver_sql("UPDATE t SET b = 'a:b'"), ["UPDATE t SET b = 'a:b'"]),
    ],
)
def test_what_is_executed_is_written(work: Callable[[Any], Any], texts: list[str]) -> None:
    assert written(work) == texts


def test_the_dialect_is_known() -> None:
    assert WrittenConnection(DIALECT.sqlalchemy, print).dialect.name == "postgresql"


@pytest.mark.parametrize(
    "work",
    [
        lambda bind: bind.execute(sa.text("  SELECT 1")),
        lambda bind: bind.execute(sa.text("WITH x AS (SELECT 1) SELECT * FROM x")),
        lambda bind: bind.execute(sa.select(TABLE)),
        lambda bind: bind.execute(TABLE.insert().values(a=1).returning(TABLE.c.a)),
        lambda bind: bind.scalar(sa.text("SELECT 1")),
        lambda bind: bind.exec_driver_sql("SELECT 1"),
        lambda bind: bind.exec_driver_sql("UPDATE t SET a = %s", (1,)),
        lambda bind: bind.begin_nested(),
    ],
)
def test_what_asks_for_an_answer_is_refused(work: Callable[[Any], Any]) -> None:
    with pytest.raises(OfflineRefused, match="SQL is being written without a connection"):
        written(work)


def test_a_type_that_a_script_creates_is_not_created_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "aaaa.py").write_text(
        "import sqlalchemy as sa\nfrom flask_schema import op\nrevision = 'aaaa'\ndown_revision = None\n"
        "letter = sa.Enum('a', 'b', name='letter')\n\n\ndef upgrade():\n    letter.create(op.get_bind())\n"
        "    op.create_table('t', sa.Column('x', letter))\n\n\n"
        "def downgrade():\n    op.drop_table('t')\n    letter.drop(op.get_bind())\n"
    )
    monkeypatch.chdir(tmp_path)
    app = Flask("written")
    Migrate(app, metadata=sa.MetaData(), url="postgresql://nobody@nowhere/nothing")
    with app.app_context():
        up, down = io.StringIO(), io.StringIO()
        upgrade(sql=True, output=up)
        downgrade(sql=True, revision="aaaa:base", output=down)
    assert up.getvalue().count("CREATE TYPE letter AS ENUM ('a', 'b')") == 1
    assert up.getvalue().index("CREATE TYPE") < up.getvalue().index("CREATE TABLE t")
    assert down.getvalue().count("DROP TYPE letter") == 1
