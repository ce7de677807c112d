"""The files of the migrations directory in this package's own words, or back in Alembic's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flask_schema.actions.adopt.env_file import look_at_env_file
from flask_schema.actions.adopt.source_changes import FileChange, ImportRule, change_imports
from flask_schema.errors import SchemaError
from flask_schema.project import Project

_NAMES = frozenset({"op", "context"})
TO_OURS = ImportRule("alembic", "flask_schema", _NAMES)
TO_ALEMBIC = ImportRule("flask_schema", "alembic", _NAMES)


def plan_migrations(project: Project, *, back: bool = False) -> tuple[FileChange, ...]:
    """Plan the changes: imports of ``op`` and ``context``, and an ``env.py`` removed that is not needed.

    With ``back`` the imports become Alembic's again, in the files that were written since too. Other imports from
    Alembic stay: they work as they are.
    """
    rule = TO_ALEMBIC if back else TO_OURS
    return tuple(change for path in _files(project) if (change := _plan(path, rule, back)) is not None)


def _files(project: Project) -> Iterator[Path]:
    for path in (project.directory / "env.py", project.directory / "script.py.mako"):
        if path.is_file():
            yield path
    revisions = project.history.graph.revisions.values()
    yield from sorted(one.path for one in revisions if one.path is not None and one.path.suffix == ".py")


def _plan(path: Path, rule: ImportRule, back: bool) -> FileChange | None:
    try:
        return _changed(path, path.read_bytes().decode("utf-8"), rule, back)
    except (OSError, ValueError, SyntaxError) as error:
        raise SchemaError(f"the file cannot be read: {error}", hint="mend it first", file=path) from error


def _changed(path: Path, before: str, rule: ImportRule, back: bool) -> FileChange | None:
    if path.name == "env.py" and not back and look_at_env_file(path).is_replaceable:
        return FileChange(path, before, None)
    if path.suffix == ".mako":
        after = _change_template(before, rule)
    else:
        after, _ = change_imports(before, [rule])
    return FileChange(path, before, after) if after != before else None


def _change_template(text: str, rule: ImportRule) -> str:
    """A template is no Python yet: lines that import nothing but known names are changed."""
    names = "|".join(sorted(_NAMES))
    pattern = rf"^(\s*from\s+){rule.old}(\s+import\s+(?:{names})(?:\s*,\s*(?:{names}))*\s*)$"
    return re.sub(pattern, rf"\g<1>{rule.new}\g<2>", text, flags=re.MULTILINE)
