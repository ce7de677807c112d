"""Renders ``script.py.mako``, the project's own or the one that comes with the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask_schema.errors import TemplateError
from flask_schema.scripts.imports import sorted_imports
from flask_schema.scripts.layout import text
from flask_schema.values import dataclass

TEMPLATES = Path(__file__).parent.parent / "templates"
"""The templates that come with the package: ``script.py.mako`` and ``multidb.py.mako``."""

_OWN_IMPORTS = ("from flask_schema import op", "import sqlalchemy as sa")


@dataclass(frozen=True, slots=True)
class Body:
    """What one database's two functions do, each as :class:`~flask_schema.scripts.source.Source` has it."""

    upgrades: str = ""
    downgrades: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A revision file in the making.

    ``bodies`` has one entry, under the empty name, for a file with ``upgrade()`` and ``downgrade()``, and an
    entry a database for a template that writes ``upgrade_<name>()``. ``imports`` are statements.
    ``arguments`` are further variables for the project's template. ``config`` is whatever the template's
    ``config`` shall be.
    """

    message: str
    up_revision: str
    down_revision: str | tuple[str, ...] | None
    create_date: datetime
    branch_labels: str | tuple[str, ...] | None = None
    depends_on: str | tuple[str, ...] | None = None
    bodies: Mapping[str, Body] = field(default_factory=lambda: {"": Body()})
    imports: Sequence[str] = ()
    config: Any = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


def render_script(script: Script, template: Path | None = None) -> str:
    """The text of the revision file, ending with one newline.

    ``template`` is the project's ``script.py.mako``, None for the package's own. Variables have Alembic's names.
    Raises TemplateError, with the template's line, when it cannot be read or rendered, and when what comes
    out is not Python.
    """
    path = template if template is not None else TEMPLATES / "script.py.mako"
    source, compiled = _compiled(path, _stamp(path))
    try:
        rendered: str = compiled.render_unicode(**_variables(script, source))
    except Exception as error:
        raise _template_error(path, error) from error
    rendered = rendered.rstrip() + "\n"
    try:
        compile(rendered, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise TemplateError(
            f"the template makes a file that is not valid Python: {error.msg} in its line {error.lineno}",
            hint="mend the template, or remove it to use the one that comes with the package",
            file=path,
        ) from error
    return rendered


def render_file(path: Path, variables: Mapping[str, Any]) -> str:
    """The text of another Mako template, a configuration file's for instance. Raises TemplateError."""
    _, compiled = _compiled(path, _stamp(path))
    try:
        rendered: str = compiled.render_unicode(**variables)
    except Exception as error:
        raise _template_error(path, error) from error
    return rendered


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise TemplateError(
            f"the template cannot be read: {error.strerror}",
            hint="run 'flask db init' in a fresh folder to see where it belongs",
            file=path,
        ) from error


@lru_cache(maxsize=8)
def _compiled(path: Path, stamp: int) -> tuple[str, Any]:
    """The template's text and the compiled template, once for each version of the file."""
    del stamp
    from mako.template import Template

    try:
        source = path.read_text(encoding="utf-8")
        return source, Template(text=source, uri=path.name)  # noqa: S702 - it makes Python, not HTML
    except Exception as error:
        raise _template_error(path, error) from error


def _template_error(path: Path, error: Exception) -> TemplateError:
    from mako.exceptions import RichTraceback

    line = getattr(error, "lineno", None)
    if line is None:
        frames = [frame for frame in RichTraceback(error=error).records if frame[5] is not None]
        line = frames[-1][5] if frames else None
    said = str(error).strip() or type(error).__name__
    return TemplateError(
        f"the template does not render: {type(error).__name__}: {said}",
        hint="variables are message, up_revision, down_revision, branch_labels, depends_on, create_date, imports, "
        "upgrades, downgrades, config",
        file=path,
        line=line,
    )


def _variables(script: Script, source: str) -> dict[str, Any]:
    """The variables of the template. ``databases`` and ``literal`` are ours, the others Alembic's."""
    only = script.bodies.get("", Body())
    each = {
        f"{name}_{kind}": getattr(body, kind) or "pass"  # templates for several databases look no further
        for name, body in script.bodies.items()
        for kind in Body.__slots__
    }
    return {
        **script.arguments,
        "message": _docstring(script.message),
        "up_revision": script.up_revision,
        "down_revision": script.down_revision,
        "branch_labels": script.branch_labels,
        "depends_on": script.depends_on,
        "create_date": script.create_date,
        "imports": _imports(script, source),
        "upgrades": only.upgrades,
        "downgrades": only.downgrades,
        "config": script.config,
        "comma": _comma,
        "literal": _literal,
        "databases": list(script.bodies),
        **each,
    }


def _imports(script: Script, source: str) -> str:
    """The import statements, blank lines between blocks, without those that the template says itself.

    A file with nothing in it yet gets ``op`` and ``sa``, for its author.
    """
    wanted = [*script.imports]
    bodies = [text for body in script.bodies.values() for text in (body.upgrades, body.downgrades) if text]
    if "${imports}" in source and "import op" not in source:
        wanted += _OWN_IMPORTS if not bodies else _OWN_IMPORTS[:1]
    said = {line.strip() for line in source.splitlines()}
    blocks = sorted_imports(one for one in wanted if one not in said)
    return "\n\n".join("\n".join(block) for block in blocks)


def _docstring(message: str) -> str:
    """The message as it can stand between triple quotes."""
    return message.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _comma(value: Any) -> str:
    """A revision or several as Alembic's templates write them."""
    if not value:
        return ""
    return value if isinstance(value, str) else ", ".join(str(one) for one in value)


def _literal(value: Any) -> str:
    """A revision id, a tuple of them or None as source in double quotes."""
    if value is None:
        return "None"
    if isinstance(value, str):
        return text(value)
    items = [text(str(one)) for one in value]
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
