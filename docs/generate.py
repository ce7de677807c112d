"""Writes the reference pages from the code: ``python docs/generate.py``. A test holds the pages to the code."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

import click

REFERENCE = Path(__file__).parent / "reference"
_NOTE = "<!-- made by docs/generate.py -->\n"


def commands() -> str:
    """Every command with what ``--help`` says."""
    from flask_schema.cli import db

    lines = ["# Commands", "", _NOTE, "`flask db --help` and `flask db COMMAND --help` say the same.", ""]
    context = click.Context(db, info_name="flask db")
    for name in sorted(db.list_commands(context)):
        command = db.get_command(context, name)
        assert command is not None
        child = click.Context(command, info_name=name, parent=context, max_content_width=100, terminal_width=100)
        lines += [f"## flask db {name}", "", "```text", command.get_help(child), "```", ""]
    return "\n".join(lines)


def settings() -> str:
    """Every setting with its kind, unit, default and meaning."""
    from flask_schema.config import list_settings

    lines = [
        "# Settings",
        "",
        _NOTE,
        "From the weakest to the strongest: the default, `[tool.flask-schema]` in `pyproject.toml`, `app.config` "
        "(`SCHEMA_` and the name in capitals), `Migrate(...)`, `FLASK_DB_DIRECTORY`, the command line.",
        "",
        "| setting | kind | default | meaning |",
        "|---|---|---|---|",
    ]
    for setting in list_settings().values():
        unit = f", {setting.unit}" if setting.unit else ""
        default = repr(str(setting.default)) if isinstance(setting.default, Path) else repr(setting.default)
        cells = (f"`{setting.name}`", f"{setting.kind}{unit}", f"`{default}`", setting.meaning)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def errors() -> str:
    """Every error with its code, exit code and meaning."""
    import flask_schema.errors as module

    lines = [
        "# Errors",
        "",
        _NOTE,
        "An error is one line that says what and where, with its code, and a hint that says what to do. "
        "`--traceback` shows where it comes from.",
        "",
        "| code | error | exit code | meaning |",
        "|---|---|---|---|",
    ]
    for error in _errors(module):
        meaning = " ".join((inspect.getdoc(error) or "").split("\n\n")[0].split())
        lines.append(f"| {error.code} | `{error.__name__}` | {error.exit_code} | {meaning} |")
    return "\n".join([*lines, ""])


def _errors(module: ModuleType) -> list[Any]:
    from flask_schema.errors import SchemaError

    found = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, SchemaError)]
    return sorted(found, key=lambda one: (one.code, one.__name__))


def operations() -> str:
    """Every directive of ``op`` with its arguments, and how its operation is undone."""
    from flask_schema.operations.facade import op
    from flask_schema.operations.operation import CATALOGUE

    lines = [
        "# Operations",
        "",
        _NOTE,
        "The directives of `from flask_schema import op`. What Alembic has too means what it means there.",
        "",
    ]
    for directive, operation in sorted(CATALOGUE.items()):
        method = getattr(op, directive)
        meaning = " ".join((inspect.getdoc(method) or "").split())
        loses = " It destroys data, which generated files say in a comment." if operation.destroys_data else ""
        signature = str(inspect.signature(method)).partition(" ->")[0].replace("'", "")
        lines += [
            f"## op.{directive}",
            "",
            "```python",
            f"op.{directive}{signature}",
            "```",
            "",
            f"{meaning}{loses}",
            "",
        ]
    return "\n".join(lines)


PAGES = {"commands.md": commands, "settings.md": settings, "errors.md": errors, "operations.md": operations}
"""The pages by file name."""


if __name__ == "__main__":
    REFERENCE.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (REFERENCE / name).write_text(make(), encoding="utf-8")
