"""One real transaction for each revision, whatever the driver and the application do about transactions."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.sqlite.transactions import SqliteTransactions
from flask_schema.errors import MigrationFailed, OperationRefused
from flask_schema.operations.columns import AddColumn, AlterColumn, ColumnFacets
from flask_schema.operations.constraints import DropConstraint
from flask_schema.operations.statements import BulkInsert, Execute
from flask_schema.operations.tables import CreateTable, DropTable
from flask_schema.snapshot.elements import Column, DataType, ForeignKey, QualifiedName, Table
from tests.dialects.sqlite.live_database import Database

T = QualifiedName("t")
CREATE = CreateTable(Table(T, (Column("a", DataType("INTEGER")),)))
FAIL = Execute("INSERT INTO nowhere VALUES (1)")
RETYPE = AlterColumn(T, "a", after=ColumnFacets(type=DataType("BIGINT")))


def engines(db: Database, kind: str) -> None:
    """Give the database's engine a way of its own with transactions."""
    engine = db.engine
    if kind == "listener":  # the recipe in SQLAlchemy's documentation

        @sa.event.listens_for(engine, "connect")
        def connect(driver: Any, _record: Any) -> None:
            driver.isolation_level = None

        @sa.event.listens_for(engine, "begin")
        def begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN")

    elif kind == "autocommit":
        db.engine = engine.execution_options(isolation_level="AUTOCOMMIT")
    elif kind == "immediate":

        @sa.event.listens_for(engine, "connect")
        def connect_immediate(driver: Any, _record: Any) -> None:
            driver.isolation_level = "IMMEDIATE"


@pytest.mark.parametrize("kind", ["plain", "listener", "autocommit", "immediate"])
def test_a_failing_third_statement_leaves_everything_as_before(db: Database, kind: str) -> None:
    engines(db, kind)
    db.sql("CREATE TABLE kept (x); INSERT INTO kept VALUES (1)")
    before = db.catalog()
    with pytest.raises(sa.exc.OperationalError, match="nowhere"):
        db.run(CREATE, Execute("DELETE FROM kept"), FAIL)
    assert db.catalog() == before
    assert db.rows("SELECT * FROM kept") == [(1,)]
    with pytest.raises(sa.exc.OperationalError, match="nowhere"):
        db.run(DropTable(QualifiedName("kept")), FAIL)
    assert db.catalog() == before
    db.run(CREATE, RETYPE)
    assert db.columns("t") == ["a"]


@pytest.mark.parametrize("kind", ["plain", "listener", "immediate"])
def test_the_driver_gets_back_what_was_taken(db: Database, kind: str) -> None:
    engines(db, kind)
    with db.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        before = driver.isolation_level
        db.dialect.begin(connection)
        assert driver.isolation_level is None
        assert driver.in_transaction
        connection.commit()
        assert not driver.in_transaction
        db.dialect.after_transaction(connection)
        assert driver.isolation_level == before


def test_begin_after_reading_on_the_same_connection(db: Database) -> None:
    with db.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        assert connection.in_transaction()
        db.dialect.begin(connection)
        connection.exec_driver_sql("CREATE TABLE x (a)")
        connection.rollback()
        db.dialect.after_transaction(connection)
    assert db.catalog() == []


