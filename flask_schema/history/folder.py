"""Scanning version locations: one directory listing each, and only changed files are opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from flask_schema.errors import DirectoryMissing
from flask_schema.history.header import Execute, read_header_cacheable
from flask_schema.history.index import Row, header_of_row, is_computed, make_row, read_index, write_index
from flask_schema.history.revision import Header

# Below this many files, reading them all is as fast as reading an index, so none is written.
INDEX_THRESHOLD_FILES = 64


def scan(
    locations: Sequence[str | Path],
    *,
    recursive: bool = False,
    sourceless: bool = False,
    index: bool = True,
    execute: Execute | None = None,
) -> tuple[Header, ...]:
    """Return the headers of every revision file in ``locations``, in the order of locations and file names.

    ``recursive`` descends into sub-directories. ``sourceless`` also takes ``.pyc`` files without a source beside them.
    ``index`` allows keeping the headers in ``__pycache__``. ``execute`` runs files whose header is computed.
    A location that appears twice, also by a symbolic link, is read once.
    Raises :class:`DirectoryMissing` when a location is not there and :class:`RevisionFileError` for a bad file.
    """
    headers: list[Header] = []
    seen: set[str] = set()
    for location in locations:
        if not os.path.isdir(location):  # noqa: PTH112 (no Path objects on the way of every command)
            raise DirectoryMissing(f"the versions directory {os.fspath(location)!r} does not exist")
        for directory in _directories(os.fspath(location), recursive=recursive):
            real_path = os.path.realpath(directory)
            if real_path not in seen:
                seen.add(real_path)
                headers += _scan_directory(directory, sourceless=sourceless, index=index, execute=execute)
    return tuple(headers)


def _directories(location: str, *, recursive: bool) -> Iterator[str]:
    if not recursive:
        yield location
        return
    for root, names, _ in os.walk(location):
        names[:] = sorted(name for name in names if name != "__pycache__" and not name.startswith("."))
        yield root


def _scan_directory(directory: str, *, sourceless: bool, index: bool, execute: Execute | None) -> list[Header]:
    files, compiled = _list_files(directory, sourceless=sourceless)
    use_index = index and len(files) >= INDEX_THRESHOLD_FILES
    rows, trusted_before_ns = read_index(directory) if use_index else ({}, 0)
    fresh: dict[str, Row] = {}
    headers: list[Header] = []
    is_changed = len(rows) != len(files)
    for entry in files:
        status = entry.stat()
        mtime_ns, size_bytes = status.st_mtime_ns, status.st_size
        row = rows.get(entry.name)
        if row is None or row[0] != mtime_ns or row[1] != size_bytes or mtime_ns >= trusted_before_ns:
            header, is_lasting = read_header_cacheable(entry.path, execute)
            row = make_row(mtime_ns, size_bytes, header, is_lasting=is_lasting)
            is_changed = True
        elif is_computed(row):
            header, _ = read_header_cacheable(entry.path, execute)
        else:
            header = header_of_row(row, entry.path)
        fresh[entry.name] = row
        if header is not None:
            headers.append(header)
    if use_index and is_changed:
        write_index(directory, fresh)
    found = (read_header_cacheable(path, execute)[0] for path in compiled)
    headers += [header for header in found if header is not None]
    return headers


def _list_files(directory: str, *, sourceless: bool) -> tuple[list[os.DirEntry[str]], list[str]]:
    """Return the source files by name, and the paths of compiled files that have no source here."""
    sources: list[os.DirEntry[str]] = []
    compiled: dict[str, str] = {}
    with os.scandir(directory) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith((".", "__init__")):
                continue
            if name.endswith(".py"):
                if entry.is_file():
                    sources.append(entry)
            elif sourceless and name.endswith(".pyc"):
                compiled[name.partition(".")[0]] = entry.path
    sources.sort(key=_name_of)
    if sourceless:
        compiled = {**_compiled_in_cache(directory), **compiled}
        names = {entry.name.partition(".")[0] for entry in sources}
        return sources, [compiled[name] for name in sorted(compiled) if name not in names]
    return sources, []


def _compiled_in_cache(directory: str) -> dict[str, str]:
    """Return the files in ``__pycache__`` that this version of Python wrote, by the name of their source."""
    suffix = f".{sys.implementation.cache_tag}.pyc"
    try:
        with os.scandir(os.path.join(directory, "__pycache__")) as entries:  # noqa: PTH118
            return {
                entry.name.partition(".")[0]: entry.path
                for entry in entries
                if entry.name.endswith(suffix) and not entry.name.startswith("__init__")
            }
    except OSError:
        return {}


def _name_of(entry: os.DirEntry[str]) -> str:
    return entry.name
