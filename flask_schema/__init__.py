"""Schema migrations for Flask, with an engine of its own.

``Migrate`` binds an application; ``op`` and ``context`` are for revision scripts and ``env.py``; the commands of
``flask db`` are functions of the same names. Programs without an application have ``command``, ``Config``,
``ScriptDirectory``, ``MigrationContext``, ``EnvironmentContext`` and ``Operations``. All of them are loaded when they
are first used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask_schema.actions.snapshots import snapshot_of_database as snapshot_of_database
    from flask_schema.actions.snapshots import snapshot_of_models as snapshot_of_models
    from flask_schema.alembic_compat import command as command
    from flask_schema.alembic_compat.autogenerate import Rewriter as Rewriter
    from flask_schema.alembic_compat.autogenerate import compare_metadata as compare_metadata
    from flask_schema.alembic_compat.autogenerate import produce_migrations as produce_migrations
    from flask_schema.alembic_compat.autogenerate import render_python_code as render_python_code
    from flask_schema.alembic_compat.config import Config as Config
    from flask_schema.alembic_compat.operations import Operations as Operations
    from flask_schema.alembic_compat.runtime.environment import EnvironmentContext as EnvironmentContext
    from flask_schema.alembic_compat.script import Script as Script
    from flask_schema.alembic_compat.script import ScriptDirectory as ScriptDirectory
    from flask_schema.commands import alembic_version as alembic_version
    from flask_schema.commands import applied as applied
    from flask_schema.commands import branches as branches
    from flask_schema.commands import check as check
    from flask_schema.commands import current as current
    from flask_schema.commands import downgrade as downgrade
    from flask_schema.commands import edit as edit
    from flask_schema.commands import ensure_version as ensure_version
    from flask_schema.commands import heads as heads
    from flask_schema.commands import history as history
    from flask_schema.commands import init as init
    from flask_schema.commands import list_templates as list_templates
    from flask_schema.commands import merge as merge
    from flask_schema.commands import migrate as migrate
    from flask_schema.commands import prune as prune
    from flask_schema.commands import rebase as rebase
    from flask_schema.commands import revision as revision
    from flask_schema.commands import show as show
    from flask_schema.commands import squash as squash
    from flask_schema.commands import stamp as stamp
    from flask_schema.commands import upgrade as upgrade
    from flask_schema.errors import SchemaError as SchemaError
    from flask_schema.extension import Migrate as Migrate
    from flask_schema.operations.facade import op as op
    from flask_schema.runtime.context import MigrationContext as MigrationContext
    from flask_schema.runtime.environment import context as context
    from flask_schema.snapshot.declarations import Extension as Extension
    from flask_schema.snapshot.declarations import Function as Function
    from flask_schema.snapshot.declarations import Trigger as Trigger
    from flask_schema.snapshot.declarations import View as View
    from flask_schema.snapshot.declarations import ViewIndex as ViewIndex
    from flask_schema.snapshot.declarations import declare as declare
    from flask_schema.snapshot.json import snapshot_from_json as snapshot_from_json
    from flask_schema.snapshot.json import snapshot_to_json as snapshot_to_json
    from flask_schema.snapshot.snapshot import Snapshot as Snapshot
    from flask_schema.snapshot.type_text import TypeText as TypeText

__version__ = "0.1.0"

_COMMANDS = (
    "applied",
    "branches",
    "check",
    "current",
    "downgrade",
    "edit",
    "ensure_version",
    "heads",
    "history",
    "init",
    "list_templates",
    "merge",
    "migrate",
    "prune",
    "rebase",
    "revision",
    "show",
    "squash",
    "stamp",
    "upgrade",
)
_DECLARATIONS = ("Extension", "Function", "Trigger", "View", "ViewIndex", "declare")
_AUTOGENERATE = ("Rewriter", "compare_metadata", "produce_migrations", "render_python_code")
_PLACES = {
    "alembic_version": "flask_schema.commands",
    "Migrate": "flask_schema.extension",
    "SchemaError": "flask_schema.errors",
    "op": "flask_schema.operations.facade",
    "context": "flask_schema.runtime.environment",
    "TypeText": "flask_schema.snapshot.type_text",
    "command": "flask_schema.alembic_compat",
    "Config": "flask_schema.alembic_compat.config",
    "EnvironmentContext": "flask_schema.alembic_compat.runtime.environment",
    "MigrationContext": "flask_schema.runtime.context",
    "Operations": "flask_schema.alembic_compat.operations",
    "Script": "flask_schema.alembic_compat.script",
    "ScriptDirectory": "flask_schema.alembic_compat.script",
    "Snapshot": "flask_schema.snapshot.snapshot",
    "snapshot_from_json": "flask_schema.snapshot.json",
    "snapshot_of_database": "flask_schema.actions.snapshots",
    "snapshot_of_models": "flask_schema.actions.snapshots",
    "snapshot_to_json": "flask_schema.snapshot.json",
    **dict.fromkeys(_AUTOGENERATE, "flask_schema.alembic_compat.autogenerate"),
    **dict.fromkeys(_COMMANDS, "flask_schema.commands"),
    **dict.fromkeys(_DECLARATIONS, "flask_schema.snapshot.declarations"),
}

__all__ = [  # noqa: PLE0604
    "Config",
    "EnvironmentContext",
    "Migrate",
    "MigrationContext",
    "Operations",
    "SchemaError",
    "Script",
    "ScriptDirectory",
    "TypeText",
    "Snapshot",
    "__version__",
    "alembic_version",
    "command",
    "context",
    "op",
    "snapshot_from_json",
    "snapshot_of_database",
    "snapshot_of_models",
    "snapshot_to_json",
    *_AUTOGENERATE,
    *_COMMANDS,
    *_DECLARATIONS,
]


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(place), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _FrontDoor(ModuleType):
    """This module. ``history`` is the command, although a package of that name is imported beside it.

    Importing a package sets it as an attribute of its parent, which would hide the function; here the function stays,
    and the package's names can be reached through it: ``flask_schema.history.Graph``.
    """

    @property
    def history(self) -> Any:
        function = import_module("flask_schema.commands").history
        package = sys.modules.get("flask_schema.history")
        if package is not None:
            vars(function).update({name: getattr(package, name) for name in package.__all__})
        return function

    @history.setter
    def history(self, package: ModuleType) -> None:
        """Take what the import system sets; it finds the package in ``sys.modules``."""


sys.modules[__name__].__class__ = _FrontDoor
