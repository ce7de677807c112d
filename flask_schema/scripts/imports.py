"""The imports that a revision file needs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import field
from pathlib import Path

from flask_schema.values import dataclass


@dataclass(slots=True)
class Imports:
    """Collects import statements; each is said once."""

    statements: set[str] = field(default_factory=set)

    def module(self, module: str, name: str | None = None) -> None:
        """``import module`` or ``import module as name``."""
        self.statements.add(f"import {module}" + (f" as {name}" if name else ""))

    def member(self, module: str, name: str) -> None:
        """``from module import name``."""
        self.statements.add(f"from {module} import {name}")


def sorted_imports(statements: Iterable[str]) -> list[list[str]]:
    """Import statements in blocks, each sorted as isort and ruff do.

    The standard library comes first, then packages, then the modules of the current folder.
    """
    blocks: list[list[str]] = [[], [], []]
    for statement in dict.fromkeys(line for one in statements for line in _single(one)):
        root = statement.split()[1].partition(".")[0]
        blocks[0 if root in sys.stdlib_module_names else 2 if _is_of_this_folder(root) else 1].append(statement)
    return [sorted(block, key=_import_order) for block in blocks if block]


def _single(statement: str) -> list[str]:
    """The statements of a text that holds several, one a line."""
    lines = [line.strip() for line in statement.strip().splitlines()]
    return lines if all(line.startswith(("import ", "from ")) for line in lines) else [statement]


def _is_of_this_folder(root: str) -> bool:
    """Whether a module that is loaded is the project's own, as ruff judges it: it lies in the current folder."""
    file = getattr(sys.modules.get(root), "__file__", None)
    if file is None or root == __name__.partition(".")[0]:
        return False
    here, path = Path.cwd(), Path(file)
    return path in (here / f"{root}.py", here / root / "__init__.py", here / "src" / root / "__init__.py")


def _import_order(statement: str) -> tuple[bool, str]:
    return (statement.startswith("from "), statement.split()[1].lower())
