"""The extension, what it notes for each application, and the project made of it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from flask_schema.errors import DirectoryMissing, ExtensionMissing, UnknownSetting
from flask_schema.extension import Migrate
from flask_schema.project import Draft, Project


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make_app(name: str = "app", **config: Any) -> Flask:
    app = Flask(name)
    app.config.update(config)
    return app


def migrate(app: Flask | None = None, **options: Any) -> Migrate:
    return Migrate(app, sa.MetaData(), url="sqlite://", **options)


def test_the_places_of_settings_from_weak_to_strong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    bare = make_app()
    migrate(bare)
    assert Project.for_app(bare).directory == tmp_path / "migrations"
    (tmp_path / "pyproject.toml").write_text("[tool.flask-schema]\ndirectory = 'from_file'\n")
    assert Project.for_app(bare).directory == tmp_path / "from_file"
    app.config["SCHEMA_DIRECTORY"] = "from_config"
    migrate(app)
    assert Project.for_app(app).directory == tmp_path / "from_config"
    migrate(app, directory="from_argument")
    assert Project.for_app(app).directory == tmp_path / "from_argument"
    monkeypatch.setenv("FLASK_DB_DIRECTORY", "from_environment")
    assert Project.for_app(app).directory == tmp_path / "from_environment"
    assert Project.for_app(app, "from_command").directory == tmp_path / "from_command"
    assert Project.without_app().directory == tmp_path / "from_environment"


def test_init_app_counts_before_the_constructor(tmp_path: Path) -> None:
    extension = Migrate(compare_type=False, version_table="v")
    app = make_app()
    extension.init_app(app, sa.MetaData(), url="sqlite://", version_table="w", directory=tmp_path / "d")
    settings = Project.for_app(app).settings
    assert (settings.compare_type, settings.version_table, settings.directory) == (False, "w", tmp_path / "d")


def test_arguments_stand_where_flask_migrate_has_them() -> None:
    app = make_app()
    Migrate(app, sa.MetaData(), "mine", "schema", False, True, url="sqlite://")
    settings = Project.for_app(app).settings
    assert (str(settings.directory), settings.command, settings.compare_type, settings.render_as_batch) == (
        "mine",
        "schema",
        False,
        True,
    )
    state = app.extensions["migrate"]
    assert state is app.extensions["flask_schema"]
    assert state.directory == "mine"
    assert state.configure_args == {"compare_type": False, "render_as_batch": True}
    assert set(app.cli.commands) >= {"db", "schema"}


def test_a_wrong_option_is_refused_at_once() -> None:
    with pytest.raises(UnknownSetting, match="compare_typ"):
        Migrate(compare_typ=True)
    with pytest.raises(UnknownSetting):
        Migrate().init_app(make_app(), include_objects=print)


def test_configure_functions_are_called_in_order() -> None:
    app = make_app()
    extension = migrate(app, version_table="a")
    seen: list[str] = []

    @extension.configure
    def first(draft: Draft) -> Draft:
        seen.append(draft.get_main_option("version_table"))
        draft.set_main_option("version_table", "b")
        return draft

    @extension.configure
    def second(draft: Draft) -> None:
        seen.append(draft["version_table"])
        draft.set_main_option("script_location", "moved")

    project = Project.for_app(app)
    assert seen == ["a", "b"]
    assert project.settings.version_table == "b"
    assert project.directory.name == "moved"
    assert Project.for_app(app).settings.version_table == "b"


def test_an_application_without_migrate() -> None:
    app = make_app()
    with pytest.raises(ExtensionMissing, match="does not know Migrate"):
        Project.for_app(app)
    app.extensions["migrate"] = object()
    with pytest.raises(ExtensionMissing) as caught:
        Project.for_app(app)
    assert "from flask_schema import Migrate" in str(caught.value.hint)


def test_no_directory_is_an_error_when_the_history_is_read() -> None:
    app = make_app()
    migrate(app)
    project = Project.for_app(app)
    with pytest.raises(DirectoryMissing) as caught:
        _ = project.history
    assert caught.value.message == "there is no migrations directory migrations"
    assert "flask db init" in str(caught.value.hint)


def test_the_history_is_read_once_and_again_on_demand(tmp_path: Path) -> None:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    project = Project.without_app()
    assert not project.history.graph.heads
    (versions / "a.py").write_text("revision = 'aaaa'\ndown_revision = None\n")
    assert not project.history.graph.heads
    assert project.reload_history().graph.heads == ("aaaa",)
    assert project.history.graph.heads == ("aaaa",)


def test_version_locations_come_from_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.flask-schema]\nversion_locations = ['one', 'two']\n")
    project = Project.without_app()
    assert project.version_locations == (tmp_path / "one", tmp_path / "two")
    with pytest.raises(ExtensionMissing, match="no application was loaded"):
        _ = project.databases


def test_two_applications_do_not_see_each_other() -> None:
    shared = Migrate()
    first, second = make_app("first"), make_app("second")
    shared.init_app(first, sa.MetaData(), url="sqlite:///first", version_table="a")
    shared.init_app(second, sa.MetaData(), url="sqlite:///second")
    one, other = Project.for_app(first), Project.for_app(second)
    assert (one.settings.version_table, other.settings.version_table) == ("a", "alembic_version")
    assert [one.databases[0].url, other.databases[0].url] == ["sqlite:///first", "sqlite:///second"]


def test_threads_do_not_see_each_other() -> None:
    apps = [make_app(f"app{number}") for number in range(4)]
    for number, app in enumerate(apps):
        migrate(app, version_table=f"table{number}")
    found: dict[int, set[str]] = {number: set() for number in range(4)}
    together = threading.Barrier(4)

    def work(number: int) -> None:
        together.wait()
        for _ in range(50):
            found[number].add(Project.for_app(apps[number], x_arguments=[str(number)]).settings.version_table)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: {f"table{number}"} for number in range(4)}
