"""What rendering a revision file needs to know and what it collects on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field
from typing import Any, Literal

from sqlalchemy.types import TypeEngine

from flask_schema.operations.operation import Operation
from flask_schema.scripts.given_source import laid_out
from flask_schema.scripts.imports import Imports
from flask_schema.scripts.layout import Code, call, text
from flask_schema.values import dataclass

RenderItem = Callable[[str, Any, Imports], "str | Literal[False] | None"]
"""A user's hook: asked with kind, object and the imports to add to; a string is written as it stands, False leaves it
to the renderer, None leaves a column or constraint of a table out.

Kinds are ``type`` (a SQLAlchemy type), ``server_default`` (SQL text, or an element), ``column`` (an element) and
``primary_key``, ``unique``, ``foreign_key``, ``check`` (the table's name and the element).
"""


@dataclass(frozen=True, slots=True)
class Rendering:
    """How to write source.

    ``python_type`` gives the SQLAlchemy type for a type text of the database; ``type_sql`` the text for a type
    (None: types read from a database are written as they were read, never as their generic relatives).
    ``option_prefix`` stands before dialect keywords (``postgresql`` for ``postgresql_where``).
    ``user_module_prefix`` replaces the module's name before types that are not SQLAlchemy's; their imports are
    then the template's affair. ``says_autoincrement`` is False for a database whose columns do not show it: the file
    then leaves it to each database. ``suspicions`` says for an operation why it may not be what was meant.
    ``inside_batch``: somebody else writes the ``with op.batch_alter_table`` around it.
    """

    python_type: Callable[[str], TypeEngine[Any]]
    type_sql: Callable[[TypeEngine[Any]], str] | None = None
    option_prefix: str = "postgresql"
    op_prefix: str = "op."
    sqlalchemy_module_prefix: str = "sa."
    user_module_prefix: str | None = None
    render_item: RenderItem | None = None
    render_as_batch: bool = False
    says_autoincrement: bool = True
    suspicions: Callable[[Operation], str | None] | None = None
    inside_batch: bool = False


@dataclass(slots=True)
class Page:
    """The file while it is being written. ``batch`` is True inside ``with op.batch_alter_table``."""

    rendering: Rendering
    imports: Imports = field(default_factory=Imports)
    notes: list[str] = field(default_factory=list)
    batch: bool = False

    def sa(self, name: str) -> str:
        """``sa.name``, with the import."""
        prefix = self.rendering.sqlalchemy_module_prefix
        if prefix == "sa.":
            self.imports.module("sqlalchemy", "sa")
        elif prefix.endswith("."):
            self.imports.module(prefix[:-1])
        else:
            self.imports.member("sqlalchemy", name)
        return f"{prefix}{name}"

    def op(self, directive: str) -> str:
        """``op.directive``, or ``batch_op.directive``."""
        return f"{'batch_op.' if self.batch else self.rendering.op_prefix}{directive}"

    def directive(self, name: str, *items: Code | None) -> Code:
        """A call of ``op.name``; items that are None are left out."""
        return call(self.op(name), *_said(items))

    def rendered_item(self, kind: str, item: Any) -> Code | Literal[False] | None:
        """What the user's hook makes of an item; False where there is no hook or it leaves the item to us."""
        hook = self.rendering.render_item
        said = hook(kind, item, self.imports) if hook is not None else False
        return laid_out(said) if isinstance(said, str) and said else said

    def name(self, name: str | None) -> Code:
        """``op.f("name")``: a name that no naming convention must touch; None where there is none."""
        return "None" if name is None else call(self.op("f"), text(name))


def _said(items: Iterable[Code | None]) -> Iterable[Code]:
    return (item for item in items if item is not None)
