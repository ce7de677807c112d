"""The table of settings, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from flask_schema.config import (
    Layer,
    list_settings,
    read_app_config,
    read_environment,
    read_pyproject,
    settings_of,
)
from flask_schema.errors import ConfigurationError, UnknownSetting

# Options of Alembic 1.20's context.configure that hold for a project, not for one run.
OPTIONS_OF_CONFIGURE = (
    "alembic_module_prefix", "autogenerate_plugins", "compare_server_default", "compare_type", "dialect_opts",
    "downgrade_token", "include_name", "include_object", "include_schemas", "literal_binds", "mssql_batch_separator",
    "on_version_apply", "oracle_batch_separator", "output_encoding", "process_revision_directives", "render_as_batch",
    "render_item", "sqlalchemy_module_prefix", "template_args", "transaction_per_migration", "transactional_ddl",
    "upgrade_token", "user_module_prefix", "version_table", "version_table_pk", "version_table_schema",
)  # fmt: skip


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "pyproject.toml"
    file.write_text(text)
    return file


def test_every_option_of_configure_is_a_setting() -> None:
    assert set(OPTIONS_OF_CONFIGURE) <= set(list_settings())


@pytest.mark.parametrize("name", list_settings())
def test_a_setting_is_documented_and_its_default_fits(name: str) -> None:
    row = list_settings()[name]
    assert row.meaning.endswith(".")
    assert row.kind
    assert row.unit or not name.endswith("_seconds")
    if row.default is not None:
        assert getattr(settings_of([Layer("a test", {name: row.default})]), name) == row.default
    assert getattr(settings_of([]), name) == row.default


def test_later_layers_are_stronger_and_none_is_no_value() -> None:
    layers = [
        Layer("weak", {"version_table": "a", "timezone": "UTC"}),
        Layer("strong", {"version_table": "b", "timezone": None}),
    ]
    settings = settings_of(layers)
    assert (settings.version_table, settings.timezone) == ("b", "UTC")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("compare_tpye", "did you mean 'compare_type'?"),
        ("verison_table", "did you mean 'version_table'?"),
        ("connection", "it belongs to one run: give it to context.configure() in env.py, or the database to Migrate()"),
    ],
)
def test_an_unknown_key_is_refused_with_a_suggestion(name: str, hint: str) -> None:
    with pytest.raises(UnknownSetting) as caught:
        settings_of([Layer("Migrate(...)", {name: True})])
    assert caught.value.message == f"there is no setting '{name}' (in Migrate(...))"
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sourceless", "perhaps"),
        ("sourceless", 2),
        ("directory", ""),
        ("directory", 3),
        ("version_table", 3),
        ("truncate_slug_length", 0),
        ("truncate_slug_length", True),
        ("lock_timeout_seconds", "soon"),
        ("lock_timeout_seconds", float("nan")),
        ("lock_timeout_seconds", -1),
        ("include_object", "my.function"),
        ("compare_type", "sometimes"),
        ("on_version_apply", [1]),
        ("databases", {"a": 1}),
        ("template_args", ["a"]),
        ("revision_ids", "sorted"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"the setting '{name}' in a test has to be "):
        settings_of([Layer("a test", {name: value})])


def compare(*_: Any) -> bool:
    return True


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("sourceless", "yes", True),
        ("sourceless", "False", False),
        ("compare_type", compare, compare),
        ("on_version_apply", compare, (compare,)),
        ("databases", "users", ("users",)),
        ("databases", ["", "users"], ("", "users")),
        ("truncate_slug_length", "20", 20),
        ("lock_timeout_seconds", 5, 5.0),
        ("directory", Path("a/b"), Path("a/b")),
    ],
)
def test_values_are_read_as_they_are_written(name: str, value: object, expected: object) -> None:
    assert getattr(settings_of([Layer("a test", {name: value})]), name) == expected


def test_the_nearest_pyproject_with_a_table_counts(tmp_path: Path) -> None:
    write(tmp_path, "[tool.flask-schema]\ndirectory = 'db'\nversion-locations = ['%(here)s/a', 'b']\n")
    write(tmp_path / "app", "[tool.other]\nx = 1\n")
    layer = read_pyproject(tmp_path / "app" / "inner")
    assert layer is not None
    assert layer.file == tmp_path / "pyproject.toml"
    settings = settings_of([layer])
    assert settings.directory == tmp_path / "db"
    assert settings.version_locations == (tmp_path / "a", tmp_path / "b")


def test_a_second_start_is_looked_at_when_the_first_has_none(tmp_path: Path) -> None:
    write(tmp_path / "there", "[tool.flask-schema]\ntimezone = 'UTC'\n")
    (tmp_path / "here").mkdir()
    layer = read_pyproject(tmp_path / "here", tmp_path / "there")
    assert layer is not None
    assert layer.values == {"timezone": "UTC"}


@pytest.mark.parametrize("text", ["[tool.flask-schema", "[tool]\nflask-schema = 1\n"])
def test_a_pyproject_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        read_pyproject(tmp_path)
    assert caught.value.file == str(file)


def test_a_mistake_in_pyproject_names_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "[tool.flask-schema]\ninclude_object = 'app:include'\n")
    layer = read_pyproject(tmp_path)
    assert layer is not None
    with pytest.raises(ConfigurationError, match="has to be a function") as caught:
        settings_of([layer])
    assert caught.value.file == str(file)


def test_app_config_is_read_by_prefix() -> None:
    layer = read_app_config(
        {"SCHEMA_VERSION_TABLE": "v", "SQLALCHEMY_ECHO": True, "SCHEMA_REGISTRY_URL": "http://kafka"}
    )
    assert layer.values == {"version_table": "v"}


def test_a_misspelt_key_in_app_config_is_kept_to_be_refused() -> None:
    with pytest.raises(UnknownSetting, match="version_tabel"):
        settings_of([read_app_config({"SCHEMA_VERSION_TABEL": "v"})])


def test_the_environment_names_the_directory() -> None:
    assert settings_of([read_environment({"FLASK_DB_DIRECTORY": "elsewhere"})]).directory == Path("elsewhere")
    assert read_environment({}).values == {}
    assert "FLASK_DB_DIRECTORY" not in os.environ
