"""What depends on a server: leftovers of failed index builds, enum values, constraints without a name, errors."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.diff.compare import diff
from flask_schema.errors import OperationRefused
from flask_schema.operations.sequences import RenameSequence
from flask_schema.snapshot.elements import IndexElement, QualifiedName
from flask_schema.snapshot.snapshot import Snapshot

from .live_database import LiveDatabase


def fail(live: LiveDatabase, script: Any) -> sa.exc.DBAPIError:
    with pytest.raises(sa.exc.DBAPIError) as caught:
        live.run(*live.script(script))
    return caught.value


def test_an_invalid_index_is_removed_before_it_is_built_again(live: LiveDatabase) -> None:
    live.sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")

    def script(op: Any) -> None:
        op.create_index("ix", "t", ["a"], unique=True, postgresql_concurrently=True)

    fail(live, script)
    assert live.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass") == [(False,)]
    assert live.table("t").indexes == ()
    live.sql("DELETE FROM t")
    live.run(*live.script(script))
    assert live.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass") == [(True,)]
    assert live.sent == ["DROP INDEX CONCURRENTLY ix", "CREATE UNIQUE INDEX CONCURRENTLY ix ON t (a)"]


def test_an_invalid_index_is_in_nobodys_way(live: LiveDatabase) -> None:
    live.sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
    fail(live, lambda op: op.create_index("ix", "t", ["a"], unique=True, postgresql_concurrently=True))
    live.run(*live.script(lambda op: op.create_index("ix", "t", ["a"])))
    assert [one.name for one in live.table("t").indexes] == ["ix"]


def test_a_new_enum_value_is_used_in_the_same_revision(live: LiveDatabase) -> None:
    live.sql("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (mood mood)")

    def script(op: Any) -> None:
        op.alter_enum("mood", existing_values=["sad"], values=["new", "sad"])
        op.execute("INSERT INTO t VALUES ('new')")

    live.run(*live.script(script))
    assert live.rows("SELECT mood::text FROM t") == [("new",)]


def test_enum_values_alone_stay_in_the_transaction(live: LiveDatabase) -> None:
    live.sql("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (mood mood)")

    def script(op: Any) -> None:
        op.alter_enum("mood", existing_values=["sad"], values=["new", "sad"])
        op.execute("SELECT no_such_function()")

    fail(live, script)
    assert live.read().enums[QualifiedName("mood")].values == ("sad",)


def test_a_rebuilt_enum_takes_everything_along(live: LiveDatabase) -> None:
    live.sql(
        """
        CREATE SCHEMA other;
        CREATE TYPE other."Mood" AS ENUM ('a', 'b', 'c');
        CREATE TABLE t (id int, m other."Mood" DEFAULT 'b', many other."Mood"[] DEFAULT '{a,b}',
            CONSTRAINT ck CHECK (m <> 'b' OR id > 0), CONSTRAINT uq UNIQUE (m, id));
        CREATE TABLE other.u ("the M" other."Mood", CONSTRAINT fk CHECK ("the M" IS NOT NULL));
        CREATE INDEX ix ON t (id) WHERE m = 'b';
        CREATE INDEX ix_text ON t ((CASE WHEN m = 'a' THEN 1 ELSE 2 END));
        INSERT INTO t VALUES (1, 'b', '{b,a}'); INSERT INTO other.u VALUES ('a');
        """
    )
    live.run(
        *live.script(
            lambda op: op.alter_enum(
                "Mood", schema="other", existing_values=["a", "b", "c"], values=["d", "a", "e"], renames={"b": "d"}
            )
        )
    )
    assert live.rows("SELECT m::text, many::text FROM t") == [("d", "{d,a}")]
    assert live.rows('SELECT "the M"::text FROM other.u') == [("a",)]
    table = live.table("t")
    assert table.checks[0].expression == """m <> 'd'::other."Mood" OR id > 0"""
    assert {one.name for one in table.indexes} == {"ix", "ix_text"}
    assert table.columns[1].default == "'d'"
    snapshot = live.read(Scope(schemas=(None, "other")))
    assert snapshot.enums[QualifiedName("Mood", "other")].values == ("d", "a", "e")
    assert len(snapshot.enums) == 1


WITH_VIEWS = """
    CREATE TYPE mood AS ENUM ('sad', 'ok', 'gone');
    COMMENT ON TYPE mood IS 'of people';
    CREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'ok');
    CREATE VIEW fine WITH (security_barrier=true) AS SELECT id, m FROM t WHERE m <> 'sad';
    CREATE VIEW finer AS SELECT id, m AS mine FROM fine;
    CREATE MATERIALIZED VIEW counted AS SELECT m, count(*) AS n FROM t GROUP BY m;
    CREATE UNIQUE INDEX ix_counted ON counted (m);
    CREATE VIEW constant AS SELECT 'ok'::mood AS m;
    CREATE VIEW apart AS SELECT id FROM t;
    COMMENT ON VIEW fine IS 'it''s fine';
    COMMENT ON COLUMN fine.m IS 'mood';
    GRANT SELECT ON fine TO PUBLIC;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER tr BEFORE UPDATE OF m ON t FOR EACH ROW WHEN (NEW.m = 'sad') EXECUTE FUNCTION f();
    CREATE TRIGGER instead INSTEAD OF INSERT ON fine FOR EACH ROW EXECUTE FUNCTION f();
    INSERT INTO t VALUES (1, 'sad'), (2, 'ok');
    REFRESH MATERIALIZED VIEW counted;
