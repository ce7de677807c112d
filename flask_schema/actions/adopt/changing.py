"""Plans the change of a project's files, to this package or back."""

from __future__ import annotations

from pathlib import Path

from flask_schema.actions.adopt.application import plan_application
from flask_schema.actions.adopt.migrations import plan_migrations
from flask_schema.actions.adopt.script_names import own_names
from flask_schema.actions.adopt.setup import ALEMBIC, FLASK_ALEMBIC, Setup
from flask_schema.actions.adopt.source_changes import FileChange
from flask_schema.actions.adopt.writing import newest_backup_of, write_changes
from flask_schema.errors import DirectoryMissing, SchemaError, UsageError
from flask_schema.project import Project, relative
from flask_schema.values import dataclass

__all__ = ["Plan", "plan_changes", "write_changes"]

FLASK_MIGRATE_NAMES = frozenset(
    {
        "Config", "Migrate", "alembic_version", "branches", "check", "current", "downgrade", "edit", "heads",
        "history", "init", "list_templates", "merge", "migrate", "revision", "show", "stamp", "upgrade",
    }
)  # fmt: skip
"""What ``flask_migrate`` offers, and ``flask_schema`` under the same names."""

_MODULES = ("flask_migrate", "flask_schema")


@dataclass(frozen=True, slots=True)
class Plan:
    """``problems`` are places that have to be changed by hand, ``named`` where requirements name the other package.

    Backups go to ``home``; ``root`` is the folder from which they are named.
    """

    changes: tuple[FileChange, ...]
    problems: tuple[str, ...]
    named: tuple[str, ...]
    root: Path
    home: Path


def plan_changes(setup: Setup, *, change_import: bool, rewrite: bool, back: bool = False) -> Plan:
    """Plan what was asked for; nothing is written. A plan for files that are changed already is empty.

    Raises :class:`UsageError` where more than an import has to change, and :class:`DirectoryMissing`.
    """
    root = Path.cwd()
    project = setup.project
    if not project.directory.is_dir():
        raise DirectoryMissing("there is no migrations directory")
    changes: list[FileChange] = []
    problems: list[str] = []
    named: tuple[str, ...] = ()
    if change_import:
        if setup.extension in (FLASK_ALEMBIC, ALEMBIC):
            raise UsageError(
                f"the application uses {setup.extension}, whose calls are others: an import is not enough",
                hint="'flask db adopt' says what to write instead",
            )
        old, new = reversed(_MODULES) if back else _MODULES
        found = plan_application(root, project.directory, old, new, FLASK_MIGRATE_NAMES)
        changes += found.changes
        problems += found.problems
        named = () if back else found.named
    if rewrite:
        changes += plan_migrations(project, back=back)
    if back:
        changes += _restored(project, root)
        files = [one.path for one in project.history.graph.revisions.values() if one.path is not None]
        problems += [
            f"{relative(one.path)}:{one.line}: {one.name}: Alembic cannot do that"
            for one in own_names(files, _dialect(project))
        ]
    return Plan(tuple(changes), tuple(problems), named, root, project.directory)


def _dialect(project: Project) -> str:
    """The name of the default database's dialect, "" where none is known."""
    try:
        return project.databases[0].dialect.name
    except SchemaError:
        return ""


def _restored(project: Project, root: Path) -> list[FileChange]:
    """``env.py``, which Alembic cannot do without, as it was before it was removed."""
    path = project.directory / "env.py"
    before = newest_backup_of(path, root, project.directory) if not path.exists() else None
    return [FileChange(path, None, before)] if before is not None else []
