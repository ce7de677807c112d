"""The tutorial works as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.tutorial_steps import ReplaceFunctions, TypeCommand, WriteFile, carry_out, read_steps

ROOT = Path(__file__).parents[2]

MADE_UP = """
<!-- not run -->
```console
$ rm -rf /
```
<!-- file: a.py -->
```python
x = 1
```
```python
only = "to read"
```
```console
$ flask one
$ flask two
first ...
second
```
<!-- functions: *.py -->
```python
def upgrade(): pass
```
"""


def test_the_tutorial_on_the_bank(tmp_path: Path) -> None:
    steps = read_steps((ROOT / "docs/tutorial/bank.md").read_text(encoding="utf-8"))
    assert len(steps) > 15
    printed = {step: carry_out(step, tmp_path, ROOT) for step in steps}
    [sql] = [text for step, text in printed.items() if isinstance(step, TypeCommand) and "--sql" in step.command]
    assert "CREATE TABLE accounts" in sql
    assert (tmp_path / "instance" / "bank.sqlite").exists()


def test_a_tutorial_is_read_as_steps() -> None:
    assert read_steps(MADE_UP) == [
        WriteFile("a.py", "x = 1\n"),
        TypeCommand("flask one", None),
        TypeCommand("flask two", "first ...\nsecond\n"),
        ReplaceFunctions("*.py", "def upgrade(): pass\n"),
    ]
    with pytest.raises(ValueError, match="unknown marker: fiel: x"):
        read_steps("<!-- fiel: x -->\n```python\n```\n")


def test_a_failing_command_fails_the_tutorial(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="No such command 'nonsense'"):
        carry_out(TypeCommand("flask nonsense", None), tmp_path, ROOT)
    with pytest.raises(AssertionError, match="was not"):
        carry_out(TypeCommand("flask --version", "Python 1.0\n..."), tmp_path, ROOT)
    assert "Werkzeug" in carry_out(
        TypeCommand("flask --version", "Python ...\nFlask ...\nWerkzeug ..."), tmp_path, ROOT
    )


def test_functions_are_replaced_below_the_header(tmp_path: Path) -> None:
    (tmp_path / "a_x.py").write_text("revision = 'a'\n\n\ndef upgrade():\n    pass\n")
    carry_out(ReplaceFunctions("*_x.py", "def upgrade():\n    done()\n"), tmp_path, ROOT)
    assert (tmp_path / "a_x.py").read_text() == "revision = 'a'\n\n\ndef upgrade():\n    done()\n"
