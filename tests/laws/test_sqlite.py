"""The laws on a real database: what the models say is what SQLite becomes, and back."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from flask_schema.dialects.dialect import Dialect, Scope
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import LiveSurroundings
from flask_schema.diff.compare import diff, invert_all
from flask_schema.operations.facade import Directives
from flask_schema.operations.groups import AlterTable
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.scripts.page import Rendering
from flask_schema.scripts.source import render_operations
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


def written_and_loaded(dialect: Dialect, operations: tuple[Operation, ...], *, batch: bool) -> tuple[Operation, ...]:
    """The operations that the revision file for ``operations`` builds."""
    how = Rendering(
        dialect.python_type,
        lambda python: dialect.translation.data_type(python).sql,
        option_prefix=dialect.option_dialects[0],
        render_as_batch=batch,
    )
    source = render_operations(operations, how)
    recorder = Recorder(dialect.translation)
    names: dict[str, object] = {"op": Directives(recorder)}
    exec("\n".join([*source.imports, "def upgrade():", f"    {source.body or 'pass'}", "upgrade()"]), names)
    return tuple(opened(recorder.operations))


def opened(operations: list[Operation]) -> Iterator[Operation]:
    """The operations with batches taken apart: they are joined again as the dialect likes it."""
    for one in operations:
        if isinstance(one, AlterTable):
            yield from one.operations
        else:
            yield one


@pytest.mark.parametrize("seed", range(40))
def test_there_and_back_by_way_of_a_file(seed: int) -> None:
    rng = random.Random(seed)
    plan = random_plan(rng)
    old, new = metadata_of(plan), metadata_of(evolved(rng, plan))
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    dialect = dialect_for(engine.dialect)
    with engine.connect() as connection:
        old.create_all(connection)
        connection.commit()
        fresh = dialect.read(connection, Scope())
        before, after = dialect.snapshot_of_models([old]), dialect.snapshot_of_models([new])
        assert differences(dialect, connection, before) == ()
        there = differences(dialect, connection, after)
        assert there == differences(dialect, connection, after)
        batch = rng.random() < 0.5
        carry_out(dialect, connection, written_and_loaded(dialect, there, batch=batch))
        assert differences(dialect, connection, after) == ()
        carry_out(dialect, connection, written_and_loaded(dialect, invert_all(there), batch=batch))
        assert diff(dialect.read(connection, Scope()), fresh) == ()
        assert differences(dialect, connection, before) == ()
    engine.dispose()
