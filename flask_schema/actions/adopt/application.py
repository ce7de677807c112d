"""The import of the extension in the application's source, and where else the package is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flask_schema.actions.adopt.source_changes import FileChange, ImportRule, change_imports
from flask_schema.values import dataclass

_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist"})
_REQUIREMENTS = (
    "requirements*.txt", "requirements*.in", "requirements/*.txt", "pyproject.toml", "setup.cfg", "Pipfile",
)  # fmt: skip
_NAMED = re.compile(r"flask[-_.]migrate\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ApplicationChanges:
    """``changes`` of source files; ``problems`` and ``named`` (in requirements) each as ``file:line: what``."""

    changes: tuple[FileChange, ...] = ()
    problems: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def plan_application(root: Path, skip: Path | None, old: str, new: str, names: frozenset[str]) -> ApplicationChanges:
    """Plan to import from ``new`` what the Python files below ``root`` import from ``old``.

    ``skip`` is the migrations directory. ``names`` are those that ``new`` has; an import of another one is a problem,
    and its file is left as it is.
    """
    rules = [ImportRule(old, new, names, whole=True), ImportRule(f"{old}.cli", f"{new}.cli", {"db"})]
    changes: list[FileChange] = []
    problems: list[str] = []
    for path in _python_files(root, skip):
        try:
            before = path.read_bytes().decode("utf-8")
            if old not in before:
                continue
            after, kept = change_imports(before, rules)
        except (OSError, ValueError, SyntaxError) as error:
            problems.append(f"{path.relative_to(root)}: cannot be read: {error}")
            continue
        problems += [
            f"{path.relative_to(root)}:{one.line}: {', '.join(one.names)} from {old}: {new} has no such name"
            for one in kept
        ]
        if after != before and not kept:
            changes.append(FileChange(path, before, after))
    return ApplicationChanges(tuple(changes), tuple(problems), tuple(_requirements(root)))


def _python_files(folder: Path, skip: Path | None) -> Iterator[Path]:
    """Python files, without hidden folders, environments and what was installed; links are not followed."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink() or path.name in _SKIPPED or path == skip:
            continue
        if path.is_dir():
            if not (path / "pyvenv.cfg").exists():
                yield from _python_files(path, skip)
        elif path.suffix == ".py":
            yield path


def _requirements(root: Path) -> Iterator[str]:
    for path in sorted({path for pattern in _REQUIREMENTS for path in root.glob(pattern)}):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, start=1):
            if _NAMED.search(line) and not line.lstrip().startswith("#"):
                yield f"{path.relative_to(root)}:{number}: {line.strip()}"
