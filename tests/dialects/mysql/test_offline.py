"""SQL files: the ``mysql`` client runs them as they stand, and they do what the live run does."""

from __future__ import annotations

import io
import shutil
import subprocess
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func, text

from flask_schema.dialects.mysql.sql_file import terminated
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.runtime.destinations import SqlFile

from .conftest import Database

CLIENT = shutil.which("mariadb") or shutil.which("mysql")


def script(op: Directives) -> None:
    op.create_table("parent", sa.Column("id", sa.Integer(), primary_key=True), mysql_engine="InnoDB")
    table = op.create_table(
        "t",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("a", sa.String(40), server_default=func.uuid(), comment='it\'s 50% \\ "x"'),
        sa.Column("b", sa.TIMESTAMP(), server_default=text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")),
        sa.Column("c", sa.Numeric(10, 2)),
        sa.Column("d", sa.Enum("x", "y;z")),
        sa.Column("e", sa.JSON()),
        sa.Column("day", sa.DateTime()),
        sa.Column("parent_id", sa.Integer(), sa.ForeignKey("parent.id", name="fk")),
        sa.CheckConstraint("c > 0 OR c IS NULL", name="ck"),
        comment="a; comment",
    )
    rows: list[dict[str, Any]] = [
        {"a": "it's; 50% \\ :x\nnew line", "c": 5, "d": "y;z"},
        {"a": None, "c": None, "d": None},
    ]
    op.bulk_insert(table, rows)
    op.execute("UPDATE t SET a = 'none; \\'x' WHERE a IS NULL")
    op.execute(sa.update(table).where(table.c.c == 5).values(day=text("'2020-01-01'")))
    op.execute("""
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW
        BEGIN
            SET NEW.c = 1;
            SET NEW.d = 'x';
        END
    """)
    op.add_column("t", sa.Column("f", sa.Integer(), server_default="5", nullable=False))
    op.alter_column("t", "a", type_=sa.String(90), new_column_name="renamed")
    op.create_index("ix", "t", ["renamed"], mysql_length=9)
    op.create_unique_constraint("uq", "t", ["f", "id"])
    op.drop_constraint("ck", "t", type_="check")
    op.drop_constraint("PRIMARY", "t", type_="primary")
    op.create_primary_key(None, "t", ["id", "f"])
    op.rename_table("t", "u")
    op.create_table_comment("u", "new; 'x'")


def operations_of(server: Database) -> list[Operation]:
    recorder = Recorder(server.dialect.translation)
    script(Directives(recorder))
    return recorder.operations


def file_of(server: Database) -> str:
    output = io.StringIO()
    file = SqlFile(server.dialect, output)
    surroundings = ReplayedSurroundings(server.dialect, None)
    for operation in operations_of(server):
        for statement in server.dialect.statements([operation], surroundings):
            file.send(statement)
        surroundings.replay(operation)
    return output.getvalue()


def run_client(server: Database, sql: str) -> None:
    assert CLIENT is not None
    url = server.engine.url
    place = (
        ["--socket", str(url.query["unix_socket"])]
        if "unix_socket" in url.query
        else ["--host", url.host or "localhost", "--port", str(url.port or 3306), "--protocol", "tcp"]
    )
    password = [f"--password={url.password}"] if url.password else []
    command = [
        CLIENT,
        "--no-defaults",
        "--default-character-set=utf8mb4",
        *place,
        "--user",
        url.username or "root",
        *password,
        str(url.database),
    ]
    done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(CLIENT is None, reason="mysql: there is no client, mariadb or mysql, on the path")
def test_the_client_does_what_the_live_run_does(server: Database) -> None:
    run_client(server, file_of(server))
    catalog, rows = server.catalog(), server.rows("SELECT id, renamed, c, d, f, day FROM u ORDER BY id")
    triggers = server.rows("SHOW TRIGGERS")
    assert triggers != []

    server.sql("DROP TABLE u;\nDROP TABLE parent;")
    server.run(*operations_of(server))
    assert server.catalog() == catalog
    assert server.rows("SELECT id, renamed, c, d, f, day FROM u ORDER BY id") == rows
    assert server.rows("SHOW TRIGGERS")[0][3] == triggers[0][3]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", "SELECT 1;"),
        ("SELECT 1;", "SELECT 1;"),
        ("SELECT ';'", "SELECT ';';"),
        ("UPDATE t SET a = 1; UPDATE t SET b = 2", "UPDATE t SET a = 1; UPDATE t SET b = 2;"),
        ("CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET NEW.x = 1", None),
        (
            "CREATE DEFINER=`a`@`b` TRIGGER t BEGIN x; END",
            "DELIMITER $$\nCREATE DEFINER=`a`@`b` TRIGGER t BEGIN x; END\n$$\nDELIMITER ;",
        ),
        (
            "CREATE PROCEDURE p() BEGIN SELECT '$$'; END;",
            "DELIMITER $$$\nCREATE PROCEDURE p() BEGIN SELECT '$$'; END\n$$$\nDELIMITER ;",
        ),
    ],
)
def test_the_end_of_a_statement(sql: str, expected: str | None) -> None:
    assert terminated(sql) == (expected if expected is not None else f"{sql};")
