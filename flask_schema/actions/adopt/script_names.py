"""Reads which of Alembic's names the files of a project use, without running them, and which are not offered here."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from flask_schema.operations.facade import Directives


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
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "op" and not node.func.attr.startswith("_"):
                yield node.func.attr, node.lineno


def _registered(tree: ast.AST) -> Iterator[str]:
    """Directives of the project's own: ``@Operations.register_operation("name")``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            first = node.args[0] if node.func.attr == "register_operation" and node.args else None
            if isinstance(first, ast.Constant):
                yield str(first.value)
