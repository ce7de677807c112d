"""The commands as functions of a :class:`Config`, for programs: they print to ``config.stdout`` and return little."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_schema.alembic_compat import util
from flask_schema.alembic_compat.runtime.environment import EnvironmentContext
from flask_schema.alembic_compat.script.base import ScriptDirectory
from flask_schema.alembic_compat.script.nodes import several
from flask_schema.alembic_compat.util.messaging import obfuscate_url_pw
from flask_schema.errors import NotAtHead, RevisionNotFound, UsageError

if TYPE_CHECKING:
    from flask_schema.alembic_compat.config import Config
    from flask_schema.runtime.context import MigrationContext


def list_templates(config: Config) -> None:
    """Print the templates that :func:`init` can use."""
    config.print_stdout("Available templates:\n")
    for folder in sorted(config._get_template_path().iterdir()):
        meaning = (folder / "README").read_text(encoding="utf-8").splitlines()[0]
        config.print_stdout("%s - %s", folder.name, meaning)
    config.print_stdout("\nName one to command.init(config, directory, template='...').")


def init(config: Config, directory: str | os.PathLike[str], template: str = "generic", package: bool = False) -> None:
    """Make a migrations directory, and the Config's ini file (or ``pyproject.toml``) where there is none.

    ``package`` adds an ``__init__.py`` to both folders. Raises :class:`DirectoryNotEmpty` and :class:`UsageError`.
    """
    from flask_schema.alembic_compat.script.writing import write_directory

    write_directory(config, Path(directory), template, package=package)


def revision(
    config: Config,
    message: str | None = None,
    autogenerate: bool = False,
    sql: bool = False,
    head: Any = "head",
    splice: bool = False,
    branch_label: Any = None,
    version_path: str | os.PathLike[str] | None = None,
    rev_id: str | None = None,
    depends_on: Any = None,
    process_revision_directives: Callable[..., Any] | None = None,
) -> Any:
    """Write a revision file and return its :class:`Script`, or a list of several.

    ``autogenerate`` fills it with the difference between the models and the database; ``sql`` is for an ``env.py``
    that is run with ``revision_environment`` set. Raises :class:`HistoryError`, :class:`NotAtHead` and
    :class:`UsageError`.
    """
    from flask_schema.alembic_compat.script.revising import revise

    if sql and autogenerate:
        raise UsageError("the comparison needs a database, so 'autogenerate' and 'sql' exclude each other")
    wish = {
        "message": message,
        "autogenerate": autogenerate,
        "sql": sql,
        "head": head,
        "splice": splice,
        "branch_label": branch_label,
        "version_path": version_path,
        "rev_id": rev_id,
        "depends_on": depends_on,
    }
    return revise(config, ScriptDirectory.from_config(config), wish, process_revision_directives)


def check(config: Config) -> None:
    """Raise :class:`DifferencesFound` where :func:`revision` with ``autogenerate`` would write something."""
    from flask_schema.alembic_compat.script.revising import find_differences

    find_differences(config, ScriptDirectory.from_config(config))
    config.print_stdout("No new upgrade operations detected.")


def merge(
    config: Config,
    revisions: Any,
    message: str | None = None,
    branch_label: Any = None,
    rev_id: str | None = None,
    splice: bool = False,
) -> Any:
    """Write a revision that joins several and return its :class:`Script`. Raises :class:`HistoryError`."""
    from flask_schema.alembic_compat.script.revising import write_joining

    script = ScriptDirectory.from_config(config)
    return write_joining(config, script, rev_id, message, head=revisions, branch_labels=branch_label, splice=splice)


# -- running ----------------------------------------------------------------------------------


def upgrade(config: Config, revision: str, sql: bool = False, tag: str | None = None) -> None:
    """Run what is pending up to ``revision``; with ``sql`` write it, from the left side of ``from:to``.

    Raises :class:`HistoryError`, :class:`MigrationFailed` and :class:`UsageError`.
    """
    script = ScriptDirectory.from_config(config)
    start, target = _split(revision, sql)
    _run(config, script, lambda rows, _: script._upgrade_revs(target, rows), sql, start, target, tag)


def downgrade(config: Config, revision: str, sql: bool = False, tag: str | None = None) -> None:
    """Go back to ``revision``; with ``sql`` write it, and ``revision`` is a range ``from:to``."""
    script = ScriptDirectory.from_config(config)
    start, target = _split(revision, sql)
    if sql and start is None:
        raise UsageError("SQL of a downgrade needs to know where it starts", hint=f"give a range: head:{revision}")
    _run(config, script, lambda rows, _: script._downgrade_revs(target, rows), sql, start, target, tag)


def stamp(config: Config, revision: Any, sql: bool = False, tag: str | None = None, purge: bool = False) -> None:
    """Make the version table say ``revision`` (one or several) without running anything; ``purge`` empties it first."""
    script = ScriptDirectory.from_config(config)
    targets: list[str] = []
    starts: list[str] = []
    for one in several(revision):
        start, target = _split(one, sql) if sql else (None, one)
        targets.append(target)
        if start is not None and start not in starts:
            starts.append(start)
    if len(starts) > 1:
        raise UsageError(f"SQL of a stamp starts in one place, not in several: {', '.join(starts)}")
    if sql and purge:
        raise UsageError("'purge' needs a database, so it cannot be written as SQL")
    start = starts[0] if starts else None
    _run(
        config, script, lambda rows, _: script._stamp_revs(tuple(targets), rows), sql, start, tuple(targets), tag, purge
    )


def _split(revision: str, sql: bool) -> tuple[str | None, str]:
    """Return both sides of ``from:to``. Raises :class:`UsageError` for a range without ``sql``."""
    if ":" not in revision:
        return None, revision
    if not sql:
        raise UsageError(f"a range like {revision} is for SQL only: a database knows where it is")
    start, _, target = revision.partition(":")
    return start, target


def _run(
    config: Config,
    script: ScriptDirectory,
    function: Callable[[Any, Any], Any],
    sql: bool = False,
    start: str | None = None,
    target: Any = None,
    tag: str | None = None,
    purge: bool = False,
) -> None:
    options = {"as_sql": sql, "starting_rev": start, "destination_rev": target, "tag": tag, "purge": purge}
    with EnvironmentContext(config, script, fn=function, **options):
        script.run_env()


def _ask(config: Config, script: ScriptDirectory, ask: Callable[[Any, MigrationContext], None]) -> None:
    """Let ``ask`` see the rows of the version table and the context; nothing is written."""

    def function(rows: Any, context: MigrationContext) -> Sequence[Any]:
        ask(rows, context)
        return ()

    with EnvironmentContext(config, script, fn=function, dont_mutate=True):
        script.run_env()


def ensure_version(config: Config, sql: bool = False) -> None:
    """Create the version table unless it is there; with ``sql`` write its CREATE TABLE."""
    script = ScriptDirectory.from_config(config)

    def function(rows: Any, context: MigrationContext) -> Sequence[Any]:
        del rows
        context._ensure_version_table()
        return ()

    _run(config, script, function, sql)


# -- reading ----------------------------------------------------------------------------------


def show(config: Config, rev: Any) -> None:
    """Print the revisions that ``rev`` means in full; the database is asked for ``current``."""
    script = ScriptDirectory.from_config(config)

    def display(symbol: Any) -> None:
        for found in script.get_revisions(symbol):
            config.print_stdout(found.log_entry)

    if rev == "current":
        _ask(config, script, lambda rows, _: display(rows))
    else:
        display(rev)


def history(
    config: Config, rev_range: str | None = None, verbose: bool = False, indicate_current: bool = False
) -> None:
    """Print the revisions of a range ``older:newer``, newest first; either end may be left out or ``current``."""
    script = ScriptDirectory.from_config(config)
    if rev_range is not None and rev_range.count(":") != 1:
        raise UsageError(f"{rev_range!r} is not a range", hint="write it as older:newer, older: or :newer")
    base, _, head = (rev_range or ":").strip().partition(":")

    def display(rows: Sequence[str]) -> None:
        lower: Any = rows if base == "current" else base or "base"
        upper: Any = rows if head == "current" else head or "heads"
        for found in script.walk_revisions(lower, upper):
            found._db_current_indicator = indicate_current and found.revision in rows
            config.print_stdout(
                found.cmd_format(verbose, include_branches=True, include_doc=True, include_parents=True)
            )

    if indicate_current or "current" in {base, head} or _has_revision_environment(config):
        _ask(config, script, lambda rows, _: display(rows))
    else:
        display(())


def heads(config: Config, verbose: bool = False, resolve_dependencies: bool = False) -> None:
    """Print the heads; with ``resolve_dependencies`` those that no revision depends on either."""
    script = ScriptDirectory.from_config(config)
    for found in script.get_revisions(script.get_heads(consider_depends_on=resolve_dependencies)):
        config.print_stdout(found.cmd_format(verbose, include_branches=True, tree_indicators=False))


def branches(config: Config, verbose: bool = False) -> None:
    """Print the revisions that several others follow, and those."""
    script = ScriptDirectory.from_config(config)
    for found in script.walk_revisions():
        if found.is_branch_point:
            followers = (script.get_revision(one) for one in sorted(found.nextrev))
            lines = (
                f"{' ' * len(found.revision)} -> {one.cmd_format(False, include_branches=True, include_doc=verbose)}"
                for one in followers
            )
            config.print_stdout("%s\n%s\n", found.cmd_format(verbose, include_branches=True), "\n".join(lines))


def current(config: Config, check_heads: bool = False, verbose: bool = False) -> None:
    """Print where the database stands; with ``check_heads`` raise :class:`NotAtHead` unless that is all heads."""
    script = ScriptDirectory.from_config(config)

    def display(rows: Any, context: MigrationContext) -> None:
        if verbose and context.connection is not None:
            config.print_stdout("Current revision(s) for %s:", obfuscate_url_pw(context.connection.engine.url))
        if check_heads and set(rows) != set(script.get_heads()):
            raise NotAtHead("the database is not at all head revisions", hint="run command.upgrade(config, 'heads')")
        for found in script.get_all_current(rows):
            config.print_stdout(found.cmd_format(verbose))

    _ask(config, script, display)


def edit(config: Config, rev: Any) -> None:
    """Open what ``rev`` means in the editor and wait for it. Raises :class:`RevisionNotFound` where it has no file."""
    script = ScriptDirectory.from_config(config)

    def open_all(symbol: Any) -> None:
        found = script.get_revisions(symbol)
        if not found:
            raise RevisionNotFound(f"{rev!r} means no revision file")
        for one in found:
            util.open_in_editor(one.path)

    if rev == "current":
        _ask(config, script, lambda rows, _: open_all(rows))
    else:
        open_all(rev)


def _has_revision_environment(config: Config) -> bool:
    from flask_schema.alembic_compat.util.langhelpers import asbool

    return asbool(config.get_alembic_option("revision_environment"))
