"""Lets ``import alembic`` find this package: while scripts are loaded and run, or as long as a program wishes.

Three ways lead to the names, and each is covered without a change that other threads would see as another package:

- An ``import`` statement calls ``builtins.__import__``. Ours answers for ``alembic`` where the names are in force *in
  this context* (a ContextVar), and is the usual one for everybody else. ``sys.modules`` is not touched.
- ``importlib.import_module`` asks the finders, where Alembic has not been imported. Ours answers in the same way; what
  that leaves in ``sys.modules`` is taken out when the last run ends.
- A module imported earlier holds the real ``alembic.op`` and ``alembic.context``. Their functions call what stands in
  ``_proxy``; there a stand-in sends calls of a running migration here, and all others where they went before.

Nothing here imports Alembic, and nothing is loaded that is not asked for.
"""

from __future__ import annotations

import builtins
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from flask_schema.alembic_compat.stand_ins import StandIns
from flask_schema.errors import NameNotMapped

ALEMBIC = "alembic"
OURS = "flask_schema.alembic_compat"

_LEFT_ALONE = frozenset({ALEMBIC, "sqlalchemy_cockroachdb"})
"""Packages that get what is installed: Alembic itself, and a dialect that only registers itself with Alembic's."""

_IN_FORCE: ContextVar[bool] = ContextVar("flask_schema_alembic_names", default=False)
_LOCK = threading.RLock()


def module_name(name: str) -> str | None:
    """The module of ours that answers for ``alembic`` or ``alembic.x.y``; None when there is none."""
    ours = OURS + name.removeprefix(ALEMBIC)
    try:
        return ours if find_spec(ours) is not None else None
    except ModuleNotFoundError:
        return None


def mapped_module(name: str) -> ModuleType:
    """The module that answers for ``alembic`` or ``alembic.x.y``. Raises NameNotMapped, which is an ImportError."""
    loaded = sys.modules.get(OURS + name.removeprefix(ALEMBIC))
    if loaded is not None:
        return loaded
    ours = module_name(name)
    if ours is None:
        raise _not_mapped(f"module {name!r}")
    return import_module(ours)


def _not_mapped(what: str) -> NameNotMapped:
    """The refusal, with the file and line of the import statement."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return NameNotMapped(
        f"there is no {what} here: this part of Alembic has no counterpart in Flask-Schema",
        file=frame.f_code.co_filename,
        line=frame.f_lineno,
    )


def _is_ours(name: str) -> bool:
    return name == ALEMBIC or name.startswith(f"{ALEMBIC}.")


# -- in force ---------------------------------------------------------------------------------


@contextmanager
def names_in_force() -> Iterator[None]:
    """Inside the block, in this context, ``import alembic`` finds this package. Blocks may be nested, and threads
    may have theirs at the same time; other threads find what they found before.
    """
    _INSTALLATION.enter()
    token = _IN_FORCE.set(True)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)
        _INSTALLATION.leave()


def install() -> None:
    """Let ``import alembic`` find this package everywhere in the process, until :func:`uninstall`.

    For programs written to Alembic's API that are to run without it. Modules of a real Alembic that were imported
    before are put aside; who holds one already keeps it.
    """
    _INSTALLATION.make_permanent()


def uninstall() -> None:
    """Undo :func:`install`."""
    _INSTALLATION.end_permanent()


def in_force() -> bool:
    """Whether an import of ``alembic`` here and now finds this package."""
    return _INSTALLATION.is_permanent or _IN_FORCE.get()


class _Installation:
    """What the process has to have while the names are in force anywhere."""

    def __init__(self) -> None:
        self.is_permanent = False
        self._depth = 0
        self._usual_import: Any = None
        self._hook: Any = None
        self._finder = _Finder()
        self._stand_ins = StandIns()
        self._put_aside: dict[str, ModuleType] = {}

    def enter(self) -> None:
        with _LOCK:
            self._depth += 1
            if self._depth == 1:
                self._usual_import = builtins.__import__
                self._hook = _import_hook(self._usual_import)
                builtins.__import__ = self._hook
                sys.meta_path.insert(0, self._finder)
            self._stand_ins.install()

    def leave(self) -> None:
        with _LOCK:
            self._depth -= 1
            if self._depth:
                return
            if builtins.__import__ is self._hook:  # else somebody wrapped it, and ours lets all imports through
                builtins.__import__ = self._usual_import
            sys.meta_path.remove(self._finder)
            self._stand_ins.remove()
            for name, module in list(sys.modules.items()):
                if _is_ours(name) and getattr(module, "__name__", "").startswith(OURS):
                    del sys.modules[name]

    def make_permanent(self) -> None:
        with _LOCK:
            if self.is_permanent:
                return
            self._put_aside = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_ours(name)}
            self.is_permanent = True
            self.enter()

    def end_permanent(self) -> None:
        with _LOCK:
            if not self.is_permanent:
                return
            self.is_permanent = False
            self.leave()
            sys.modules.update(self._put_aside)
            self._put_aside = {}


# -- the import statement ---------------------------------------------------------------------


def _import_hook(usual: Any) -> Any:
    def import_alembic_or_other(
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - the names of __import__
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if level or not name.startswith(ALEMBIC) or not _is_ours(name) or not in_force():
            return usual(name, globals, locals, fromlist, level)
        if globals is not None and str(globals.get("__name__")).partition(".")[0] in _LEFT_ALONE:
            return usual(name, globals, locals, fromlist, level)
        module = mapped_module(name)
        if not fromlist:
            return mapped_module(ALEMBIC)
        for wanted in fromlist:
            if wanted == "*" or hasattr(module, wanted):
                continue
            if module_name(f"{name}.{wanted}") is None:
                raise _not_mapped(f"name {wanted!r} in {name!r}")
            mapped_module(f"{name}.{wanted}")  # which sets it on its package
        return module

    return import_alembic_or_other


# -- importlib --------------------------------------------------------------------------------


class _Finder(MetaPathFinder):
    """Finds ``alembic`` for ``importlib.import_module``, where no real one has been imported."""

    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not _is_ours(fullname) or not in_force():
            return None
        ours = module_name(fullname)
        return ModuleSpec(fullname, _Loader(ours), is_package=True) if ours is not None else None


class _Loader(Loader):
    """Gives the module of ours instead of a new one."""

    def __init__(self, ours: str) -> None:
        self._ours = ours
        self._spec: Any = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self._ours)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # the import system has put its own there


_INSTALLATION = _Installation()
