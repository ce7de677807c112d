"""``flask db`` typed in a shell: what it loads, how it finds its project, and an application that fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.projects import Answer, Place

ROOT = Path(__file__).parents[2]
SECRET = "hunter2-very-secret"

APP = """
import sys
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_schema import Migrate

print("the application is loaded", file=sys.stderr)
db = SQLAlchemy()
migrate = Migrate()

class Thing(db.Model):
    id = db.Column(db.Integer, primary_key=True)

def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = {url!r}
    db.init_app(app)
    migrate.init_app(app, db)
    return app
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder for PYTHONPATH, in which the package's entry point is known as after ``pip install``."""
    made = tmp_path / "installed" / "flask_schema-0.0.dist-info"
    made.mkdir(parents=True)
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: Flask-Schema\nVersion: 0.0\n")
    (made / "entry_points.txt").write_text("[flask.commands]\ndb = flask_schema.cli:db\n")
    return made.parent


def type_flask(folder: Path, installed: Path, *words: str, python: tuple[str, ...] = (), **environment: str) -> Answer:
    done = subprocess.run(
        [sys.executable, *python, "-m", "flask", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{installed}", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def write_history(folder: Path) -> None:
    place = Place(folder, None)  # type: ignore[arg-type]
    place.write("aaaa1111", None)
    place.write("bbbb2222", "aaaa1111")


# -- loading little ---------------------------------------------------------------------------

READS_FILES = (["heads"], ["history"], ["history", "-v"], ["show"], ["branches"], ["merge"])


@pytest.mark.parametrize("words", READS_FILES, ids=" ".join)
def test_what_reads_files_loads_neither_engine_nor_application(folder: Path, installed: Path, words: list[str]) -> None:
    write_history(folder)
    (folder / "app.py").write_text("raise AssertionError('the application is loaded')\n")
    (folder / "pyproject.toml").write_text('[tool.flask-schema]\ndirectory = "migrations"\n')
    answer = type_flask(folder, installed, "db", *words, python=("-X", "importtime"))
    assert answer.code in (0, 2) if words == ["merge"] else answer.code == 0
    loaded = {line.rpartition("|")[2].strip() for line in answer.err.splitlines() if line.startswith("import time:")}
    assert "flask_schema.history.graph" in loaded
    heavy = ("sqlalchemy", "mako", "psycopg", "psycopg2", "flask_sqlalchemy", "logging.config")
    assert [name for name in loaded if name.startswith(heavy)] == []
    ours = ("diff", "dialects", "operations", "snapshot", "runtime", "scripts")
    unneeded = [name for name in loaded if name.startswith(tuple(f"flask_schema.{room}" for room in ours))]
    assert unneeded == [] or words == ["merge"]


def test_without_a_named_directory_the_application_says_it(folder: Path, installed: Path) -> None:
    write_history(folder)
    (folder / "app.py").write_text(APP.format(url="sqlite://"))
    answer = type_flask(folder, installed, "db", "heads")
    assert answer.code == 0
    assert answer.out.startswith("bbbb2222")
    assert "the application is loaded" in answer.err


def test_without_an_application_the_usual_directory_is_read(folder: Path, installed: Path) -> None:
    write_history(folder)
    answer = type_flask(folder, installed, "db", "heads")
    assert answer.code == 0, answer.text
    assert answer.out.startswith("bbbb2222")


def test_without_anything_flask_says_what_it_misses(folder: Path, installed: Path) -> None:
    for words in (["heads"], ["upgrade"], ["init"]):
        answer = type_flask(folder, installed, "db", *words)
        assert answer.code == 2
        assert "--app" in answer.err
        assert "Traceback" not in answer.err
    assert list(folder.iterdir()) == []


def test_help_loads_nothing(folder: Path, installed: Path) -> None:
    answer = type_flask(folder, installed, "db", "--help", python=("-X", "importtime"))
    assert answer.code == 0
    assert "upgrade" in answer.out
    assert "| sqlalchemy" not in answer.err.replace("  ", " ")


# -- an application that fails ----------------------------------------------------------------


def test_the_usual_way_in_a_shell(folder: Path, installed: Path) -> None:
    url = f"sqlite:///{folder / 'shop.sqlite'}"
    (folder / "app.py").write_text(APP.format(url=url))
    for words in (["init"], ["migrate", "-m", "things"], ["upgrade"], ["check"], ["current"], ["downgrade", "-1"]):
        answer = type_flask(folder, installed, "db", *words)
        assert answer.code == 0, answer.text
        assert "\x1b[" not in answer.text


@pytest.mark.parametrize(
    ("url", "said", "advice"),
    [
        (f"postgresql+pg8000://ada:{SECRET}@localhost/bank", "pg8000", "pip install 'flask-schema[postgresql]'"),
        (f"postgres://ada:{SECRET}@localhost/bank", "postgres://", "postgresql://"),
        ("nonsense", "URL", "dialect://"),
        (f"postgresql+psycopg://ada:{SECRET}@127.0.0.1:1/bank", "127.0.0.1", "running"),
    ],
)
def test_a_database_that_cannot_be_used(folder: Path, installed: Path, url: str, said: str, advice: str) -> None:
    write_history(folder)
    (folder / "app.py").write_text(APP.format(url=url))
    answer = type_flask(folder, installed, "db", "upgrade")
    assert answer.code == 1
    assert said in answer.error()
    assert advice in answer.hint()
    assert SECRET not in answer.text


def test_an_application_that_fails(folder: Path, installed: Path) -> None:
    (folder / "app.py").write_text("from flask import Flask\n\ndef create_app():\n    return 1 / 0\n")
    for words in (["heads"], ["upgrade"]):
        answer = type_flask(folder, installed, "db", *words)
        assert answer.code == 1
        assert "ZeroDivisionError" in answer.error()
        assert "app.py:4" in answer.error()
    assert "Traceback" in type_flask(folder, installed, "db", "upgrade", "--traceback").err


def test_an_application_that_imports_what_is_not_there(folder: Path, installed: Path) -> None:
    (folder / "app.py").write_text("import not_there_at_all\n")
    answer = type_flask(folder, installed, "db", "upgrade")
    assert answer.code in (1, 2)
    assert "not_there_at_all" in answer.text


def test_no_application(folder: Path, installed: Path) -> None:
    write_history(folder)
    answer = type_flask(folder, installed, "--app", "nowhere", "db", "upgrade")
    assert answer.code == 2
    assert "nowhere" in answer.err


# -- what is printed --------------------------------------------------------------------------


def test_a_reader_that_has_gone_is_no_error(folder: Path, installed: Path) -> None:
    for number in range(3000):
        Place(folder, None).write(f"r{number:08}", f"r{number - 1:08}" if number else None)  # type: ignore[arg-type]
    (folder / "pyproject.toml").write_text('[tool.flask-schema]\ndirectory = "migrations"\n')
    command = f"{sys.executable} -m flask db history | head -1"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{installed}"}
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert "r00002999" in done.stdout
    assert done.stderr == ""


def test_json_of_the_history(place: Place) -> None:
    place.write("aaaa1111", None)
    place.write("bbbb2222", "aaaa1111")
    found = json.loads(place.fine("history", "--json").out)
    assert [one["revision"] for one in found] == ["bbbb2222", "aaaa1111"]
    assert found[0]["down_revisions"] == ["aaaa1111"]
    assert found[1]["message"] == "message of aaaa1111"
    assert [one["revision"] for one in json.loads(place.fine("heads", "--json").out)] == ["bbbb2222"]
    place.fine("upgrade", "aaaa1111")
    [state] = json.loads(place.fine("current", "--json").out)
    assert [one["revision"] for one in state["revisions"]] == ["aaaa1111"]
    assert state["is_head"] is False


def test_steps_as_arguments(place: Place) -> None:
    names = ["aaaa1111", "bbbb2222", "cccc3333"]
    for parent, name in zip([None, *names], names, strict=False):
        place.write(name, parent)
    place.fine("upgrade", "+2")
    assert place.fine("current").out.startswith("bbbb2222")
    place.fine("upgrade", "aaaa+2")
    place.fine("downgrade", "-2")
    assert place.fine("current").out.startswith("aaaa1111")
    assert "cccc3333" in place.fine("show", "cccc").out
    assert len(place.fine("history", "-r", "-1:").out.splitlines()) == 2
    assert len(place.fine("history", "-r", "current:head").out.splitlines()) == 3
    assert "(current)" in place.fine("history", "-i").out
    place.fine("stamp", "head")
    place.fine("downgrade", "base")


def test_history_in_pictures_and_limits(place: Place) -> None:
    place.write("aaaa1111", None)
    place.write("bbbb2222", "aaaa1111")
    place.write("cccc3333", "aaaa1111")
    place.fine("merge", "-m", "both", "--rev-id", "dddd4444")
    drawn = place.fine("history", "--graph").out
    assert drawn.splitlines()[0].startswith("*")
    assert "|\\" in drawn
    assert len(place.fine("history", "-n", "2").out.splitlines()) == 2
    assert "aaaa1111" in place.fine("branches").out
    assert place.fine("heads").out.startswith("dddd4444")


def test_checks_for_ci(place: Place) -> None:
    place.write("aaaa1111", None)
    place.fine("heads", "--check")
    place.wrong("current", "--check-heads")
    place.fine("upgrade")
    place.fine("current", "--check-heads")
    place.write("bbbb2222", None)
    place.wrong("heads", "--check")


def test_quiet_commands_print_nothing(place: Place) -> None:
    place.write("aaaa1111", None)
    assert place.fine("upgrade", "-q").text == ""
    assert place.fine("downgrade", "--quiet").text == ""
    assert place.fine("stamp", "-q").text == ""
    assert place.fine("upgrade", "-q").text == ""
    assert "aaaa1111" in place.fine("upgrade").out


def test_an_editor_is_started_without_a_shell(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place.write("aaaa1111", None)
    seen = tmp_path / "seen"
    script = tmp_path / "editor.py"
    script.write_text(f"import sys; open({str(seen)!r}, 'w').write('|'.join(sys.argv[1:]))")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script} '; touch {tmp_path / 'shell'}'")
    place.fine("edit", "head")
    assert seen.read_text().endswith(str(path))
    assert not (tmp_path / "shell").exists()
    monkeypatch.setenv("EDITOR", "no-such-editor-anywhere")
    assert "no-such-editor-anywhere" in place.wrong("edit", "head").error()
    place.wrong("edit", "current")
    place.fine("upgrade")
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    place.fine("edit", "current")


def test_the_version_table_alone(place: Place, sqlite_url: str) -> None:
    from tests.scenarios.projects import tables_in

    assert "CREATE TABLE alembic_version" in place.fine("ensure_version", "--sql").out
    assert tables_in(sqlite_url) == []
    place.fine("ensure_version")
    place.fine("ensure-version")
    assert tables_in(sqlite_url) == ["alembic_version"]


def test_sql_of_a_downgrade(place: Place) -> None:
    up = 'op.create_table("one", sa.Column("id", sa.Integer, primary_key=True))'
    place.write("aaaa1111", None, up, 'op.drop_table("one")')
    assert "DROP TABLE one" in place.fine("downgrade", "--sql").out
    assert "DROP TABLE one" in place.fine("downgrade", "--sql", "head:base").out
    assert "CREATE TABLE one" in place.fine("upgrade", "--sql").out
    assert "CREATE TABLE one" not in place.fine("upgrade", "aaaa:head", "--sql").out


def test_merging_what_is_one(place: Place) -> None:
    place.write("aaaa1111", None)
    assert "aaaa1111" in place.db("merge").text
    assert len(list(place.versions.glob("*.py"))) == 1


def test_every_command_has_help(place: Place) -> None:
    listed = place.fine("--help").out
    for name in (
        "init", "revision", "migrate", "edit", "merge", "upgrade", "downgrade", "show", "history", "heads", "branches",
        "current", "stamp", "check", "list-templates", "ensure-version",
    ):  # fmt: skip
        assert f"  {name} " in listed
        text = place.fine(name, "--help").out
        assert "--directory" in text or name == "list-templates"
