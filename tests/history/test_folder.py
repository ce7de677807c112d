"""Scanning directories, and the index that spares the reading."""

from __future__ import annotations

import json
import os
import py_compile
import sys
import threading
from pathlib import Path

import pytest

from flask_schema.errors import DirectoryMissing
from flask_schema.history import Header, History, folder, scan
from flask_schema.history.header import Execute, read_header_cacheable
from flask_schema.history.index import FILE_NAME

OLD_NS = 1_500_000_000_000_000_000


def write(directory: Path, number: int, down: int | None = None, *, age: int = 1) -> Path:
    parent = None if down is None else f"rev{down:04d}"
    path = directory / f"rev{number:04d}_x.py"
    path.write_text(
        f'"""number {number}"""\nrevision = "rev{number:04d}"\ndown_revision = {parent!r}\n', encoding="utf-8"
    )
    os.utime(path, ns=(OLD_NS + age, OLD_NS + age))
    return path


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(folder, "INDEX_THRESHOLD_FILES", 3)
    for number in range(5):
        write(tmp_path, number, number - 1 if number else None)
    return tmp_path


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were opened rather than found in the index."""
    opened: list[str] = []

    def read(path: str, execute: Execute | None) -> tuple[Header | None, bool]:
        opened.append(Path(path).name)
        return read_header_cacheable(path, execute)

    monkeypatch.setattr(folder, "read_header_cacheable", read)
    return opened


def test_the_second_scan_opens_only_what_changed(versions: Path, read_files: list[str]) -> None:
    first = scan([versions])
    assert [header.revision for header in first] == [f"rev{number:04d}" for number in range(5)]
    assert len(read_files) == 5
    read_files.clear()
    assert scan([versions]) == first
    assert read_files == []
    write(versions, 2, 0, age=2)
    write(versions, 9, 4)
    (versions / "rev0003_x.py").unlink()
    changed = scan([versions])
    assert read_files == ["rev0002_x.py", "rev0009_x.py"]
    assert [header.revision for header in changed] == ["rev0000", "rev0001", "rev0002", "rev0004", "rev0009"]
    assert changed[2].down_revisions == ("rev0000",)
    read_files.clear()
    assert scan([versions]) == changed
    assert read_files == []


def test_the_index_lies_where_git_does_not_look(versions: Path) -> None:
    scan([versions])
    assert [path.name for path in versions.iterdir() if not path.name.endswith(".py")] == ["__pycache__"]
    assert [path.name for path in (versions / "__pycache__").iterdir()] == [FILE_NAME]


def test_the_index_can_be_switched_off(versions: Path, read_files: list[str]) -> None:
    scan([versions], index=False)
    assert not (versions / "__pycache__").exists()
    scan([versions])
    read_files.clear()
    scan([versions], index=False)
    assert len(read_files) == 5


def test_small_histories_have_no_index(tmp_path: Path) -> None:
    write(tmp_path, 1)
    scan([tmp_path])
    assert not (tmp_path / "__pycache__").exists()


def test_a_file_changed_just_now_is_not_trusted(versions: Path, read_files: list[str]) -> None:
    path = versions / "rev0004_x.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    scan([versions])
    status = path.stat()
    path.write_text(text.replace("rev0003", "rev0002"), encoding="utf-8")
    os.utime(path, ns=(status.st_mtime_ns, status.st_mtime_ns))
    read_files.clear()
    assert scan([versions])[4].down_revisions == ("rev0002",)
    assert read_files == ["rev0004_x.py"]


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\x00" * 100,
        b"not json",
        b"flask-schema history index 2 0\n{}",
        b"flask-schema history index 99 0\n{}",
        None,
    ],
)
def test_a_damaged_or_foreign_index_is_rebuilt(versions: Path, damage: bytes | None) -> None:
    first = scan([versions])
    target = versions / "__pycache__" / FILE_NAME
    good = target.read_bytes()
    target.write_bytes(good[:-9] + b"x" + good[-8:] if damage is None else damage)
    assert scan([versions]) == first
    assert json.loads(target.read_bytes().partition(b"\n")[2])["rows"].keys() == {
        path.name for path in versions.glob("*.py")
    }


def test_an_index_that_cannot_be_written_is_no_error(versions: Path) -> None:
    (versions / "__pycache__").write_text("a file where the directory should be", encoding="utf-8")
    assert len(scan([versions])) == 5
    assert len(scan([versions])) == 5


def test_many_writers_leave_a_good_index(versions: Path, read_files: list[str]) -> None:
    results: list[int] = []

    def work() -> None:
        for _ in range(10):
            (versions / "__pycache__" / FILE_NAME).unlink(missing_ok=True)
            results.append(len(scan([versions])))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [5] * 40
    scan([versions])
    read_files.clear()
    scan([versions])
    assert read_files == []
    assert [path.name for path in (versions / "__pycache__").iterdir()] == [FILE_NAME]


def test_computed_headers_and_helpers_are_remembered_as_such(versions: Path, read_files: list[str]) -> None:
    helper = versions / "shared_names.py"
    helper.write_text("TABLE = 'a'\n", encoding="utf-8")
    computed = versions / "zz.py"
    computed.write_text("import os\nrevision = os.environ['THE_ID']\ndown_revision = None\n", encoding="utf-8")
    for path in (helper, computed):
        os.utime(path, ns=(OLD_NS, OLD_NS))
    for name in ("first", "second"):
        read_files.clear()
        os.environ["THE_ID"] = name
        try:
            assert scan([versions])[-1].revision == name
        finally:
            del os.environ["THE_ID"]
    assert read_files == ["zz.py"]


def test_which_files_count(tmp_path: Path) -> None:
    write(tmp_path, 1)
    for name in ("__init__.py", ".#rev.py", ".hidden.py", "notes.txt", "rev.py.orig", "rev.pyc"):
        (tmp_path / name).write_text("revision = 'other'\ndown_revision = None\n", encoding="utf-8")
    (tmp_path / "directory.py").mkdir()
    assert [header.revision for header in scan([tmp_path])] == ["rev0001"]


def test_several_locations_and_recursion(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    (one / "deep" / "__pycache__").mkdir(parents=True)
    two.mkdir()
    write(one, 2)
    write(one / "deep", 1, 2)
    write(one / "deep" / "__pycache__", 7)
    write(two, 3, 1)
    (tmp_path / "link").symlink_to(two)
    assert [header.revision for header in scan([one])] == ["rev0002"]
    everything = scan([two, one, two, tmp_path / "link"], recursive=True)
    assert [header.revision for header in everything] == ["rev0003", "rev0002", "rev0001"]
    assert scan([one, tmp_path], recursive=True) != ()
    with pytest.raises(DirectoryMissing, match="absent"):
        scan([tmp_path / "absent"])


def test_compiled_files_stand_in_for_missing_sources(tmp_path: Path) -> None:
    sources = [write(tmp_path, number, number - 1 if number else None) for number in range(3)]
    py_compile.compile(str(sources[0]), cfile=f"{sources[0]}c", doraise=True)
    for source in sources[1:]:
        py_compile.compile(str(source), doraise=True)
    (tmp_path / "__pycache__" / "rev0007_x.cpython-27.pyc").write_bytes(b"old")
    assert len(scan([tmp_path], sourceless=True)) == 3
    for source in sources[:2]:
        source.unlink()
    assert [header.revision for header in scan([tmp_path])] == ["rev0002"]
    found = scan([tmp_path], sourceless=True)
    assert sorted(header.revision for header in found) == ["rev0000", "rev0001", "rev0002"]
    assert any(f".{sys.implementation.cache_tag}." in str(header.path) for header in found)


def test_a_history_is_loaded_from_its_directories(versions: Path) -> None:
    history = History.load([versions])
    head = history.get("head")
    assert (head.revision, head.down_revisions, head.message) == ("rev0004", ("rev0003",), "number 4")
    assert head.path == versions / "rev0004_x.py"
    assert [revision.revision for revision in history.get_all("heads")] == ["rev0004"]
    assert history.locations == (versions,)
