"""Writes the reference pages from the code: ``python docs/generate.py``. A test holds the pages to the code."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import click

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]  # so that nothing has to be installed

from alembic_names import alembic_names  # noqa: E402
from directives import DATABASES, DIRECTIVES  # noqa: E402
from matrix import table  # noqa: E402

REFERENCE = Path(__file__).parent / "reference"
_NOTE = "<!-- made by docs/generate.py -->\n"


_HELP_WIDTH = 100

_COMMANDS_PAGE = """\
`flask db --help` and `flask db COMMAND --help` say the same. `-d`, `-x`, `-q` and `--traceback` may stand before the
command too.

A revision may be written as its id, at least the first four characters of it, a branch label, `LABEL@head`, `head`,
`heads`, `base`, `current`, or relative: `+1`, `-2`, `ae10+2`. A range is `from:to`.

The exit code is 0, or 1 for an error, or 2 for a command line that makes no sense. Results are on standard output,
everything else is on standard error. `NO_COLOR` switches colours off.
"""


def commands() -> str:
    """Every command with what ``--help`` says."""
    from flask_schema.cli import db

    lines = ["# Commands", "", _NOTE, _COMMANDS_PAGE]
    context = click.Context(db, info_name="flask db", max_content_width=_HELP_WIDTH, terminal_width=_HELP_WIDTH)
    lines += ["## flask db", "", "```text", db.get_help(context), "```", ""]
    for name in sorted(db.list_commands(context)):
        command = db.get_command(context, name)
        assert command is not None
        child = click.Context(
            command, info_name=name, parent=context, max_content_width=_HELP_WIDTH, terminal_width=_HELP_WIDTH
        )
        lines += [f"## flask db {name}", "", "```text", command.get_help(child), "```", ""]
    return "\n".join(lines)


WITHOUT_EFFECT = (
    "literal_binds",
    "mssql_batch_separator",
    "oracle_batch_separator",
)
"""Settings that are accepted for Alembic's sake, and change nothing."""


def settings() -> str:
    """Every setting with its kind, unit, default and meaning."""
    from flask_schema.config import list_settings

    lines = [
        "# Settings",
        "",
        _NOTE,
        "From the weakest to the strongest: the default, [Alembic's files](alembic-names.md), `[tool.flask-schema]` in "
        "`pyproject.toml`, `app.config` "
        "(`SCHEMA_` and the name in capitals), `Migrate(...)`, `FLASK_DB_DIRECTORY`, the command line. A name that is "
        "no setting is refused. Functions can be given in Python only.",
        "",
        "| setting | kind | default | meaning |",
        "|---|---|---|---|",
    ]
    for setting in list_settings().values():
        unit = f", {setting.unit}" if setting.unit else ""
        default = repr(str(setting.default)) if isinstance(setting.default, Path) else repr(setting.default)
        cells = (f"`{setting.name}`", f"{setting.kind}{unit}", f"`{default}`", setting.meaning)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    named = ", ".join(f"`{name}`" for name in WITHOUT_EFFECT)
    lines += ["", "## Without effect", "", f"Accepted, so that what was written for Alembic loads: {named}."]
    return "\n".join([*lines, ""])


_ERRORS_INTRO = """\
The command line prints an error as one line that says what and where, the SQL statement where one failed, and a hint
that says what to do. `--traceback` shows where in the code it comes from. Passwords are masked.

In Python every error is a `SchemaError` with `message`, `hint`, `code`, `exit_code`, `file`, `line`, `revision` and
`statement`; what is not known is None. Codes are never used again for something else.
"""


def errors() -> str:
    """Every error with its code, exit code and meaning."""
    import flask_schema.errors as module

    lines = [
        "# Errors",
        "",
        _NOTE,
        _ERRORS_INTRO,
        "| code | error | a kind of | exit code | meaning |",
        "|---|---|---|---|---|",
    ]
    for error in _errors(module):
        meaning = _meaning(error).partition("\n\n")[0]
        kind = f"`{error.__base__.__name__}`"
        lines.append(f"| {error.code} | `{error.__name__}` | {kind} | {error.exit_code} | {meaning} |")
    return "\n".join([*lines, ""])


def _errors(module: ModuleType) -> list[Any]:
    from flask_schema.errors import SchemaError

    found = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, SchemaError)]
    return sorted(found, key=lambda one: (one.code, one.__name__))


