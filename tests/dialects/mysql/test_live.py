"""What depends on the table as it is: facets that are kept, indexes that foreign keys need, what is refused and why."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.surroundings import LiveSurroundings
from flask_schema.errors import ObjectMissing, OperationRefused
from flask_schema.operations.columns import DropColumn
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.operations.renames import RenameConstraint
from flask_schema.operations.sequences import AlterSequence, CreateSequence, DropSequence
from flask_schema.scripts.page import Rendering
from flask_schema.scripts.source import render_operations
from flask_schema.snapshot.elements import CheckConstraint, QualifiedName, Sequence

from .conftest import Database

PARENT_AND_CHILD = """
CREATE TABLE parent (id INTEGER PRIMARY KEY, code VARCHAR(5), INDEX ix_code (code));
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER, code VARCHAR(5), other INTEGER,
  INDEX ix_parent (parent_id), CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES parent (id),
  CONSTRAINT fk_code FOREIGN KEY (code) REFERENCES parent (code));
"""


def recorded(server: Database, script: object) -> list[Operation]:
    recorder = Recorder(server.dialect.translation)
    script(Directives(recorder))  # type: ignore[operator]
    return recorder.operations


def run(server: Database, script: object) -> None:
    server.run(*recorded(server, script))


def test_a_script_that_says_little_loses_nothing(server: Database) -> None:
    """Type, collation, default, comment, ON UPDATE, AUTO_INCREMENT, generation and checks outlive each change."""
    server.sql("""
        CREATE TABLE t (
          id INTEGER UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'key',
          a VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'it''s' COMMENT 'of 50% \\\\ it''s',
          b TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
          c DECIMAL(10, 2) GENERATED ALWAYS AS (e * 2) STORED COMMENT 'twice', d JSON,
          e INTEGER(5) UNSIGNED ZEROFILL DEFAULT 7, f VARCHAR(40) DEFAULT (uuid()));
    """)
    before = server.text("t")

    def there(op: Directives) -> None:
        for name in "abcdef":
            op.alter_column("t", name, comment="changed")
        op.alter_column("t", "id", existing_type=sa.Integer(), comment="changed")

    def back(op: Directives) -> None:
        op.alter_column("t", "id", comment="key")
        op.alter_column("t", "a", comment="of 50% \\ it's")
        op.alter_column("t", "c", comment="twice")
        for name in "bdef":
            op.alter_column("t", name, comment=None)

    run(server, there)
    assert server.text("t").count("COMMENT 'changed'") == 7
    run(server, back)
    changed = before.replace("`id` int(10) unsigned", "`id` int(11)").replace("`id` int unsigned", "`id` int")
    assert server.text("t") == changed  # for the key alone the script said a type


def test_the_scripts_word_counts_where_it_says_something(server: Database) -> None:
    server.sql("CREATE TABLE t (a INTEGER NOT NULL DEFAULT 5 COMMENT 'c')")
    run(server, lambda op: op.alter_column("t", "a", type_=sa.BigInteger(), existing_nullable=True))
    assert "`a` bigint" in server.text("t")
    assert "NOT NULL" not in server.text("t")
    assert "COMMENT 'c'" in server.text("t")


def test_a_column_that_is_not_there_is_named(server: Database) -> None:
    server.sql("CREATE TABLE t (a INTEGER)")
    with pytest.raises(ObjectMissing, match=r"t\.b"):
        run(server, lambda op: op.alter_column("t", "b", nullable=False))


def test_a_check_inside_a_column_is_kept_and_dropped(server: Database) -> None:
    """MariaDB keeps such a check with the column, and MODIFY without it would drop it."""
    if not server.is_mariadb:
        pytest.skip("mysql: MySQL keeps all checks with the table")
    server.sql("CREATE TABLE t (a INTEGER CHECK (a > 5), b INTEGER)")
    run(server, lambda op: op.alter_column("t", "a", nullable=False))
    assert "`a` int(11) NOT NULL CHECK (`a` > 5)" in server.text("t")
    assert server.table("t").checks == (CheckConstraint("a > 5"),)

    run(server, lambda op: op.drop_constraint(None, "t", "check", existing=sa.CheckConstraint("a > 5")))
    assert "CHECK" not in server.text("t")


def test_a_check_inside_a_column_goes_with_a_new_name(server: Database) -> None:
    """The catalog goes on to list it under the column's first name, which another column may get."""
    if not server.is_mariadb:
        pytest.skip("mysql: MySQL keeps all checks with the table")
    server.sql("CREATE TABLE t (a INTEGER CHECK (a > 5 AND 'CHECK (`a`)' <> 'x'), b INTEGER, j JSON)")
    integer = sa.Integer()
    run(server, lambda op: op.alter_column("t", "a", new_column_name="c", existing_type=integer, nullable=False))
    run(server, lambda op: op.rename_column("t", "b", "a"))
    run(server, lambda op: op.alter_column("t", "a", existing_type=integer, type_=sa.BigInteger()))
    run(server, lambda op: op.alter_column("t", "c", existing_type=integer, type_=sa.BigInteger()))
    run(server, lambda op: op.rename_column("t", "j", "k"))
    run(server, lambda op: op.alter_column("t", "k", existing_type=sa.JSON(), nullable=False))
    text = server.text("t")
    assert "`c` bigint(20) NOT NULL CHECK (`c` > 5 and 'CHECK (`a`)' <> 'x')" in text
    assert "`a` bigint(20) DEFAULT NULL," in text
    assert "NOT NULL CHECK (json_valid(`k`))" in text


