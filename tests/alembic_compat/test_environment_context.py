"""``EnvironmentContext``, ``MigrationContext`` and ``Operations`` as programs use them by themselves."""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema import Config, EnvironmentContext, MigrationContext, Operations, Script, ScriptDirectory, command, op
from flask_schema.alembic_compat.runtime.migration import HeadMaintainer, RevisionStep, StampStep
from flask_schema.errors import DatabaseError, DatabaseUnreachable, MultipleHeads, NoContext, UsageError
from tests.alembic_compat.programs import make_config, scripts_of

CHAIN = ("aaaa1", "bbbb2", "cccc3")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return make_config(tmp_path / "scripts", f"sqlite:///{tmp_path / 'app.db'}", chain=CHAIN)


@pytest.fixture
def connection(config: Config) -> Any:
    engine = sa.create_engine(config.get_main_option("sqlalchemy.url"), poolclass=sa.NullPool)
    with engine.connect() as opened:
        yield opened


# -- the environment --------------------------------------------------------------------------


def test_an_environment_with_a_function_of_the_program(config: Config) -> None:
    scripts = scripts_of(config)
    seen: list[Any] = []

    def look(revisions: Any, context: MigrationContext) -> list[Any]:
        seen.append((revisions, context.get_current_revision(), context.config is config))
        return []

    command.upgrade(config, "bbbb2")
    with EnvironmentContext(config, scripts, fn=look):
        scripts.run_env()
    assert seen == [(("bbbb2",), "bbbb2", True)]


