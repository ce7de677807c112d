"""``command``: the commands on a plain Config, with an ``env.py`` of Alembic's kind and without any."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema import Config, MigrationContext, command
from flask_schema.alembic_compat import config as config_module
from flask_schema.errors import (
    ConfigurationError,
    DifferencesFound,
    DirectoryNotEmpty,
    HistoryError,
    NotAtHead,
    UsageError,
)
from tests.alembic_compat.programs import ENV_PY, make_config, printed, scripts_of, write_revision, written

CHAIN = ("aaaa1", "bbbb2", "cccc3")


@pytest.fixture(params=["env.py", "no env.py"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    env_py = ENV_PY if request.param == "env.py" else None
    return make_config(tmp_path / "scripts", f"sqlite:///{tmp_path / 'app.db'}", env_py=env_py, chain=CHAIN)


def engine_of(config: Config) -> sa.Engine:
    return sa.create_engine(config.get_main_option("sqlalchemy.url"), poolclass=sa.NullPool)


def state_of(config: Config) -> tuple[tuple[str, ...], list[str]]:
    with engine_of(config).connect() as connection:
        tables = sorted(name for name in sa.inspect(connection).get_table_names() if name.startswith("t_"))
        return MigrationContext.configure(connection).get_current_heads(), tables


def test_up_and_down(config: Config) -> None:
    command.upgrade(config, "head")
    assert state_of(config) == (("cccc3",), ["t_aaaa1", "t_bbbb2", "t_cccc3"])
    command.upgrade(config, "head")
    command.downgrade(config, "-1")
    assert state_of(config) == (("bbbb2",), ["t_aaaa1", "t_bbbb2"])
    command.downgrade(config, "base")
    assert state_of(config) == ((), [])
    command.upgrade(config, "+2")
    assert state_of(config)[0] == ("bbbb2",)


def test_at_head_or_not(config: Config) -> None:
    """The usual check of a program at its start."""
    command.upgrade(config, "bbbb2")
    heads = set(scripts_of(config).get_heads())
    with engine_of(config).connect() as connection:
        assert set(MigrationContext.configure(connection).get_current_heads()) != heads
    with pytest.raises(NotAtHead):
        command.current(config, check_heads=True)
    command.upgrade(config, "heads")
    command.current(config, check_heads=True)
    assert printed(config) == "cccc3 (head)\n"


@pytest.mark.parametrize("begun", [True, False])
def test_on_the_connection_of_the_program(config: Config, begun: bool) -> None:
    engine = engine_of(config)
    with engine.connect() as connection:
        if begun:
            connection.begin()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert not connection.closed
        if begun:
            assert connection.in_transaction()
            connection.rollback()
    assert state_of(config)[0] == (() if begun else ("cccc3",))


def test_on_the_engine_of_the_program(tmp_path: Path) -> None:
    config = make_config(tmp_path / "scripts", env_py=None, chain=CHAIN)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'app.db'}", poolclass=sa.NullPool)
    with pytest.raises(ConfigurationError, match="which database"):
        command.upgrade(config, "head")
    config.attributes["connection"] = engine
    command.upgrade(config, "head")
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_heads() == ("cccc3",)


def test_sql(config: Config, tmp_path: Path) -> None:
    command.upgrade(config, "aaaa1:head", sql=True)
    text = written(config)
    assert "CREATE TABLE t_bbbb2" in text
    assert "t_aaaa1" not in text
    assert "UPDATE alembic_version SET version_num='cccc3'" in text
    assert not (tmp_path / "app.db").exists()
    command.downgrade(config, "bbbb:aaaa", sql=True)
    assert "DROP TABLE t_bbbb2" in written(config)
    command.stamp(config, "head", sql=True)
    assert "INSERT INTO alembic_version (version_num) VALUES ('cccc3')" in written(config)
    with pytest.raises(UsageError):
        command.downgrade(config, "base", sql=True)
    with pytest.raises(UsageError):
        command.upgrade(config, "aaaa1:head")


def test_steps_are_logged(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "alembic")
    command.upgrade(config, "bbbb2")
    assert [one.getMessage() for one in caplog.records if one.name == "alembic.runtime.migration"] == [
        "Running upgrade  -> aaaa1, make aaaa1",
        "Running upgrade aaaa1 -> bbbb2, make bbbb2",
    ]


def test_stamping(config: Config) -> None:
    command.stamp(config, "bbbb2")
    assert state_of(config) == (("bbbb2",), [])
    with engine_of(config).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'lost'")
    with pytest.raises(HistoryError, match="lost"):
        command.stamp(config, "head")
    command.stamp(config, "head", purge=True)
    assert state_of(config)[0] == ("cccc3",)
    command.stamp(config, "base")
    assert state_of(config)[0] == ()


def test_ensure_version(config: Config) -> None:
    command.ensure_version(config)
    with engine_of(config).connect() as connection:
        assert sa.inspect(connection).has_table("alembic_version")
    command.ensure_version(config)
    command.ensure_version(config, sql=True)
    assert "CREATE TABLE alembic_version" in written(config)


def test_listings(config: Config, tmp_path: Path) -> None:
    write_revision(tmp_path / "scripts", "dddd4", "bbbb2", labels=("side",))
    command.upgrade(config, "bbbb2")
    command.history(config, indicate_current=True)
    assert printed(config).splitlines() == [
        "bbbb2 -> cccc3 (head), make cccc3",
        "bbbb2 -> dddd4 (side) (head), make dddd4",
        "aaaa1 -> bbbb2 (current) (branchpoint), make bbbb2",
        "<base> -> aaaa1, make aaaa1",
    ]
    command.heads(config)
    assert printed(config).endswith("cccc3 (head)\ndddd4 (side) (head)\n")
    command.branches(config)
    assert printed(config).endswith("bbbb2 (branchpoint)\n      -> cccc3 (head)\n      -> dddd4 (side) (head)\n\n")
    command.history(config, "current:cccc3")
    assert printed(config).endswith("cccc3 (head), make cccc3\naaaa1 -> bbbb2 (branchpoint), make bbbb2\n")
    command.show(config, "current")
    assert "Rev: bbbb2 (branchpoint)" in printed(config)
    command.current(config, verbose=True)
    assert "Current revision(s) for sqlite:///" in printed(config)
    with pytest.raises(UsageError):
        command.history(config, "aaaa1")


def test_new_revisions(config: Config, tmp_path: Path) -> None:
    made = command.revision(config, "by hand", rev_id="dddd4")
    assert made.down_revision == "cccc3"
    assert made.doc == "by hand"
    command.revision(config, "side", head="cccc3", splice=True, rev_id="eeee5")
    joined = command.merge(config, "heads", "join", rev_id="ffff6")
    assert joined.down_revision == ("dddd4", "eeee5")
    command.upgrade(config, "head")
    assert state_of(config)[0] == ("ffff6",)


def test_models_are_compared(config: Config) -> None:
    command.upgrade(config, "head")
    metadata = sa.MetaData()
    for name in CHAIN:
        sa.Table(f"t_{name}", metadata, sa.Column("id", sa.Integer, primary_key=True))
    config.attributes["target_metadata"] = metadata
    command.check(config)
    sa.Table("fresh", metadata, sa.Column("id", sa.Integer, primary_key=True))
    with pytest.raises(DifferencesFound) as found:
        command.check(config)
    assert [one[0] for one in found.value.diffs] == ["add_table"]  # type: ignore[index]
    made = command.revision(config, "compared", autogenerate=True)
    assert "op.create_table(" in Path(made.path).read_text(encoding="utf-8")
    command.upgrade(config, "head")
    command.check(config)
    with pytest.raises(UsageError):
        command.revision(config, autogenerate=True, sql=True)


@pytest.mark.parametrize("template", ["generic", "pyproject", "multidb", "async"])
def test_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str) -> None:
    monkeypatch.chdir(tmp_path)
    config = Config("alembic.ini", toml_file="pyproject.toml")
    command.init(config, "db", template=template, package=True)
    names = {path.name for path in (tmp_path / "db").iterdir()}
    assert names == {"env.py", "script.py.mako", "README", "versions", "__init__.py"}
    again = Config("alembic.ini", toml_file="pyproject.toml")
    assert Path(scripts_of(again).dir) == tmp_path / "db"
    with pytest.raises(DirectoryNotEmpty):
        command.init(config, "db")
    with pytest.raises(UsageError, match="unknown"):
        command.init(config, "other", template="unknown")
    if template in {"generic", "pyproject"}:
        again.set_main_option("sqlalchemy.url", f"sqlite:///{tmp_path / 'app.db'}")
        command.revision(again, "first", rev_id="aaaa1")
        command.upgrade(again, "head")
        command.upgrade(again, "base:head", sql=True)
        with engine_of(again).connect() as connection:
            assert MigrationContext.configure(connection).get_current_revision() == "aaaa1"


def test_templates_are_listed(config: Config) -> None:
    command.list_templates(config)
    assert "generic - One database" in printed(config)


def test_the_error_of_a_script_comes_out_as_it_is(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "scripts" / "versions" / "dddd4_.py"
    file.write_text(
        "from alembic import op\nrevision = 'dddd4'\ndown_revision = 'cccc3'\n"
        "def upgrade():\n    op.execute('SELECT nothing FROM nowhere')\n",
        encoding="utf-8",
    )
    with pytest.raises(sa.exc.OperationalError) as failed:
        command.upgrade(config, "head")
    assert "dddd4" in "".join(getattr(failed.value, "__notes__", ["dddd4"]))
    assert state_of(config)[0] == ("cccc3",)


def test_several_configs_in_threads(tmp_path: Path) -> None:
    configs = [
        make_config(tmp_path / str(number), f"sqlite:///{tmp_path / f'{number}.db'}", chain=CHAIN)
        for number in range(6)
    ]
    errors: list[BaseException] = []

    def run(config: Config) -> None:
        try:
            command.upgrade(config, "head")
            command.downgrade(config, "aaaa1")
            command.upgrade(config, "bbbb2")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(config,)) for config in configs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [state_of(config) for config in configs] == [(("bbbb2",), ["t_aaaa1", "t_bbbb2"])] * len(configs)


def test_edit(config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text('#!/bin/sh\necho "# seen" >> "$1"\n', encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    command.upgrade(config, "bbbb2")
    command.edit(config, "current")
    assert Path(scripts_of(config).get_revision("bbbb2").path).read_text(encoding="utf-8").endswith("# seen\n")
    with pytest.raises(HistoryError):
        command.edit(config, "base")


# -- on a command line ------------------------------------------------------------------------


@pytest.fixture
def ini(tmp_path: Path) -> str:
    config = make_config(tmp_path / "scripts", chain=CHAIN)
    file = tmp_path / "alembic.ini"
    file.write_text(
        f"[alembic]\nscript_location = {config.get_main_option('script_location')}\n"
        f"sqlalchemy.url = sqlite:///{tmp_path / 'app.db'}\n",
        encoding="utf-8",
    )
    return str(file)


def test_a_command_line(ini: str, capsys: pytest.CaptureFixture[str]) -> None:
    config_module.main(["-c", ini, "upgrade", "bbbb2"])
    config_module.main(["-c", ini, "current"])
    assert capsys.readouterr().out == "bbbb2\n"
    config_module.main(["-c", ini, "stamp", "aaaa1"])
    assert state_of(Config(ini))[0] == ("aaaa1",)
    with pytest.raises(SystemExit) as failed:
        config_module.main(["-c", ini, "upgrade", "nowhere"])
    assert failed.value.code == 1
    assert "nowhere" in capsys.readouterr().err
    with pytest.raises(HistoryError):
        config_module.main(["--raiseerr", "-c", ini, "upgrade", "nowhere"])
    with pytest.raises(SystemExit):
        config_module.main(["-c", ini])


def test_a_command_of_the_program(ini: str) -> None:
    seen: list[tuple[Any, ...]] = []

    def frobnicate(config: Config, revision: str, verbose: bool = False) -> None:
        """Do something."""
        seen.append((config.config_file_name, revision, verbose))

    line = config_module.CommandLine(prog="mine")
    line.register_command(frobnicate)
    line.main(["-c", ini, "frobnicate", "head", "--verbose"])
    assert seen == [(ini, "head", True)]


def test_which_files_are_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    line = config_module.CommandLine()
    parse = line.parser.parse_args
    monkeypatch.delenv("ALEMBIC_CONFIG", raising=False)
    assert line._inis_from_config(parse(["heads"])) == ("pyproject.toml", "alembic.ini")
    assert line._inis_from_config(parse(["-c", "a/pyproject.toml", "-c", "b.ini", "heads"])) == (
        "a/pyproject.toml",
        "b.ini",
    )
    monkeypatch.setenv("ALEMBIC_CONFIG", "c.ini")
    assert line._inis_from_config(parse(["heads"])) == ("pyproject.toml", "c.ini")
    with pytest.raises(UsageError):
        line._inis_from_config(parse(["-c", "a.ini", "-c", "b.ini", "heads"]))


# -- env.py and new revisions -----------------------------------------------------------------


def test_a_hook_makes_several_files_each_on_its_own_head(tmp_path: Path) -> None:
    from flask_schema.alembic_compat.operations import ops

    config = make_config(tmp_path / "scripts", f"sqlite:///{tmp_path / 'app.db'}")
    folder = tmp_path / "scripts"
    write_revision(folder, "left1", labels=("left",))
    write_revision(folder, "right1", labels=("right",))
    command.upgrade(config, "heads")
    config.attributes["target_metadata"] = sa.MetaData()
    with pytest.raises(HistoryError, match="several"):
        command.revision(config, "which?", autogenerate=True)

    def split(context: Any, revision: Any, directives: list[Any]) -> None:
        del context, revision
        (only,) = directives
        assert not only.upgrade_ops.is_empty()
        directives[:] = [
            ops.MigrationScript("left2", only.upgrade_ops, only.downgrade_ops, head="left@head"),
            ops.MigrationScript("right2", ops.UpgradeOps([]), ops.DowngradeOps([]), head="right@head"),
        ]

    made = command.revision(config, "both", autogenerate=True, process_revision_directives=split)
    assert [(one.revision, one.down_revision) for one in made] == [("left2", "left1"), ("right2", "right1")]
    assert scripts_of(config).get_heads() == ["left2", "right2"]


def test_a_hook_leaves_things_out_of_the_check(tmp_path: Path) -> None:
    def drop_nothing(context: Any, revision: Any, directives: list[Any]) -> None:
        del context, revision
        for directive in directives:
            directive.upgrade_ops.ops[:] = [one for one in directive.upgrade_ops.ops if "drop" not in repr(one).lower()]

    env_py = ENV_PY.replace(
        "connection=connection,", "connection=connection, process_revision_directives=config.attributes['hook'],"
    )
    config = make_config(tmp_path / "scripts", f"sqlite:///{tmp_path / 'app.db'}", env_py=env_py, chain=("aaaa1",))
    config.attributes["target_metadata"] = sa.MetaData()
    config.attributes["hook"] = None
    command.upgrade(config, "head")
    with pytest.raises(DifferencesFound):
        command.check(config)
    config.attributes["hook"] = drop_nothing
    command.check(config)


def test_env_py_may_give_variables_to_the_template(tmp_path: Path) -> None:
    env_py = "from alembic import context\ncontext.configure(dialect_name='sqlite', template_args={'color': 'red'})\n"
    config = make_config(tmp_path / "scripts", env_py=env_py, chain=CHAIN)
    (tmp_path / "scripts" / "script.py.mako").write_text(
        "# ${color}\nrevision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n", encoding="utf-8"
    )
    config.set_main_option("revision_environment", "true")
    made = command.revision(config, "x", rev_id="dddd4")
    assert Path(made.path).read_text(encoding="utf-8").startswith("# red\n")
    joined = command.merge(config, ["dddd4"], "y", rev_id="eeee5")
    assert Path(joined.path).read_text(encoding="utf-8").startswith("# red\n")


def test_a_compared_revision_stands_beside_its_parent(tmp_path: Path) -> None:
    config = make_config(tmp_path / "scripts", f"sqlite:///{tmp_path / 'app.db'}", env_py=None, chain=("aaaa1",))
    (tmp_path / "other").mkdir()
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{tmp_path / 'other'}\n{tmp_path / 'scripts' / 'versions'}")
    config.attributes["target_metadata"] = sa.MetaData()
    command.upgrade(config, "head")
    made = command.revision(config, "x", autogenerate=True)
    assert Path(made.path).parent == tmp_path / "scripts" / "versions"
