"""The commands as Python functions: they need an application context, raise typed errors and return values.

Names and arguments are Flask-Migrate's. Nothing is printed, and no logging is set up.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from flask_schema.alembic_compat import __version__ as _alembic_release
from flask_schema.errors import NoContext
from flask_schema.project import Project

if TYPE_CHECKING:
    from flask_schema.actions.applied import AppliedResult
    from flask_schema.actions.branches import BranchesResult
    from flask_schema.actions.current import DatabaseState
    from flask_schema.actions.edit import EditResult
    from flask_schema.actions.heads import HeadsResult
    from flask_schema.actions.history import HistoryResult
    from flask_schema.actions.init import InitResult
    from flask_schema.actions.list_templates import Template
    from flask_schema.actions.listing import Listing
    from flask_schema.actions.merge import MergeResult
    from flask_schema.actions.prune import PruneResult
    from flask_schema.actions.rebase import RebaseResult
    from flask_schema.actions.revision import RevisionResult
    from flask_schema.actions.squash import SquashResult
    from flask_schema.runtime.progress import RunResult

Directory = str | Path | None
Arguments = str | Sequence[str] | None

alembic_version = tuple(int(part) for part in _alembic_release.split("."))
"""The release of Alembic whose names and meanings are offered, as three numbers; Flask-Migrate has it too."""


def _project(directory: Directory, x_arg: Arguments = None) -> Project:
    from flask import current_app

    if not current_app:
        raise NoContext(
            "there is no application context", hint="call it inside 'with app.app_context():', or run 'flask db'"
        )
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return Project.for_app(app, directory, _several(x_arg))


def _several(given: Arguments) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)


def list_templates() -> tuple[Template, ...]:
    """Return the templates that ``init`` can use."""
    from flask_schema.actions.list_templates import list_templates as act

    return act()


def init(
    directory: Directory = None, multidb: bool = False, template: str | None = None, package: bool = False
) -> InitResult:
    """Make the migrations directory. Raises :class:`DirectoryNotEmpty`."""
    from flask_schema.actions.init import init as act

    return act(_project(directory), multidb=multidb, template=template, package=package)


def revision(
    directory: Directory = None,
    message: str | None = None,
    autogenerate: bool = False,
    sql: bool = False,
    head: str = "head",
    splice: bool = False,
    branch_label: Arguments = None,
    version_path: str | Path | None = None,
    rev_id: str | None = None,
    depends_on: Arguments = None,
    x_arg: Arguments = None,
    renames: Sequence[str] = (),
    offline: bool = False,
) -> RevisionResult:
    """Write a new revision file; ``autogenerate`` fills it with what the models have and the database has not.

    ``offline``: with what the revision files lead to in the place of the database.
    """
    from flask_schema.actions.revision import revision as act

    return act(
        _project(directory, x_arg),
        message or "",
        autogenerate=autogenerate,
        sql=sql,
        head=head,
        splice=splice,
        branch_label=branch_label,
        version_path=version_path,
        rev_id=rev_id,
        depends_on=_several(depends_on),
        renames=tuple(renames),
        offline=offline,
    )


def migrate(
    directory: Directory = None,
    message: str | None = None,
    sql: bool = False,
    head: str = "head",
    splice: bool = False,
    branch_label: Arguments = None,
    version_path: str | Path | None = None,
    rev_id: str | None = None,
    x_arg: Arguments = None,
    depends_on: Arguments = None,
    renames: Sequence[str] = (),
    offline: bool = False,
) -> RevisionResult:
    """Do ``revision`` with ``autogenerate``."""
    wish = (sql, head, splice, branch_label, version_path, rev_id, depends_on, x_arg, renames, offline)
    return revision(directory, message, True, *wish)


def edit(directory: Directory = None, revision: str = "head") -> EditResult:
    """Open a revision file in the editor, and wait for it."""
    from flask_schema.actions.edit import edit as act

    return act(_project(directory), revision)


def merge(
    directory: Directory = None,
    revisions: Arguments = "heads",
    message: str | None = None,
    branch_label: Arguments = None,
    rev_id: str | None = None,
    splice: bool = False,
) -> MergeResult:
    """Write a revision that joins several."""
    from flask_schema.actions.merge import merge as act

    return act(
        _project(directory),
        _several(revisions or "heads"),
        message,
        branch_labels=_several(branch_label),
        rev_id=rev_id,
        splice=splice,
    )


def upgrade(
    directory: Directory = None,
    revision: str = "head",
    sql: bool = False,
    tag: str | None = None,
    x_arg: Arguments = None,
    output: TextIO | None = None,
) -> RunResult:
    """Run what is pending up to ``revision``; with ``sql`` write it to ``output`` (None: standard output) instead."""
    from flask_schema.actions.upgrade import upgrade as act

    return act(_project(directory, x_arg), revision, sql=sql, tag=tag, output=output)


def downgrade(
    directory: Directory = None,
    revision: str = "-1",
    sql: bool = False,
    tag: str | None = None,
    x_arg: Arguments = None,
    output: TextIO | None = None,
) -> RunResult:
    """Go back to ``revision``; with ``sql`` write it to ``output`` (None: standard output) instead.

    SQL of one step, ``-1``, is that from the head.
    """
    from flask_schema.actions.downgrade import downgrade as act

    target = "head:-1" if sql and revision == "-1" else revision
    return act(_project(directory, x_arg), target, sql=sql, tag=tag, output=output)


def show(directory: Directory = None, revision: str = "head") -> tuple[Listing, ...]:
    """Return the revision that a symbol means; several for ``heads``."""
    from flask_schema.actions.show import show as act

    return act(_project(directory), revision).revisions


def history(
    directory: Directory = None,
    rev_range: str | None = None,
    verbose: bool = False,
    indicate_current: bool = False,
) -> HistoryResult:
    """Return the revisions, newest first; ``verbose`` changes nothing here, a result has everything."""
    from flask_schema.actions.history import history as act

    return act(_project(directory), rev_range, indicate_current=indicate_current)


def heads(directory: Directory = None, verbose: bool = False, resolve_dependencies: bool = False) -> HeadsResult:
    """Return the heads; with ``resolve_dependencies`` those that no revision depends on either."""
    from flask_schema.actions.heads import heads as act

    return act(_project(directory), resolve_dependencies=resolve_dependencies)


def branches(directory: Directory = None, verbose: bool = False) -> BranchesResult:
    """Return the revisions from which several others come."""
    from flask_schema.actions.branches import branches as act

    return act(_project(directory))


def current(directory: Directory = None, verbose: bool = False) -> tuple[DatabaseState, ...]:
    """Return where each database stands."""
    from flask_schema.actions.current import current as act

    return act(_project(directory))


def stamp(
    directory: Directory = None,
    revision: Arguments = "head",
    sql: bool = False,
    tag: str | None = None,
    purge: bool = False,
    output: TextIO | None = None,
) -> RunResult:
    """Make the version table say ``revision`` (one or several) without running anything."""
    from flask_schema.actions.stamp import stamp as act

    return act(_project(directory), _several(revision), sql=sql, tag=tag, purge=purge, output=output)


def ensure_version(directory: Directory = None) -> tuple[tuple[str, bool], ...]:
    """Create each database's version table unless it is there; return (name, whether it was created) for each."""
    from flask_schema.actions.ensure_version import ensure_version as act

    return act(_project(directory))


