"""What the arguments of directives mean: as in Alembic, also where nothing in the SQL of the day shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import OperationRefused, UsageError
from flask_schema.operations.constraints import CreateUniqueConstraint
from flask_schema.operations.facade import Directives
from flask_schema.operations.indexes import CreateIndex
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Index, IndexElement, QualifiedName, UniqueConstraint
from flask_schema.snapshot.snapshot import Snapshot

CONVENTION = {"ck": "ck_%(table_name)s_%(constraint_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"}
Script = Callable[[Any], None]


def written(url: str, script: Script, convention: Mapping[str, Any] | None = None) -> list[str]:
    """The statements of a script for a database of which nothing is known."""
    dialect = dialect_for(sa.make_url(url).get_dialect()())
    recorder = Recorder(dialect.translation, convention)
    script(Directives(recorder))
    surroundings = ReplayedSurroundings(dialect, None)
    found = [one for operation in recorder.operations for one in dialect.statements([operation], surroundings)]
    return [" ".join(str(one.sql).split()) for one in found]


@pytest.mark.parametrize("url", ["postgresql://", "mysql+pymysql://"])
def test_an_added_column_becomes_the_key_when_it_is_asked_to(url: str) -> None:
    [alone] = written(url, lambda op: op.add_column("t", sa.Column("id", sa.String(9), primary_key=True)))
    assert alone == "ALTER TABLE t ADD COLUMN id VARCHAR(9) NOT NULL"
    inline = written(
        url, lambda op: op.add_column("t", sa.Column("id", sa.String(9), primary_key=True), inline_primary_key=True)
    )
    assert "PRIMARY KEY" in " ".join(inline)
    unmarked = written(url, lambda op: op.add_column("t", sa.Column("id", sa.String(9)), inline_primary_key=True))
    assert "PRIMARY KEY" not in " ".join(unmarked)


def test_a_convention_names_what_is_dropped_as_it_named_what_was_created() -> None:
    def script(op: Any) -> None:
        op.create_check_constraint("positive", "t", "x > 0")
        op.drop_constraint("positive", "t", type_="check")
        op.drop_constraint(op.f("positive"), "t", type_="check")
        op.drop_constraint("positive", "t")
        op.drop_constraint("uq_other", "t", type_="unique")
        with op.batch_alter_table("t") as batch:
            batch.drop_constraint("positive", type_="check")

    assert written("postgresql://", script, CONVENTION) == [
        "ALTER TABLE t ADD CONSTRAINT ck_t_positive CHECK (x > 0)",
        "ALTER TABLE t DROP CONSTRAINT ck_t_positive",
        "ALTER TABLE t DROP CONSTRAINT positive",
        "ALTER TABLE t DROP CONSTRAINT positive",
        "ALTER TABLE t DROP CONSTRAINT uq_other",
        "ALTER TABLE t DROP CONSTRAINT ck_t_positive",
    ]


def test_a_kind_of_constraint_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match=r"foreignkey.*'fk'"):
        written("postgresql://", lambda op: op.drop_constraint("fk_t", "t", type_="fk"))


def _insert_before(op: Any) -> None:
    with op.batch_alter_table("t") as batch:
        batch.add_column(sa.Column("c", sa.Integer()), insert_before="b")


def _insert_after(op: Any) -> None:
    with op.batch_alter_table("t") as batch:
        batch.alter_column("c", nullable=True, insert_after="b")


def _reorder(op: Any) -> None:
    with op.batch_alter_table("t", recreate="always", partial_reordering=[("b", "a")]) as batch:
        batch.drop_column("c")


@pytest.mark.parametrize("script", [_insert_before, _insert_after, _reorder])
def test_a_place_among_the_columns_is_not_passed_over_in_silence(script: Script) -> None:
    with pytest.raises(OperationRefused, match="PostgreSQL gives columns no other place"):
        written("postgresql://", script)


def test_a_table_made_anew_gets_the_constraints_that_the_block_names() -> None:
    def script(op: Any) -> None:
        check = sa.CheckConstraint("x > 0", name="positive")
        with op.batch_alter_table("t", recreate="always", table_args=[check]) as batch:
            batch.drop_column("c")

    expected = ["ALTER TABLE t DROP COLUMN c", "ALTER TABLE t ADD CONSTRAINT positive CHECK (x > 0)"]
    assert written("postgresql://", script) == expected


def test_references_stand_on_the_column_when_asked_for() -> None:
    def script(op: Any) -> None:
        key = sa.ForeignKey("p.id", name="fk_t_p", ondelete="CASCADE")
        op.add_column("t", sa.Column("p_id", sa.Integer(), key), inline_references=True)

    expected = "ALTER TABLE t ADD COLUMN p_id INTEGER CONSTRAINT fk_t_p REFERENCES p (id) ON DELETE CASCADE"
    assert written("postgresql://", script) == [expected]


@pytest.mark.parametrize("url", ["sqlite://", "mysql+pymysql://"])
@pytest.mark.parametrize(
    "operation",
    [
        CreateUniqueConstraint(QualifiedName("t"), UniqueConstraint(("a",), "uq", nulls_not_distinct=True)),
        CreateIndex(QualifiedName("t"), Index("ix", (IndexElement("a"),), unique=True, nulls_not_distinct=True)),
    ],
    ids=["constraint", "index"],
)
def test_nulls_not_distinct_is_refused_where_there_is_none(url: str, operation: Operation) -> None:
    dialect = dialect_for(sa.make_url(url).get_dialect()())
    recorder = Recorder(dialect.translation)
    Directives(recorder).create_table("t", sa.Column("a", sa.Integer()))
    snapshot = recorder.operations[0].replay(Snapshot(dialect.name))
    with pytest.raises(OperationRefused, match="has no NULLS NOT DISTINCT"):
        list(dialect.statements([operation], ReplayedSurroundings(dialect, snapshot)))


def test_an_array_becomes_one_value_by_what_the_script_says() -> None:
    array = sa.dialects.postgresql.ARRAY(sa.Integer())

    def script(using: str | None) -> Script:
        return lambda op: op.alter_column("t", "a", existing_type=array, type_=sa.Integer(), postgresql_using=using)

    with pytest.raises(OperationRefused, match=r"how INTEGER\[\] becomes INTEGER") as refused:
        written("postgresql://", script(None))
    assert "postgresql_using" in (refused.value.hint or "")
    assert written("postgresql://", script("a[1]")) == ["ALTER TABLE t ALTER COLUMN a TYPE INTEGER USING a[1]"]


def test_a_foreign_key_for_alter_is_left_out_where_alter_can_add_it() -> None:
    def script(op: Any) -> None:
        later = sa.ForeignKeyConstraint(["p_id"], ["p.id"], name="later", use_alter=True)
        now = sa.ForeignKeyConstraint(["q_id"], ["q.id"], name="now")
        op.create_table("t", sa.Column("p_id", sa.Integer()), sa.Column("q_id", sa.Integer()), later, now)

    [postgresql] = written("postgresql://", script)
    assert "now" in postgresql
    assert "later" not in postgresql
    [sqlite] = written("sqlite://", script)
    assert "now" in sqlite
    assert "later" in sqlite


def test_what_a_column_is_may_be_told_in_a_type_of_another_database() -> None:
    from sqlalchemy.dialects import postgresql

    def script(op: Any) -> None:
        op.alter_column("t", "x", existing_type=postgresql.JSONB(), nullable=False)
        op.alter_column("t", "y", existing_type=sa.Enum(), type_=sa.String(9))

    recorder = Recorder(dialect_for(sa.make_url("sqlite://").get_dialect()()).translation)
    script(Directives(recorder))
    assert len(recorder.operations) == 2
    assert "TYPE VARCHAR(9)" in written("postgresql://", script)[1]
    with pytest.raises(sa.exc.CompileError):
        written("sqlite://", lambda op: op.alter_column("t", "x", type_=postgresql.TSVECTOR()))


def test_constraints_of_another_table_are_copied_without_a_warning() -> None:
    model = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer()), sa.CheckConstraint("a > 0", name="ck"))
    [check] = [one for one in model.constraints if isinstance(one, sa.CheckConstraint)]
    expected = ["CREATE TABLE n ( a INTEGER, CONSTRAINT ck CHECK (a > 0) )"]
    assert written("postgresql://", lambda op: op.create_table("n", model.c.a, check)) == expected


@pytest.mark.parametrize(
    "script",
    [
        lambda op: op.drop_table("t", cascade=True),
        lambda op: op.drop_index("ix", "t", cascade=True),
        lambda op: op.create_index("ix", "t", ["a"], cascade=True),
        lambda op: op.create_foreign_key("fk", "t", "p", ["a"], ["id"], cascade=True),
    ],
    ids=["drop_table", "drop_index", "create_index", "create_foreign_key"],
)
def test_a_keyword_that_nobody_knows_is_not_passed_over(script: Script) -> None:
    with pytest.raises(TypeError, match="cascade"):
        written("postgresql://", script)
    known = ["DROP TABLE t", "DROP INDEX CONCURRENTLY ix"]
    assert known == written(
        "postgresql://",
        lambda op: (
            op.drop_table("t", info={}, mysql_engine="InnoDB"),
            op.drop_index("ix", "t", postgresql_concurrently=True, postgresql_where=sa.text("a > 0"), unique=True),
        ),
    )
