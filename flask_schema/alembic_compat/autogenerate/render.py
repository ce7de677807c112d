"""Directives as source: the engine's by its own renderers, a project's own by those registered here."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from flask_schema.actions.rendering import rendering_of
from flask_schema.alembic_compat.autogenerate.custom import CustomOperation
from flask_schema.alembic_compat.autogenerate.elsewhere import renderer_elsewhere
from flask_schema.alembic_compat.autogenerate.to_operations import BUILT_IN
from flask_schema.alembic_compat.operations import ops
from flask_schema.alembic_compat.util.dispatching import Dispatcher
from flask_schema.errors import OperationRefused
from flask_schema.operations.operation import Operation
from flask_schema.scripts.elements import column_code, constraint_code, default_code, sql_text
from flask_schema.scripts.layout import flat
from flask_schema.scripts.page import Page, Rendering
from flask_schema.scripts.renderers import renders
from flask_schema.scripts.source import Source, render_operations
from flask_schema.scripts.types import python_type_code

renderers = default_renderers = Dispatcher()
"""Renderers by directive class: ``@renderers.dispatch_for(MyOp)`` for ``function(autogen_context, op)``.

They return a statement or a list of them, as text.
"""


def render_op(autogen_context: Any, op: Any) -> list[str]:
    """The statements of one directive, each as text without indentation. Raises ValueError without a renderer."""
    made = renderer_of(op)(autogen_context, op)
    return list(made) if isinstance(made, (list, tuple)) else [made] if made else []


def renderer_of(op: Any) -> Any:
    """The function that writes a directive. Raises ValueError when there is none."""
    try:
        return renderers.dispatch(op)
    except ValueError:
        found = renderer_elsewhere(op)
        if found is None:
            raise
        return found


def render_op_text(autogen_context: Any, op: Any) -> str:
    """The statements of one directive as one text."""
    return "\n".join(render_op(autogen_context, op))


def _built_in(autogen_context: Any, op: Any) -> str:
    """What the engine writes for a directive, or for the one of its classes that a project's own derives from."""
    operations = autogen_context.back.operations([op], is_ours=True)
    source = render_operations(operations, rendering_for(autogen_context), 0)
    autogen_context.imports.update(source.imports)
    return source.body


for _class in BUILT_IN:
    renderers.dispatch_for(_class)(_built_in)

_OWN = dict(renderers._registry)

_add_table = _drop_table = _add_index = _drop_index = _add_column = _drop_column = _alter_column = _built_in
_add_unique_constraint = _add_fk_constraint = _add_pk_constraint = _add_check_constraint = _built_in
_drop_constraint = _render_create_table_comment = _render_drop_table_comment = _render_modify_table = _built_in
_execute_sql = _built_in


def is_custom(op: Any) -> bool:
    """Whether a directive is a project's own, or one that a project wants to write its own way."""
    for kind in type(op).__mro__:
        found = renderers._registry.get((kind, "default"))
        if found is not None:
            return found is not _OWN.get((kind, "default"))
    return True


def is_customised() -> bool:
    """Whether a project has registered any renderer."""
    return renderers._registry != _OWN


def source_of(autogen_context: Any, directives: Iterable[Any], indent: int = 4) -> Source:
    """The source of directives, as :func:`flask_schema.scripts.source.render_operations` gives it."""
    operations = autogen_context.back.operations(directives)
    return render_operations(operations, rendering_for(autogen_context), indent)


def rendering_for(autogen_context: Any, guesses: Sequence[Any] = ()) -> Rendering:
    """How the directives of a context are written."""
    return rendering_of(
        autogen_context.migration_context,
        guesses,
        opts=autogen_context.opts,
        autogen_context=autogen_context,
        inside_batch=autogen_context._has_batch,
    )


# -- a project's own directives on the page ---------------------------------------------------


@renders("custom_operation")
def _custom_operation(operation: Operation, page: Page) -> Iterable[str]:
    assert isinstance(operation, CustomOperation)
    context = operation.autogen_context
    try:
        renderer_of(operation.op)
    except ValueError as error:
        name = type(operation.op).__name__
        raise OperationRefused(
            f"there is no renderer for {name}, so that it cannot be written into a file",
            hint=f"register one with @renderers.dispatch_for({name}), where env.py imports it",
        ) from error
    usual = context.imports, context._has_batch
    context.imports, context._has_batch = page.imports.statements, page.batch
    try:
        lines = render_op(context, operation.op)
    finally:
        context.imports, context._has_batch = usual
    margin = 8 if page.batch else 4
    for line in lines:
        if line and line.strip():
            yield indented(line.strip("\n"), margin)


