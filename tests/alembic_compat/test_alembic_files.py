"""``alembic.ini`` and ``[tool.alembic]`` as settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from flask_schema.config.alembic_files import AlembicFiles, find_alembic_files, named_alembic_files
from flask_schema.errors import ConfigurationError, UsageError
from flask_schema.project import Project


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def project(*names: str, section: str = "alembic") -> Project:
    return Project.without_app(alembic_files=named_alembic_files(names, {}, section))


def test_every_option_of_the_ini_file_is_a_setting(root: Path) -> None:
    (root / "alembic.ini").write_text(
        f"""[alembic]
script_location = %(here)s/db
prepend_sys_path = {os.pathsep.join(["src", "more"])}
path_separator = os
version_locations = %(here)s/one{os.pathsep}two
recursive_version_locations = true
sourceless = true
file_template = %%(year)d_%%(rev)s
truncate_slug_length = 12
timezone = UTC
output_encoding = latin-1
revision_environment = true

[post_write_hooks]
hooks = tidy, check
tidy.type = exec
tidy.executable = tidy
tidy.options = -q REVISION_SCRIPT_FILENAME
check.type = module
check.module = json.tool
"""
    )
    made = project()
    settings = made.settings
    assert made.directory == root / "db"
    assert made.version_locations == (root / "one", root / "two")
    assert settings.prepend_sys_path == (Path("src"), Path("more"))
    assert sys.path[:2] == ["src", "more"]
    assert (settings.recursive_version_locations, settings.sourceless, settings.revision_environment) == (True,) * 3
    assert (settings.file_template, settings.truncate_slug_length) == ("%(year)d_%(rev)s", 12)
    assert (settings.timezone, settings.output_encoding) == ("UTC", "latin-1")
    assert settings.post_write_hooks == {
        "tidy": {"type": "exec", "executable": "tidy", "options": "-q REVISION_SCRIPT_FILENAME"},
        "check": {"type": "module", "module": "json.tool"},
    }


@pytest.mark.parametrize(
    ("separator", "text"),
    [
        ("path_separator = newline", "one\n  two"),
        ("path_separator = space", "one two"),
        ("path_separator = :", "one:two"),
        ("version_path_separator = ;", "one;two"),
        ("", "one, two"),
    ],
)
def test_paths_are_separated_as_the_file_says(root: Path, separator: str, text: str) -> None:
    (root / "alembic.ini").write_text(f"[alembic]\nscript_location = db\n{separator}\nversion_locations = {text}\n")
    assert project().version_locations == (root / "one", root / "two")


def test_the_table_in_pyproject_toml(root: Path) -> None:
    (root / "pyproject.toml").write_text(
        """[tool.alembic]
script_location = "%(here)s/db"
version_locations = ["%(here)s/one"]
file_template = "%%(slug)s"
sourceless = true

[[tool.alembic.post_write_hooks]]
name = "tidy"
type = "exec"
executable = "%(here)s/tidy"
"""
    )
    made = project()
    assert (made.directory, made.version_locations) == (root / "db", (root / "one",))
    assert (made.settings.file_template, made.settings.sourceless) == ("%(slug)s", True)
    assert made.settings.post_write_hooks == {"tidy": {"type": "exec", "executable": f"{root}/tidy"}}


def test_the_ini_file_comes_before_the_table_and_our_own_table_before_both(root: Path) -> None:
    (root / "pyproject.toml").write_text(
        '[tool.alembic]\nscript_location = "a"\ntimezone = "Asia/Tokyo"\ntruncate_slug_length = 9\n'
        "[tool.flask-schema]\ntruncate_slug_length = 7\n"
    )
    (root / "alembic.ini").write_text("[alembic]\nscript_location = b\ntruncate_slug_length = 8\n")
    made = project()
    assert made.directory == root / "b"
    assert (made.settings.timezone, made.settings.truncate_slug_length) == ("Asia/Tokyo", 7)


def test_files_and_a_section_may_be_named(root: Path) -> None:
    (root / "my.ini").write_text("[alembic]\nscript_location = a\n[other]\nscript_location = b\n")
    assert project("my.ini").directory == root / "a"
    assert project("my.ini", section="other").directory == root / "b"
    assert named_alembic_files((), {"ALEMBIC_CONFIG": "my.ini"}).ini == Path("my.ini")


def test_a_name_of_nothing_is_refused(root: Path) -> None:
    (root / "my.ini").write_text("[alembic]\nscript_location = a\n")
    with pytest.raises(UsageError, match=r"there is no file other\.ini"):
        project("other.ini")
    with pytest.raises(UsageError, match="two files of one kind"):
        project("my.ini", "./my.ini")
    with pytest.raises(ConfigurationError, match=r"there is no section \[other\]"):
        project("my.ini", section="other")


def test_a_folder_of_a_package_is_a_directory(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "shop_package").mkdir()
    (root / "shop_package" / "__init__.py").touch()
    monkeypatch.syspath_prepend(root)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = shop_package:db\n")
    assert project().directory == root / "shop_package" / "db"
    (root / "alembic.ini").write_text("[alembic]\nscript_location = no_such_package:db\n")
    with pytest.raises(ConfigurationError, match="'no_such_package'"):
        project()


@pytest.mark.parametrize(
    "text",
    ["no section", "[alembic]\nfile_template = %(rev)s\n", "[alembic]\npath_separator = x\nversion_locations = a\n"],
)
def test_a_file_that_cannot_be_read_is_refused(root: Path, text: str) -> None:
    (root / "alembic.ini").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        project()
    assert caught.value.file == str(root / "alembic.ini")


def test_only_files_of_the_directory_count(root: Path) -> None:
    (root / "alembic.ini").write_text("[alembic]\nscript_location = other\ntimezone = UTC\n")
    assert find_alembic_files(Path("migrations"), is_chosen=True) == AlembicFiles()
    assert find_alembic_files(Path("other"), is_chosen=True).ini == root / "alembic.ini"
    assert find_alembic_files(Path("migrations"), is_chosen=False).script_location == Path("other")
    (root / "migrations").mkdir()
    assert find_alembic_files(Path("migrations"), is_chosen=False) == AlembicFiles()
    (root / "migrations" / "alembic.ini").write_text("[alembic]\nscript_location = ignored\n")
    inside = find_alembic_files(Path("migrations"), is_chosen=False)
    assert inside.ini == Path("migrations/alembic.ini")
    assert inside.script_location is None


def test_a_location_that_is_not_there_is_as_an_empty_one(root: Path) -> None:
    (root / "db" / "one").mkdir(parents=True)
    (root / "db" / "one" / "a.py").write_text("revision, down_revision = 'a', None\n")
    (root / "alembic.ini").write_text("[alembic]\nscript_location = db\nversion_locations = db/one, db/two\n")
    assert project().history.graph.heads == ("a",)