"""
VIEWS = """
    SELECT c.relname, c.relkind::text, pg_get_viewdef(c.oid), c.reloptions, c.relacl::text, obj_description(c.oid, 'pg_class'),
        col_description(c.oid, 2::int2), ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = c.oid),
        ARRAY(SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = c.oid ORDER BY tgname)
    FROM pg_class c WHERE c.relkind IN ('v', 'm', 'r') AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""


def test_a_value_is_removed_from_under_views_and_triggers(live: LiveDatabase) -> None:
    live.sql(WITH_VIEWS)
    before = [row for row in live.rows(VIEWS) if row[1] != "r"] + live.rows(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
    )
    live.run(*live.script(lambda op: op.remove_enum_value("mood", "gone")))
    after = [row for row in live.rows(VIEWS) if row[1] != "r"] + live.rows(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
    )
    assert sorted(map(str, after)) == sorted(map(str, before))
    mood = live.read().enums[QualifiedName("mood")]
    assert (mood.values, mood.comment) == (("sad", "ok"), "of people")
    assert live.rows("SELECT m::text, n FROM counted ORDER BY counted.m") == [("sad", 1), ("ok", 1)]
    assert not any("apart" in sql for sql in live.sent)


def test_a_value_that_is_a_default_is_not_removed_silently(live: LiveDatabase) -> None:
    live.sql("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (m mood DEFAULT 'sad', ms mood[] DEFAULT '{sad}')")
    with pytest.raises(OperationRefused, match=r"it is the default of t\.m \('sad'\)"):
        live.run(*live.script(lambda op: op.remove_enum_value("mood", "sad")))
    live.sql("ALTER TABLE t ALTER m DROP DEFAULT")
    with pytest.raises(OperationRefused, match=r"it is the default of t\.ms"):
        live.run(*live.script(lambda op: op.remove_enum_value("mood", "sad")))
    live.run(*live.script(lambda op: op.remove_enum_value("mood", "sad", replacement="ok")))
    assert live.rows("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef") == [("'{ok}'::mood[]",)]


def test_rows_and_views_follow_a_value_that_is_replaced(live: LiveDatabase) -> None:
    live.sql(WITH_VIEWS)
    live.run(*live.script(lambda op: op.remove_enum_value("mood", "sad", replacement="gone")))
    assert live.rows("SELECT id, m::text FROM t ORDER BY id") == [(1, "gone"), (2, "ok")]
    [[definition]] = live.rows("SELECT pg_get_viewdef('fine'::regclass)")
    assert "'gone'::mood" in definition
    assert live.read().enums[QualifiedName("mood")].values == ("ok", "gone")


def test_offline_the_views_that_the_files_create_are_known(live: LiveDatabase) -> None:
    def script(op: Any) -> None:
        op.create_enum("mood", ["sad", "ok"])
        op.create_table("t", sa.Column("m", sa.Enum("sad", "ok", name="mood")))
        op.create_view("fine", "SELECT m FROM t WHERE m = 'ok'")
        op.create_view("finer", "SELECT m FROM fine")
        op.remove_enum_value("mood", "sad", replacement="ok")

    surroundings = ReplayedSurroundings(live.dialect, Snapshot("postgresql"))
    written = []
    for operation in live.script(script):
        written += [str(one.sql) for one in live.dialect.statements([operation], surroundings)]
        surroundings.replay(operation)
    for sql in written:
        live.sql(sql)
    assert live.rows("SELECT count(*) FROM finer") == [(0,)]
    assert live.rows("SELECT enumlabel FROM pg_enum") == [("ok",)]


