"""How the operations of one comparison are written as source: the options of its context, and the users' hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from flask_schema.actions.reflecting import Reflected
from flask_schema.diff.proposals import suspicion_of
from flask_schema.diff.renames import Rename
from flask_schema.runtime.context import MigrationContext
from flask_schema.scripts.imports import Imports
from flask_schema.scripts.page import Rendering, RenderItem
from flask_schema.snapshot.elements import Column, Computed, Identity


def rendering_of(
    context: MigrationContext,
    guesses: Sequence[Rename] = (),
    *,
    opts: Mapping[str, Any] | None = None,
    autogen_context: Any = None,
    inside_batch: bool = False,
) -> Rendering:
    """The rendering that ``opts`` ask for, by default those of the context.

    ``autogen_context`` is what ``render_item`` gets; without one it gets an object with the same attributes.
    """
    impl = context.impl
    given = context.opts if opts is None else opts
    return Rendering(
        impl.python_type,
        lambda python: impl.translation.data_type(python).sql,
        option_prefix=impl.option_dialects[-1],
        op_prefix=_prefix(given, "alembic_module_prefix", "op."),
        sqlalchemy_module_prefix=_prefix(given, "sqlalchemy_module_prefix", "sa."),
        user_module_prefix=given.get("user_module_prefix"),
        render_item=_item_renderer(given.get("render_item"), context, given, autogen_context),
        render_as_batch=bool(given.get("render_as_batch")),
        says_autoincrement=impl.capabilities.shows_autoincrement,
        suspicions=suspicion_of(guesses),
        inside_batch=inside_batch,
    )


def _prefix(opts: Mapping[str, Any], name: str, usual: str) -> str:
    given = opts.get(name, usual)
    return given or ""


def _item_renderer(
    hook: Callable[..., Any] | None, context: MigrationContext, opts: Mapping[str, Any], autogen_context: Any
) -> RenderItem | None:
    """The user's ``render_item(type, object, context)``; ``context.imports`` is a set of statements to add to.

    The hook gets SQLAlchemy objects, made for the occasion where the page has elements.
    """
    if hook is None:
        return None
    reflected = Reflected(context.impl)
    if autogen_context is None:
        autogen_context = SimpleNamespace(
            imports=set(),
            migration_context=context,
            opts=opts,
            dialect=context.dialect,
            connection=None if context.as_sql else context.connection,
            metadata=opts.get("target_metadata"),
        )

    def render(kind: str, item: Any, imports: Imports) -> Any:
        usual = autogen_context.imports
        autogen_context.imports = imports.statements
        try:
            return hook(kind, _construct(reflected, kind, item), autogen_context)
        finally:
            autogen_context.imports = usual

    return render


def _construct(reflected: Reflected, kind: str, item: Any) -> Any:
    """A part of the page as the SQLAlchemy object that Alembic would hand over."""
    if kind == "server_default":
        if isinstance(item, Identity):
            return reflected.identity(item)
        if isinstance(item, Computed):
            import sqlalchemy as sa

            return sa.Computed(item.expression, persisted=item.stored)
        return reflected.default(item)
    if isinstance(item, Column):
        return reflected.column(item)
    if isinstance(item, tuple):
        table, constraint = item
        return reflected.on_stub(table, constraint)
    return item
