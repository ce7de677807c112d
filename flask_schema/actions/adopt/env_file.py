"""Looks at ``env.py``: a template as it was written, or changed, and then where.

Each statement is compared with those of every template that Flask-Migrate and Alembic have written since 2016, by a
digest of its syntax tree: layout, comments and docstrings are no change, nor is the order of imports.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from flask_schema.values import dataclass

_TABLE = Path(__file__).with_name("stock_env.txt")
_OWN = Path(__file__).parents[2] / "templates" / "env.py.txt"
_DIGEST_LENGTH = 16
_WORTH_NAMING = {
    "get_x_argument": "reads -x arguments",
    "get_tag_argument": "reads --tag",
    "run_async": "runs asynchronously",
    "run_sync": "runs asynchronously",
}

REPLACEABLE = frozenset({"flask", "flask-multidb"})
"""The templates of which Flask-Schema does all without a file."""


@dataclass(frozen=True, slots=True)
class Customisation:
    """A statement that no template has: its line, and what it is in a few words."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """``env.py``. ``template`` is the one it was made from (``alembic-generic`` for Alembic's), None for none known.

    ``customisations`` are empty for a template as it was written.
    """

    path: Path
    template: str | None
    customisations: tuple[Customisation, ...]

    @property
    def is_stock(self) -> bool:
        """Whether it is a template as it was written."""
        return self.template is not None and not self.customisations

    @property
    def is_replaceable(self) -> bool:
        """Whether everything works the same without it."""
        return self.is_stock and self.template in REPLACEABLE


def look_at_env_file(path: Path) -> EnvironmentFile:
    """Compare ``path`` with the templates. Raises SyntaxError and OSError for a file that cannot be read."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    templates: Counter[str] = Counter()
    strange: list[ast.stmt] = []
    statements = list(statements_of(tree))
    for statement in statements:
        known = _stock().get(digest_of(statement))
        if known is None:
            strange.append(statement)
        else:
            templates.update(known)
    template = min(templates, key=lambda name: (-templates[name], name), default=None)
    needed = len(statements) if not strange else len(statements) / 2
    if template is not None and templates[template] < needed:
        template = None  # a mixture; some statements, such as the import of context, are in every file
    found = dict.fromkeys(one for statement in strange for one in _customisations(statement))
    return EnvironmentFile(path, template, tuple(found))


def statements_of(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements at the top of a module, without docstrings in and around them."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and _is_text(node.body):
            node.body = node.body[1:] or [ast.Pass()]
    for statement in tree.body:
        if not isinstance(statement, ast.Pass) and not _is_text([statement]):
            yield statement


def digest_of(statement: ast.stmt) -> str:
    """The digest of a statement's syntax tree, as it stands in the table."""
    return hashlib.sha256(ast.unparse(statement).encode("utf-8")).hexdigest()[:_DIGEST_LENGTH]


def _is_text(body: list[ast.stmt]) -> bool:
    first = body[0] if body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


@cache
def _stock() -> Mapping[str, tuple[str, ...]]:
    rows = [line.split() for line in _TABLE.read_text(encoding="ascii").splitlines() if line[:1] not in ("", "#")]
    own = ast.parse(_OWN.read_text(encoding="utf-8"))
    return {digest: tuple(templates) for digest, *templates in rows} | {
        digest_of(statement): ("flask-schema",) for statement in statements_of(own)
    }


def _customisations(statement: ast.stmt) -> Iterator[Customisation]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield Customisation(statement.lineno, f"function {statement.name}()")
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        yield Customisation(statement.lineno, ast.unparse(statement))
    elif isinstance(statement, ast.Assign):
        yield Customisation(statement.lineno, f"{', '.join(ast.unparse(one) for one in statement.targets)} is set")
    else:
        yield Customisation(statement.lineno, ast.unparse(statement).splitlines()[0])
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call):
            continue
        name = _called(node)
        if name == "configure" and node.keywords:
            given = ", ".join(one.arg or "**" for one in node.keywords)
            yield Customisation(node.lineno, f"context.configure({given})")
        elif name == "run_migrations" and (node.keywords or node.args):
            yield Customisation(node.lineno, "run_migrations() hands arguments to the scripts")
        elif name in _WORTH_NAMING:
            yield Customisation(node.lineno, _WORTH_NAMING[name])


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