_OPERATIONS_INTRO = """\
The directives of `from flask_schema import op`. What Alembic has too means what it means there.

- A **refused** operation is the error FS402, before anything is sent. All else is sent as it is described.
- On SQLite, "the table is rebuilt" means: a new table with the rows of the old one, in the same transaction. Several
  operations on one table share one rebuild ([how](../how-to/change-tables-on-sqlite.md)).
- The **way back** is what an operation inverts to. Generated files have it in `downgrade()`. An operation without one
  is the error FS403 when it is asked for.
- Beside these there are `op.get_bind()`, `op.get_context()`, `op.f()`, `op.inline_literal()`, `op.rename_column()`
  (`alter_column` with a new name), `op.invoke()`, `op.run_async()`, and the decorators `op.register_operation` and
  `op.implementation_for`.
"""


def operations() -> str:
    """Every directive of ``op``: its arguments, what each database does, and how its operation is undone."""
    from flask_schema.operations.facade import op
    from flask_schema.operations.operation import CATALOGUE

    lines = ["# Operations", "", _NOTE, _OPERATIONS_INTRO]
    for directive, notes in DIRECTIVES.items():
        method = getattr(op, directive)
        loses = "\n\nIt destroys data, which generated files say in a comment." if _loses(CATALOGUE[directive]) else ""
        lines += [
            f"## op.{directive}",
            "",
            "```python",
            f"op.{directive}{_signature(method)}",
            "```",
            "",
            f"{_meaning(method)}{loses}",
            "",
            "| database | what it does |",
            "|---|---|",
            *(f"| {database} | {text} |" for database, text in zip(DATABASES, notes, strict=False)),
            "",
            f"Way back: {notes.back}.",
            "",
        ]
    return "\n".join(lines)


_MATRIX_INTRO = """\
One small script a directive, compiled for each database. `yes`: by the database's own statements. `rebuild`: the table
is made anew, rows and all. `nothing to do`: the database has no such thing, and the script goes on. `refused`: an error
that names the database, before anything is sent.

The tests run the same scripts on SQLite, PostgreSQL and MariaDB, and their SQL files in `sqlite3`, `psql` and `mysql`:
both ways lead to the same schema and rows, and where there is a way back, it leads to what was.
"""


def matrix() -> str:
    """Every directive on every database."""
    return "\n".join(["# Operations by database", "", _NOTE, _MATRIX_INTRO, *table(), ""])


def _loses(operation: Any) -> bool:
    return bool(operation.destroys_data)


class _Words:
    """An annotation that is shown without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _signature(function: Any) -> str:
    found = inspect.signature(function)
    shown = [
        one if one.annotation is one.empty else one.replace(annotation=_Words(str(one.annotation)))
        for one in found.parameters.values()
    ]
    return str(inspect.Signature(shown))


def _meaning(thing: Any) -> str:
    """A docstring as Markdown: its roles and double backticks become code."""
    paragraphs = (inspect.getdoc(thing) or "").split("\n\n")
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    return re.sub(r":(?:class|func|meth|mod):`~?([^`]+)`", r"`\1`", text).replace("``", "`")


def python_api() -> str:
    """The public names of the package: the extension, the commands as functions, and what they return."""
    import flask_schema

    lines = ["# Python", "", _NOTE, _PYTHON_INTRO, "## Migrate", "", "```python"]
    lines += [f"Migrate{_signature(flask_schema.Migrate)}", "```", "", _meaning(flask_schema.Migrate), ""]
    for name in ("init_app", "configure", "get_config", "call_configure_callbacks"):
        method = getattr(flask_schema.Migrate, name)
        lines += [f"### Migrate.{name}", "", _meaning(method), ""]
    lines += ["## Declarations", "", _DECLARATIONS_INTRO]
    for name in ("declare", "View", "ViewIndex", "Function", "Trigger", "Extension"):
        thing = getattr(flask_schema, name)
        lines += [f"### {name}", "", "```python", f"{name}{_signature(thing)}", "```", "", _meaning(thing), ""]
    lines += ["## Autogenerate and snapshots", "", _AUTOGENERATE_INTRO]
    for name in sorted((*flask_schema._AUTOGENERATE, "Snapshot", *_SNAPSHOT_FUNCTIONS)):
        thing = getattr(flask_schema, name)
        lines += [f"### {name}", "", "```python", f"{name}{_signature(thing)}", "```", "", _meaning(thing), ""]
    lines += ["## Commands", "", _COMMANDS_INTRO]
    for name in sorted(flask_schema._COMMANDS):
        function = getattr(flask_schema, name)
        returned = inspect.signature(function).return_annotation
        lines += [f"### {name}", "", "```python", f"{name}{_signature(function)} -> {returned}", "```", ""]
        lines += [_meaning(function), ""]
    return "\n".join(lines)


_PYTHON_INTRO = """\
```python
from flask_schema import Migrate, op, context, SchemaError, upgrade
```

