"""A file has one subject, a name that says which, and a length that one can read."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_LINES = 450
EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "base", "manager", "managers", "impl", "misc", "common"})


def list_modules(root: Path) -> list[Path]:
    return sorted(path for folder in ("flask_schema", "example_app", "tests") for path in (root / folder).rglob("*.py"))


def find_faults(root: Path) -> list[str]:
    """Return a line for each module that is too long or has a name that says nothing."""
    faults = []
    for path in list_modules(root):
        name = path.relative_to(root)
        line_count = len(path.read_text(encoding="utf-8").splitlines())
        if line_count >= MAX_LINES and name.parts[0] != "tests":
            faults.append(f"{name} has {line_count} lines; below {MAX_LINES} is the rule")
        if "alembic_compat" in name.parts:
            continue  # its modules have the names of Alembic's
        if EMPTY_NAMES & {part.removesuffix(".py").strip("_") for part in name.parts}:
            faults.append(f"{name} says nothing of what it holds")
    return faults


def test_files_are_short_and_well_named() -> None:
    assert len(list_modules(ROOT)) > 10
    assert find_faults(ROOT) == []


@pytest.mark.parametrize(
    ("name", "line_count", "fault"),
    [
        ("flask_schema/diff/tables.py", 450, "flask_schema/diff/tables.py has 450 lines; below 450 is the rule"),
        ("flask_schema/utils.py", 1, "flask_schema/utils.py says nothing of what it holds"),
        ("flask_schema/helpers/text.py", 1, "flask_schema/helpers/text.py says nothing of what it holds"),
        ("flask_schema/_impl.py", 1, "flask_schema/_impl.py says nothing of what it holds"),
        ("tests/base.py", 1, "tests/base.py says nothing of what it holds"),
        ("flask_schema/database.py", 449, None),
        ("tests/test_long.py", 500, None),
    ],
)
def test_a_fault_is_found(tmp_path: Path, name: str, line_count: int, fault: str | None) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text("\n" * line_count)
    assert find_faults(tmp_path) == ([fault] if fault else [])
