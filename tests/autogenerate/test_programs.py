"""What programs put together themselves: revision contexts, snapshots in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema import (
    Config,
    EnvironmentContext,
    ScriptDirectory,
    command,
    snapshot_from_json,
    snapshot_of_database,
    snapshot_of_models,
    snapshot_to_json,
)
from flask_schema.alembic_compat.autogenerate import RevisionContext
from flask_schema.alembic_compat.operations import ops
from flask_schema.errors import NotAtHead, UsageError

ENV = """
from alembic import context

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, target_metadata=context.config.attributes["models"])
    with context.begin_transaction():
        context.run_migrations()
"""


@pytest.fixture
def config(folder: Path, sqlite_url: str, shop: sa.MetaData) -> Config:
    made = Config(str(folder / "alembic.ini"))
    made.messaging_opts["quiet"] = True
    command.init(made, str(folder / "migrations"))
    (folder / "migrations" / "env.py").write_text(ENV)
    made = Config(str(folder / "alembic.ini"))
    made.attributes["engine"] = sa.create_engine(sqlite_url, poolclass=sa.NullPool)
    made.attributes["models"] = shop
    return made


def wishes(**given: Any) -> dict[str, Any]:
    names = ("message", "sql", "head", "splice", "branch_label", "version_path", "rev_id", "depends_on")
    return {**dict.fromkeys(names), "head": "head", "splice": False, "sql": False, **given}


def generated(config: Config, context: RevisionContext, scripts: ScriptDirectory) -> list[Any]:
    def compare(rev: Any, migration_context: Any) -> list[Any]:
        context.run_autogenerate(rev, migration_context)
        return []

    with EnvironmentContext(config, scripts, fn=compare):
        scripts.run_env()
    return list(context.generate_scripts())


def test_a_revision_context_writes_a_file(config: Config) -> None:
    scripts = ScriptDirectory.from_config(config)

    def rename(context: Any, revision: Any, directives: list[Any]) -> None:
        directives[0].message = "renamed"
        directives.append(ops.MigrationScript("b2", ops.UpgradeOps(), ops.DowngradeOps(), message="more", head="a1"))

    context = RevisionContext(config, scripts, wishes(message="first", rev_id="a1"), rename)
    first, second = generated(config, context, scripts)
    assert (first.revision, first.doc, second.down_revision) == ("a1", "renamed", "a1")
    text = Path(first.path).read_text()
    assert 'op.create_index(op.f("ix_orders_placed"), "orders", ["placed"])' in text
    assert 'op.drop_table("orders")' in text
    command.upgrade(config, "head")
    command.check(config)


def test_a_revision_context_refuses_a_database_that_is_behind(config: Config) -> None:
    scripts = ScriptDirectory.from_config(config)
    command.revision(config, "empty", rev_id="a1")
    scripts = ScriptDirectory.from_config(config)
    with pytest.raises(NotAtHead):
        generated(config, RevisionContext(config, scripts, wishes()), scripts)
    with pytest.raises(UsageError):
        generated(config, RevisionContext(config, scripts, wishes(sql=True)), scripts)


def test_a_command_takes_a_hook(config: Config) -> None:
    def split(context: Any, revision: Any, directives: list[Any]) -> None:
        first = directives[0]
        first.rev_id = "a1"
        second = ops.MigrationScript("b2", ops.UpgradeOps(first.upgrade_ops.ops[1:]), ops.DowngradeOps(), head="a1")
        first.upgrade_ops.ops[1:] = []
        directives.append(second)

    made = command.revision(config, "two", autogenerate=True, process_revision_directives=split)
    assert [one.revision for one in made] == ["a1", "b2"]
    command.upgrade(config, "head")
    command.check(config)


def test_snapshots_as_text(connection: sa.Connection, shop: sa.MetaData) -> None:
    shop.create_all(connection)
    there = snapshot_of_database(connection)
    text = snapshot_to_json(there)
    assert snapshot_from_json(text) == there
    assert snapshot_to_json(snapshot_from_json(text)) == text
    wanted = snapshot_of_models(shop, connection.dialect)
    assert wanted.tables.keys() == there.tables.keys()
    assert snapshot_of_models([shop], connection.dialect) == wanted