| name | what it is |
|---|---|
| `Migrate` | the extension |
| `op` | the [directives](operations.md) of a revision file |
| `context` | for `env.py`: `configure()`, `run_migrations()`, `config`, and what else Alembic's has |
| `SchemaError` | the root of all [errors](errors.md) |
| `compare_metadata`, `produce_migrations`, `render_python_code`, `Rewriter` | the comparison, for programs and hooks |
| `Snapshot`, `snapshot_of_models`, `snapshot_of_database`, `snapshot_to_json`, `snapshot_from_json` | a schema |
| `TypeText` | a column type by its SQL, for one that SQLAlchemy has no class for: `TypeText("POINT")` |
| `declare`, `View`, ... | [views, functions and triggers](#declarations) beside the models |
| `upgrade`, `migrate`, ... | the [commands](commands.md) as functions |
| `command`, `Config`, `ScriptDirectory`, `Script`, `MigrationContext`, `EnvironmentContext`, `Operations` \
| for [programs](programs.md) without an application |
| `produce_migrations`, `compare_metadata`, `render_python_code`, `Rewriter` \
| autogenerate for programs, with Alembic's arguments |
| `Snapshot`, `snapshot_of_models`, `snapshot_of_database`, `snapshot_to_json`, `snapshot_from_json` \
| what models say, or a database holds, as a value |
| `alembic_version` | the release of Alembic whose names are offered, as a tuple of three numbers |

Importing `flask_schema` loads neither Flask nor SQLAlchemy; each name is loaded at its first use.
"""

_DECLARATIONS_INTRO = """\
What stands beside the tables is declared on their MetaData ([how](../how-to/views-and-functions.md)).
"""

_SNAPSHOT_FUNCTIONS = ("snapshot_from_json", "snapshot_of_database", "snapshot_of_models", "snapshot_to_json")

_AUTOGENERATE_INTRO = """\
The comparison for programs ([more](autogenerate.md)), and a schema as a value that can be kept in a file.
"""

_COMMANDS_INTRO = """\
Names and arguments are Flask-Migrate's. They need an application context, print nothing, set up no logging, return
values and raise `SchemaError`.

```python
with app.app_context():
    result = upgrade()
    for database in result.databases:
        print(database.name, database.before, database.after)
```
"""

_PROGRAMS_INTRO = """\
Programs that run migrations themselves, without a Flask application, use the names that Alembic has for it. A program
written for Alembic changes its imports: `from alembic import command` becomes `from flask_schema import command`.

| of Alembic | here |
|---|---|
| `alembic.command` | `from flask_schema import command` |
| `alembic.config.Config` | `from flask_schema import Config` |
| `alembic.script.ScriptDirectory`, `Script` | `from flask_schema import ScriptDirectory, Script` |
| `alembic.migration.MigrationContext` | `from flask_schema import MigrationContext` |
| `alembic.runtime.environment.EnvironmentContext` | `from flask_schema import EnvironmentContext` |
| `alembic.operations.Operations` | `from flask_schema import Operations` |
| `alembic.util.CommandError` | `from flask_schema import SchemaError` |
| anything else, `alembic.a.b` | `flask_schema.alembic_compat.a.b`, where there is such a module |

Is the database at the newest revision?

```python
from flask_schema import Config, MigrationContext, ScriptDirectory

config = Config("alembic.ini")
with engine.connect() as connection:
    current = set(MigrationContext.configure(connection).get_current_heads())
is_at_head = current == set(ScriptDirectory.from_config(config).get_heads())
```

Bring it there, on a connection of the program; without `env.py` the connection is taken from `attributes` as well:

```python
from flask_schema import Config, command

config = Config()
config.set_main_option("script_location", "myapp:migrations")
with engine.connect() as connection:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
```

Run `env.py` for something of one's own. The function gets the rows of the version table and the migration context, and
returns steps to run or an empty list:

```python
from flask_schema import EnvironmentContext


def look(revisions, context):
    print(revisions, context.dialect.name)
    return []


scripts = ScriptDirectory.from_config(config)
with EnvironmentContext(config, scripts, fn=look):
    scripts.run_env()
```

Change tables without revisions, in a test for instance:

```python
from flask_schema import MigrationContext, Operations

context = MigrationContext.configure(connection)
op = Operations(context)
with context.begin_transaction():
    op.add_column("account", sa.Column("note", sa.Text))
```

All of it may be used in several threads at once, each with a Config of its own.

## What differs

| | |
|---|---|
| `env.py` | is not needed: `script_location` and `sqlalchemy.url`, or `attributes["connection"]`, are enough; \
`attributes["target_metadata"]` has the models then |
| transactions | each revision has one of its own, unless `transaction_per_migration=False` is given to `configure()`; \
one that the program has begun is left to it |
| errors | are `SchemaError`s with a hint; their words are other than Alembic's. What a script, SQLAlchemy or a driver \
raises comes out as it is |
| broken histories | a missing parent, a double id and a circle are errors, where Alembic may warn |
| ambiguous targets | `-1` with several current revisions is an error, where Alembic warns |
| `stamp` | refuses revisions of which one contains the other |
| a script's file | is run when it is needed: `Script.module` loads it at its first use |
| reading commands | `current`, `check` and `history` do not create the version table |
| `Config` | splits paths without `path_separator` as Alembic does, and does not warn |
| logging | none is set up; steps are logged at level INFO as `alembic.runtime.migration` |
| templates | of `command.init` are our own: `generic`, `multidb`, `async`, `pyproject` |
"""

_PROGRAM_CLASSES = {
    "Config": (
        "get_main_option", "set_main_option", "remove_main_option", "get_section", "get_section_option",
        "set_section_option", "get_alembic_option", "print_stdout", "get_template_directory",
    ),
    "ScriptDirectory": (
        "from_config", "get_revision", "get_revisions", "get_current_head", "get_heads", "get_base", "get_bases",
        "get_all_current", "walk_revisions", "iterate_revisions", "as_revision_number", "steps_revs",
        "generate_revision", "run_env",
    ),
    "Script": ("cmd_format",),
    "MigrationContext": (
        "configure", "get_current_heads", "get_current_revision", "stamp", "run_migrations", "begin_transaction",
        "autocommit_block", "execute",
    ),
    "EnvironmentContext": (
        "configure", "run_env", "run_migrations", "get_head_revision", "get_head_revisions", "get_revision_argument",
        "get_starting_revision_argument", "get_tag_argument", "get_x_argument",
    ),
    "Operations": ("context",),
}  # fmt: skip
_PROGRAM_COMMANDS = (
    "branches", "check", "current", "downgrade", "edit", "ensure_version", "heads", "history", "init",
    "list_templates", "merge", "revision", "show", "stamp", "upgrade",
)  # fmt: skip


def programs() -> str:
    """The names for programs: the commands on a Config, and the classes with their methods."""
    import flask_schema

    lines = ["# For programs", "", _NOTE, _PROGRAMS_INTRO, "## command", ""]
    for name in _PROGRAM_COMMANDS:
        function = getattr(flask_schema.command, name)
        lines += [f"### command.{name}", "", "```python", f"{name}{_signature(function)}", "```", ""]
        lines += [_meaning(function), ""]
    for name, methods in _PROGRAM_CLASSES.items():
        found = getattr(flask_schema, name)
        lines += [f"## {name}", "", "```python", f"{name}{_signature(found)}", "```", "", _meaning(found), ""]
        for method in methods:
            function = getattr(found, method)
            lines += [f"### {name}.{method}", "", "```python", f"{method}{_signature(function)}", "```", ""]
            lines += [_meaning(function), ""]
        lines += _attributes(found)
    return "\n".join(lines)


def _attributes(found: type) -> list[str]:
    """What can be read of an object, in a table."""
    read = inspect.getmembers(found, lambda one: isinstance(one, property))
    rows = [f"| `{name}` | {_meaning(one)} |" for name, one in read if not name.startswith("_") and _meaning(one)]
    return ["| attribute | what it is |", "|---|---|", *rows, ""] if rows else []


PAGES = {
    "commands.md": commands,
    "settings.md": settings,
    "errors.md": errors,
    "operations.md": operations,
    "matrix.md": matrix,
    "python-api.md": python_api,
    "programs.md": programs,
    "alembic-names.md": alembic_names,
}
"""The pages by file name."""


if __name__ == "__main__":
    REFERENCE.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (REFERENCE / name).write_text(make(), encoding="utf-8")
