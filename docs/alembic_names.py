"""The page of Alembic's names: each module of ``flask_schema.alembic_compat`` with what can be imported from it."""

# ruff: noqa: E501 - rows of Markdown tables

from __future__ import annotations

import ast
import inspect
import pkgutil
from importlib import import_module
from types import ModuleType

import flask_schema.alembic_compat as compat

INTRO = """\
While a command loads and runs `env.py` and revision files, `import alembic` finds modules of Flask-Schema, whether
Alembic is installed or not. What these files import meanwhile finds them too. Outside of that, and in other threads,
`import alembic` does what it did before.

A program may wish the names for itself:

```python
from flask_schema.alembic_compat.imports import install, names_in_force, uninstall

with names_in_force():  # here, in this context
    from alembic import op

install()  # everywhere in this process, until uninstall()
```

| the file that imports `alembic` | gets |
|---|---|
| `env.py`, a revision file, or what they import first | the modules below |
| a module imported earlier, which holds the real `alembic.op` or `alembic.context` | the real ones; calls made while a migration of ours runs come here, its own operations included |
| the application, outside of a command | what is installed, or an error |

`alembic.__version__` is {version}: the release whose documented names and meanings these are. A name that is not below
is refused where it is imported, with file and line. The error is an ImportError, so `try` and `except` work.

## What has which effect

| in `env.py` | effect |
|---|---|
| `context.configure(connection=...)` or `url=` | the file connects by itself and is executed once; each `run_migrations()` is one database |
| `context.configure()` without | the file is executed for each database of the application |
| `with context.begin_transaction():` | each revision has a transaction of its own |
| `with context.begin_transaction() as transaction:`, or something executed in the block before `run_migrations` | one transaction around the run, where the database can roll DDL back |
| `connection.begin()` before `configure` | the transaction is the file's to end; on SQLite the driver leaves DDL out of it, as with Alembic |
| keywords of `run_migrations` | are handed to `upgrade()` and `downgrade()`, as far as they take them |
| `upgrade_token`, `downgrade_token`, `upgrade_ops_list` | as in Alembic: one directive for all databases that the file goes through |
| `fileConfig(config.config_file_name)` | on the command line; in a program the logging belongs to the application |
| `autogenerate_plugins` | comparators of packages, and parts of the engine's own comparison switched off ([how](../how-to/customise-autogenerate.md)) |
| `literal_binds`, `mssql_batch_separator`, `oracle_batch_separator` | none |
| a subclass of `DefaultImpl` | `__dialect__`, `transactional_ddl` in SQL files, `version_table_impl`, `compare_type`, `compare_server_default` and `render_type`; one that replaces another part is refused |
| `@compiles` for Alembic's DDL classes | none: `alembic.ddl.base` has `RenameTable` only, for code that sends it by itself; replace an operation by `op.implementation_for` |

`alembic.ini` in the migrations directory, or the `alembic.ini` and `[tool.alembic]` that name it, are
[settings](settings.md), the weakest ones: `script_location`, `version_locations`, `recursive_version_locations`,
`path_separator`, `file_template`, `truncate_slug_length`, `timezone`, `sourceless`, `output_encoding`,
`prepend_sys_path`, `revision_environment` and the section `post_write_hooks`. All other options are for `env.py`.

Without an application, `flask-schema` takes the place of the program `alembic`: `flask-schema -c alembic.ini -n section
-x key=value upgrade head`. It has the commands of `flask db`.

## Names
"""


def alembic_names() -> str:
    """The page."""
    lines = [
        "# Alembic's names",
        "",
        "<!-- made by docs/generate.py -->",
        "",
        INTRO.replace("{version}", compat.__version__),
    ]
    lines += ["| module | names |", "|---|---|"]
    for name in list_modules():
        names = ", ".join(f"`{one}`" for one in list_names(import_module(f"{compat.__name__}{name}")))
        lines.append(f"| `alembic{name}` | {names or '-'} |")
    return "\n".join([*lines, ""])


def list_modules() -> list[str]:
    """The modules that users of Alembic know, as what follows ``alembic``; the others are parts of ours."""
    found = pkgutil.walk_packages(compat.__path__, f"{compat.__name__}.")
    names = [one.name.removeprefix(compat.__name__) for one in found]
    return ["", *(name for name in names if name.rpartition(".")[2] in _KNOWN)]


_KNOWN = frozenset(
    {
        "api", "autogenerate", "base", "batch", "command", "compare", "config", "context", "ddl", "editor",
        "environment", "exc", "impl", "langhelpers", "messaging", "migration", "mysql", "op", "operations", "ops",
        "plugins", "postgresql", "pyfiles", "render", "revision", "rewriter", "schemaobj", "script", "sqlite", "util",
        "write_hooks",
    }
)  # fmt: skip


def list_names(module: ModuleType) -> list[str]:
    """What can be imported from a module and is not private."""
    if module.__name__.endswith("compat.context"):
        from flask_schema.runtime.environment import Environment

        return sorted(name for name, _ in inspect.getmembers(Environment) if _is_asked(Environment, name))
    if module is compat:
        return ["__version__", *sorted(one.name for one in pkgutil.iter_modules(compat.__path__) if one.name in _KNOWN)]
    given = getattr(module, "__all__", None) or _defined(module)
    return sorted({name for name in given if not name.startswith("_")})


def _defined(module: ModuleType) -> list[str]:
    """The functions and classes of a module, and the names that it passes on: ``from a import b as b``."""
    names = []
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
        if isinstance(node, ast.ImportFrom):
            names += [alias.name for alias in node.names if alias.asname == alias.name]
        if isinstance(node, ast.Assign):
            names += [one.id for one in node.targets if isinstance(one, ast.Name)]
    return names


def _is_asked(kind: type, name: str) -> bool:
    """Whether ``context`` has the name: a function or a value, and not one of the command's own."""
    value = inspect.getattr_static(kind, name)
    return not name.startswith("_") and name != "run" and (inspect.isfunction(value) or isinstance(value, property))