def test_an_index_that_a_foreign_key_needs_makes_room_for_the_servers_own(server: Database) -> None:
    server.sql(PARENT_AND_CHILD)
    run(server, lambda op: op.drop_index("ix_parent", "child"))
    assert server.sent == ["ALTER TABLE child ADD INDEX fk_parent (parent_id), DROP INDEX ix_parent"]
    assert "KEY `fk_parent` (`parent_id`)" in server.text("child")


def test_an_index_that_another_one_replaces_is_just_dropped(server: Database) -> None:
    server.sql(PARENT_AND_CHILD + "CREATE INDEX ix_both ON child (parent_id, other);")
    run(server, lambda op: op.drop_index("ix_parent", "child"))
    assert server.sent == ["DROP INDEX ix_parent ON child"]


def test_an_index_that_another_table_refers_to_is_kept_with_a_reason(server: Database) -> None:
    server.sql(PARENT_AND_CHILD)
    with pytest.raises(OperationRefused, match=r"fk_code of child") as refused:
        run(server, lambda op: op.drop_index("ix_code", "parent"))
    assert refused.value.hint == "drop foreign key fk_code first"


def test_the_servers_own_index_of_a_foreign_key_that_stays_is_not_dropped(server: Database) -> None:
    server.sql(PARENT_AND_CHILD)
    with pytest.raises(OperationRefused, match="fk_code needs it"):
        run(server, lambda op: op.drop_index("fk_code", "child"))


def test_an_implied_index_shared_by_two_foreign_keys_stays_for_the_other(server: Database) -> None:
    server.sql(
        PARENT_AND_CHILD + "CREATE TABLE second (code VARCHAR(5), CONSTRAINT fk_a FOREIGN KEY (code) REFERENCES parent"
        " (code), CONSTRAINT fk_b FOREIGN KEY (code) REFERENCES parent (code));"
    )
    first = next(name for name in ("fk_a", "fk_b") if f"KEY `{name}` (" in server.text("second"))
    run(server, lambda op: op.drop_constraint(first, "second", type_="foreignkey"))
    assert f"KEY `{first}` (`code`)" in server.text("second")


def test_a_shared_index_goes_with_its_column(server: Database) -> None:
    server.sql("CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER, UNIQUE KEY uq (a, b), KEY ix (b, c))")
    run(server, lambda op: op.drop_column("t", "b"))
    assert "KEY" not in server.text("t")


