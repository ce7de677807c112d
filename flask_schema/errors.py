"""The error tree: what went wrong, where, and which command mends it.

Every error of the package is a :class:`SchemaError`. Each class has a stable
``code`` (documented in ``docs/reference/errors.md``) and the exit code that the
command line ends with. ``hint`` is one sentence that says what to do next.
Nothing here imports anything but the standard library, so that every room may.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

_PASSWORD_IN_URL = re.compile(r"(?P<head>[a-zA-Z][\w+.-]*://[^\s:/@]*):(?P<password>[^\s/]*)@")
_PASSWORD_PARAMETER = re.compile(r"(?i)\b(password|passwd|pwd|sslpassword)=('[^']*'|[^\s&;]+)")


def mask_passwords(text: str) -> str:
    """Return ``text`` with the password of every URL and every ``password=`` parameter replaced by ``***``."""
    masked = _PASSWORD_IN_URL.sub(lambda found: f"{found['head']}:***@", text)
    return _PASSWORD_PARAMETER.sub(lambda found: f"{found[1]}=***", masked)


class SchemaError(Exception):
    """The root of all errors.

    ``message`` is one sentence without a full stop; ``hint`` says what to do, or is None.
    ``file``, ``line``, ``revision`` and ``statement`` say where, as far as it is known.
    ``details`` are further lines, one fact each, for where there is room for them.
    Passwords are masked in everything that can be printed.
    """

    code: ClassVar[str] = "FS000"
    exit_code: ClassVar[int] = 1
    default_hint: ClassVar[str | None] = None

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        file: str | Path | None = None,
        line: int | None = None,
        revision: str | None = None,
        statement: str | None = None,
    ) -> None:
        self.message = mask_passwords(message)
        chosen = hint if hint is not None else self.default_hint
        self.hint = mask_passwords(chosen) if chosen is not None else None
        self.file = str(file) if file is not None else None
        self.line = line
        self.revision = revision
        self.statement = mask_passwords(statement) if statement is not None else None
        self.details: tuple[str, ...] = ()
        super().__init__(self.message)

    @property
    def place(self) -> str | None:
        """Where it happened, as ``file:line, revision abc``; None when unknown."""
        parts = []
        if self.file is not None:
            parts.append(f"{self.file}:{self.line}" if self.line is not None else self.file)
        if self.revision is not None:
            parts.append(f"revision {self.revision}")
        return ", ".join(parts) or None

    def __str__(self) -> str:
        place = self.place
        return f"{self.message} ({place})" if place else self.message


class UsageError(SchemaError):
    """The command was called in a way that makes no sense (exit code 2)."""

    code = "FS001"
    exit_code = 2


# -- settings and project ---------------------------------------------------------------------


class ConfigurationError(SchemaError):
    """A setting is missing, unknown, or has a value that cannot be used."""

    code = "FS100"


class UnknownSetting(ConfigurationError):
    """A settings table holds a key that no setting has."""

    code = "FS101"


class DirectoryMissing(ConfigurationError):
    """There is no migrations directory where the settings say it is."""

    code = "FS102"
    default_hint = "run 'flask db init' to create it"


class DirectoryNotEmpty(ConfigurationError):
    """``init`` was asked to write into a directory that holds files."""

    code = "FS103"


class ExtensionMissing(ConfigurationError):
    """The application has not been bound with ``Migrate(app, db)``."""

    code = "FS104"
    default_hint = "create 'Migrate(app, db)' or call 'migrate.init_app(app, db)' in the application factory"


class DatabaseUnknown(ConfigurationError):
    """A database name was used that the application does not have."""

    code = "FS105"


class TemplateError(ConfigurationError):
    """``script.py.mako`` is missing or does not render."""

    code = "FS106"


# -- history ----------------------------------------------------------------------------------


class HistoryError(SchemaError):
    """The revision files do not form a usable history."""

    code = "FS200"


class RevisionNotFound(HistoryError):
    """A revision was asked for that no file has."""

    code = "FS201"
    default_hint = "run 'flask db history' to see the revisions"


class RevisionAmbiguous(HistoryError):
    """A partial id, label or relative step fits several revisions; the message lists them."""

    code = "FS202"


class RevisionFileError(HistoryError):
    """A revision file cannot be read: syntax error, no revision id, or an id that is not allowed."""

    code = "FS203"


class ParentMissing(HistoryError):
    """A revision names a parent or dependency that no file has."""

    code = "FS204"


class DuplicateRevision(HistoryError):
    """Two files carry the same revision id, or two revisions the same branch label."""

    code = "FS205"


class CycleError(HistoryError):
    """Revisions are, by way of their parents or dependencies, their own ancestors."""

    code = "FS206"
    revisions: tuple[str, ...] = ()
    """The revisions along the circle, each once."""


class MultipleHeads(HistoryError):
    """One head was needed and the history has several."""

    code = "FS207"
    default_hint = "run 'flask db merge heads' to join them, or name one head"


class DatabaseAhead(HistoryError):
    """The database stands at a revision that no file has."""

    code = "FS208"


class RouteError(HistoryError):
    """There is no way from the current revisions to the target."""

    code = "FS209"


class NotAtHead(HistoryError):
    """The database is not at the head revision."""

    code = "FS210"
    default_hint = "run 'flask db upgrade'"


# -- databases --------------------------------------------------------------------------------


class DatabaseError(SchemaError):
    """Something about the database connection failed."""

    code = "FS300"


class DatabaseUnreachable(DatabaseError):
    """The server does not answer, refuses the login, or the database does not exist."""

    code = "FS301"


class DriverMissing(DatabaseError):
    """The Python driver that the URL asks for is not installed."""

    code = "FS302"


class UrlInvalid(DatabaseError):
    """A database URL cannot be parsed or names a dialect nobody knows."""

    code = "FS303"


class DialectUnsupported(DatabaseError):
    """The engine has no dialect for this database."""

    code = "FS304"


class JournalMissing(DatabaseError):
    """What has been done to a database was asked for, and it has no journal."""

    code = "FS306"
    default_hint = "set SCHEMA_JOURNAL = True in app.config: from then on every run is noted"


class ModelsInvalid(DatabaseError):
    """The models cannot be turned into SQL for this database."""

    code = "FS305"


# -- running ----------------------------------------------------------------------------------


class MigrationFailed(SchemaError):
    """A revision's script or one of its statements failed; the message says what state the database is in."""

    code = "FS400"


