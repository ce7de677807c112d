"""The table of settings, and how values from several places become one set of them.

From the weakest to the strongest: the defaults below, ``[tool.flask-schema]`` in ``pyproject.toml``, ``app.config``
(``SCHEMA_...``), the arguments of ``Migrate(...)``, the environment (``FLASK_DB_DIRECTORY``), the command line.
Each place is a :class:`Layer`; :func:`settings_of` lays them over one another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields
from functools import cache
from pathlib import Path
from typing import Any

from flask_schema.config.values import (
    Read,
    flag,
    flag_or_function,
    function,
    functions,
    mapping,
    number,
    one_of,
    path,
    paths,
    seconds,
    text,
    texts,
)
from flask_schema.errors import ConfigurationError, UnknownSetting
from flask_schema.values import dataclass

_OF_ONE_RUN = ("connection", "dialect_name", "output_buffer", "starting_rev", "tag", "target_metadata", "url", "engine")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. ``kind`` and ``unit`` are words for people; ``unit`` is "" where there is none."""

    name: str
    kind: str
    unit: str
    default: Any
    meaning: str
    read: Read


def _setting(default: Any, read: Read, meaning: str, unit: str = "") -> Any:
    row = {"read": read, "meaning": meaning, "unit": unit, "default": default}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=row)
    return field(default=default, metadata=row)


@dataclass(frozen=True)
class Settings:
    """Every setting with its value; :func:`list_settings` gives the same as a table.

    Options of Alembic's ``context.configure`` and of ``alembic.ini`` have their names and meanings.
    """

    # -- files --------------------------------------------------------------------------------
    directory: Path = _setting(Path("migrations"), path, "The migrations directory.")
    version_locations: tuple[Path, ...] = _setting(
        (), paths, "Directories with revision files; without it, 'versions' in the migrations directory."
    )
    recursive_version_locations: bool = _setting(False, flag, "Whether subdirectories hold revision files too.")
    sourceless: bool = _setting(False, flag, "Whether .pyc files without their source count as revisions.")
    index: bool = _setting(True, flag, "Whether headers are kept in __pycache__, so that unchanged files are not read.")
    heads_file: bool = _setting(
        False, flag, "Whether the heads are kept in a tracked file 'heads', so that git reports two of them."
    )
    prepend_sys_path: tuple[Path, ...] = _setting(
        (), paths, "Put in front of sys.path, so that revisions and env.py can import from there."
    )
    revision_environment: bool = _setting(
        False, flag, "Whether 'revision' executes env.py too; it does anyway with --autogenerate."
    )
    file_template: str = _setting("%(rev)s_%(slug)s", text, "The name of a new revision file, with tokens.")
    revision_ids: str = _setting(
        "random", one_of("random", "chronological"), "New ids: 12 random hexadecimal digits, or year to second."
    )
    timezone: str | None = _setting(None, text, "The time zone of creation dates, 'UTC' for instance; local without.")
    truncate_slug_length: int = _setting(40, number, "Where the message in a file name is cut.", "characters")
    output_encoding: str = _setting("utf-8", text, "The encoding of new revision files.")
    template_args: Mapping[str, Any] = _setting({}, mapping, "Further variables for script.py.mako.")
    post_write_hooks: Mapping[str, Any] = _setting(
        {},
        mapping,
        "Run on a new revision file: by name, a function or a table with type, executable or module, options, cwd.",
    )

    # -- databases ----------------------------------------------------------------------------
    databases: tuple[str, ...] | None = _setting(
        None,
        texts,
        "Names of the databases to migrate ('' is the default); without it, the default and each bind with tables.",
    )
    version_table: str = _setting("alembic_version", text, "The table that says at which revisions a database is.")
    version_table_schema: str | None = _setting(None, text, "The schema of that table.")
    version_table_pk: bool = _setting(True, flag, "Whether that table has a primary key.")
    journal: bool = _setting(
        False, flag, "Whether each run is noted in the table 'schema_history', for 'flask db history --applied'."
    )
    lock_timeout_seconds: float | None = _setting(
        None,
        seconds,
        "How long a statement waits for another session's lock; without it, as the database says.",
        "seconds",
    )
    lock_attempts: int = _setting(3, number, "How often a revision is tried that waited for a lock in vain.", "times")
    statement_timeout_seconds: float | None = _setting(
        None, seconds, "How long one statement may take; without it, as the database says.", "seconds"
    )

    # -- comparing ----------------------------------------------------------------------------
    compare_type: bool | Callable[..., Any] = _setting(True, flag_or_function, "Whether or how to compare types.")
    compare_server_default: bool | Callable[..., Any] = _setting(
        True, flag_or_function, "Whether or how to compare server defaults."
    )
    include_schemas: bool = _setting(False, flag, "Whether all schemas are compared, and not the default one only.")
    include_name: Callable[..., bool] | None = _setting(
        None, function, "Says of a name in the database whether to look at it: (name, type, parent_names)."
    )
    include_object: Callable[..., bool] | None = _setting(
        None, function, "Says of an object whether to compare it: (object, name, type, reflected, compare_to)."
    )
    process_revision_directives: Callable[..., Any] | None = _setting(
        None, function, "May change what a new revision will hold: (context, revision, directives)."
    )
    autogenerate_plugins: tuple[str, ...] = _setting(
        (), texts, "Plugins of the comparison, by name, as Alembic has them."
    )

    # -- writing ------------------------------------------------------------------------------
    render_as_batch: bool = _setting(
        False, flag, "Whether changes of a table are written inside 'with op.batch_alter_table'; SQLite needs it not."
    )
    render_item: Callable[..., Any] | None = _setting(
        None, function, "Writes an object its own way: (type, object, context); False for the usual."
    )
    user_module_prefix: str | None = _setting(None, text, "Stands before types that are not SQLAlchemy's.")
    sqlalchemy_module_prefix: str = _setting("sa.", text, "Stands before SQLAlchemy's names.")
    alembic_module_prefix: str = _setting("op.", text, "Stands before directives.")
    upgrade_token: str = _setting("upgrades", text, "The template's variable for what upgrade() holds.")
    downgrade_token: str = _setting("downgrades", text, "The template's variable for what downgrade() holds.")

    # -- running ------------------------------------------------------------------------------
    transaction_per_migration: bool = _setting(True, flag, "Whether each revision has a transaction of its own.")
    transactional_ddl: bool | None = _setting(
        None, flag, "Whether SQL files have transactions; without it, where the database rolls DDL back."
    )
    on_version_apply: tuple[Callable[..., Any], ...] = _setting(
        (), functions, "Called after each revision: (ctx, step, heads, run_args)."
    )
    literal_binds: bool = _setting(True, flag, "Whether SQL files hold values; they could not be run without.")
    dialect_opts: Mapping[str, Any] = _setting({}, mapping, "Arguments for SQLAlchemy's dialect when SQL is written.")
    mssql_batch_separator: str = _setting("GO", text, "Between batches in SQL files for SQL Server.")
    oracle_batch_separator: str = _setting("/", text, "Between statements in SQL files for Oracle.")

    # -- command line -------------------------------------------------------------------------
    command: str = _setting("db", text, "The name of the command group: flask db.")

    def context_options(self) -> dict[str, Any]:
        """Return the settings that ``context.configure`` knows, by name, without those that are None."""
        values = {name: getattr(self, name) for name in CONTEXT_OPTIONS}
        return {name: value for name, value in values.items() if value is not None}


