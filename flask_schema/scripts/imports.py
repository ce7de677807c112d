"""The imports that a revision file needs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import field
from pathlib import Path

from flask_schema.scripts.layout import LINE_WIDTH
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
    for statement in _joined(dict.fromkeys(line for one in statements for line in _single(one))):
        root = statement.split()[1].partition(".")[0]
        blocks[0 if root in sys.stdlib_module_names else 2 if _is_of_this_folder(root) else 1].append(statement)
    return [sorted(block, key=_import_order) for block in blocks if block]


def _joined(statements: Iterable[str]) -> Iterator[str]:
    """The statements with members of one module imported together, in the order of ruff and isort."""
    members: dict[str, set[str]] = {}
    for statement in statements:
        found = _MEMBERS.match(statement)
        if found is None:
            yield statement
        else:
            members.setdefault(found["module"], set()).update(re.split(r",\s*", found["names"]))
    for module, names in members.items():
        line = f"from {module} import {', '.join(sorted(names, key=_member_order))}"
        spread = "".join(f"    {name},\n" for name in sorted(names, key=_member_order))
        yield line if len(line) <= LINE_WIDTH or len(names) == 1 else f"from {module} import (\n{spread})"


_MEMBERS = re.compile(r"from (?P<module>[\w.]+) import (?P<names>\w+(?:,\s*\w+)*)\Z")


def _member_order(name: str) -> tuple[int, str, str]:
    """Constants, classes, then all else."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return (kind, name.lower(), name)


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
