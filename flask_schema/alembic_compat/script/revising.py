"""New revisions of ``command.revision`` and ``command.merge``, and the comparison of ``command.check``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask_schema.alembic_compat.projects import ConfigProject
from flask_schema.alembic_compat.runtime.environment import EnvironmentContext
from flask_schema.alembic_compat.script.nodes import several
from flask_schema.alembic_compat.script.script import Script
from flask_schema.alembic_compat.util.langhelpers import rev_id
from flask_schema.errors import DifferencesFound, UsageError

if TYPE_CHECKING:
    from flask_schema.alembic_compat.config import Config
    from flask_schema.alembic_compat.script.base import ScriptDirectory
    from flask_schema.runtime.context import MigrationContext


def revise(
    config: Config, script: ScriptDirectory, wish: Mapping[str, Any], hook: Callable[..., Any] | None
) -> Script | list[Script | None] | None:
    """Write what ``command.revision`` was asked for; a list when a hook made several files of it."""
    project = ConfigProject(config, script)
    if wish["autogenerate"] or project.settings.revision_environment:
        return _drafted(project, wish, hook)
    if wish["sql"]:
        raise UsageError(
            "'sql' has no meaning without an env.py that is run",
            hint="set revision_environment = true, or leave it out",
        )
    return script.generate_revision(
        wish["rev_id"] or rev_id(),
        wish["message"],
        head=wish["head"],
        splice=wish["splice"],
        branch_labels=wish["branch_label"],
        version_path=wish["version_path"],
        depends_on=wish["depends_on"],
        config=config,
    )


def _drafted(
    project: ConfigProject, wish: Mapping[str, Any], hook: Callable[..., Any] | None
) -> Script | list[Script | None] | None:
    """Let the engine compare, or only show the hooks an empty file; and return what it wrote."""
    from flask_schema.actions.revision import revision

    project.offline = bool(wish["sql"])
    result = revision(
        project,
        wish["message"] or "",
        autogenerate=wish["autogenerate"],
        allow_empty=True,
        head=wish["head"],
        splice=wish["splice"],
        branch_label=wish["branch_label"],
        version_path=wish["version_path"],
        rev_id=wish["rev_id"],
        depends_on=several(wish["depends_on"]),
        hook=hook,
    )
    project.script.revision_map.forget()
    made = [Script._from_path(project.script, path) for path in result.paths]
    found = [project.script.get_revision(one.revision) for one in made if one is not None]
    return found[0] if len(found) == 1 else found or None


def write_joining(
    config: Config, script: ScriptDirectory, revision: str | None, message: str | None, **wish: Any
) -> Any:
    """Write a revision without operations; ``env.py`` is run for its ``template_args`` if the Config says so."""
    variables: dict[str, Any] = {"config": config}
    if ConfigProject(config, script).settings.revision_environment:

        def look(rows: Any, context: MigrationContext) -> Sequence[Any]:
            del rows, context
            return ()

        with EnvironmentContext(config, script, fn=look, template_args=variables):
            script.run_env()
    return script.generate_revision(revision or rev_id(), message, **wish, **variables)


def find_differences(config: Config, script: ScriptDirectory) -> None:
    """Raise :class:`DifferencesFound` where the models and the database differ, NotAtHead where it is behind."""
    from flask_schema.actions.check import check

    try:
        check(ConfigProject(config, script))
    except DifferencesFound as error:
        error.diffs = _diffs(config, script)
        raise


def _diffs(config: Config, script: ScriptDirectory) -> list[object]:
    from flask_schema.alembic_compat.autogenerate.api import compare_metadata

    found: list[object] = []

    def compare(rows: Any, context: MigrationContext) -> Sequence[Any]:
        del rows
        found.extend(compare_metadata(context, context.opts["target_metadata"]))
        return ()

    with EnvironmentContext(config, script, fn=compare):
        script.run_env()
    return found