def test_a_removed_value_that_a_row_holds_stops_the_change(live: LiveDatabase) -> None:
    live.sql("CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (m mood DEFAULT 'b'); INSERT INTO t VALUES ('b')")
    before = live.catalog()
    fail(live, lambda op: op.alter_enum("mood", existing_values=["a", "b"], values=["a"]))
    assert live.catalog() == before


def test_a_check_without_a_name_is_found_by_what_it_says(live: LiveDatabase) -> None:
    live.sql("CREATE TABLE t (a numeric, b int, CHECK (a > 0 AND b > 1), CHECK (a IN (1, 2) OR b > 5))")
    check = sa.CheckConstraint("a in (1,2) OR (b > 5)")
    live.run(*live.script(lambda op: op.drop_constraint(None, "t", "check", existing=check)))
    assert [one.expression for one in live.table("t").checks] == ["a > 0::numeric AND b > 1"]


def test_numbers_go_on_behind_the_rows(live: LiveDatabase) -> None:
    live.sql("CREATE TABLE t (id int, n int NOT NULL); INSERT INTO t VALUES (7, 9)")

    def script(op: Any) -> None:
        op.alter_column("t", "id", existing_type=sa.Integer(), autoincrement=True)
        op.alter_column("t", "n", existing_type=sa.Integer(), existing_nullable=False, server_default=sa.Identity())

    live.run(*live.script(script))
    live.sql("INSERT INTO t DEFAULT VALUES")
    assert live.rows("SELECT id, n FROM t ORDER BY id") == [(7, 9), (8, 10)]


def test_autoincrement_beside_a_type_changes_nothing_that_is_so_already(live: LiveDatabase) -> None:
    live.sql("CREATE TABLE t (id serial PRIMARY KEY)")
    live.run(
        *live.script(
            lambda op: op.alter_column("t", "id", existing_type=sa.INTEGER(), type_=sa.BigInteger(), autoincrement=True)
        )
    )
    assert live.sent == ["ALTER TABLE t ALTER COLUMN id TYPE BIGINT"]


def test_a_domain_is_created_where_it_is_missing(live: LiveDatabase) -> None:
    domain = pg.DOMAIN("positive", sa.Integer(), check="VALUE > 0")
    live.run(*live.script(lambda op: op.create_table("t", sa.Column("n", domain), sa.Column("m", domain))))
    assert (
        live.rows("SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0")
        == [("positive",)] * 2
    )


@pytest.mark.parametrize(
    ("script", "word"),
    [
        (lambda op: op.alter_column("t", "a", nullable=False), "NULL"),
        (lambda op: op.create_unique_constraint("uq", "t", ["b"]), "same value"),
        (lambda op: op.create_check_constraint("ck", "t", "b > 5"), "constraint"),
        (lambda op: op.drop_table("t"), "stands on it"),
        (lambda op: op.alter_column("t", "c", type_=sa.Integer()), "conversion"),
        (lambda op: op.create_foreign_key("fk", "t", "t", ["b"], ["k"]), "refer"),
    ],
)
def test_errors_are_explained(live: LiveDatabase, script: Any, word: str) -> None:
    live.sql(
        "CREATE TABLE t (a int, b int, c text, k int UNIQUE); INSERT INTO t VALUES (NULL, 1), (1, 1); "
        "CREATE VIEW v AS SELECT a FROM t"
    )
    explained = live.dialect.explain(fail(live, script))
    assert explained is not None
    assert word in explained[0]


def test_views_functions_and_triggers_are_read_when_they_are_asked_for(live: LiveDatabase) -> None:
    live.sql(
        """
        CREATE TABLE t (id int);
        CREATE VIEW v AS SELECT id FROM t WHERE id > 1;
        CREATE MATERIALIZED VIEW m AS SELECT id FROM t; CREATE UNIQUE INDEX ix_m ON m (id);
        CREATE FUNCTION f(x integer, y text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
        """
    )
    assert live.read().views == {}
    snapshot = live.read(Scope(views_and_routines=True))
    assert set(snapshot.tables) == {QualifiedName("t")}
    assert {name.name: one.materialized for name, one in snapshot.views.items()} == {"v": False, "m": True}
    assert [one.name for one in snapshot.views[QualifiedName("m")].indexes] == ["ix_m"]
    assert {(name.name, arguments) for name, arguments in snapshot.functions} == {
        ("f", "integer, text"), ("tf", ""), ("p", ""),
    }  # fmt: skip
    assert snapshot.functions[QualifiedName("p"), ""].procedure
    assert snapshot.triggers[QualifiedName("t"), "tr"].definition.startswith("CREATE TRIGGER tr")