def applied(directory: Directory = None, limit: int | None = None) -> AppliedResult:
    """Return what the journal of each database holds, the newest first: ``flask db history --applied``."""
    from flask_schema.actions.applied import applied as act

    return act(_project(directory), limit)


def prune(directory: Directory = None, remove: bool = False) -> PruneResult:
    """Find files that nobody needs: of revisions that a squash replaced, and caches; with ``remove`` delete them."""
    from flask_schema.actions.prune import prune as act

    return act(_project(directory), remove=remove)


def check(directory: Directory = None, offline: bool = False) -> Any:
    """Raise :class:`DifferencesFound` where the models and the database differ; see ``revision`` for ``offline``."""
    from flask_schema.actions.check import check as act

    return act(_project(directory), offline=offline)


def rebase(
    directory: Directory = None, branch: str | None = None, onto: str | None = None, dry_run: bool = False
) -> RebaseResult:
    """Move the revisions of one head onto another head."""
    from flask_schema.actions.rebase import rebase as act

    return act(_project(directory), branch, onto=onto, dry_run=dry_run)


def squash(
    directory: Directory = None,
    rev_range: str = "base:head",
    message: str | None = None,
    rev_id: str | None = None,
    dry_run: bool = False,
) -> SquashResult:
    """Write one revision that takes the place of a range of revisions."""
    from flask_schema.actions.squash import squash as act

    return act(_project(directory), rev_range, message, rev_id=rev_id, dry_run=dry_run)
