"""Reads which of Alembic's names the files of a project use, without running them, and which are not offered here."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

from flask_schema.operations.facade import Directives
from flask_schema.values import dataclass

_OF_ALEMBIC = frozenset(
    {
        "add_column", "alter_column", "batch_alter_table", "bulk_insert", "create_check_constraint",
        "create_exclude_constraint", "create_foreign_key", "create_index", "create_primary_key", "create_table",
        "create_table_comment", "create_unique_constraint", "drop_column", "drop_constraint", "drop_index",
        "drop_table", "drop_table_comment", "execute", "f", "get_bind", "get_context", "implementation_for",
        "inline_literal", "invoke", "migration_context", "register_operation", "rename_table", "run_async",
    }
)  # fmt: skip
"""The directives of Alembic 1.20; every other one is this package's own."""

_BATCH_ON_SQLITE = frozenset(
    {
        "create_check_constraint", "create_foreign_key", "create_primary_key", "create_unique_constraint",
        "drop_constraint",
    }
)  # fmt: skip
"""Changes of a table that Alembic carries out on SQLite inside a batch block only."""


@dataclass(frozen=True, slots=True)
class MissingName:
    """A name that a file asks Alembic for and that has no counterpart here, with its place."""

    path: Path
    line: int
    name: str


@dataclass(frozen=True, slots=True)
class NamesUsed:
    """``missing`` in the order of the files, ``imports`` the number of files that import from Alembic."""

    missing: tuple[MissingName, ...]
    imports: int


def read_names(paths: Iterable[Path]) -> NamesUsed:
    """Read files. One that is no Python is skipped: loading the history says so."""
    missing: list[MissingName] = []
    directives: list[MissingName] = []
    registered: set[str] = set()
    imports = 0
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
            tree = ast.parse(text, str(path)) if "alembic" in text else None
        except (OSError, ValueError, SyntaxError):
            continue
        if tree is None:
            continue
        used = list(alembic_names(tree))
        imports += bool(used)
        missing += [
            MissingName(path, line, ".".join(part for part in (module, name) if part))
            for module, name, line in used
            if not is_offered(module, name)
        ]
        registered |= set(_registered(tree))
        directives += [
            MissingName(path, line, name) for name, line in _directives(tree) if not hasattr(Directives, name)
        ]
    unknown = [one for one in directives if one.name not in registered]
    missing += [MissingName(one.path, one.line, f"op.{one.name}") for one in unknown]
    return NamesUsed(tuple(missing), imports)


def own_names(paths: Iterable[Path], dialect: str) -> tuple[MissingName, ...]:
    """What files say that only this package understands: its own directives, and ``replaces``.

    For the dialect "sqlite" also changes of a table outside a batch block, which Alembic refuses there.
    """
    found: list[MissingName] = []
    for path in paths:
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        except (OSError, ValueError, SyntaxError):
            continue
        found += [
            MissingName(path, line, f"op.{name}")
            for name, line in _directives(tree)
            if name not in _OF_ALEMBIC and hasattr(Directives, name)
        ]
        found += [MissingName(path, node.lineno, "replaces") for node in tree.body if _sets_replaces(node)]
        if dialect == "sqlite":
            found += [MissingName(path, line, name) for name, line in _needing_batch(tree)]
    return tuple(found)


def _needing_batch(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_op(node.func.value):
            given = {one.arg or "" for one in node.keywords}
            changes = {name for name in given if not name.startswith("existing_")} - {"new_column_name", "schema"}
            if node.func.attr in _BATCH_ON_SQLITE or (node.func.attr == "alter_column" and changes):
                yield f"op.{node.func.attr} outside 'with op.batch_alter_table' on SQLite", node.lineno


def _sets_replaces(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(one, ast.Name) and one.id == "replaces" for one in targets)


def alembic_names(tree: ast.AST) -> Iterator[tuple[str, str | None, int]]:
    """Each name imported from Alembic: (module, name or None for the module itself, line)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if _is_alembic(alias.name):
                    yield alias.name, None, node.lineno
        elif isinstance(node, ast.ImportFrom) and not node.level and _is_alembic(node.module or ""):
            for alias in node.names:
                yield str(node.module), None if alias.name == "*" else alias.name, node.lineno


def is_offered(module: str, name: str | None) -> bool:
    """Whether ``from module import name`` finds something while scripts run here.

    The package of these names stands above this room and is reached by its name, as the loader of scripts does.
    """
    imports = import_module("flask_schema.alembic_compat.imports")
    if imports.module_name(module) is None:
        return False
    if name is None or hasattr(imports.mapped_module(module), name):
        return True
    return imports.module_name(f"{module}.{name}") is not None


def _is_alembic(name: str) -> bool:
    return name == "alembic" or name.startswith("alembic.")


def _directives(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """``op.name(...)`` for the name ``op`` as it is usually imported."""
    for node in ast.walk(tree):
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Attribute) and _is_op(function.value) and not function.attr.startswith("_"):
            yield function.attr, function.lineno


def _is_op(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "op"


def _registered(tree: ast.AST) -> Iterator[str]:
    """Directives of the project's own: ``@Operations.register_operation("name")``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            first = node.args[0] if node.func.attr == "register_operation" and node.args else None
            if isinstance(first, ast.Constant):
                yield str(first.value)
