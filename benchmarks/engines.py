"""The two sides of a measurement, and how a command of one is timed."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parent.parent
_REFERENCE = ("alembic==1.20.1", "Flask-Migrate==4.1.0", "Flask-SQLAlchemy", "psycopg2-binary")
_BYTES_A_MIB = 1024 * 1024


@dataclass(frozen=True)
class Engine:
    """A side: its name, where ``Migrate`` and ``op`` come from, and the Python that has it, with its environment."""

    name: str
    extension: str
    operations: str
    python: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def command(self, *words: str) -> list[str]:
        """``flask --app app db WORDS``."""
        return [self.python, "-m", "flask", "--app", "app", "db", *words]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: processor seconds of its own and of the system for it, and its largest memory in MiB."""

    cpu_seconds: float
    peak_mib: float


def ours() -> Engine:
    """This working tree, run by the Python that runs the measurement."""
    paths = [str(ROOT)]
    try:
        distribution("flask-schema")
    except PackageNotFoundError:  # then `flask db` is not known before an application is loaded
        paths.append(str(_entry_point()))
    return Engine(
        "Flask-Schema", "flask_schema", "flask_schema", sys.executable, {"PYTHONPATH": os.pathsep.join(paths)}
    )


def _entry_point() -> Path:
    place = Path(tempfile.gettempdir()) / "flask-schema-bench-entry-point"
    info = place / "flask_schema-0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: flask-schema\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[flask.commands]\ndb = flask_schema.cli:db\n")
    return place


def find_reference(python: Path | None) -> Engine:
    """Alembic and Flask-Migrate as ``python`` has them; None: in ``.venv-reference``, made if it is missing."""
    if python is None:
        place = ROOT / ".venv-reference"
        python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
        if not python.exists():
            venv.create(place, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_REFERENCE]
        subprocess.run(pip, check=True)
    return Engine("Flask-Migrate", "flask_migrate", "alembic", str(python))


def run(command: Sequence[str], folder: Path, engine: Engine, **variables: str) -> Cost:
    """Run a command of ``engine`` in ``folder`` and return what it took; RuntimeError when it fails."""
    hidden = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "FLASK_APP")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=folder, env={**kept, **engine.variables, **variables}, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise RuntimeError(f"{engine.name}: {' '.join(command)} failed:\n{output.read().decode()[-2000:]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / _BYTES_A_MIB)


def compare(label: str, target: float | None, rounds: int, sides: Sequence[Callable[[], Cost]]) -> None:
    """Let both sides take turns, after one turn that does not count, and print a line."""
    for side in sides:
        side()
    turns = [[side() for side in sides] for _ in range(rounds)]
    cpu = [statistics.median(turn[place].cpu_seconds for turn in turns) for place in (0, 1)]
    peak = [statistics.median(turn[place].peak_mib for turn in turns) for place in (0, 1)]
    ratio = statistics.median(turn[0].cpu_seconds / turn[1].cpu_seconds for turn in turns)
    aim = f"{target:6.2f}" if target is not None else "     -"
    figures = f"{cpu[0]:8.2f} {cpu[1]:8.2f} {ratio:7.2f} {aim} {peak[0]:8.0f} {peak[1]:8.0f} {peak[0] / peak[1]:6.2f}"
    print(f"{label:<44} {figures}", flush=True)


def heading(title: str) -> None:
    """Print a table's head."""
    print(f"\n{title}")
    columns = ("CPU s", "theirs", "ratio", "target", "MiB", "theirs", "ratio")
    widths = (8, 8, 7, 6, 8, 8, 6)
    print(" " * 44, *(f"{column:>{width}}" for column, width in zip(columns, widths, strict=True)))