class ScriptError(SchemaError):
    """A revision file fails when it is executed, before any statement is sent."""

    code = "FS401"
    default_hint = "mend the file; --traceback shows how it came to that line"


class OperationRefused(SchemaError):
    """An operation cannot be done on this database, or lacks what it would need to be."""

    code = "FS402"


class Irreversible(SchemaError):
    """An operation or a revision has no way back."""

    code = "FS403"


class OfflineRefused(SchemaError):
    """An operation needs a live database and SQL is being written offline."""

    code = "FS404"


class NoContext(SchemaError):
    """``op`` was used outside a running migration."""

    code = "FS405"
    default_hint = "call directives of 'op' only inside upgrade() and downgrade(), run by 'flask db'"


class ObjectMissing(OperationRefused, KeyError, ValueError):
    """An operation names a table, column, constraint or index that is not there.

    It is a ``KeyError`` and a ``ValueError`` too: scripts handle those where Alembic's batch block finds nothing.
    """

    code = "FS406"


class NameNotMapped(ScriptError, ImportError):
    """A script imports a name of Alembic that has no counterpart here. It is an ImportError too."""

    code = "FS407"
    default_hint = "write the line without it, or guard it with 'try: ... except ImportError:'"


# -- comparing --------------------------------------------------------------------------------


class DifferencesFound(SchemaError):
    """``check`` found differences between models and database; ``differences`` lists them as text.

    ``notes`` are sentences about what was left alone or could not be decided.
    ``diffs`` are the same as ``compare_metadata`` gives them, where a program called ``command.check``.
    """

    code = "FS500"
    default_hint = "run 'flask db migrate -m \"...\"' to write them as a revision"

    def __init__(
        self, message: str, *, differences: tuple[str, ...] = (), notes: tuple[str, ...] = (), hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.differences = differences
        self.notes = notes
        self.diffs: list[object] = []


# -- adopting ---------------------------------------------------------------------------------


class AdoptionObstacle(SchemaError):
    """``adopt`` found something that has to be mended or decided first; it is told before (exit code 3)."""

    code = "FS600"
    exit_code = 3
    default_hint = "each is told above with its place; run 'flask db adopt' again when they are mended"
