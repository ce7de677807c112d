"""Revision files in the making, for programs that run ``env.py`` by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask_schema.alembic_compat.autogenerate.api import AutogenContext, render_into
from flask_schema.alembic_compat.autogenerate.compare import _populate_migration_script
from flask_schema.alembic_compat.operations import ops
from flask_schema.errors import NotAtHead, UsageError
from flask_schema.scripts.names import new_revision_id

_WISHES = ("message", "head", "splice", "branch_label", "version_path", "depends_on")


class RevisionContext:
    """What ``command.revision`` works with: ``generated_revisions`` are the files, which hooks may change.

    ``command_args`` has ``rev_id``, ``message``, ``head``, ``splice``, ``branch_label``, ``version_path``,
    ``depends_on`` and ``sql``.
    """

    def __init__(
        self,
        config: Any,
        script_directory: Any,
        command_args: dict[str, Any],
        process_revision_directives: Callable[..., Any] | None = None,
    ) -> None:
        self.config = config
        self.script_directory = script_directory
        self.command_args = command_args
        self.process_revision_directives = process_revision_directives
        self.template_args: dict[str, Any] = {"config": config}
        self.generated_revisions: list[Any] = [self._default_revision()]
        self._last_autogen_context: AutogenContext | None = None

    def _default_revision(self) -> ops.MigrationScript:
        wishes = {name: self.command_args.get(name) for name in _WISHES}
        rev_id = self.command_args.get("rev_id") or new_revision_id()
        return ops.MigrationScript(rev_id, ops.UpgradeOps(), ops.DowngradeOps(), **wishes)

    def run_autogenerate(self, rev: Any, migration_context: Any) -> None:
        """Compare one database with its models. Raises NotAtHead when it is not at the heads."""
        if self.command_args.get("sql"):
            raise UsageError("Using --sql with --autogenerate does not make any sense")
        there = {one.revision for one in self.script_directory.get_revisions(rev)}
        if there != {one.revision for one in self.script_directory.get_revisions("heads")}:
            raise NotAtHead("Target database is not up to date.", hint="run 'flask db upgrade' first")
        self._run(rev, migration_context, True)

    def run_no_autogenerate(self, rev: Any, migration_context: Any) -> None:
        """Let the hooks see the file without comparing anything."""
        self._run(rev, migration_context, False)

    def _run(self, rev: Any, context: Any, autogenerate: bool) -> None:
        up = context.opts.get("upgrade_token") or "upgrades"
        down = context.opts.get("downgrade_token") or "downgrades"
        script = self.generated_revisions[-1]
        if not script._needs_render:
            script.upgrade_ops_list[-1].upgrade_token = up
            script.downgrade_ops_list[-1].downgrade_token = down
            script._needs_render = True
        else:
            script.upgrade_ops_list.append(ops.UpgradeOps(upgrade_token=up))
            script.downgrade_ops_list.append(ops.DowngradeOps(downgrade_token=down))
        self._last_autogen_context = AutogenContext(context, autogenerate=autogenerate)
        if autogenerate:
            _populate_migration_script(self._last_autogen_context, script)
        for hook in (self.process_revision_directives, context.opts.get("process_revision_directives")):
            if hook is not None:
                hook(context, rev, self.generated_revisions)
        for one in self.generated_revisions:
            one._needs_render = True

    def generate_scripts(self) -> Iterator[Any]:
        """Write the files one after the other; each is given as the script directory's object."""
        for one in self.generated_revisions:
            yield self._to_script(one)

    def _to_script(self, script: ops.MigrationScript) -> Any:
        template_args = dict(self.template_args)
        if script._needs_render and self._last_autogen_context is not None:
            self._last_autogen_context.imports = set(script.imports)
            render_into(self._last_autogen_context, script, template_args)
        return self.script_directory.generate_revision(
            script.rev_id,
            script.message,
            refresh=True,
            head=script.head,
            splice=script.splice,
            branch_labels=script.branch_label,
            version_path=script.version_path,
            depends_on=script.depends_on,
            **template_args,
        )
