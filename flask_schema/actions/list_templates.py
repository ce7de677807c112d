"""``flask db list-templates``: what a migrations directory can be made from."""

from __future__ import annotations

from pathlib import Path

from flask_schema.values import dataclass

_FOLDER = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True, slots=True)
class Template:
    """A template of this package: its name, what it is for, and the file that ``script.py.mako`` is made from."""

    name: str
    meaning: str
    file: Path


def list_templates() -> tuple[Template, ...]:
    """Return the templates, the default one first."""
    return (
        Template("flask", "one database: upgrade() and downgrade() in each revision", _FOLDER / "script.py.mako"),
        Template(
            "flask-multidb",
            "several databases: a pair of functions for each of them in each revision",
            _FOLDER / "multidb.py.mako",
        ),
    )
