"""Python's garbage collection, while it would only cost time."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_NEW_OBJECTS = 100_000  # Python's own threshold is 700: importing an application would be looked through 500 times


@contextmanager
def garbage_collected_rarely() -> Iterator[None]:
    """Look for garbage only after many new objects in the block: one that makes much that lives on, and some garbage.

    An application that is imported is of that kind, and so are the tables that scripts name. What was set before is
    set again afterwards; a collection that is switched off stays so.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(_NEW_OBJECTS, before[0]) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@cache
def leave_objects_at_exit() -> None:
    """Let the process end without looking through its objects once more, which takes a third of a short command.

    The system takes the memory back. What is registered to be done at exit is done; files that nobody closes are closed
    as ever, unless they are part of a reference cycle, for which Python promises nothing.
    """
    atexit.register(gc.freeze)


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Leave garbage where it is in the block: one that makes many objects that all live to its end.

    Looking through them again and again would find nothing. Collection goes on afterwards if it was on before.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if not gc.get_freeze_count():  # all that is there becomes old, without being looked through once more
                gc.freeze()
                gc.unfreeze()
            gc.enable()
