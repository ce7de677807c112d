"""Tells the logger that programs know from Alembic which steps are run. Nothing here configures logging."""

from __future__ import annotations

import logging

from flask_schema.history.routes import Stamp, Step
from flask_schema.runtime.runner import title

log = logging.getLogger("alembic.runtime.migration")


class Logged:
    """A listener that logs each step at level INFO as it begins."""

    def started(self, database: str, step: Step | Stamp) -> None:
        """Log it."""
        log.info("%s%s", f"{database}: " if database else "", title(step))

    def finished(self, database: str, step: Step | Stamp, seconds: float) -> None:
        """Nothing happens."""
