"""Commands that read the history, and those that open a database and find nothing to do."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.engines import Cost, Engine, compare, heading, run
from benchmarks.project import make_folder_without_app, make_project

_READING = (("heads",), ("history",), ("show", "head"), ("branches",))
_WITHOUT_APP = {1000: 0.30, 5000: 0.13, 10000: 0.08}
_WITH_APP = {1000: 0.85, 5000: 0.35, 10000: 0.20}
_CURRENT = {5000: 0.05}
_UPGRADE = {1000: 0.70, 5000: 0.35}


def measure(sides: tuple[Engine, Engine], given: argparse.Namespace) -> None:
    """Print the table; see ``--help`` for what is given."""
    with tempfile.TemporaryDirectory(prefix="flask-schema-bench-") as place:
        for count in given.revisions:
            heading(f"History of {count} revisions (stamped SQLite database)")
            _measure_size(sides, Path(place) / str(count), count, given.rounds)
            shutil.rmtree(Path(place) / str(count))


def _measure_size(sides: tuple[Engine, Engine], place: Path, count: int, rounds: int) -> None:
    folders = [place / engine.extension for engine in sides]
    for engine, folder in zip(sides, folders, strict=True):
        make_project(folder, engine, count)
        run(engine.command("stamp", "head"), folder, engine)
    bare = place / "bare"
    make_folder_without_app(bare, folders[0])

    def line(label: str, words: Sequence[str], target: float | None, own_folder: Path) -> None:
        own = [sides[0].python, "-m", "flask", "db", *words] if own_folder == bare else sides[0].command(*words)
        compare(
            label,
            target,
            rounds,
            (
                lambda: run(own, own_folder, sides[0]),
                lambda: run(sides[1].command(*words), folders[1], sides[1]),
            ),
        )

    for words in _READING:
        line(f"{' '.join(words)}, application not loaded", words, _WITHOUT_APP.get(count), bare)
    for words in _READING:
        line(" ".join(words), words, _WITH_APP.get(count), folders[0])
    line("current", ("current",), _CURRENT.get(count), folders[0])
    line("upgrade, nothing to do", ("upgrade",), _UPGRADE.get(count), folders[0])
    compare(
        "heads, first run: no index, no .pyc",
        0.25 if count == 5000 else None,
        1,
        [_FirstRun(engine, folder) for engine, folder in zip(sides, folders, strict=True)],
    )
    branches = [place / f"{engine.extension}-branches" for engine in sides]
    for engine, folder in zip(sides, branches, strict=True):
        make_project(folder, engine, count, has_branches=True)
    bare_branches = place / "bare-branches"
    make_folder_without_app(bare_branches, branches[0])
    compare(
        "history with branches, application not loaded",
        0.10 if count == 5000 else None,
        rounds,
        (
            lambda: run([sides[0].python, "-m", "flask", "db", "history"], bare_branches, sides[0]),
            lambda: run(sides[1].command("history"), branches[1], sides[1]),
        ),
    )


class _FirstRun:
    """``heads`` in a container that has just been made: what earlier runs left in the folder is deleted before."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder

    def __call__(self) -> Cost:
        shutil.rmtree(self.folder / "migrations" / "versions" / "__pycache__", ignore_errors=True)
        return run(self.engine.command("heads"), self.folder, self.engine)
