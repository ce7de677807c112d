"""What a run tells whoever watches it."""

from __future__ import annotations

from typing import Protocol

from flask_schema.history.routes import Stamp, Step
from flask_schema.values import dataclass


class RunListener(Protocol):
    """Is told about each revision as it runs."""

    def started(self, database: str, step: Step | Stamp) -> None:
        """A revision begins; ``database`` is "" for the default one."""

    def finished(self, database: str, step: Step | Stamp, seconds: float) -> None:
        """A revision has been committed (or, offline, written)."""


class Unwatched:
    """A listener that nobody needs."""

    def started(self, database: str, step: Step | Stamp) -> None:
        """Nothing happens."""

    def finished(self, database: str, step: Step | Stamp, seconds: float) -> None:
        """Nothing happens."""


@dataclass(frozen=True, slots=True)
class DatabaseRun:
    """What a run did to one database: rows of the version table before and after, and the steps taken.

    ``name`` is "" for the default database. ``late`` are those of the revisions that ran after what they come before
    in a new database; ``never_ran`` are revisions below that never ran here, where a journal tells.
    """

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    steps: tuple[Step | Stamp, ...]
    late: tuple[str, ...] = ()
    never_ran: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did, database by database, in the order in which they ran."""

    databases: tuple[DatabaseRun, ...]

    @property
    def steps(self) -> tuple[Step | Stamp, ...]:
        """The steps of all databases."""
        return tuple(step for database in self.databases for step in database.steps)