@pytest.mark.parametrize(
    "script",
    [
        lambda op: op.add_column("t", sa.Column("a", sa.Integer()), if_not_exists=True),
        lambda op: op.drop_column("t", "nothing", if_exists=True),
        lambda op: op.create_index("ix", "t", ["a"], if_not_exists=True),
        lambda op: op.drop_index("nothing", "t", if_exists=True),
        lambda op: op.drop_index("nothing", if_exists=True),
        lambda op: op.drop_constraint("nothing", "t", type_="check", if_exists=True),
        lambda op: op.drop_constraint("nothing", "t", type_="foreignkey", if_exists=True),
        lambda op: op.drop_constraint("nothing", "t", type_="unique", if_exists=True),
        lambda op: op.drop_constraint("nothing", "t", if_exists=True),
        lambda op: op.drop_constraint("nothing", "t", type_="primary", if_exists=True),
        lambda op: op.drop_table("nothing", if_exists=True),
        lambda op: op.create_table("t", sa.Column("b", sa.Integer()), sa.Index("ix", "b"), if_not_exists=True),
    ],
)
def test_what_is_there_or_not_is_passed_over(server: Database, script: object) -> None:
    server.sql("CREATE TABLE t (a INTEGER, KEY ix (a))")
    before = server.catalog()
    run(server, script)
    assert server.catalog() == before


def test_what_is_not_there_is_said(server: Database) -> None:
    server.sql("CREATE TABLE t (a INTEGER)")
    with pytest.raises(ObjectMissing, match="nothing"):
        run(server, lambda op: op.drop_constraint("nothing", "t"))
    with pytest.raises(ObjectMissing, match="nothing"):
        run(server, lambda op: op.drop_index("nothing"))


def test_an_index_of_that_name_on_two_tables_needs_its_table(server: Database) -> None:
    server.sql("CREATE TABLE t (a INTEGER, KEY ix (a));\nCREATE TABLE u (a INTEGER, KEY ix (a));")
    with pytest.raises(OperationRefused, match="t, u"):
        run(server, lambda op: op.drop_index("ix"))


def test_a_batch_block_runs_its_operations(server: Database) -> None:
    server.sql("CREATE TABLE t (a INTEGER, b INTEGER)")

    def script(op: Directives) -> None:
        with op.batch_alter_table("t") as batch:
            batch.add_column(sa.Column("c", sa.Integer()), insert_after="a")
            batch.alter_column("b", new_column_name="d", nullable=False)
            batch.create_index("ix", ["c", "d"])

    run(server, script)
    assert server.columns("t") == ["a", "c", "d"]
    assert "KEY `ix` (`c`,`d`)" in server.text("t")


def test_rows_of_a_script(server: Database) -> None:
    def script(op: Directives) -> None:
        table = op.create_table("t", sa.Column("a", sa.String(50)), sa.Column("b", sa.JSON()))
        op.bulk_insert(table, [{"a": "it's 50% \\ :x", "b": {"k": [1]}}, {"a": None, "b": None}])
        op.execute("UPDATE t SET a = 'none' WHERE a IS NULL")
        op.execute(sa.text("INSERT INTO t (a) VALUES (:a)").bindparams(a="x"))

    run(server, script)
    assert server.rows("SELECT a FROM t ORDER BY a") == [("it's 50% \\ :x",), ("none",), ("x",)]


def test_another_schema(server: Database) -> None:
    """A schema is a database of its own; its names carry it, and what is looked up is looked up there."""
    other = f"{server.engine.url.database}_other"
    server.sql(f"DROP DATABASE IF EXISTS {other};\nCREATE DATABASE {other};")
    try:
        run(
            server,
            lambda op: op.create_table(
                "t",
                sa.Column("id", sa.Integer(), primary_key=True),
                sa.Column("a", sa.String(5), nullable=False, server_default="x", comment="k"),
                sa.UniqueConstraint("a", name="uq"),
                schema=other,
            ),
        )
        run(server, lambda op: op.alter_column("t", "a", type_=sa.String(9), schema=other))
        run(server, lambda op: op.drop_constraint("uq", "t", schema=other))
        run(server, lambda op: op.create_index("ix", "t", ["a"], schema=other))
        run(server, lambda op: op.rename_table("t", "u", schema=other))
        text = str(server.rows(f"SHOW CREATE TABLE {other}.u")[0][1])
        assert "`a` varchar(9) NOT NULL DEFAULT 'x' COMMENT 'k'" in text
        assert "uq" not in text
        with server.engine.connect() as connection:
            surroundings = LiveSurroundings(server.dialect, connection)
            found = surroundings.table(QualifiedName("u", other))
        assert found is not None
        assert found.name == QualifiedName("u", other)
    finally:
        server.sql(f"DROP DATABASE {other}")