def indented(code: str, margin: int) -> str:
    """Code of several lines with all but the first moved right; what stands inside a string stays where it is."""
    lines = code.split("\n")
    if len(lines) == 1:
        return code
    inside: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.end[0] > token.start[0] and token.type not in (tokenize.NEWLINE, tokenize.NL):
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, IndentationError):
        inside = set()
    moved = [
        line if not line.strip() or number in inside else " " * margin + line
        for number, line in enumerate(lines[1:], start=2)
    ]
    return "\n".join([lines[0], *moved])


# -- pieces, for renderers of a project's own -------------------------------------------------


def _page(autogen_context: Any) -> Page:
    page = Page(rendering_for(autogen_context))
    page.imports.statements = autogen_context.imports
    return page


def _repr_type(type_: Any, autogen_context: Any, _skip_variants: bool = False) -> str:
    """A type as source."""
    del _skip_variants
    return flat(python_type_code(type_, _page(autogen_context)))


def _render_column(column: sa.Column[Any], autogen_context: Any) -> str:
    """A column as source."""
    element = autogen_context.back.translation.column(column)
    return flat(column_code(element, _page(autogen_context)) or "")


def _render_server_default(default: Any, autogen_context: Any, repr_: bool = True) -> str | None:
    """A server default as source."""
    del repr_
    if default is None:
        return None
    element = autogen_context.back.translation.column(sa.Column("x", sa.String(), server_default=_bare(default)))
    return flat(default_code(element.default, _page(autogen_context))) if element.default is not None else None


def _bare(default: Any) -> Any:
    return default.arg if isinstance(default, sa.DefaultClause) else default


def _render_constraint(constraint: sa.Constraint, autogen_context: Any, namespace_metadata: Any = None) -> str | None:
    """A constraint as it stands in ``create_table``; None for one that a type brings."""
    del namespace_metadata
    element = autogen_context.back.translation.constraint(constraint)
    return flat(constraint_code(element, _page(autogen_context))) if element is not None else None


_render_primary_key = _render_unique_constraint = _render_foreign_key = _render_check_constraint = _render_constraint


def _render_potential_expr(value: Any, autogen_context: Any, *, wrap_in_element: bool = True, **_: Any) -> str:
    """A value, or an expression as ``sa.text``, as source."""
    if isinstance(value, sa.Column):
        return repr(str(value.name))
    if not isinstance(value, sa.ClauseElement):
        return repr(value)
    sql = autogen_context.back.translation.expression(value)
    return flat(sql_text(sql, _page(autogen_context))) if wrap_in_element else repr(sql)


def _render_cmd_body(op_container: ops.OpContainer, autogen_context: Any) -> str:
    """The body of a function, without indentation; ``pass`` where there is nothing to do."""
    source = source_of(autogen_context, [op_container], indent=0)
    autogen_context.imports.update(source.imports)
    return f"{source.body or 'pass'}\n"


def _render_python_into_templatevars(
    autogen_context: Any, migration_script: Any, template_args: dict[str, Any]
) -> None:
    """The bodies of ``upgrade`` and ``downgrade`` as variables of ``script.py.mako``; MindsDB's first revision asks."""
    from flask_schema.alembic_compat.autogenerate.api import render_into

    render_into(autogen_context, migration_script, template_args)


def _indent(text: str) -> str:
    """A body as templates expect it: all lines but the first moved right."""
    return indented(text.strip(), 4)


def _ident(name: Any) -> str | None:
    return None if name is None else str(name)


def _alembic_autogenerate_prefix(autogen_context: Any) -> str:
    """What stands before a directive."""
    return "batch_op." if autogen_context._has_batch else autogen_context.opts.get("alembic_module_prefix", "op.") or ""


def _sqlalchemy_autogenerate_prefix(autogen_context: Any) -> str:
    """What stands before a name of SQLAlchemy's; the import is added."""
    prefix = autogen_context.opts.get("sqlalchemy_module_prefix", "sa.") or ""
    if prefix == "sa.":
        autogen_context.imports.add("import sqlalchemy as sa")
    return prefix


def _user_autogenerate_prefix(autogen_context: Any, target: Any) -> str:
    """What stands before a name of the user's."""
    prefix = autogen_context.opts.get("user_module_prefix")
    return f"{target.__module__}." if prefix is None else prefix
