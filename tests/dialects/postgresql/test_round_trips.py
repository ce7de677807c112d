"""Random pairs of models, by way of the rendered file: up is what ``create_all`` makes, nothing differs then, and
down is what was before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from flask_schema.diff.compare import invert_all
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import Operation
from flask_schema.scripts.page import Rendering
from flask_schema.scripts.source import render_operations

from .live_database import LiveDatabase
from .random_models import random_models

PAIRS = 25
Catalog = dict[str, Counter[tuple[Any, ...]]]
_MADE_UP_NUMBER = re.compile(r"(?<=_(?:key|eck|key|key))\d+")


def reloaded(operations: Iterable[Operation], live: LiveDatabase) -> list[Operation]:
    """The operations that the rendered source builds when it is run."""
    translation = live.dialect.translation
    rendering = Rendering(live.dialect.python_type, lambda python: translation.data_type(python).sql)
    source = render_operations(list(operations), rendering)
    recorder = Recorder(translation)
    names: dict[str, object] = {"op": Directives(recorder)}
    exec("\n".join([*source.imports, "def upgrade():", f"    {source.body or 'pass'}", "upgrade()"]), names)
    return recorder.operations


def comparable(catalog: Catalog) -> Catalog:
    """The catalog without numbers behind names that the server made up."""
    return {
        kind: Counter(
            tuple(_MADE_UP_NUMBER.sub("", one) if isinstance(one, str) else one for one in row) for row in rows
        )
        for kind, rows in catalog.items()
    }


@pytest.mark.parametrize("seed", range(PAIRS))
def test_there_and_back(live: LiveDatabase, seed: int) -> None:
    before, after = random_models(2 * seed), random_models(2 * seed + 1)
    after.create_all(live.engine)
    wanted = comparable(live.catalog())
    after.drop_all(live.engine)
    before.create_all(live.engine)
    origin = comparable(live.catalog())

    operations = live.differences(after)
    back = reloaded(invert_all(operations), live)
    live.run(*reloaded(operations, live))

    assert comparable(live.catalog()) == wanted
    assert live.differences(after) == ()
    live.run(*back)
    assert comparable(live.catalog()) == origin
    assert live.differences(before) == ()
