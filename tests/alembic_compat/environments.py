"""Files of the shape that ``alembic init`` and Flask-Migrate's ``flask db init`` write, in words of our own."""

from __future__ import annotations

INI = """\
[alembic]
script_location = %(here)s/migrations
prepend_sys_path = .
path_separator = os
sqlalchemy.url = {url}

[loggers]
keys = root

[handlers]
keys = console

[formatters]
keys = plain

[logger_root]
level = WARNING
handlers = console

[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain

[formatter_plain]
format = %(levelname)s %(message)s
"""

MODELS = """
import sqlalchemy as sa

models = sa.MetaData()
sa.Table("account", models, sa.Column("id", sa.Integer, primary_key=True), sa.Column("owner", sa.String(40)))
"""

_CONFIG = """
from logging.config import fileConfig
from alembic import context

config = context.config
if config.config_file_name is not None:
    fileConfig(config.config_file_name)
"""

_OFFLINE = """
def offline():
    context.configure(
        url=config.get_main_option("sqlalchemy.url"),
        target_metadata=models,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()
"""

_CHOOSE = """
offline() if context.is_offline_mode() else online()
"""

GENERIC = (
    _CONFIG
    + MODELS
    + _OFFLINE
    + """
def online():
    engine = sa.engine_from_config(
        config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=sa.pool.NullPool
    )
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=models)
        with context.begin_transaction():
            context.run_migrations()
"""
    + _CHOOSE
)

ASYNC = (
    _CONFIG
    + MODELS
    + "import asyncio\nfrom sqlalchemy.ext.asyncio import async_engine_from_config\n"
    + _OFFLINE
    + """
def work(connection):
    context.configure(connection=connection, target_metadata=models)
    with context.begin_transaction():
        context.run_migrations()


async def visit():
    engine = async_engine_from_config(
        config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=sa.pool.NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(work)
    await engine.dispose()


def online():
    asyncio.run(visit())
"""
    + _CHOOSE
)

INI_OF_SEVERAL = """\
[alembic]
script_location = migrations
databases = engine1, engine2

[engine1]
sqlalchemy.url = {first}

[engine2]
sqlalchemy.url = {second}
"""

SEVERAL = (
    _CONFIG
    + """
import re
import sqlalchemy as sa

names = re.split(r",\\s*", config.get_main_option("databases", ""))
models = {name: sa.MetaData() for name in names}
sa.Table("account", models["engine1"], sa.Column("id", sa.Integer, primary_key=True))
sa.Table("log", models["engine2"], sa.Column("id", sa.Integer, primary_key=True))


def offline():
    for name in names:
        with open("%s.sql" % name, "w") as buffer:
            context.configure(
                url=context.config.get_section_option(name, "sqlalchemy.url"),
                output_buffer=buffer,
                target_metadata=models.get(name),
                literal_binds=True,
            )
            with context.begin_transaction():
                context.run_migrations(engine_name=name)


def online():
    connections = {}
    for name in names:
        engine = sa.engine_from_config(
            context.config.get_section(name, {}), prefix="sqlalchemy.", poolclass=sa.pool.NullPool
        )
        connections[name] = engine.connect()
    transactions = [connection.begin() for connection in connections.values()]
    try:
        for name, connection in connections.items():
            context.configure(
                connection=connection,
                upgrade_token="%s_upgrades" % name,
                downgrade_token="%s_downgrades" % name,
                target_metadata=models.get(name),
            )
            context.run_migrations(engine_name=name)
        for transaction in transactions:
            transaction.commit()
    except:
        for transaction in transactions:
            transaction.rollback()
        raise
    finally:
        for connection in connections.values():
            connection.close()
"""
    + _CHOOSE
)

FLASK = """
import logging
from logging.config import fileConfig
from flask import current_app
from alembic import context

config = context.config
fileConfig(config.config_file_name)
logger = logging.getLogger("alembic.env")
bound = current_app.extensions["migrate"]


def engine():
    try:
        return bound.db.get_engine()
    except (TypeError, AttributeError):
        return bound.db.engine


config.set_main_option("sqlalchemy.url", engine().url.render_as_string(hide_password=False).replace("%", "%%"))


def metadata():
    return bound.db.metadatas[None] if hasattr(bound.db, "metadatas") else bound.db.metadata


def offline():
    context.configure(
        url=config.get_main_option("sqlalchemy.url"), target_metadata=metadata(), literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()


def online():
    def process_revision_directives(context, revision, directives):
        if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
            directives[:] = []
            logger.info("No changes in schema detected.")

    arguments = bound.configure_args
    if arguments.get("process_revision_directives") is None:
        arguments["process_revision_directives"] = process_revision_directives
    with engine().connect() as connection:
        context.configure(connection=connection, target_metadata=metadata(), **arguments)
        with context.begin_transaction():
            context.run_migrations()


offline() if context.is_offline_mode() else online()
"""

FLASK_OF_SEVERAL = """
from logging.config import fileConfig
from flask import current_app
from alembic import context

config = context.config
fileConfig(config.config_file_name)
bound = current_app.extensions["migrate"]
names = ["", *current_app.config["SQLALCHEMY_BINDS"]]


def online():
    def process_revision_directives(context, revision, directives):
        if getattr(config.cmd_opts, "autogenerate", False):
            lists = directives[0].upgrade_ops_list
            if len(lists) >= len(names) and all(one.is_empty() for one in lists):
                directives[:] = []

    arguments = bound.configure_args
    arguments.setdefault("process_revision_directives", process_revision_directives)
    connections = {name: bound.db.engines[name or None].connect() for name in names}
    transactions = [one.begin() for one in connections.values()]
    for name, connection in connections.items():
        context.configure(
            connection=connection,
            upgrade_token="%s_upgrades" % name,
            downgrade_token="%s_downgrades" % name,
            target_metadata=bound.db.metadatas[name or None],
            **arguments,
        )
        context.run_migrations(engine_name=name)
    for one in transactions:
        one.commit()
    for one in connections.values():
        one.close()


def offline():
    for name in names:
        with open("%s.sql" % name, "w") as buffer:
            url = bound.db.engines[name or None].url
            context.configure(url=url, output_buffer=buffer, literal_binds=True)
            with context.begin_transaction():
                context.run_migrations(engine_name=name)


offline() if context.is_offline_mode() else online()
"""
