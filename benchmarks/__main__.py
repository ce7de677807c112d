"""Times everyday commands of both engines side by side and prints a ratio for each.

Every figure is the median over the rounds of whole processes (start of Python included); the two engines take turns
in each round, so that what else the machine does falls on both. A history of N revisions makes N tables; ``upgrade``
starts from an empty database, and ``migrate`` compares N models with N tables and finds nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.project import Engine, write_app, write_revisions

COMMANDS = (["heads"], ["history"], ["upgrade"], ["current"], ["migrate", "-m", "nothing"])


def run(engine: Engine, folder: Path, words: list[str]) -> float:
    """Run ``flask db WORDS`` in ``folder`` and return the seconds it took; RuntimeError when it fails."""
    start = time.perf_counter()
    done = subprocess.run(
        [engine.python, "-m", "flask", "db", *words],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{engine.name}: flask db {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return seconds


def measure(engines: list[Engine], revision_count: int, rounds: int) -> dict[str, list[float]]:
    """Return the median seconds of each command, one figure for each engine in their order."""
    with tempfile.TemporaryDirectory(prefix="flask-schema-bench-") as place:
        folders = [Path(place) / engine.extension for engine in engines]
        for engine, folder in zip(engines, folders, strict=True):
            folder.mkdir()
            write_app(folder, engine, revision_count)
            run(engine, folder, ["init"])
            write_revisions(folder, engine, revision_count)
            run(engine, folder, ["upgrade"])  # compiles every file once
            run(engine, folder, ["heads"])
        seconds: dict[str, list[list[float]]] = {words[0]: [[] for _ in engines] for words in COMMANDS}
        for _ in range(rounds):
            for folder in folders:
                (folder / "app.sqlite").unlink()
            for words in COMMANDS:
                for number, (engine, folder) in enumerate(zip(engines, folders, strict=True)):
                    seconds[words[0]][number].append(run(engine, folder, words))
    return {name: [statistics.median(taken) for taken in sides] for name, sides in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--reference", required=True, help="a Python that has Flask-Migrate and Flask-SQLAlchemy")
    parser.add_argument("--revisions", type=int, nargs="+", default=[10, 200], help="sizes of the history")
    parser.add_argument("--rounds", type=int, default=5, help="how often each command runs")
    given = parser.parse_args()
    engines = [
        Engine("Flask-Schema", "flask_schema", "flask_schema", sys.executable),
        Engine("Flask-Migrate", "flask_migrate", "alembic", given.reference),
    ]
    for revision_count in given.revisions:
        print(f"\n{revision_count} revisions, medians of {given.rounds} rounds")
        print(f"{'flask db':<10} {engines[0].name:>14} {engines[1].name:>14} {'ratio':>7}")
        for name, (ours, theirs) in measure(engines, revision_count, given.rounds).items():
            print(f"{name:<10} {ours:>12.3f} s {theirs:>12.3f} s {ours / theirs:>7.2f}")


if __name__ == "__main__":
    main()
