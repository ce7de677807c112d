"""``fileConfig(config.config_file_name)`` in ``env.py``: for the command line only.

In a program the logging belongs to the application, and what ``alembic.ini`` says of it would replace its handlers and
silence its loggers. So the call does nothing there. Any other call, and any from another thread, is the usual one.
"""

from __future__ import annotations

import logging.config
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_LEFT_ALONE: ContextVar[str | None] = ContextVar("flask_schema_logging_file", default=None)
_LOCK = threading.Lock()


class _Guard:
    """Stands in the place of ``logging.config.fileConfig`` while it is wanted anywhere."""

    def __init__(self) -> None:
        self._depth = 0
        self._usual: Any = None
        self._stand_in: Any = None

    def enter(self) -> None:
        with _LOCK:
            self._depth += 1
            if self._depth == 1:
                self._usual = logging.config.fileConfig
                self._stand_in = _guarded(self._usual)
                logging.config.fileConfig = self._stand_in

    def leave(self) -> None:
        with _LOCK:
            self._depth -= 1
            if not self._depth and logging.config.fileConfig is self._stand_in:
                logging.config.fileConfig = self._usual


def _guarded(usual: Any) -> Any:
    def file_config(fname: Any, *arguments: Any, **keywords: Any) -> None:
        if _is_left_alone(fname):
            return
        usual(fname, *arguments, **keywords)

    return file_config


def _is_left_alone(file: Any) -> bool:
    kept = _LEFT_ALONE.get()
    return kept is not None and isinstance(file, (str, os.PathLike)) and os.fspath(file) == kept


_GUARD = _Guard()


@contextmanager
def logging_left_alone(file: str | None) -> Iterator[None]:
    """Inside the block, in this context, ``logging.config.fileConfig(file)`` does nothing; None: nothing is changed."""
    if file is None:
        yield
        return
    _GUARD.enter()
    token = _LEFT_ALONE.set(file)
    try:
        yield
    finally:
        _LEFT_ALONE.reset(token)
        _GUARD.leave()
