"""The imports that a revision file needs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field


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
    """Import statements in blocks, standard library first, each sorted as isort and ruff do."""
    blocks: list[list[str]] = [[], []]
    for statement in dict.fromkeys(statements):
        root = statement.split()[1].partition(".")[0]
        blocks[0 if root in sys.stdlib_module_names else 1].append(statement)
    return [sorted(block, key=_import_order) for block in blocks if block]


def _import_order(statement: str) -> tuple[bool, str]:
    return (statement.startswith("from "), statement.split()[1].lower())