CONTEXT_OPTIONS = (
    "alembic_module_prefix",
    "compare_server_default",
    "compare_type",
    "dialect_opts",
    "downgrade_token",
    "include_name",
    "include_object",
    "include_schemas",
    "literal_binds",
    "on_version_apply",
    "process_revision_directives",
    "render_as_batch",
    "render_item",
    "sqlalchemy_module_prefix",
    "template_args",
    "transaction_per_migration",
    "transactional_ddl",
    "upgrade_token",
    "user_module_prefix",
    "version_table",
    "version_table_pk",
    "version_table_schema",
)
"""The settings that are options of ``context.configure`` too."""


@cache
def list_settings() -> Mapping[str, Setting]:
    """Return the table of settings, by name, in the order of the documentation."""
    return {
        one.name: Setting(
            one.name,
            one.metadata["read"].kind,
            one.metadata["unit"],
            one.metadata["default"],
            one.metadata["meaning"],
            one.metadata["read"],
        )
        for one in fields(Settings)
    }


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings from one place. ``origin`` names it in errors; relative paths are meant from ``folder``.

    A value of None is as if it were not there.
    """

    origin: str
    values: Mapping[str, Any]
    folder: Path | None = None
    file: Path | None = None


def settings_of(layers: Sequence[Layer]) -> Settings:
    """Return the settings that ``layers``, weakest first, make together.

    Raises :class:`UnknownSetting` for a key that is none and :class:`ConfigurationError` for a value that does not fit.
    """
    chosen: dict[str, Any] = {}
    table = list_settings()
    for layer in layers:
        for name, value in layer.values.items():
            if name not in table:
                raise _unknown(name, layer)
            if value is not None:
                chosen[name] = _read(table[name], value, layer)
    return Settings(**chosen)


def _read(setting: Setting, value: Any, layer: Layer) -> Any:
    try:
        return setting.read(value, layer.folder)
    except ValueError:
        raise ConfigurationError(
            f"the setting '{setting.name}' in {layer.origin} has to be {setting.kind}, not {value!r}",
            hint=f"it says: {setting.meaning.rstrip('.')}",
            file=layer.file,
        ) from None


def _unknown(name: str, layer: Layer) -> UnknownSetting:
    if name in _OF_ONE_RUN:
        hint = "it belongs to one run: give it to context.configure() in env.py, or the database to Migrate()"
    else:
        close = closest_setting(name)
        hint = f"did you mean '{close}'?" if close else f"the settings are {', '.join(list_settings())}"
    return UnknownSetting(f"there is no setting '{name}' (in {layer.origin})", hint=hint, file=layer.file)


def closest_setting(name: str, cutoff: float = 0.6) -> str | None:
    """Return the setting whose name is most like ``name``, or None when none is."""
    from difflib import get_close_matches

    found = get_close_matches(name.lower().replace("-", "_"), list_settings(), n=1, cutoff=cutoff)
    return found[0] if found else None