def test_errors_are_explained(server: Database) -> None:
    server.sql("CREATE TABLE t (a VARCHAR(20), b TEXT);\nINSERT INTO t VALUES ('same', 'x'), ('same', 'y');")
    with pytest.raises(sa.exc.DBAPIError) as failed:
        run(server, lambda op: op.create_unique_constraint("uq", "t", ["a"]))
    explained = server.dialect.explain(failed.value)
    assert explained is not None
    assert "unique" in explained[0]
    with pytest.raises(sa.exc.DBAPIError) as failed:
        run(server, lambda op: op.add_column("t", sa.Column("c", sa.Integer, sa.ForeignKey("nowhere.id"))))
    assert server.dialect.explain(failed.value) is not None
    assert server.dialect.explain(ValueError("not of a database")) is None


def test_sequences_of_mariadb(mariadb_server: Database) -> None:
    server = mariadb_server
    name = QualifiedName("counter")
    first, second = Sequence(name, start=5, increment=2), Sequence(name, start=5, increment=3, cache=7, cycle=True)

    server.run(CreateSequence(first))
    server.run(CreateSequence(first, if_not_exists=True))
    assert server.read().sequences == {name: first}

    server.run(AlterSequence(first, second))
    assert server.read().sequences == {name: second}
    server.run(AlterSequence(second, first))
    assert server.read().sequences == {name: first}

    server.run(DropSequence(name), DropSequence(name, if_exists=True))
    assert server.read().sequences == {}


def test_a_primary_key_has_no_name_to_change(server: Database) -> None:
    server.sql("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    with pytest.raises(OperationRefused, match="PRIMARY"):
        server.run(RenameConstraint(QualifiedName("t"), "PRIMARY", "pk"))
    with pytest.raises(ObjectMissing, match="nothing"):
        server.run(RenameConstraint(QualifiedName("t"), "nothing", "pk"))


def test_a_type_without_a_class_is_written_by_its_name(server: Database) -> None:
    server.sql("CREATE TABLE place (id INTEGER PRIMARY KEY, spot POINT NOT NULL, area GEOMETRY)")
    before = server.catalog()
    table = server.table("place")
    drops = [DropColumn(table.name, one.name, before=one) for one in table.columns if one.name != "id"]
    rendering = Rendering(server.dialect.python_type, option_prefix="mysql")
    source = render_operations([one.invert() for one in drops], rendering)
    assert 'sa.Column("spot", flask_schema.TypeText("POINT"), nullable=False)' in source.body
    recorder = Recorder(server.dialect.translation)
    script = "\n".join([*source.imports, "def upgrade(op):", f"    {source.body}"])
    scope: dict[str, Any] = {}
    exec(script, scope)
    scope["upgrade"](Directives(recorder))
    server.run(*drops)
    server.run(*recorder.operations)
    assert server.catalog() == before


def test_a_renamed_column_becomes_what_the_script_says_that_it_is(server: Database) -> None:
    """As with Alembic, which states it whole; what the script says nothing of is kept."""
    server.sql("CREATE TABLE t (a VARCHAR(255) NOT NULL DEFAULT 'x', b VARCHAR(255) NOT NULL)")

    def script(op: Directives) -> None:
        op.alter_column("t", "a", new_column_name="c", existing_type=sa.String(36))
        op.alter_column("t", "b", new_column_name="d", existing_type=sa.String(255), existing_nullable=True)

    run(server, script)
    assert "`c` varchar(36) NOT NULL DEFAULT 'x'" in server.text("t")
    assert "`d` varchar(255) DEFAULT NULL" in server.text("t")
