"""Imports are changed where they stand; all else stays as it was typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_schema.actions.adopt.application import plan_application
from flask_schema.actions.adopt.changing import FLASK_MIGRATE_NAMES
from flask_schema.actions.adopt.source_changes import FileChange, ImportRule, Kept, change_imports

RULES = [ImportRule("old", "new", {"a", "b"}, whole=True), ImportRule("part", "new", {"a"}), ImportRule("every", "new")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from old import a\n", "from new import a\n"),
        (
            "from   old   import (\n    a,  # why\n    b as c,\n)\n",
            "from   new   import (\n    a,  # why\n    b as c,\n)\n",
        ),
        ("from \\\n  old import a", "from \\\n  new import a"),
        ("import old\n", "import new as old\n"),
        ("import x, old as o, y\n", "import x, new as o, y\n"),
        ("import old as new\n", "import new\n"),
        ("def f():\n\tfrom old import a; from old import b\n", "def f():\n\tfrom new import a; from new import b\n"),
        ("é = 'ü'; from old import a  # ö\r\n", "é = 'ü'; from new import a  # ö\r\n"),
        ("x = '\x0c\u2028'\nfrom old import a\n", "x = '\x0c\u2028'\nfrom new import a\n"),
        ("\ufefffrom old import a\n", "\ufefffrom new import a\n"),
        ("from every import anything\n", "from new import anything\n"),
        ("import part\n", "import part\n"),
        ("from old.inner import a\n", "from old.inner import a\n"),
        ("from . import old\nfrom .old import a\nold = 'from old import a'\n",) * 2,
        ("import older\nfrom older import a\n",) * 2,
    ],
)
def test_imports_are_changed_in_place(before: str, after: str) -> None:
    assert change_imports(before, RULES) == (after, ())
    assert change_imports(after, RULES) == (after, ())


def test_an_import_of_an_unknown_name_is_kept_and_told() -> None:
    source = "from old import a\nfrom old import a, z\nfrom old import *\n"
    changed, kept = change_imports(source, RULES)
    assert changed == "from new import a\nfrom old import a, z\nfrom old import *\n"
    assert kept == (Kept(2, ("z",)), Kept(3, ("*",)))


def test_a_diff_shows_new_changed_and_removed_files() -> None:
    changed = FileChange(Path("x"), "a\nb", "a\nc")
    assert changed.diff("x").splitlines()[:2] == ["--- x", "+++ x"]
    assert "-b\n\\ No newline at end of file\n+c\n" in changed.diff("x")
    assert FileChange(Path("x"), "a\n", None).diff("x").startswith("--- x\n+++ /dev/null\n")
    assert FileChange(Path("x"), None, "a\n").diff("x").startswith("--- /dev/null\n+++ x\n")


def plan(folder: Path) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    found = plan_application(folder, folder / "migrations", "flask_migrate", "flask_schema", FLASK_MIGRATE_NAMES)
    return [str(one.path.relative_to(folder)) for one in found.changes], found.problems, found.named


def test_the_application_is_searched_and_nothing_else(folder: Path) -> None:
    text = "from flask_migrate import Migrate\n"
    for name in (
        "app.py", "package/ext.py", "migrations/versions/a.py", ".venv/x.py", "env/pyvenv.cfg", "env/lib/x.py",
        "node_modules/x.py", "build/x.py", "notes.txt",
    ):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "link.py").symlink_to(folder / "app.py")
    (folder / "cli.py").write_text("from flask_migrate.cli import db\nimport flask_migrate\n")
    (folder / "requirements.txt").write_text("flask\n# Flask-Migrate was\nFlask_Migrate==4.1 ; extra\n")
    (folder / "pyproject.toml").write_text('dependencies = [\n  "flask-migrate>=4",\n]\n')
    assert plan(folder) == (
        ["app.py", "cli.py", "package/ext.py"],
        (),
        ('pyproject.toml:2: "flask-migrate>=4",', "requirements.txt:3: Flask_Migrate==4.1 ; extra"),
    )


def test_what_cannot_be_changed_is_told(folder: Path) -> None:
    (folder / "a.py").write_text("from flask_migrate import Migrate, _MigrateConfig\n")
    (folder / "b.py").write_bytes(b"from flask_migrate import Migrate \xff\n")
    (folder / "c.py").write_text("from flask_migrate import (\n")
    changes, problems, _ = plan(folder)
    assert changes == []
    assert problems[0] == "a.py:1: _MigrateConfig from flask_migrate: flask_schema has no such name"
    assert [one.partition(":")[0] for one in problems[1:]] == ["b.py", "c.py"]
