"""Operations on how long rows live and where, as source."""

from __future__ import annotations

from collections.abc import Iterable

from flask_schema.operations import placement
from flask_schema.operations.operation import UNSET
from flask_schema.operations.placement import TTL
from flask_schema.scripts.elements import said, schema_of
from flask_schema.scripts.layout import Code, keyword, mapping, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.renderers import renderer
from flask_schema.scripts.values import literal
from flask_schema.snapshot.elements import Options


@renderer
def set_row_ttl(operation: placement.SetRowTtl, page: Page) -> Iterable[Code]:
    """``op.set_row_ttl``, with what there was where that is known."""
    parameters = (said(name.removeprefix(TTL), value, page) for name, value in _first(operation.parameters))
    yield page.directive(
        "set_row_ttl",
        text(operation.table.name),
        *parameters,
        schema_of(operation.table),
        _existing(operation.before, page),
    )


@renderer
def remove_row_ttl(operation: placement.RemoveRowTtl, page: Page) -> Iterable[Code]:
    """``op.remove_row_ttl``, with what there was where that is known."""
    existing = _existing(operation.before, page)
    yield page.directive("remove_row_ttl", text(operation.table.name), schema_of(operation.table), existing)


@renderer
def set_locality(operation: placement.SetLocality, page: Page) -> Iterable[Code]:
    """``op.set_locality``, with the one before where that is known."""
    before = operation.before
    yield page.directive(
        "set_locality",
        text(operation.table.name),
        text(operation.after) if operation.after is not None else "None",
        schema_of(operation.table),
        None if before is UNSET else keyword("existing_locality", "None" if before is None else text(before)),
    )


def _first(parameters: Options) -> Options:
    """When rows expire, before how the job goes about it."""
    return tuple(sorted(parameters, key=lambda pair: not pair[0].startswith(f"{TTL}expir")))


def _existing(parameters: Options | None, page: Page) -> Code | None:
    if parameters is None:
        return None
    pairs: dict[str, Code] = {
        text(name.removeprefix(TTL)): literal(value, page.imports) for name, value in _first(parameters)
    }
    return keyword("existing", mapping(pairs))
