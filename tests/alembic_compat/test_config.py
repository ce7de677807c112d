"""``Config``: ini files, ``pyproject.toml`` and values that a program sets itself."""

from __future__ import annotations

from argparse import Namespace
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest

from flask_schema import Config, ScriptDirectory
from flask_schema.errors import ConfigurationError, DirectoryMissing


def test_without_a_file() -> None:
    config = Config()
    config.set_main_option("script_location", "migrations")
    config.set_section_option("mine", "color", "50%% blue")
    assert config.get_main_option("script_location") == "migrations"
    assert config.get_main_option("missing", "default") == "default"
    assert config.get_section_option("mine", "color") == "50% blue"
    assert config.get_section("nowhere", {"a": "b"}) == {"a": "b"}
    config.remove_main_option("script_location")
    assert config.get_main_option("script_location") is None
    with pytest.raises(ConfigurationError, match="no section"):
        config.get_section_option("nowhere", "color")


def test_an_ini_file(tmp_path: Path) -> None:
    file = tmp_path / "alembic.ini"
    file.write_text(
        "[alembic]\nscript_location = %(here)s/%(folder)s\n"
        "path_separator = space\nversion_locations = %(here)s/a %(here)s/b\n"
        "[staging]\nscript_location = elsewhere\n"
        "[post_write_hooks]\nhooks = one, two\none.type = exec\none.executable = true\ntwo.type = module\n",
        encoding="utf-8",
    )
    config = Config(file, config_args={"folder": "scripts"})
    assert config.get_main_option("script_location") == f"{tmp_path.as_posix()}/scripts"
    assert config.get_version_locations_list() == [f"{tmp_path.as_posix()}/a", f"{tmp_path.as_posix()}/b"]
    assert config.get_hooks_list() == [
        {"_hook_name": "one", "type": "exec", "executable": "true"},
        {"_hook_name": "two", "type": "module"},
    ]
    assert (
        Config(file, ini_section="staging", config_args={"folder": ""}).get_main_option("script_location")
        == "elsewhere"
    )


@pytest.mark.parametrize(
    ("separator", "text", "expected"),
    [
        (None, "a, b c", ["a", "b", "c"]),
        ("newline", " a b \nc", ["a b", "c"]),
        (":", "a b:c", ["a b", "c"]),
    ],
)
def test_paths_are_split(separator: str | None, text: str, expected: list[str]) -> None:
    config = Config()
    config.set_main_option("version_locations", text)
    if separator is not None:
        config.set_main_option("path_separator", separator)
    assert config.get_version_locations_list() == expected


def test_an_unknown_separator_is_refused() -> None:
    config = Config()
    config.set_main_option("version_locations", "a|b")
    config.set_main_option("path_separator", "|")
    with pytest.raises(ValueError, match="path_separator"):
        config.get_version_locations_list()


def test_pyproject(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(
        '[tool.alembic]\nscript_location = "%(here)s/scripts"\nprepend_sys_path = ["%(here)s/src"]\n'
        "sourceless = true\ntruncate_slug_length = 12\n"
        '[[tool.alembic.post_write_hooks]]\nname = "fmt"\ntype = "exec"\nexecutable = "%(here)s/fmt"\n',
        encoding="utf-8",
    )
    config = Config(toml_file=file)
    here = tmp_path.as_posix()
    assert config.get_alembic_option("script_location") == f"{here}/scripts"
    assert config.get_prepend_sys_paths_list() == [f"{here}/src"]
    assert config.get_alembic_boolean_option("sourceless") is True
    assert config.get_hooks_list() == [{"_hook_name": "fmt", "type": "exec", "executable": f"{here}/fmt"}]
    config.set_main_option("script_location", "nearer")
    assert config.get_alembic_option("script_location") == "nearer"


def test_a_wrong_kind_in_pyproject_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text('[tool.alembic]\nsourceless = "true"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="sourceless"):
        Config(toml_file=file).get_alembic_boolean_option("sourceless")
    file.write_text("[tool.alembic\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="parsed"):
        _ = Config(toml_file=file).toml_alembic_config


def test_printing() -> None:
    config = Config(stdout=StringIO())
    config.print_stdout("%s percent", 3)
    config.print_stdout("3%")
    assert config.stdout.getvalue() == "3 percent\n3%\n"  # type: ignore[attr-defined]
    narrow = Config(stdout=TextIOWrapper(BytesIO(), encoding="ascii"))
    narrow.print_stdout("é")  # no UnicodeEncodeError
    quiet = Config(stdout=StringIO(), cmd_opts=Namespace(quiet=True))
    quiet.print_stdout("nothing")
    assert quiet.stdout.getvalue() == ""  # type: ignore[attr-defined]


def test_attributes_belong_to_one_config() -> None:
    given = {"connection": object()}
    first, second = Config(attributes=given), Config()
    first.attributes["more"] = 1
    assert second.attributes == {}
    assert given.keys() == {"connection"}


def test_a_script_location_is_needed_and_has_to_be_there(tmp_path: Path) -> None:
    config = Config()
    with pytest.raises(ConfigurationError, match="script_location"):
        ScriptDirectory.from_config(config)
    config.set_main_option("script_location", str(tmp_path / "missing"))
    with pytest.raises(DirectoryMissing):
        ScriptDirectory.from_config(config)
    config.set_main_option("script_location", "flask_schema:templates/programs")
    assert Path(ScriptDirectory.from_config(config).dir, "generic").is_dir()
    config.set_main_option("script_location", "no_such_package:migrations")
    with pytest.raises(ConfigurationError, match="no_such_package"):
        ScriptDirectory.from_config(config)
