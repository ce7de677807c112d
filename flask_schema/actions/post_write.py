"""What happens to a revision file once it is written: the project's hooks, and the tracked heads file."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask_schema.actions.heads_file import keep_heads_file
from flask_schema.errors import ConfigurationError
from flask_schema.project import Project

FILE_WORD = "REVISION_SCRIPT_FILENAME"
"""In a hook's options, the place of the file's name; without it the name is put at the end."""

_IS_POSIX = os.name == "posix"
"""Elsewhere a backslash is part of a path, and not an escape."""


def finish_file(project: Project, path: Path) -> Path:
    """Run the hooks of the setting ``post_write_hooks`` on a new file, and write the heads file anew; return ``path``.

    Raises :class:`ConfigurationError` for a hook that cannot be run or fails; the file stays.
    """
    for name, hook in project.settings.post_write_hooks.items():
        run_hook(name, hook, path, project.directory)
    keep_heads_file(project)
    return path


def run_hook(name: str, hook: Any, path: Path, here: Path) -> None:
    """Run one hook on a new file; ``%(here)s`` in its ``cwd`` is ``here``. Raises :class:`ConfigurationError`."""
    if callable(hook):
        hook(str(path))
        return
    if not isinstance(hook, Mapping):
        raise ConfigurationError(
            f"the post-write hook {name!r} has to be a table or a function, not {hook!r}", hint=_example(name)
        )
    command = [*_program(name, hook), *_options(str(hook.get("options", "")), path)]
    folder = str(hook.get("cwd") or Path.cwd()).replace("%(here)s", str(here))
    try:
        done = subprocess.run(  # noqa: S603 - the project's own settings name it, and no shell is involved
            command, cwd=folder, check=False, capture_output=True, text=True
        )
    except OSError as error:
        raise ConfigurationError(
            f"the post-write hook {name!r} cannot be started: {error.strerror}: {error.filename}",
            hint="install it, or mend the setting 'post_write_hooks'; the revision file is written",
            file=path,
        ) from error
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[:300]
        raise ConfigurationError(
            f"the post-write hook {name!r} ended with status {done.returncode}{': ' if said else ''}{said}",
            hint="the revision file is written; mend it, or the setting 'post_write_hooks'",
            file=path,
        )


def _program(name: str, hook: Mapping[str, Any]) -> Sequence[str]:
    kind = hook.get("type", "exec")
    if kind == "exec":
        return [str(hook.get("executable", name))]
    if kind == "module":
        return [sys.executable, "-m", str(hook.get("module", name))]
    if kind == "console_scripts":
        return [sys.executable, "-c", _call_script(str(hook.get("entrypoint", name)))]
    raise ConfigurationError(
        f"the post-write hook {name!r} has the type {kind!r}",
        hint="the types are 'exec', 'module' and 'console_scripts'",
    )


def _call_script(script: str) -> str:
    from importlib.metadata import entry_points

    found = list(entry_points(group="console_scripts", name=script))
    if not found:
        raise ConfigurationError(
            f"no installed package has the console script {script!r}", hint="install it, or use the type 'exec'"
        )
    return f"import sys; from {found[0].module} import {found[0].attr.partition('.')[0]}; sys.exit({found[0].attr}())"


def _options(text: str, path: Path) -> list[str]:
    words = shlex.split(text, posix=_IS_POSIX)
    if not any(FILE_WORD in word for word in words):
        words.append(FILE_WORD)
    return [word.replace(FILE_WORD, str(path)) for word in words]


def _example(name: str) -> str:
    return f'write post_write_hooks.{name} = {{ type = "exec", executable = "{name}", options = "..." }}'
