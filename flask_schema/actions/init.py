"""``flask db init``: makes a migrations directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask_schema.errors import DirectoryNotEmpty, UsageError
from flask_schema.project import Project

TEMPLATES = Path(__file__).parent.parent / "templates"
"""What a new directory is filled from."""

DESCRIPTIONS = {
    "default": "one database, or several with models of their own in one file",
    "multidb": "several databases: upgrade_<name>() functions in each file",
}
"""The templates by name, with what they are for."""


@dataclass(frozen=True, slots=True)
class InitResult:
    """The files that were written, in order."""

    directory: Path
    files: tuple[Path, ...]


def list_templates() -> dict[str, str]:
    """The templates by name, with a sentence about each."""
    return dict(DESCRIPTIONS)


def init(project: Project, *, multidb: bool = False, template: str | None = None, package: bool = False) -> InitResult:
    """Write ``script.py.mako``, ``README``, ``env.py`` and an empty ``versions`` folder.

    ``package`` adds ``__init__.py`` files. Raises DirectoryNotEmpty, UsageError for an unknown template.
    """
    directory = project.directory
    chosen = template or ("multidb" if multidb else "default")
    if chosen not in DESCRIPTIONS:
        raise UsageError(f"there is no template {chosen!r}", hint=f"choose one of {', '.join(DESCRIPTIONS)}")
    if directory.exists() and any(directory.iterdir()):
        raise DirectoryNotEmpty(
            f"the directory {directory} is not empty", hint="choose another with --directory, or empty it"
        )
    versions = project.version_locations[0]
    versions.mkdir(parents=True, exist_ok=True)
    script = "multidb.py.mako" if chosen == "multidb" else "script.py.mako"
    files = []
    for source, target in ((script, "script.py.mako"), ("README", "README"), ("env.py.txt", "env.py")):
        path = directory / target
        path.write_text((TEMPLATES / source).read_text(encoding="utf-8"), encoding="utf-8")
        files.append(path)
    if package:
        for folder in (directory, versions):
            path = folder / "__init__.py"
            path.touch()
            files.append(path)
    return InitResult(directory, (*files, versions))