def test_steps_that_a_function_returns_are_run(config: Config, connection: sa.Connection) -> None:
    scripts = scripts_of(config)

    def up(revisions: Any, context: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs("head", revisions)[:2]

    environment = EnvironmentContext(config, scripts)
    environment.configure(connection=connection, fn=up, on_version_apply=lambda **told: steps.append(told))
    steps: list[dict[str, Any]] = []
    with environment.begin_transaction():
        environment.run_migrations(color="red")
    assert MigrationContext.configure(connection).get_current_heads() == ("bbbb2",)
    info = steps[1]["step"]
    assert steps[1]["heads"] == {"bbbb2"}
    assert steps[1]["run_args"] == {"color": "red"}
    assert (info.is_upgrade, info.is_stamp, info.is_migration) == (True, False, True)
    assert (info.up_revision_id, info.down_revision_ids) == ("bbbb2", ("aaaa1",))
    assert (info.source_revision_ids, info.destination_revision_ids) == (("aaaa1",), ("bbbb2",))
    assert isinstance(info.up_revision, Script)
    assert info.up_revision.doc == "make bbbb2"
    assert [one.revision for one in info.source_revisions] == ["aaaa1"]


def test_stamps_are_told_too(config: Config, tmp_path: Path) -> None:
    steps: list[Any] = []
    config.attributes["told"] = lambda **told: steps.append(told["step"])
    env_py = tmp_path / "scripts" / "env.py"
    text = env_py.read_text(encoding="utf-8").replace(
        "connection=connection,", "connection=connection, on_version_apply=config.attributes['told'],"
    )
    env_py.write_text(text, encoding="utf-8")
    command.stamp(config, "bbbb2")
    command.stamp(config, "aaaa1")
    assert [(one.is_stamp, one.is_upgrade, one.up_revision_ids, one.down_revision_ids) for one in steps] == [
        (True, True, ("bbbb2",), ()),
        (True, False, ("bbbb2",), ("aaaa1",)),
    ]
    assert steps[1].destination_revisions[0].revision == "aaaa1"


def test_what_env_py_asks(config: Config) -> None:
    scripts = scripts_of(config)
    environment = EnvironmentContext(
        config, scripts, as_sql=True, starting_rev="aaaa", destination_rev="head", tag="mine"
    )
    assert environment.is_offline_mode()
    assert not environment.requires_connection()
    assert environment.get_starting_revision_argument() == "aaaa"
    assert environment.get_revision_argument() == "cccc3"
    assert environment.get_head_revision() == "cccc3"
    assert environment.get_head_revisions() == ("cccc3",)
    assert environment.get_tag_argument() == "mine"
    assert environment.get_x_argument() == []
    assert environment.get_x_argument(as_dictionary=True) == {}
    with pytest.raises(NoContext):
        EnvironmentContext(config, scripts).get_revision_argument()
    with pytest.raises(NoContext):
        scripts.run_env()


def test_sql_goes_where_it_is_wanted(config: Config) -> None:
    scripts = scripts_of(config)
    for options, output in (({}, StringIO()), ({"output_encoding": "utf-8"}, BytesIO())):
        environment = EnvironmentContext(
            config, scripts, as_sql=True, fn=lambda rows, _: scripts._upgrade_revs("aaaa1", rows)
        )
        environment.configure(dialect_name="postgresql", output_buffer=output, **options)  # type: ignore[arg-type]
        environment.run_migrations()
        text = output.getvalue()
        assert "CREATE TABLE t_aaaa1" in (text if isinstance(text, str) else text.decode())


def test_template_args_are_gathered(config: Config) -> None:
    gathered = {"x": 1, "y": 1}
    environment = EnvironmentContext(config, scripts_of(config), template_args=gathered)
    environment.configure(dialect_name="sqlite", template_args={"y": 2})
    assert gathered == {"x": 1, "y": 2}


def test_an_engine_is_no_connection(config: Config, connection: sa.Connection) -> None:
    with pytest.raises(UsageError):
        EnvironmentContext(config, scripts_of(config)).configure(connection=connection.engine)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        MigrationContext.configure(connection.engine)  # type: ignore[arg-type]


def test_a_database_that_is_not_there(config: Config, tmp_path: Path) -> None:
    (tmp_path / "scripts" / "env.py").unlink()
    config.set_main_option("sqlalchemy.url", f"sqlite:///{tmp_path}/no/such/folder/app.db")
    with pytest.raises(sa.exc.OperationalError) as failed:
        command.upgrade(config, "head")
    assert not isinstance(failed.value, DatabaseUnreachable)


# -- the migration context --------------------------------------------------------------------


def test_a_context_by_itself(connection: sa.Connection) -> None:
    context = MigrationContext.configure(connection, opts={"version_table": "mine"})
    assert context.get_current_revision() is None
    assert context.get_current_heads() == ()
    assert not sa.inspect(connection).has_table("mine")
    assert context.connection is connection
    assert context.bind is connection
    assert context.dialect is connection.dialect
    assert not context.as_sql
    assert context.config is None
    heads = HeadMaintainer(context, ())
    context._ensure_version_table()
    heads.update_to_step(StampStep(None, "a", True, True))
    heads.update_to_step(StampStep(None, "b", True, True))
    assert set(context.get_current_heads()) == {"a", "b"} == heads.heads
    with pytest.raises(MultipleHeads):
        context.get_current_revision()
    heads.update_to_step(StampStep(("a", "b"), "c", True, False))
    assert context.get_current_heads() == ("c",)
    heads.heads.add("lost")
    with pytest.raises(DatabaseError):
        heads.update_to_step(StampStep("lost", "d", True, False))


def test_a_context_without_a_connection() -> None:
    output = StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "starting_rev": "abc", "output_buffer": output}
    )
    assert context.as_sql
    assert context.get_current_heads() == ("abc",)
    directives = Operations(context)
    with context.begin_transaction():
        directives.add_column("t", sa.Column("c", sa.Integer))
    assert output.getvalue().split("\n\n") == ["BEGIN;", "ALTER TABLE t ADD COLUMN c INTEGER;", "COMMIT;", ""]
    assert MigrationContext.configure(url="mysql+pymysql://").dialect.name == "mysql"
    with pytest.raises(UsageError):
        MigrationContext.configure()


