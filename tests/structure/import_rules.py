"""Reads who imports whom, without importing anything, and says which imports break the rules of the house.

The rules are those of ``docs/explanation/architecture.md``. Imports inside functions and under ``TYPE_CHECKING``
count like all others; only cycles are a matter of the module level, where they can make a start fail.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# From the top of the house to its ground. A room may import the rooms below it.
ROOMS = (
    "__main__",
    "commands",
    "extension",
    "cli",
    "alembic_compat",
    "actions",
    "runtime",
    "project",
    "scripts",
    "diff",
    "dialects",
    "pictures",
    "operations",
    "snapshot",
    "history",
    "databases",
    "config",
    "git",
    "garbage",
    "values",
    "errors",
)

# These meet in `actions` and `runtime`.
STRANGERS = frozenset({"scripts", "diff", "dialects"})

# Who may import what from outside; what is not listed here is free, and "" is the package's own `__init__`.
ALLOWED_IN: dict[str, frozenset[str]] = {
    "alembic": frozenset(),
    "flask": frozenset({"commands", "extension", "databases", "cli"}),
    "flask_sqlalchemy": frozenset({"databases"}),
    "flask_sqlalchemy_lite": frozenset({"databases"}),
    "click": frozenset({"extension", "cli"}),
    "mako": frozenset({"scripts"}),
    "sqlalchemy": frozenset(ROOMS) - {"history", "errors", "garbage", "git", "values"},
}


@dataclass(frozen=True)
class Import:
    """One import: the module it stands in, the module it names, and its line."""

    importer: str
    imported: str
    line: int
    is_at_module_level: bool


@dataclass
class Source:
    """The modules of one package, and their imports."""

    package: str
    modules: dict[str, Path] = field(default_factory=dict)
    imports: list[Import] = field(default_factory=list)

    def room_of(self, module: str) -> str | None:
        """Return the room of a module of the package ("" for the package itself); None for any other module."""
        parts = module.split(".")
        if parts[0] != self.package:
            return None
        return parts[1] if len(parts) > 1 else ""


def read_source(folder: Path) -> Source:
    """Read all modules of the package in ``folder``."""
    source = Source(folder.name)
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        source.modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    for module, path in source.modules.items():
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        source.imports += _find_imports(source, module, path.name == "__init__.py", tree)
    return source


def find_faults(source: Source) -> list[str]:
    """Return a line for each import that breaks a rule, in the order of the files."""
    faults = [f"{source.package}.{room} is not a room of the house" for room in _unknown_rooms(source)]
    for found in source.imports:
        reason = _judge(source, found)
        if reason:
            faults.append(f"{found.importer}:{found.line} imports {found.imported}: {reason}")
    faults += [f"import cycle: {' -> '.join(cycle)}" for cycle in find_cycles(source)]
    return faults


def find_cycles(source: Source) -> list[list[str]]:
    """Return cycles of imports at module level, each as the modules along it, the first one again at the end."""
    edges: dict[str, list[str]] = {module: [] for module in source.modules}
    for found in source.imports:
        if found.is_at_module_level and found.imported in edges:
            edges[found.importer].append(found.imported)
    cycles: list[list[str]] = []
    done: set[str] = set()
    for start in edges:
        _walk(start, edges, [], done, cycles)
    return cycles


def _walk(module: str, edges: dict[str, list[str]], path: list[str], done: set[str], cycles: list[list[str]]) -> None:
    if module in path:
        cycles.append([*path[path.index(module) :], module])
        return
    if module in done:
        return
    for imported in edges[module]:
        _walk(imported, edges, [*path, module], done, cycles)
    done.add(module)


def _unknown_rooms(source: Source) -> list[str]:
    rooms = {source.room_of(module) for module in source.modules}
    return sorted(room for room in rooms if room and room not in ROOMS)


def _judge(source: Source, found: Import) -> str | None:
    """Return the rule that an import breaks, or None."""
    importer, imported = source.room_of(found.importer), source.room_of(found.imported)
    if imported is None:
        distribution = found.imported.split(".")[0]
        allowed = ALLOWED_IN.get(distribution)
        if allowed is not None and importer not in allowed:
            return f"{distribution} is for {', '.join(sorted(allowed)) or 'nobody'}"
        return None
    if importer == "" or importer == imported:
        return None
    if imported == "":
        return "rooms import each other, not the package's front door"
    if {importer, imported} <= STRANGERS:
        return "they meet in actions and runtime"
    if importer in ROOMS and imported in ROOMS and ROOMS.index(imported) < ROOMS.index(importer):
        return "imports go down only"
    return None


def _find_imports(source: Source, module: str, is_package: bool, tree: ast.Module) -> Iterator[Import]:
    in_functions = {
        inner
        for outer in ast.walk(tree)
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for inner in ast.walk(outer)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = _names_of(source, _absolute(module, is_package, node), node)
        else:
            continue
        for name in names:
            yield Import(module, name, node.lineno, node not in in_functions)


def _absolute(module: str, is_package: bool, node: ast.ImportFrom) -> str:
    """Return the module that ``from ... import`` names, its leading dots resolved."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*parts, node.module] if node.module else parts)


def _names_of(source: Source, origin: str, node: ast.ImportFrom) -> list[str]:
    """``from a import b`` imports the module a.b if there is one, and else the module a."""
    inner = [f"{origin}.{alias.name}" for alias in node.names]
    return list(dict.fromkeys(name if name in source.modules else origin for name in inner))
