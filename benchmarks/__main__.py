"""Runs one table of measurements, or all of them, each beside Alembic and Flask-Migrate.

Figures are processor seconds of the client and not wall time: other work on the machine falls on both sides, which take
turns. A ratio is the median of the ratios of the turns. The history is of one kind: every third revision makes a table
with ten columns and two indexes, the next adds two columns to it, the next an index and an UPDATE.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import autogenerate, history, upgrade
from benchmarks.engines import Engine, find_reference, ours

_TABLES = {"history": history, "upgrade": upgrade, "autogenerate": autogenerate}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", nargs="*", choices=[*_TABLES, []], help="which tables; all of them without")
    parser.add_argument(
        "--reference",
        type=Path,
        help="a Python that has Alembic, Flask-Migrate and Flask-SQLAlchemy; by default one is made in .venv-reference",
    )
    parser.add_argument("--revisions", type=int, nargs="+", default=[1000, 5000, 10000], help="sizes of the history")
    parser.add_argument("--tables", type=int, nargs="+", default=[500, 2000], help="numbers of models")
    parser.add_argument("--rounds", type=int, default=5, help="how often the two sides take turns")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database (psycopg2); without it, SQLite alone")
    given = parser.parse_args()
    sides: tuple[Engine, Engine] = (ours(), find_reference(given.reference))
    for name in given.table or _TABLES:
        _TABLES[name].measure(sides, given)


if __name__ == "__main__":
    main()
