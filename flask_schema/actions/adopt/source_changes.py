"""Changes Python source by the positions of its syntax tree: what is not changed stays as it was typed."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping
from difflib import unified_diff
from pathlib import Path

from flask_schema.values import dataclass

_BOM = "\ufeff"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # as Python counts lines; str.splitlines knows more ends


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file as it is and as it shall be; ``after`` is None for one that is removed, ``before`` for a new one."""

    path: Path
    before: str | None
    after: str | None

    def diff(self, name: str) -> str:
        """A unified diff, the file called ``name``."""
        old = self.before.splitlines(keepends=True) if self.before is not None else []
        new = self.after.splitlines(keepends=True) if self.after is not None else []
        ends = ("/dev/null" if self.before is None else name, "/dev/null" if self.after is None else name)
        lines = unified_diff(old, new, *ends, n=1)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


@dataclass(frozen=True, slots=True)
class ImportRule:
    """Imports from the module ``old`` shall be from ``new``.

    ``names`` are those that ``new`` has; None for all. A statement with another name is left as it is and reported.
    ``whole`` is whether ``import old`` is changed too.
    """

    old: str
    new: str
    names: Collection[str] | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """An import that had to be left as it is: its line, and the names that are not offered."""

    line: int
    names: tuple[str, ...]


def change_imports(source: str, rules: Iterable[ImportRule]) -> tuple[str, tuple[Kept, ...]]:
    """Return the source with its imports changed, and what could not be. Raises SyntaxError for source that is none."""
    if source.startswith(_BOM):
        changed, kept_inside = change_imports(source[1:], rules)
        return _BOM + changed, kept_inside
    tree = ast.parse(source)
    by_module = {rule.old: rule for rule in rules}
    offsets = _Offsets(source)
    edits: list[tuple[int, int, str]] = []
    kept: list[Kept] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            rule = by_module.get(node.module or "")
            if rule is None:
                continue
            if missing := _missing(node, rule):
                kept.append(Kept(node.lineno, missing))
            else:
                edits.append(_module_of(node, source, offsets, rule))
        elif isinstance(node, ast.Import):
            edits += [edit for alias in node.names if (edit := _alias(alias, offsets, by_module)) is not None]
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return source, tuple(kept)


def _missing(node: ast.ImportFrom, rule: ImportRule) -> tuple[str, ...]:
    if rule.names is None:
        return ()
    return tuple(alias.name for alias in node.names if alias.name not in rule.names)


def _module_of(node: ast.ImportFrom, source: str, offsets: _Offsets, rule: ImportRule) -> tuple[int, int, str]:
    """The place of the module's name after ``from``."""
    start = offsets.at(node.lineno, node.col_offset)
    found = re.compile(rf"from[\s\\]+({re.escape(rule.old)})\b").match(source, start)
    assert found is not None, "an import begins with its module"
    return found.start(1), found.end(1), rule.new


def _alias(alias: ast.alias, offsets: _Offsets, rules: Mapping[str, ImportRule]) -> tuple[int, int, str] | None:
    """``import old`` becomes ``import new as old``, so that the rest of the file finds it under its name."""
    rule = rules.get(alias.name)
    if rule is None or not rule.whole or alias.end_lineno is None or alias.end_col_offset is None:
        return None
    ends = offsets.at(alias.lineno, alias.col_offset), offsets.at(alias.end_lineno, alias.end_col_offset)
    name = alias.asname or alias.name
    return (*ends, rule.new if name == rule.new else f"{rule.new} as {name}")


class _Offsets:
    """Turns a line and a column in bytes, as syntax trees have them, into a place in the text."""

    def __init__(self, source: str) -> None:
        self._lines = _LINE.findall(source)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        """The place in the text."""
        text = self._lines[line - 1]
        before = text if text.isascii() else text.encode("utf-8")[:column].decode("utf-8")
        return self._starts[line - 1] + (column if text.isascii() else len(before))
