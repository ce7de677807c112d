"""Directives that nobody knows, found before a script runs, where they are sure to be reached."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache

import sqlalchemy as sa

from flask_schema.errors import NameNotMapped
from flask_schema.operations.batch import BatchDirectives
from flask_schema.operations.facade import op
from flask_schema.scripts.load import LoadedFile

_USED = re.compile(rb"op\.([A-Za-z]\w*)")
_OF_A_HEADER = (
    *("revision", "down_revision", "branch_labels", "depends_on", "upgrade", "downgrade", "__doc__", "__annotations__"),
    *("__future__", "annotations", "typing", "collections.abc", "Sequence", "Union", "str"),
    *("alembic", "flask_schema", "op", "batch_op", "sqlalchemy", "sa"),
)
_OF_THE_CONTEXT = frozenset(["impl"])
_PACKAGES = ("alembic", "flask_schema")


@cache
def _ordinary() -> frozenset[str]:
    """Names that most files use, and no others: of SQLAlchemy, of the directives, and of a file's header."""
    return frozenset([*dir(sa), *dir(type(op)), *dir(BatchDirectives), *_OF_A_HEADER])


def refuse_unknown(file: LoadedFile, function: str) -> None:
    """Raise NameNotMapped for a directive that ``function`` of a revision calls first thing, whatever happens.

    What stands in a branch or a loop is left to the run: it may be for another database, or for nobody.
    """
    if file.names <= _ordinary():
        return
    path = file.module.__file__ or ""
    if not path.endswith(".py"):
        return
    try:
        with open(path, "rb") as source:  # noqa: PTH123 - for each script: a Path takes as long as the rest
            text = source.read()
    except OSError:
        return
    if all(_is_known(name.decode()) for name in set(_USED.findall(text))):
        return
    tree = ast.parse(text)
    if not _imports_op(tree):
        return
    body = next((one.body for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == function), [])
    for owner, attribute in _reached(body):
        known = _is_known_to_op(attribute.attr) if owner == "op" else _is_known_to_batch(attribute.attr)
        if not known and not attribute.attr.startswith("_"):
            raise NameNotMapped(
                f"there is no directive {owner}.{attribute.attr}",
                hint="write it with the directives there are, or register one of that name in env.py "
                "(Operations.register_operation)",
                file=path,
                line=attribute.lineno,
            )


def _is_known(name: str) -> bool:
    return _is_known_to_batch(name) or _is_known_to_op(name)


def _is_known_to_batch(name: str) -> bool:
    """What has been registered with a real Alembic is found by the block itself."""
    return hasattr(BatchDirectives, name) or "alembic.operations.base" in sys.modules


def _is_known_to_op(name: str) -> bool:
    return hasattr(type(op), name) or name in _OF_THE_CONTEXT or hasattr(op, name)


def _imports_op(tree: ast.Module) -> bool:
    return any(
        isinstance(one, ast.ImportFrom)
        and one.module in _PACKAGES
        and any(name.name == "op" and name.asname in (None, "op") for name in one.names)
        for one in tree.body
    )


def _reached(
    statements: Sequence[ast.stmt], batches: frozenset[str] = frozenset()
) -> Iterator[tuple[str, ast.Attribute]]:
    """``op.name`` and ``batch_op.name`` in statements that are carried out one after the other."""
    for statement in statements:
        if isinstance(statement, ast.With):
            for item in statement.items:
                yield from _attributes(item.context_expr, batches)
                if isinstance(item.optional_vars, ast.Name) and _opens_batch(item.context_expr):
                    batches |= {item.optional_vars.id}
            yield from _reached(statement.body, batches)
        elif isinstance(statement, (ast.Expr, ast.Assign)):
            yield from _attributes(statement.value, batches)
        if any(isinstance(one, (ast.Return, ast.Raise)) for one in ast.walk(statement)):
            return


def _opens_batch(expression: ast.expr) -> bool:
    return (
        isinstance(expression, ast.Call)
        and isinstance(expression.func, ast.Attribute)
        and expression.func.attr == "batch_alter_table"
    )


def _attributes(expression: ast.expr, batches: frozenset[str]) -> Iterator[tuple[str, ast.Attribute]]:
    """In a call and its arguments; not in what may be left undone (``a and b``) or done later (a lambda)."""
    if isinstance(expression, ast.Attribute) and isinstance(expression.value, ast.Name):
        if expression.value.id == "op" or expression.value.id in batches:
            yield expression.value.id, expression
    elif isinstance(expression, ast.Call):
        for part in (expression.func, *expression.args):
            yield from _attributes(part, batches)
