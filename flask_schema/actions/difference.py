"""The difference between models and database as SQL: ``flask db migrate --sql``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TextIO

from flask_schema.actions.comparing import compare
from flask_schema.actions.decided_renames import DecidedRenames
from flask_schema.actions.declared import created_by_files
from flask_schema.actions.own_schemas import tables_of_files
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.destinations import SqlFile
from flask_schema.runtime.visits import visit


def write_difference(project: Project, output: TextIO, renames: Sequence[str] = ()) -> None:
    """Write the statements that would make each database what the models say; nothing is changed."""

    decided = DecidedRenames(renames)

    def work(context: MigrationContext, _: Mapping[str, Any]) -> None:
        def owned() -> frozenset[tuple[str, str]]:
            return created_by_files(project.history)

        own_tables = partial(tables_of_files, project.history)
        comparison = compare(context, owned=owned, own_tables=own_tables)
        if renames:
            fitting = decided.of(comparison.before, comparison.after)
            comparison = compare(context, renames=fitting, owned=owned, own_tables=own_tables)
        writing = MigrationContext(
            context.dialect,
            opts=context.opts,
            destination=SqlFile(context.impl, output),
            surroundings=ReplayedSurroundings(context.impl, comparison.before),
        )
        for operation in comparison.operations:
            writing.hear(operation)
        writing.flush()

    visit(project, work, arguments={"autogenerate": True})
    decided.verify()
