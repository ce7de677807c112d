"""A revision in the making: what each database needs, as the user's hook leaves it, drawn as source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from flask_schema.actions.comparing import Comparison
from flask_schema.actions.directives import RevisionDirective, process
from flask_schema.actions.type_changes import type_changes
from flask_schema.diff.proposals import suspicion_of
from flask_schema.diff.renames import Rename
from flask_schema.operations.operation import Operation
from flask_schema.runtime.context import MigrationContext
from flask_schema.scripts.imports import Imports
from flask_schema.scripts.page import Rendering, RenderItem
from flask_schema.scripts.source import Source, all_imports, render_operations
from flask_schema.scripts.template import Body


@dataclass(slots=True)
class _Batch:
    """What one ``env.py`` went through: the directives that the hook sees, and what each database is drawn with."""

    environment: Any
    directives: list[RevisionDirective]
    names: list[str] = field(default_factory=list)
    contexts: list[MigrationContext] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """The two functions of each database. ``parents`` are the new revision's, ``rev_id`` its id if it is chosen.

    After :meth:`draw`, ``bodies`` has the functions by database, ``variables`` what an ``upgrade_token`` names.
    """

    message: str
    rev_id: str | None
    parents: tuple[str, ...]
    bodies: dict[str, Body] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    operations: list[Operation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    guesses: list[Rename] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    _batches: list[_Batch] = field(default_factory=list)

    def add(self, name: str, context: MigrationContext, comparison: Comparison) -> bool:
        """Take in what one database needs; false when the user's hook left nothing of the revision.

        What one ``env.py`` goes through is in one directive, and the hook is called after each database.
        """
        if not self._batches or self._batches[-1].environment is not context.environment_context:
            first = [RevisionDirective(self.message, self.rev_id)]
            self._batches.append(_Batch(context.environment_context, first))
        batch = self._batches[-1]
        batch.names.append(name)
        batch.contexts.append(context)
        batch.comparisons.append(comparison)
        tokens = (context.opts.get("upgrade_token") or "", context.opts.get("downgrade_token") or "")
        for directive in batch.directives:
            directive.add(comparison.operations, tokens)
        process(batch.directives, context.opts.get("process_revision_directives"), context, self.parents)
        return bool(batch.directives)

    def draw(self) -> None:
        """Write what the directives hold as source."""
        for batch in self._batches:
            for directive in batch.directives[:1]:
                self.message = directive.message
                self.imports |= directive.imports
                for place in range(min(len(batch.names), len(directive.upgrade_ops_list))):
                    self._draw(batch, directive, place)

    def _draw(self, batch: _Batch, directive: RevisionDirective, place: int) -> None:
        upgrade, downgrade = directive.upgrade_ops_list[place], directive.downgrade_ops_list[place]
        comparison = batch.comparisons[place]
        rendering = _rendering(batch.contexts[place], comparison)
        up = render_operations(upgrade.ops, rendering)
        down = render_operations(downgrade.ops, rendering)
        if downgrade.irreversible is not None and not downgrade.ops:
            down = Source(body=f"raise NotImplementedError({downgrade.irreversible!r})")
            self.notes.append(f"the downgrade cannot be written: {downgrade.irreversible}")
        self.bodies[batch.names[place]] = Body(up.body, down.body)
        drawn = ((upgrade.token, up.body), (downgrade.token, down.body))
        self.variables |= {token: body for token, body in drawn if token}
        self.imports |= set(all_imports([up, down]))
        self.operations += upgrade.ops
        self.notes += [*type_changes(upgrade.ops, batch.contexts[place].impl), *comparison.notes, *up.notes]
        self.guesses += comparison.guesses


def _rendering(context: MigrationContext, comparison: Comparison) -> Rendering:
    impl, opts = context.impl, context.opts
    prefix = opts.get("user_module_prefix")
    return Rendering(
        impl.python_type,
        lambda python: impl.translation.data_type(python).sql,
        option_prefix=impl.option_dialects[-1],
        op_prefix=opts.get("alembic_module_prefix", "op."),
        sqlalchemy_module_prefix=opts.get("sqlalchemy_module_prefix", "sa."),
        user_module_prefix=prefix,
        render_item=_item_renderer(opts.get("render_item"), context),
        render_as_batch=bool(opts.get("render_as_batch")),
        says_autoincrement=impl.capabilities.shows_autoincrement,
        suspicions=suspicion_of(comparison.guesses),
    )


def _item_renderer(hook: Callable[..., Any] | None, context: MigrationContext) -> RenderItem | None:
    """The user's ``render_item(type, object, context)``; ``context.imports`` is a set of statements to add to."""
    if hook is None:
        return None

    def render(kind: str, item: Any, imports: Imports) -> Any:
        return hook(
            kind, item, SimpleNamespace(imports=imports.statements, migration_context=context, opts=context.opts)
        )

    return render
