"""New revisions of ``command.revision`` and ``command.merge``, and the comparison of ``command.check``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask_schema.alembic_compat.projects import ConfigProject
from flask_schema.alembic_compat.runtime.environment import EnvironmentContext
from flask_schema.alembic_compat.script.nodes import several
from flask_schema.alembic_compat.script.script import Script
from flask_schema.alembic_compat.util.langhelpers import asbool, rev_id
from flask_schema.errors import UsageError

if TYPE_CHECKING:
    from flask_schema.alembic_compat.config import Config
    from flask_schema.alembic_compat.script.base import ScriptDirectory
    from flask_schema.runtime.context import MigrationContext


def revise(
    config: Config, script: ScriptDirectory, wish: Mapping[str, Any], hook: Callable[..., Any] | None
) -> Script | list[Script | None] | None:
    """Write what ``command.revision`` was asked for; a list when a hook made several files of it."""
    if wish["autogenerate"]:
        return _compared(config, script, wish, hook)
    if wish["sql"] and not _has_environment(config):
        raise UsageError(
            "'sql' has no meaning without an env.py that is run",
            hint="set revision_environment = true, or leave it out",
        )
    return write_empty(
        config,
        script,
        wish["rev_id"],
        wish["message"],
        sql=wish["sql"],
        head=wish["head"],
        splice=wish["splice"],
        branch_labels=wish["branch_label"],
        version_path=wish["version_path"],
        depends_on=wish["depends_on"],
    )


def write_empty(
    config: Config,
    script: ScriptDirectory,
    revision: str | None,
    message: str | None,
    *,
    sql: bool = False,
    **wish: Any,
) -> Script | None:
    """Write a revision without operations; ``env.py`` is run for its ``template_args`` if the Config says so."""
    variables: dict[str, Any] = {"config": config}
    if _has_environment(config):

        def look(rows: Any, context: MigrationContext) -> Sequence[Any]:
            del rows
            variables.update(context.opts.get("template_args") or {})
            return ()

        with EnvironmentContext(config, script, fn=look, as_sql=sql, template_args=variables):
            script.run_env()
    return script.generate_revision(revision or rev_id(), message, **wish, **variables)


def _has_environment(config: Config) -> bool:
    return asbool(config.get_alembic_option("revision_environment"))


def _compared(
    config: Config, script: ScriptDirectory, wish: Mapping[str, Any], hook: Callable[..., Any] | None
) -> Script | list[Script | None] | None:
    from flask_schema.actions.revision import revision

    project = ConfigProject(config, script)
    result = revision(
        project,
        wish["message"] or "",
        autogenerate=True,
        allow_empty=True,
        head=wish["head"],
        splice=wish["splice"],
        branch_label=wish["branch_label"],
        version_path=wish["version_path"],
        rev_id=wish["rev_id"],
        depends_on=several(wish["depends_on"]),
        hook=hook,
    )
    made = [Script._from_path(script, path) for path in result.paths]
    for one in made:
        script.revision_map.add_revision(one)
    return made[0] if len(made) == 1 else made or None


def find_differences(config: Config, script: ScriptDirectory) -> None:
    """Raise :class:`DifferencesFound` where the models and the database differ, NotAtHead where it is behind."""
    from flask_schema.actions.check import check

    check(ConfigProject(config, script))
