"""Python's garbage collection, while it would only cost time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
