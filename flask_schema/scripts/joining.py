"""Puts several revision files into one: each becomes a function that holds what its module held."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_schema.errors import RevisionFileError
from flask_schema.history.header import NAMES
from flask_schema.history.revision import Revision
from flask_schema.history.squash import SquashPlan
from flask_schema.scripts.template import Body, Script, render_script

_HINT = "squash the revisions before and behind it, or write the new revision by hand"
_UPGRADES = "for upgrade_one, _ in _replaced():\n        upgrade_one()"
_DOWNGRADES = "for _, downgrade_one in reversed(_replaced()):\n        downgrade_one()"


def join_scripts(
    plan: SquashPlan, revision: str, message: str, moment: datetime, template: Path | None, config: Any
) -> str:
    """Return the source of the revision that replaces those of ``plan``, from the project's ``template``.

    Raises :class:`RevisionFileError` for a script that has another meaning inside a function.
    """
    script = Script(
        message,
        revision,
        _one_or_several(plan.down_revisions),
        moment,
        branch_labels=_one_or_several(plan.branch_labels),
        depends_on=_one_or_several(plan.depends_on),
        bodies={"": Body(_UPGRADES, _DOWNGRADES)},
        config=config,
        arguments=config.template_args,
    )
    names = [_function_name(one) for one in plan.replaced]
    functions = [_as_function(name, one) for name, one in zip(names, plan.replaced, strict=True)]
    listed = "".join(f"        {name}(),\n" for name in names)
    collected = f"def _replaced():\n    return [\n{listed}    ]\n"
    header = _with_replaces(render_script(script, template), plan.replaces)
    return "\n\n".join([header, collected, *functions])


def _one_or_several(values: tuple[str, ...]) -> str | tuple[str, ...] | None:
    return None if not values else values[0] if len(values) == 1 else values


def _function_name(revision: Revision) -> str:
    return "_" + re.sub(r"\W", "_", revision.revision)


def _with_replaces(text: str, replaces: tuple[str, ...]) -> str:
    """Write ``replaces`` under the other ids of the header."""
    ends = [node.end_lineno or 0 for node in ast.parse(text).body if _assigned(node) in NAMES]
    lines = text.splitlines(keepends=True)
    ids = "".join(f'    "{one}",\n' for one in replaces)
    return "".join([*lines[: max(ends)], f"replaces: tuple[str, ...] = (\n{ids})\n", *lines[max(ends) :]])


def _assigned(node: ast.stmt) -> str | None:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else None


def _as_function(name: str, revision: Revision) -> str:
    assert revision.path is not None
    path = revision.path
    try:
        with tokenize.open(path) as file:
            text = file.read()
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError) as error:
        raise RevisionFileError(f"the file cannot be read: {error}", file=path) from error
    _refuse(tree, path)
    left_out = {line for node in tree.body if _is_header(node, tree) for line in _lines_of(node)}
    inside = _lines_inside_texts(tree)
    lines = text.splitlines()
    kept = (
        line if number in inside or not line.strip() else f"    {line}"
        for number, line in enumerate(lines, 1)
        if number not in left_out
    )
    body = "\n".join(_without_gaps(kept)).strip("\n")
    end = "" if "downgrade" in _functions(tree) else f"\n{_no_way_back(revision)}"
    title = revision.message.replace("\\", "\\\\").replace('"', "'")
    return f'def {name}():\n    """{title}"""\n\n{body}\n{end}\n    return upgrade, downgrade\n'


def _no_way_back(revision: Revision) -> str:
    return (
        "    def downgrade():\n"
        f'        raise NotImplementedError("revision {revision.revision} has no downgrade() function")\n'
    )


def _functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _refuse(tree: ast.Module, path: Path) -> None:
    """Refuse what has no meaning, or another one, inside a function."""
    found = _functions(tree)
    for name, function in found.items():
        if name in {"upgrade", "downgrade"} and (function.args.args or function.args.kwonlyargs):
            raise RevisionFileError(f"{name}() takes arguments", file=path, line=function.lineno, hint=_HINT)
        if name.startswith(("upgrade_", "downgrade_")):
            raise RevisionFileError(f"{name}() is for one of several databases", file=path, hint=_HINT)
    if "upgrade" not in found:
        raise RevisionFileError("the file has no upgrade() function", file=path, hint=_HINT)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            raise RevisionFileError("the file uses 'global'", file=path, line=node.lineno, hint=_HINT)
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            raise RevisionFileError("the file has an 'import *'", file=path, line=node.lineno, hint=_HINT)


def _is_header(node: ast.stmt, tree: ast.Module) -> bool:
    """Whether a statement is docstring, ``from __future__``, or an id of the header that nothing else reads."""
    if node is tree.body[0] and ast.get_docstring(tree, clean=False) is not None:
        return True
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return True
    name = _assigned(node)
    return name in NAMES and not any(
        isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Load) for one in ast.walk(tree)
    )


def _lines_of(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _lines_inside_texts(tree: ast.Module) -> set[int]:
    """The lines that begin inside a text of several lines: to indent them would change the text."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)))
        for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    }


def _without_gaps(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines with one blank line at most between two others at the beginning of a function's body."""
    blank = 0
    for line in lines:
        blank = 0 if line.strip() else blank + 1
        if blank <= 1:
            yield line