def test_the_write_lock_is_taken_at_once(db: Database) -> None:
    with db.engine.connect() as connection:
        db.dialect.begin(connection)
        other = sqlite3.connect(db.path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("CREATE TABLE x (a)")
        other.close()
        connection.rollback()
        db.dialect.after_transaction(connection)


class Driver:
    """Python 3.12's connection, as far as transactions go."""

    def __init__(self, autocommit: bool) -> None:
        self.autocommit: Any = autocommit
        self.isolation_level = ""


@pytest.mark.parametrize("autocommit", [True, False])
def test_the_autocommit_attribute_of_newer_drivers(autocommit: bool) -> None:
    transactions, driver = SqliteTransactions(), Driver(autocommit)
    transactions._take_control(driver)
    assert vars(driver) == {"autocommit": -1, "isolation_level": None}
    assert transactions._taken == {"autocommit": autocommit, "isolation_level": ""}


def enforced(db: Database) -> bool:
    with db.engine.connect() as connection:
        return bool(connection.exec_driver_sql("PRAGMA foreign_keys").scalar())


def test_foreign_keys_stay_on_where_nothing_is_rebuilt(enforcing: Database) -> None:
    enforcing.sql("CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE TABLE c (a REFERENCES t); INSERT INTO t VALUES (1)")
    with pytest.raises(sa.exc.IntegrityError):
        enforcing.run(AddColumn(T, Column("b", DataType("TEXT"))), Execute("INSERT INTO c VALUES (2)"))
    assert enforcing.restarts == 0
    assert enforced(enforcing)


def test_foreign_keys_are_on_again_after_a_failure(enforcing: Database) -> None:
    enforcing.sql("CREATE TABLE t (a INTEGER)")
    with pytest.raises(sa.exc.OperationalError, match="nowhere"):
        enforcing.run(RETYPE, FAIL)
    assert enforcing.restarts == 1
    assert enforced(enforcing)
    enforcing.run(RETYPE)
    assert enforcing.restarts == 2
    assert enforced(enforcing)


def test_both_reasons_to_begin_again(enforcing: Database) -> None:
    enforcing.sql("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a REFERENCES p); INSERT INTO t VALUES (5)")
    enforcing.run(RETYPE)
    assert enforcing.restarts == 2
    assert enforced(enforcing)
    with pytest.raises(MigrationFailed, match="t row 2 has no parent in p"):
        enforcing.run(AlterColumn(T, "a", after=ColumnFacets(default="5")), Execute("INSERT INTO t VALUES (6)"))
    assert enforced(enforcing)
    assert enforcing.rows("SELECT a FROM t") == [(5,)]
    assert not enforcing.dialect.transactions._looks_before


def test_statements_before_the_rebuild_run_once(enforcing: Database) -> None:
    enforcing.sql("CREATE TABLE t (a INTEGER)")
    table = sa.table("t", sa.column("a"))
    enforcing.run(BulkInsert(table, ({"a": 1}, {"a": 2})), RETYPE)
    assert enforcing.restarts == 1
    assert enforcing.rows("SELECT a FROM t ORDER BY a") == [(1,), (2,)]


def test_an_open_transaction_of_the_application_is_refused(enforcing: Database) -> None:
    enforcing.sql("CREATE TABLE t (a INTEGER)")
    with enforcing.engine.connect() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")  # the driver begins here
        with pytest.raises(OperationRefused, match="cannot be switched off"):
            enforcing._flush(connection, [RETYPE])
        enforcing.dialect.begin(connection)
        transactions = enforcing.dialect.transactions
        transactions._without_foreign_keys = True
        with pytest.raises(OperationRefused, match="cannot be switched off"):
            enforcing._flush(connection, [RETYPE])
        connection.rollback()
        transactions.after_transaction(connection)


def test_old_violations_are_known_again_when_keys_are_numbered_anew(db: Database) -> None:
    db.sql(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE t (a REFERENCES p, b INT CONSTRAINT f REFERENCES p (id));"
        "INSERT INTO t VALUES (5, 6)"
    )
    db.run(RETYPE)
    assert db.restarts == 1
    db.run(DropConstraint(T, "f"))
    db.run(AddColumn(T, Column("c", DataType("INT"))), RETYPE)
    assert len(db.rows("PRAGMA foreign_key_check")) == 1


def test_a_parent_that_loses_its_key_is_said(db: Database) -> None:
    db.sql("CREATE TABLE p (k TEXT, CONSTRAINT u UNIQUE (k)); CREATE TABLE t (a REFERENCES p (k), b REFERENCES x (y))")
    before = db.catalog()
    with pytest.raises(MigrationFailed, match='foreign key mismatch - "t" referencing "p"'):
        db.run(DropConstraint(QualifiedName("p"), "u"))
    assert db.catalog() == before
    db.sql("CREATE TABLE m (z REFERENCES q (k)); CREATE TABLE q (k)")
    db.run(RETYPE)
    assert ForeignKey(("z",), QualifiedName("q"), ("k",)) in db.table("m").foreign_keys


def test_what_a_sql_file_begins_and_ends_with(db: Database) -> None:
    assert list(db.dialect.write_begin()) == ["PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"]
    assert list(db.dialect.write_commit()) == ["PRAGMA foreign_key_check", "COMMIT"]