def test_types_as_python(live: LiveDatabase) -> None:
    live.sql("CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (m mood[], n numeric(5, 2))")
    live.read()
    types = live.dialect.python_type
    assert repr(types("VARCHAR(50)")) == "VARCHAR(length=50)"
    assert repr(types("NUMERIC(10, 2)")) == "NUMERIC(precision=10, scale=2)"
    assert types("TIMESTAMP(3) WITH TIME ZONE").timezone
    assert types("mood[]").item_type.enums == ["a", "b"]
    assert isinstance(types("UUID"), sa.UUID)
    assert str(types("geometry(point, 4326)")) == "geometry(point, 4326)"
    for sql in ("INTERVAL DAY TO SECOND(3)", "BIT VARYING(5)", "BIT(4)", "TIME WITHOUT TIME ZONE", "JSONB", "TEXT", "CHAR(3)",
                "DOUBLE PRECISION", "INTEGER[]", 'VARCHAR(5) COLLATE "C"', "TSTZMULTIRANGE", "CITEXT"):  # fmt: skip
        canonical = live.dialect.translation.data_type(types(sql)).sql
        assert canonical.replace(" (", "(").lower() == sql.lower()


def test_an_enum_of_a_schema_that_is_not_compared_is_left_alone(live: LiveDatabase) -> None:
    live.sql("CREATE TYPE mood AS ENUM ('a'); CREATE TYPE free AS ENUM ('b')")
    live.sql("DROP SCHEMA IF EXISTS far CASCADE; CREATE SCHEMA far; CREATE TABLE far.t (m mood[])")
    try:
        with live.engine.connect() as connection:
            before = live.dialect.read(connection, Scope())
            settled = live.dialect.settle(before, live.dialect.snapshot_of_models([sa.MetaData()]), connection)
        assert [name.name for name in settled.before.enums] == ["free"]
        assert "enum mood: used in a schema that is not compared; left alone" in settled.notes
    finally:
        live.sql("DROP SCHEMA far CASCADE")


def test_an_index_of_which_one_key_is_in_other_words_than_the_other(live: LiveDatabase) -> None:
    """The server keeps ``coalesce`` in capitals and puts a cast into ``lower(name)``: neither is a difference."""
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, sa.Column("name", sa.String(50)), sa.Column("n", sa.Integer()))
    sa.Index("ix", sa.func.lower(table.c.name), sa.func.coalesce(table.c.n, 0), postgresql_where=table.c.n > 0)
    metadata.create_all(live.engine)
    with live.engine.connect() as connection:
        models = live.dialect.snapshot_of_models([metadata])
        settled = live.dialect.settle(live.dialect.read(connection, Scope()), models, connection)
    assert diff(settled.before, settled.after) == ()


def test_a_collation_in_the_text_of_an_index_is_kept(live: LiveDatabase) -> None:
    metadata = sa.MetaData()
    table = sa.Table("t", metadata, sa.Column("name", sa.String(50)))
    sa.Index("ix", sa.text('name COLLATE "C"'), _table=table)
    models = live.dialect.snapshot_of_models([metadata])
    (index,) = models.tables[QualifiedName("t")].indexes
    assert index.elements == (IndexElement("name", collation="C"),)
    metadata.create_all(live.engine)
    assert diff(live.read(), models) == ()


def test_the_sequence_of_a_column_is_known_and_renamed(live: LiveDatabase) -> None:
    live.sql(
        'CREATE TABLE "T t" (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY); INSERT INTO "T t" DEFAULT VALUES'
    )
    table = live.read().tables[QualifiedName("T t")]
    assert [one.sequence for one in table.columns] == ["T t_id_seq", "T t_n_seq"]
    renames = [RenameSequence(QualifiedName(f"T t_{one}_seq"), f"u {one}") for one in ("id", "n")]
    live.run(*renames)
    live.sql('INSERT INTO "T t" DEFAULT VALUES')
    again = live.read().tables[QualifiedName("T t")]
    assert [one.sequence for one in again.columns] == ["u id", "u n"]
    assert again == table
    assert live.rows('SELECT id, n FROM "T t" ORDER BY id') == [(1, 1), (2, 2)]