def test_a_context_stamps(config: Config, connection: sa.Connection) -> None:
    context = MigrationContext.configure(connection)
    context.stamp(scripts_of(config), "bbbb2")
    assert context.get_current_heads() == ("bbbb2",)
    context.stamp(scripts_of(config), "base")
    assert context.get_current_heads() == ()


def test_a_context_runs_its_own_function(config: Config, connection: sa.Connection) -> None:
    scripts = scripts_of(config)
    context = MigrationContext.configure(connection, opts={"fn": lambda rows, _: scripts._upgrade_revs("head", rows)})
    context.run_migrations()
    assert context.get_current_heads() == ("cccc3",)
    with pytest.raises(NoContext):
        MigrationContext.configure(connection).run_migrations()


def test_operations_on_a_connection(connection: sa.Connection) -> None:
    """As test suites make and change tables."""
    directives = Operations(MigrationContext.configure(connection))
    directives.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("old", sa.Text))
    directives.alter_column("t", "old", new_column_name="new")
    directives.add_column("t", sa.Column("more", sa.Integer, nullable=False, server_default="1"))
    assert [one["name"] for one in sa.inspect(connection).get_columns("t")] == ["id", "new", "more"]
    assert connection.in_transaction()
    connection.rollback()
    context = MigrationContext.configure(connection)
    with context.begin_transaction(), Operations.context(context):
        op.create_table("kept", sa.Column("id", sa.Integer, primary_key=True))
    assert sa.inspect(connection).has_table("kept")
    connection.rollback()
    assert sa.inspect(connection).has_table("kept")
    connection.rollback()
    failing = MigrationContext.configure(connection)

    def create_and_fail() -> None:
        with failing.begin_transaction(), Operations.context(failing):
            op.create_table("gone", sa.Column("id", sa.Integer, primary_key=True))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        create_and_fail()
    assert not sa.inspect(connection).has_table("gone")


def test_steps_compare_and_describe(config: Config) -> None:
    scripts: ScriptDirectory = scripts_of(config)
    (up,) = scripts._upgrade_revs("aaaa1", ())
    script = scripts.get_revision("aaaa1")
    assert up == RevisionStep.upgrade_from_script(scripts.revision_map, script)
    assert up != RevisionStep.downgrade_from_script(scripts.revision_map, script)
    assert up.info.up_revision_id == "aaaa1"
    assert callable(up.migration_fn)
    (down,) = scripts._downgrade_revs("aaaa1", ("bbbb2",))
    assert (down.from_revisions, down.to_revisions, down.is_downgrade) == (("bbbb2",), ("aaaa1",), True)
    assert str(down) == "downgrade bbbb2 -> aaaa1, make bbbb2"
    heads = HeadMaintainer(
        MigrationContext.configure(dialect_name="sqlite", opts={"output_buffer": StringIO()}), {"cccc3"}
    )
    for step in scripts._downgrade_revs("base", ("cccc3",)):
        heads.update_to_step(step)
    assert heads.heads == set()


SEARCH_PATH_ENV_PY = """\
from sqlalchemy import create_engine, pool

from alembic import context

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, version_table_schema="tenant")
    with context.begin_transaction():
        context.execute("CREATE SCHEMA IF NOT EXISTS tenant")
        context.execute("SET search_path TO tenant")
        context.run_migrations()
"""


def test_what_env_py_sets_in_its_transaction_stays_set(tmp_path: Path, postgresql_url: str) -> None:
    config = make_config(tmp_path / "scripts", postgresql_url, env_py=SEARCH_PATH_ENV_PY, chain=CHAIN)
    command.upgrade(config, "head")
    engine = sa.create_engine(postgresql_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        found = sa.inspect(connection)
        assert set(found.get_table_names(schema="tenant")) == {"alembic_version", "t_aaaa1", "t_bbbb2", "t_cccc3"}
        assert found.get_table_names(schema="public") == []
    command.downgrade(config, "base")
