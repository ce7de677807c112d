"""A project made from a Config: what the engine's actions need where no application is."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_schema.alembic_compat.script.write_hooks import run_one
from flask_schema.alembic_compat.util.langhelpers import asbool
from flask_schema.config import Layer, settings_of
from flask_schema.databases import Database
from flask_schema.errors import ConfigurationError
from flask_schema.history import History
from flask_schema.project import Project

if TYPE_CHECKING:
    from flask_schema.alembic_compat.config import Config
    from flask_schema.alembic_compat.script.base import ScriptDirectory


class ConfigProject(Project):
    """The project of a :class:`Config`: its one database is ``sqlalchemy.url``, unless ``env.py`` brings another."""

    def __init__(self, config: Config, script: ScriptDirectory) -> None:
        super().__init__(settings_of([_layer(config, script)]))
        self.configuration = config
        self.script = script
        self.visitor = self._visit
        self.offline = False

    def _visit(self, work: Any, output: Any, arguments: Mapping[str, Any]) -> None:
        from flask_schema.alembic_compat.runtime.environment import EnvironmentContext

        if output is None and self.offline:
            output = io.StringIO()  # nobody reads it: env.py is run for what it configures
        with EnvironmentContext.of_project(self, work, output, arguments):
            self.script.run_env()

    @cached_property
    def history(self) -> History:
        """The history of the script directory."""
        return History(self.script.revision_map.graph, tuple(self.script._version_locations))

    def reload_history(self) -> History:
        """Return the history of the files as they are now, and keep it; the script directory has it too."""
        self.script.revision_map.forget()
        return super().reload_history()

    @cached_property
    def databases(self) -> tuple[Database, ...]:
        """The engine in ``attributes["connection"]``, or the database of ``sqlalchemy.url``.

        Without either, only ``env.py`` can say which database is meant.
        """
        config = self.configuration
        metadata = config.attributes.get("target_metadata")
        several = metadata if isinstance(metadata, (list, tuple)) else () if metadata is None else (metadata,)
        given = config.attributes.get("connection")
        engine = given if hasattr(given, "connect") else None
        source = engine or config.get_alembic_option("sqlalchemy.url") or _no_url
        return (Database("", tuple(several), source),)


def _no_url() -> Any:
    raise ConfigurationError(
        "nothing says which database is meant",
        hint="set 'sqlalchemy.url', put a connection into config.attributes['connection'], or write an env.py",
    )


def _layer(config: Config, script: ScriptDirectory) -> Layer:
    hooks = {hook["_hook_name"]: partial(run_one, hook=hook) for hook in script.hooks}
    values = {
        "directory": Path(script.dir).absolute(),
        "version_locations": list(script._version_locations),
        "recursive_version_locations": script.recursive_version_locations,
        "sourceless": script.sourceless,
        "file_template": script.file_template,
        "truncate_slug_length": script.truncate_slug_length,
        "timezone": script.timezone,
        "output_encoding": script.output_encoding,
        "post_write_hooks": hooks,
        "revision_environment": asbool(config.get_alembic_option("revision_environment")),
    }
    return Layer(config.config_file_name or config.toml_file_name or "the Config", values)
