"""The laws on a real database: what the models say is what SQLite becomes, and back."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from flask_schema.dialects.dialect import Dialect, Scope
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import LiveSurroundings
from flask_schema.diff.compare import diff, invert_all
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.snapshot import Snapshot
from tests.laws.models import evolved, metadata_of, random_plan


def carry_out(dialect: Dialect, connection: sa.Connection, operations: tuple[Operation, ...]) -> None:
    """Run operations as the engine does: those that belong together together, in one transaction."""
    waiting: list[Operation] = []
    surroundings = LiveSurroundings(dialect, connection)

    def flush() -> None:
        for statement in dialect.statements(waiting, surroundings):
            if statement.must_be_empty:
                assert surroundings.query(statement.sql) == []
            else:
                connection.exec_driver_sql(statement.sql)
        waiting.clear()

    dialect.begin(connection)
    for operation in operations:
        if waiting and not dialect.joins(waiting, operation):
            flush()
        waiting.append(operation)
    flush()
    dialect.before_commit(connection)
    connection.commit()
    dialect.after_transaction(connection)


def differences(dialect: Dialect, connection: sa.Connection, target: Snapshot) -> tuple[Operation, ...]:
    settled = dialect.settle(dialect.read(connection, Scope()), target, connection)
    return diff(settled.before, settled.after)


@pytest.mark.parametrize("seed", range(40))
def test_there_and_back_on_sqlite(seed: int) -> None:
    rng = random.Random(seed)
    plan = random_plan(rng)
    old, new = metadata_of(plan), metadata_of(evolved(rng, plan))
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    dialect = dialect_for(engine.dialect)
    with engine.connect() as connection:
        old.create_all(connection)
        connection.commit()
        fresh = dialect.read(connection, Scope())
        assert differences(dialect, connection, dialect.snapshot_of_models([old])) == ()
        there = differences(dialect, connection, dialect.snapshot_of_models([new]))
        assert there == differences(dialect, connection, dialect.snapshot_of_models([new]))
        carry_out(dialect, connection, there)
        assert differences(dialect, connection, dialect.snapshot_of_models([new])) == ()
        carry_out(dialect, connection, invert_all(there))
        assert diff(dialect.read(connection, Scope()), fresh) == ()
        assert differences(dialect, connection, dialect.snapshot_of_models([old])) == ()
    engine.dispose()
