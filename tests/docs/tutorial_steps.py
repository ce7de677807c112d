"""Reads a tutorial as the steps that a reader carries out: files to write and commands to type.

A block of Python after ``<!-- file: NAME -->`` is a file. After ``<!-- functions: PATTERN -->`` it takes the place of
the functions in the one file that fits. A ``console`` block holds commands after ``$ ``, each with the output that it
must have (``...`` stands for any text, on a line of its own for any lines); commands without lines below may print
what they like. After ``<!-- not run -->`` a block is for readers only.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"(?:^<!-- (?P<marker>[^\n]*?) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class WriteFile:
    """Write ``text`` into the file ``name``."""

    name: str
    text: str


@dataclass(frozen=True)
class ReplaceFunctions:
    """Put ``text`` in the place of everything from ``def upgrade`` on, in the one file that fits ``pattern``."""

    pattern: str
    text: str


@dataclass(frozen=True)
class TypeCommand:
    """Type a command; ``output`` is what it must print, or None where anything will do."""

    command: str
    output: str | None


Step = WriteFile | ReplaceFunctions | TypeCommand


def read_steps(tutorial: str) -> list[Step]:
    """Return the steps of a tutorial in their order; raises ValueError for a marker that is not known."""
    steps: list[Step] = []
    for found in _BLOCK.finditer(tutorial):
        kind, _, argument = (found["marker"] or "").partition(": ")
        if kind == "not run":
            continue
        if kind == "file":
            steps.append(WriteFile(argument, found["text"]))
        elif kind == "functions":
            steps.append(ReplaceFunctions(argument, found["text"]))
        elif kind:
            raise ValueError(f"unknown marker: {found['marker']}")
        elif found["language"] == "console":
            steps += _read_commands(found["text"])
    return steps


def _read_commands(text: str) -> list[TypeCommand]:
    commands = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        commands.append(TypeCommand(command, output or None))
    return commands


def carry_out(step: Step, folder: Path, import_path: Path) -> str:
    """Carry out one step in ``folder``; return what a command printed. A command that fails is an AssertionError."""
    if isinstance(step, WriteFile):
        (folder / step.name).write_text(step.text)
        return ""
    if isinstance(step, ReplaceFunctions):
        [path] = folder.glob(step.pattern)
        head, mark, _ = path.read_text().partition("def upgrade(")
        assert mark, f"{path} has no function upgrade"
        path.write_text(head + step.text)
        return ""
    return _type(step, folder, import_path)


def _type(step: TypeCommand, folder: Path, import_path: Path) -> str:
    words = shlex.split(step.command)
    assert words[0] == "flask", f"the tutorial's test can run flask only: {step.command}"
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(import_path), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"$ {step.command}\n{done.stdout}{done.stderr}"
    if step.output is not None:
        lines = step.output.strip().splitlines()
        pattern = "\n".join(r"[\s\S]*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") for line in lines)
        assert re.fullmatch(pattern, done.stdout.strip()), f"$ {step.command}\n{done.stdout}\nwas not\n{step.output}"
    return done.stdout
