"""Operations on enum types and sequences, and new names, as source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_schema.operations import enums, renames, sequences
from flask_schema.scripts.elements import said, schema_of, texts
from flask_schema.scripts.layout import Code, keyword, mapping, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.renderers import renderer
from flask_schema.scripts.values import literal
from flask_schema.snapshot.elements import QualifiedName, Sequence


@renderer
def create_enum(operation: enums.CreateEnum, page: Page) -> Iterable[Code]:
    """``op.create_enum``."""
    enum = operation.enum
    yield page.directive(
        "create_enum",
        text(enum.name.name),
        texts(enum.values),
        schema_of(enum.name),
        said("if_not_exists", operation.if_not_exists, page),
    )


@renderer
def drop_enum(operation: enums.DropEnum, page: Page) -> Iterable[Code]:
    """``op.drop_enum``."""
    name = operation.name
    yield page.directive("drop_enum", text(name.name), schema_of(name), said("if_exists", operation.if_exists, page))


@renderer
def alter_enum(operation: enums.AlterEnum, page: Page) -> Iterable[Code]:
    """``op.alter_enum`` with all values, before and after."""
    after = operation.after
    pairs: dict[str, Code] = {text(old): text(new) for old, new in operation.renames}
    yield page.directive(
        "alter_enum",
        text(after.name.name),
        keyword("existing_values", texts(operation.before.values)),
        keyword("values", texts(after.values)),
        keyword("renames", mapping(pairs)) if pairs else None,
        schema_of(after.name),
    )


@renderer
def rename_enum_value(operation: enums.RenameEnumValue, page: Page) -> Iterable[Code]:
    """``op.rename_enum_value``."""
    name = operation.name
    values = (text(operation.value), text(operation.new_value))
    yield page.directive("rename_enum_value", text(name.name), *values, schema_of(name))


@renderer
def create_sequence(operation: sequences.CreateSequence, page: Page) -> Iterable[Code]:
    """``op.create_sequence``."""
    sequence = operation.sequence
    yield page.directive(
        "create_sequence",
        text(sequence.name.name),
        schema_of(sequence.name),
        *(keyword(name, literal(value, page.imports)) for name, value in _facets(sequence).items()),
        said("if_not_exists", operation.if_not_exists, page),
    )


@renderer
def drop_sequence(operation: sequences.DropSequence, page: Page) -> Iterable[Code]:
    """``op.drop_sequence``."""
    name = operation.name
    yield page.directive(
        "drop_sequence", text(name.name), schema_of(name), said("if_exists", operation.if_exists, page)
    )


@renderer
def alter_sequence(operation: sequences.AlterSequence, page: Page) -> Iterable[Code]:
    """``op.alter_sequence`` with the facets that change, and all that it has before."""
    name = operation.after.name
    existing, wanted = _facets(operation.before), _facets(operation.after)
    changed = {key: wanted.get(key) for key in {**existing, **wanted} if existing.get(key) != wanted.get(key)}
    yield page.directive(
        "alter_sequence",
        text(name.name),
        schema_of(name),
        *(keyword(key, literal(value, page.imports)) for key, value in changed.items()),
        keyword("existing", literal(existing, page.imports)) if existing else None,
    )


def _facets(sequence: Sequence) -> dict[str, Any]:
    """The facets that a sequence has, by the directive's arguments."""
    facets: dict[str, Any] = {
        "start": sequence.start,
        "increment": sequence.increment,
        "minvalue": sequence.minimum,
        "maxvalue": sequence.maximum,
        "cycle": sequence.cycle or None,
        "cache": sequence.cache,
        "data_type": sequence.data_type,
        "owned_by": None,
    }
    if sequence.owned_by is not None:
        table, column = sequence.owned_by
        facets["owned_by"] = (table.schema, table.name, column) if table.schema else (table.name, column)
    return {name: value for name, value in facets.items() if value is not None}


@renderer
def rename_index(operation: renames.RenameIndex, page: Page) -> Iterable[Code]:
    """``op.rename_index``."""
    table = operation.table or (QualifiedName("", operation.schema) if operation.schema else None)
    yield page.directive(
        "rename_index",
        text(operation.name),
        text(operation.new_name),
        keyword("table_name", text(operation.table.name)) if operation.table is not None else None,
        schema_of(table) if table is not None else None,
    )


@renderer
def rename_constraint(operation: renames.RenameConstraint, page: Page) -> Iterable[Code]:
    """``op.rename_constraint``."""
    yield page.directive(
        "rename_constraint",
        text(operation.name),
        text(operation.new_name),
        text(operation.table.name),
        schema_of(operation.table),
    )
