"""The commands as functions: they return values and raise typed errors, and threads may call them together."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import flask_schema
from flask_schema import Migrate
from flask_schema.errors import DifferencesFound, DirectoryMissing, RevisionNotFound


def make_app(folder: Path, name: str = "app") -> Flask:
    metadata = sa.MetaData()
    sa.Table(f"of_{name}", metadata, sa.Column("id", sa.Integer, primary_key=True))
    app = Flask(name)
    Migrate(app, metadata, url=f"sqlite:///{folder / name}.sqlite", directory=folder / name)
    return app


def test_the_whole_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = make_app(tmp_path)
    with app.app_context():
        with pytest.raises(DirectoryMissing):
            flask_schema.upgrade()
        assert flask_schema.init().directory == tmp_path / "app"
        with pytest.raises(DifferencesFound) as caught:
            flask_schema.check()
        assert caught.value.differences == ("create table of_app",)
        written = flask_schema.migrate(message="one")
        assert written.revision is not None
        (run,) = flask_schema.upgrade().databases
        assert (run.before, run.after) == ((), (written.revision,))
        assert [one.revision.revision for one in flask_schema.heads().revisions] == [written.revision]
        assert [one.is_current for one in flask_schema.history(indicate_current=True).revisions] == [True]
        assert flask_schema.current()[0].is_head
        assert flask_schema.show()[0].revision.message == "one"
        assert flask_schema.branches().points == ()
        with pytest.raises(RevisionNotFound):
            flask_schema.downgrade(revision="zzzz")
        assert flask_schema.downgrade().databases[0].after == ()
        assert flask_schema.stamp(revision="head").databases[0].after == (written.revision,)
        again = flask_schema.migrate(message="two")
        assert [one.describe() for one in again.operations] == ["create table of_app"]
    assert capsys.readouterr().out == ""


def test_the_directory_is_the_first_argument(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    with app.app_context():
        flask_schema.init(directory=tmp_path / "other")
        first = flask_schema.revision(tmp_path / "other", "one", rev_id="aaaa1")
        second = flask_schema.revision(tmp_path / "other", "two", rev_id="bbbb2", head="base")
        assert (first.revision, second.revision) == ("aaaa1", "bbbb2")
        merged = flask_schema.merge(tmp_path / "other", "heads", "join")
        assert merged.parents == ("aaaa1", "bbbb2")
        assert flask_schema.heads(tmp_path / "other").revisions[0].revision.revision == merged.revision


def test_threads_migrate_their_own_applications_together(tmp_path: Path) -> None:
    """Alembic's module globals make this end in tables of the wrong database."""
    apps = {name: make_app(tmp_path, name) for name in ("one", "two", "three", "four")}
    together = threading.Barrier(len(apps))
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            with apps[name].app_context():
                flask_schema.init()
                flask_schema.migrate(message="begin")
                together.wait()
                for _ in range(5):
                    flask_schema.upgrade()
                    flask_schema.downgrade()
                flask_schema.upgrade()
        except BaseException as error:
            failures.append(error)
            together.abort()

    threads = [threading.Thread(target=work, args=(name,)) for name in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for name in apps:
        engine = sa.create_engine(f"sqlite:///{tmp_path / name}.sqlite", poolclass=sa.NullPool)
        assert set(sa.inspect(engine).get_table_names()) == {f"of_{name}", "alembic_version"}
