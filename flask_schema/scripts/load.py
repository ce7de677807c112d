"""Loads a revision file as a module, in order to run it."""

from __future__ import annotations

import opcode
import re
import sys
import traceback
from contextlib import AbstractContextManager
from functools import cache
from importlib import import_module
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from flask_schema.errors import RevisionFileError, SchemaError, ScriptError
from flask_schema.scripts.reached_modules import import_reached
from flask_schema.values import dataclass

_ERRORS = frozenset(
    [
        "BaseException",
        "DBAPIError",
        "DatabaseError",
        "Exception",
        "IntegrityError",
        "InternalError",
        "KeyError",
        "LookupError",
        "NoSuchTableError",
        "OperationalError",
        "ProgrammingError",
        "SQLAlchemyError",
        "ValueError",
        "suppress",
    ]
)
REVISION_MODULE = "_flask_schema_revision_"
"""How the name of a revision file's module begins."""

_IMPORT = opcode.opmap["IMPORT_NAME"]
_NO_NAME = re.compile("[^0-9a-zA-Z_]")
_DIALECTS = frozenset(("mssql", "mysql", "oracle", "postgresql", "sqlite"))


def alembic_names() -> AbstractContextManager[None]:
    """Inside the block ``import alembic`` finds Flask-Schema's own modules (see ``flask_schema.alembic_compat``).

    That package stands above this room; it is reached by its name, so that nothing here depends on it.
    """
    in_force: AbstractContextManager[None] = _compat("imports").names_in_force()
    return in_force


def logging_left_alone(file: str | None) -> AbstractContextManager[None]:
    """Inside the block ``logging.config.fileConfig(file)`` does nothing."""
    left_alone: AbstractContextManager[None] = _compat("logging_files").logging_left_alone(file)
    return left_alone


@cache
def _compat(name: str) -> Any:
    return import_module(f"flask_schema.alembic_compat.{name}")


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file as a module, the names that its code uses, and whether a function of it imports something."""

    module: ModuleType
    names: frozenset[str]
    imports_later: bool

    @property
    def handles_errors(self) -> bool:
        """Whether it names a class of exceptions, as one does to catch what a directive raises."""
        return not _ERRORS.isdisjoint(self.names)


def load_module(path: Path) -> ModuleType:
    """The module of :func:`load_file`."""
    return load_file(path).module


def load_file(path: Path) -> LoadedFile:
    """A fresh module from a ``.py`` file (its ``.pyc`` is used and kept as Python does) or a ``.pyc`` file.

    The module is known to ``sys.modules`` only while it is executed. Raises RevisionFileError for a file that
    cannot be read or parsed, ScriptError for one that fails while it is executed, both with file and line.
    """
    name = f"{REVISION_MODULE}{_NO_NAME.sub('_', path.stem)}"
    code = _code(name, path)
    names = set(code.co_names)
    imports_later = _read_inner(code, names)
    _import_named_dialects(names)
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        with alembic_names():
            exec(code, module.__dict__)  # noqa: S102 - running the project's own scripts is the purpose
            import_reached(module)
    except SchemaError:
        raise
    except Exception as error:
        raise _failure(path, error) from error
    finally:
        if sys.modules.get(name) is module:
            del sys.modules[name]
    return LoadedFile(module, frozenset(names), imports_later)


def _code(name: str, path: Path) -> CodeType:
    loader_class = SourcelessFileLoader if path.suffix == ".pyc" else SourceFileLoader
    try:
        code = loader_class(name, str(path)).get_code(name)
    except SyntaxError as error:
        raise RevisionFileError(
            f"the file is not valid Python: {error.msg}", hint="mend the line", file=path, line=error.lineno
        ) from error
    except (OSError, ImportError, ValueError, EOFError) as error:
        raise RevisionFileError(f"the file cannot be read: {error}", file=path) from error
    if code is None:
        raise RevisionFileError("the file holds no code", file=path)
    return code


def _read_inner(code: CodeType, names: set[str]) -> bool:
    """Add the names that the functions in ``code`` use; True when one of them imports something."""
    found = False
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names.update(constant.co_names)
            found |= _IMPORT in constant.co_code[::2]
            found |= _read_inner(constant, names)
    return found


def _import_named_dialects(names: set[str]) -> None:
    """Import the dialects that a file reaches as ``sa.dialects.postgresql`` without having imported them.

    Files written for Alembic do so: there all of SQLAlchemy's dialects have been imported before a script runs.
    """
    if "dialects" in names:
        for dialect in _DIALECTS & names:
            import_module(f"sqlalchemy.dialects.{dialect}")


def _failure(path: Path, error: Exception) -> ScriptError:
    line = line_in(path, error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return ScriptError(
            f"the file imports {error.name!r}, which is not there",
            hint=f"install the package that has {error.name.partition('.')[0]!r}, or mend the import",
            file=path,
            line=line,
        )
    said = str(error).strip() or "no message"
    return ScriptError(f"the file fails when it is loaded: {type(error).__name__}: {said}", file=path, line=line)


def line_in(path: Path, error: BaseException) -> int | None:
    """The last line of ``path`` in the traceback of ``error``, None where it does not appear."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(path)), None)
