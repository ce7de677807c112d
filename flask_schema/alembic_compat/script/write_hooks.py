"""Post-write hooks: what is run on a new revision file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from flask_schema.actions.post_write import FILE_WORD, run_hook
from flask_schema.errors import ConfigurationError

_Hook = TypeVar("_Hook", bound=Callable[..., Any])

_REGISTERED: dict[str, Callable[..., Any]] = {}
_KINDS = {"exec": "executable", "module": "module", "console_scripts": "entrypoint"}


def register(name: str) -> Callable[[_Hook], _Hook]:
    """Decorator: make a function of (file name, options) a kind of hook, for ``type`` in the configuration."""

    def decorate(hook: _Hook) -> _Hook:
        _REGISTERED[name] = hook
        return hook

    return decorate


def run_hooks(path: Path, hooks: Sequence[Mapping[str, str]]) -> None:
    """Run the hooks, as :meth:`Config.get_hooks_list` returns them, on a new file.

    Raises :class:`ConfigurationError` for one that lacks an option, cannot be started or fails; the file stays.
    """
    for hook in hooks:
        run_one(path, hook)


def run_one(path: str | os.PathLike[str], hook: Mapping[str, str]) -> None:
    """Run one hook; raises as :func:`run_hooks`."""
    name = hook["_hook_name"]
    if "type" not in hook:
        raise ConfigurationError(
            f"the post-write hook {name!r} has no type", hint=f"write {name}.type = exec, module or console_scripts"
        )
    _invoke(hook["type"], path, hook)


def _invoke(name: str, revision_path: str | os.PathLike[str], options: Mapping[str, Any]) -> Any:
    """Run one hook of the kind ``name``."""
    if name in _REGISTERED:
        return _REGISTERED[name](os.fspath(revision_path), dict(options))
    if name not in _KINDS:
        raise ConfigurationError(
            f"there is no kind of post-write hook {name!r}",
            hint=f"the kinds are {', '.join((*_KINDS, *_REGISTERED))}; 'register' adds one",
        )
    if _KINDS[name] not in options:
        own = options.get("_hook_name", name)
        raise ConfigurationError(
            f"the post-write hook {own!r} has no {_KINDS[name]}", hint=f"write {own}.{_KINDS[name]} = ..."
        )
    written = str(options.get("options", ""))
    # Alembic puts the file's name first where no place is named for it, our own settings put it last.
    words = written if FILE_WORD in written else f"{FILE_WORD} {written}"
    own_name = str(options.get("_hook_name", name))
    return run_hook(own_name, {**options, "type": name, "options": words}, Path(revision_path), Path.cwd())
