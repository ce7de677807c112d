"""Schema changes that an earlier run left on their way."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.dialects.cockroachdb.jobs import UNFINISHED, wait_for_schema_changes
from flask_schema.dialects.registry import dialect_for


class Answer(list[Any]):
    def all(self) -> list[Any]:
        return self


class Stub:
    """Answers with the jobs of a cluster, or refuses to."""

    def __init__(self, jobs: tuple[int, ...] = (), *, refuses: bool = False) -> None:
        self.jobs, self.refuses = jobs, refuses
        self.asked: list[str] = []
        self.ends: list[str] = []

    def exec_driver_sql(self, sql: str) -> Answer:
        self.asked.append(sql)
        if self.refuses:
            raise sa.exc.ProgrammingError(sql, None, Exception("user has no VIEWJOB"))
        return Answer((job,) for job in self.jobs)

    def in_transaction(self) -> bool:
        return False

    def commit(self) -> None:
        self.ends.append("commit")

    def rollback(self) -> None:
        self.ends.append("rollback")


@pytest.mark.parametrize(
    ("stub", "asked", "end"),
    [
        (Stub(), [UNFINISHED], "commit"),
        (
            Stub((7, 8)),
            [UNFINISHED, "SHOW JOBS WHEN COMPLETE SELECT job_id FROM [SHOW JOBS] WHERE job_id IN (7, 8)"],
            "commit",
        ),
        (Stub(refuses=True), [UNFINISHED], "rollback"),
    ],
)
def test_a_run_waits_for_them(stub: Any, asked: list[str], end: str) -> None:
    dialect_for(sa.make_url("cockroachdb://").get_dialect()()).before_run(stub)
    assert stub.asked == asked
    assert stub.ends == [end]


def test_where_nothing_can_be_asked_the_connection_is_left_clean(behind_the_dialect: sa.Engine) -> None:
    with behind_the_dialect.connect() as connection:
        connection.exec_driver_sql("SET search_path = elsewhere")
        wait_for_schema_changes(connection)  # PostgreSQL does not know the statement
        assert not connection.in_transaction()
        assert connection.exec_driver_sql("SHOW search_path").scalar() == "elsewhere"
