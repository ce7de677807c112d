"""Migrations directories for programs: without ``env.py``, or with one as Alembic's users have it."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from pathlib import Path

from flask_schema import Config, ScriptDirectory

ENV_PY = """\
from sqlalchemy import engine_from_config, pool

from alembic import context

config = context.config
target_metadata = config.attributes.get("target_metadata")


def run(connection):
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    context.configure(url=config.get_main_option("sqlalchemy.url"), target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()
elif config.attributes.get("connection") is not None:
    run(config.attributes["connection"])
else:
    engine = engine_from_config(config.get_section(config.config_ini_section), poolclass=pool.NullPool)
    with engine.connect() as connection:
        run(connection)
"""

REVISION = '''\
"""{message}"""
import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {parents!r}
branch_labels = {labels!r}
depends_on = {needs!r}


def upgrade(**keywords):
    op.create_table({table!r}, sa.Column("id", sa.Integer, primary_key=True))


def downgrade(**keywords):
    op.drop_table({table!r})
'''


def write_revision(
    folder: Path,
    revision: str,
    parents: str | tuple[str, ...] | None = None,
    *,
    labels: tuple[str, ...] | None = None,
    needs: str | None = None,
) -> None:
    """Write a revision that creates the table ``t_<revision>``."""
    names = {"message": f"make {revision}", "table": f"t_{revision}"}
    text = REVISION.format(revision=revision, parents=parents, labels=labels, needs=needs, **names)
    (folder / "versions" / f"{revision}_.py").write_text(text, encoding="utf-8")


def make_config(
    folder: Path, url: str | None = None, *, env_py: str | None = ENV_PY, chain: Iterable[str] = ()
) -> Config:
    """Return the Config of a new directory with ``chain`` as its revisions; its output is kept in ``stdout``."""
    (folder / "versions").mkdir(parents=True)
    if env_py is not None:
        (folder / "env.py").write_text(env_py, encoding="utf-8")
    parent: str | None = None
    for revision in chain:
        write_revision(folder, revision, parent)
        parent = revision
    config = Config(stdout=StringIO(), output_buffer=StringIO())
    config.set_main_option("script_location", str(folder))
    if url is not None:
        config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def printed(config: Config) -> str:
    """What commands have printed so far."""
    assert isinstance(config.stdout, StringIO)
    return config.stdout.getvalue()


def written(config: Config) -> str:
    """The SQL that has been written so far."""
    assert isinstance(config.output_buffer, StringIO)
    return config.output_buffer.getvalue()


def scripts_of(config: Config) -> ScriptDirectory:
    """The script directory as its files are now."""
    return ScriptDirectory.from_config(config)
