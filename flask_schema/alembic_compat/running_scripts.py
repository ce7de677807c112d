"""``context.script``: the revision files of the command that is running."""

from __future__ import annotations

from typing import Any

from flask_schema.alembic_compat.script.base import ScriptDirectory
from flask_schema.errors import ConfigurationError


class RunningScripts(ScriptDirectory):
    """``context.script``: to look at, since the command has read the revision files before ``env.py`` runs."""

    _fixed = False

    @classmethod
    def of(cls, config: Any) -> RunningScripts:
        """Those of a Config."""
        made = cls.from_config(config)
        made._fixed = True
        return made

    def __setattr__(self, name: str, value: Any) -> None:
        if self._fixed and name in vars(self) and name != "revision_map":
            raise ConfigurationError(
                f"context.script.{name} cannot be set: the revision files have been read before env.py runs",
                hint=f"say it in alembic.ini, pyproject.toml or the application's settings: {name} = ...",
            )
        super().__setattr__(name, value)
