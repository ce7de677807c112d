"""Headers whose text is not plain: read from the syntax tree, or by running the file."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from flask_schema.errors import RevisionFileError

_HEADER_NAMES = frozenset({"revision", "down_revision", "branch_labels", "depends_on", "replaces"})
_FUNCTIONS = frozenset({"upgrade", "downgrade"})


class TreeHeader(NamedTuple):
    """What the tree says: ``values`` is None unless every value is literal; a helper module is no revision."""

    values: Mapping[str, object] | None
    is_revision: bool


def read_tree(text: str, path: str | Path) -> TreeHeader:
    """Return the header of ``text`` from its syntax tree. Raises :class:`RevisionFileError` on a syntax error."""
    try:
        tree = ast.parse(text, filename=str(path))
    except (SyntaxError, ValueError) as error:
        raise _syntax_error(error, text, path) from error
    literals: dict[str, object] = {}
    computed: set[str] = set()
    bound: set[str] = set()
    for name, value, is_plain in _bindings(tree.body, top=True):
        bound.add(name)
        if name in _HEADER_NAMES:
            if value is None or not is_plain:
                computed.add(name)
                continue
            try:
                literals[name] = ast.literal_eval(value)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                computed.add(name)
    is_revision = bool(bound & {"revision", "down_revision"}) or bool(bound & _FUNCTIONS)
    if not is_revision:
        return TreeHeader(None, is_revision=False)
    if computed or ("*" in bound and not {"revision", "down_revision"} <= bound):
        return TreeHeader(None, is_revision=True)
    literals["docstring"] = ast.get_docstring(tree, clean=False) or ""
    return TreeHeader(literals, is_revision=True)


def _bindings(body: list[ast.stmt], *, top: bool) -> Iterator[tuple[str, ast.expr | None, bool]]:
    """Yield (name, value, plain) for every name bound at module level; plain means an unconditional assignment."""
    for statement in body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value, top
                else:
                    yield from ((node.id, None, False) for node in ast.walk(target) if isinstance(node, ast.Name))
        elif isinstance(statement, ast.AnnAssign | ast.AugAssign) and isinstance(statement.target, ast.Name):
            if statement.value is not None:
                yield statement.target.id, statement.value, top and isinstance(statement, ast.AnnAssign)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield from (((alias.asname or alias.name).partition(".")[0], None, False) for alias in statement.names)
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name, None, False
        else:
            yield from _nested(statement)


def _nested(statement: ast.stmt) -> Iterator[tuple[str, ast.expr | None, bool]]:
    """Yield what the blocks of an ``if``, ``try``, ``for``, ``with`` or ``match`` at module level bind."""
    for field in ("body", "orelse", "finalbody"):
        yield from _bindings(getattr(statement, field, []), top=False)
    for field in ("handlers", "cases"):
        for block in getattr(statement, field, []):
            yield from _bindings(block.body, top=False)


def _syntax_error(error: SyntaxError | ValueError, text: str, path: str | Path) -> RevisionFileError:
    if text.startswith("<<<<<<< ") or "\n<<<<<<< " in text:
        line = text[: text.index("<<<<<<< ")].count("\n") + 1
        return RevisionFileError(
            "the file holds conflict markers of git",
            file=path,
            line=line,
            hint="resolve it; where both sides added a revision, keep both files and run 'flask db merge heads'",
        )
    if isinstance(error, SyntaxError):
        return RevisionFileError(f"the file has a syntax error: {error.msg}", file=path, line=error.lineno)
    return RevisionFileError(f"the file cannot be parsed: {error}", file=path)


def execute_file(path: Path) -> Mapping[str, object]:
    """Run the file as a module of its own and return its namespace; needed only where a header is computed.

    Raises :class:`RevisionFileError` naming the line of the file at which it failed.
    """
    specification = importlib.util.spec_from_file_location(f"flask_schema_revision_{path.stem}", path)
    if specification is None or specification.loader is None:
        raise RevisionFileError("the file cannot be loaded as a Python module", file=path)
    module = importlib.util.module_from_spec(specification)
    try:
        specification.loader.exec_module(module)
    except Exception as error:
        raise RevisionFileError(
            f"its header is computed, and running the file failed: {type(error).__name__}: {error}",
            file=path,
            line=_line_of(error, path),
            hint="write revision and down_revision as plain text, then the file need not be run to be read",
        ) from error
    finally:
        sys.modules.pop(module.__name__, None)
    return vars(module)


def _line_of(error: BaseException, path: Path) -> int | None:
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
