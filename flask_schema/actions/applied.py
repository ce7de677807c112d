"""``flask db history --applied``: what the journal says has been done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_schema.errors import JournalMissing
from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.journal import Entry, Journal
from flask_schema.runtime.visits import database_name, visit
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class AppliedResult:
    """The entries of each database's journal by the database's name ("" for the default one), newest first."""

    entries: Mapping[str, tuple[Entry, ...]]


def applied(project: Project, limit: int | None = None) -> AppliedResult:
    """Return what the journals hold, ``limit`` entries of each at most.

    A journal that is no longer kept is read too. Raises :class:`JournalMissing` where no database has one.
    """
    found: dict[str, tuple[Entry, ...]] = {}

    def work(context: MigrationContext, keywords: Mapping[str, Any]) -> None:
        connection = context.connection
        journal = Journal(context.version_table_schema)
        if connection is not None and journal.exists(connection):
            found[database_name(context, keywords)] = journal.entries(connection, limit)

    visit(project, work)
    if not found:
        raise JournalMissing("no database has a journal")
    return AppliedResult(found)
