"""Editing the parents in a revision file, and nothing else in it."""

from __future__ import annotations

import ast
import os
import re
import tokenize
from pathlib import Path

from flask_schema.errors import RevisionFileError

_LINE_END = re.compile(r"\r\n|\r|\n")
_REVISES = re.compile(r"^(Revises:[ \t]*)([^\r\n]*?)([ \t]*\r?)$", re.MULTILINE)


def replace_parents(text: str, parents: tuple[str, ...], *, path: str | Path | None = None) -> str:
    """Return ``text`` with ``down_revision`` set to ``parents`` (none, one or several ids).

    The value keeps its kind of quotes. The docstring's "Revises:" line, which says the same, follows if it is there.
    Everything else stays byte for byte. Raises :class:`RevisionFileError` when ``down_revision`` is not written as one
    plain assignment.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise RevisionFileError(f"the file has a syntax error: {error}", file=path) from error
    values = [value for statement in tree.body if (value := _parent_value(statement)) is not None]
    if len(values) != 1 or not _is_plain(values[0]):
        raise RevisionFileError(
            "down_revision is not written as one plain assignment, so it cannot be edited",
            file=path,
            hint="edit it by hand",
        )
    start, end = _span(text, values[0])
    quote = '"' if '"' in text[start:end] or "'" not in text[start:end] else "'"
    edited = text[:start] + _source(parents, quote) + text[end:]
    docstring = tree.body[0] if ast.get_docstring(tree, clean=False) is not None else None
    if isinstance(docstring, ast.Expr):
        first, last = _span(text, docstring.value)
        line = _REVISES.search(text, first, last)
        if line is not None:
            edited = edited[: line.start(2)] + ", ".join(parents) + edited[line.end(2) :]
    return edited


def rewrite_parents(path: str | Path, parents: tuple[str, ...]) -> None:
    """Set the parents in the file ``path``, keeping its encoding and line ends; it is replaced in one step."""
    with open(path, "rb") as file:  # noqa: PTH123
        encoding, _ = tokenize.detect_encoding(file.readline)
        file.seek(0)
        content = file.read()
    edited = replace_parents(content.decode(encoding), parents, path=path)
    draft = Path(f"{os.fspath(path)}.{os.getpid()}.draft")
    draft.write_bytes(edited.encode(encoding))
    draft.chmod(Path(path).stat().st_mode & 0o777)
    draft.replace(path)


def _parent_value(statement: ast.stmt) -> ast.expr | None:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return None
    return statement.value if isinstance(target, ast.Name) and target.id == "down_revision" else None


def _is_plain(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except ValueError:
        return False
    return True


def _span(text: str, node: ast.expr) -> tuple[int, int]:
    """Return the offsets in ``text`` at which ``node`` begins and ends, parentheses of a tuple included."""
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))]

    def offset(line: int, column_bytes: int) -> int:
        start = starts[line - 1]
        end = starts[line] if line < len(starts) else len(text)
        return start + len(text[start:end].encode()[:column_bytes].decode())

    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)


def _source(parents: tuple[str, ...], quote: str) -> str:
    quoted = [f"{quote}{parent}{quote}" for parent in parents]
    if not quoted:
        return "None"
    return quoted[0] if len(quoted) == 1 else f"({', '.join(quoted)})"
