"""Shows the files that ``flask db revision`` is about to write to the users' hooks, in the classes that they know.

``actions`` asks for this module by name when there is a hook; nothing else there knows of Alembic's classes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.exc import NoInspectionAvailable

from flask_schema.actions.comparing import Comparison
from flask_schema.actions.drafting import tokens_of
from flask_schema.actions.drafts import Draft, Part
from flask_schema.alembic_compat.autogenerate.api import AutogenContext
from flask_schema.alembic_compat.autogenerate.compare import _populate_migration_script
from flask_schema.alembic_compat.autogenerate.render import rendering_for
from flask_schema.alembic_compat.operations import ops
from flask_schema.errors import OfflineRefused
from flask_schema.runtime.context import MigrationContext
from flask_schema.values import dataclass


@dataclass(slots=True)
class _Origin:
    """Whose comparison an entry of ``upgrade_ops_list`` came from."""

    name: str
    context: AutogenContext
    comparison: Comparison


class Hooked:
    """One revision in the making: a list of :class:`MigrationScript` that hooks see after each database."""

    def __init__(self, draft: Draft, hook: Callable[..., Any] | None = None) -> None:
        self._hook = hook
        self._origins: list[_Origin] = []
        self.scripts: list[Any] = [
            ops.MigrationScript(
                draft.rev_id,
                [],
                [],
                message=draft.message,
                head=draft.head,
                splice=draft.splice,
                branch_label=draft.branch_label,
                version_path=draft.version_path,
                depends_on=list(draft.depends_on) or None,
                imports=draft.imports,
            )
        ]

    def add(self, context: MigrationContext, comparison: Comparison, name: str, heads: Sequence[str]) -> list[str]:
        """Put one database's comparison into the last script, and call the hooks; notes for the user are returned."""
        autogen_context = AutogenContext(context, comparison=comparison)
        self._origins.append(_Origin(name, autogen_context, comparison))
        if self.scripts:
            script = self.scripts[-1]
            prefix = f"{name}_" if name else ""
            up, down = tokens_of(context.opts)
            script.upgrade_ops_list.append(ops.UpgradeOps(upgrade_token=up or f"{prefix}upgrades"))
            script.downgrade_ops_list.append(ops.DowngradeOps(downgrade_token=down or f"{prefix}downgrades"))
            _populate_migration_script(autogen_context, script)
            script._needs_render = True
        for hook in (self._hook, context.opts.get("process_revision_directives")):
            if hook is not None:
                self._ask(hook, context, heads)
        return autogen_context.notes

    def _ask(self, hook: Callable[..., Any], context: MigrationContext, heads: Sequence[str]) -> None:
        try:
            hook(context, tuple(heads), self.scripts)
        except (AttributeError, TypeError, NoInspectionAvailable) as error:
            if not context.as_sql:
                raise
            raise OfflineRefused(
                f"process_revision_directives does not go without a connection: {type(error).__name__}: {error}",
                hint="leave out --offline; or let it ask 'context.dialect', which is always there",
            ) from error

    def drafts(self) -> list[Draft]:
        """What the hooks left, as files to be written."""
        return [self._of(script) for script in self.scripts]

    def _of(self, script: Any) -> Draft:
        parts = []
        for place, upgrade in enumerate(script.upgrade_ops_list):
            downgrades = script.downgrade_ops_list
            downgrade = downgrades[place] if place < len(downgrades) else ops.DowngradeOps()
            origin = self._origins[min(place, len(self._origins) - 1)]
            parts.append(self._part(origin, upgrade, downgrade))
        return Draft(
            script.message or "",
            script.rev_id,
            script.head if script.head is not None else "head",
            bool(script.splice),
            script.branch_label,
            str(script.version_path) if script.version_path else None,
            _listed(script.depends_on),
            set(script.imports),
            parts,
        )

    def _part(self, origin: _Origin, upgrade: ops.UpgradeOps, downgrade: ops.DowngradeOps) -> Part:
        back = origin.context.back
        tokens = tokens_of(origin.context.opts)
        return Part(
            origin.name,
            back.operations([upgrade]),
            back.operations([downgrade]),
            rendering_for(origin.context, origin.comparison.guesses),
            origin.context.irreversible if not upgrade.is_empty() else None,
            (upgrade.upgrade_token if tokens[0] else "", downgrade.downgrade_token if tokens[1] else ""),
        )


def _listed(value: str | Sequence[str] | None) -> Sequence[str]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
