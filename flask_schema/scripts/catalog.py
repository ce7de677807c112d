"""Operations on enum types and sequences, and new names, as source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask_schema.operations import enums, renames, sequences
from flask_schema.operations.type_directives import SEQUENCE_FACETS
from flask_schema.scripts.elements import said, schema_of, texts
from flask_schema.scripts.layout import Code, keyword, mapping, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.renderers import renderer
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
        said("comment", enum.comment, page),
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
        texts(after.values),
        keyword("existing_values", texts(operation.before.values)),
        keyword("renames", mapping(pairs)) if pairs else None,
        schema_of(after.name),
        said("comment", after.comment, page),
    )


@renderer
def rename_enum_value(operation: enums.RenameEnumValue, page: Page) -> Iterable[Code]:
    """``op.rename_enum_value``."""
    name = operation.name
    values = (text(operation.value), text(operation.new_value))
    yield page.directive("rename_enum_value", text(name.name), *values, schema_of(name))


@renderer
def add_enum_value(operation: enums.AddEnumValue, page: Page) -> Iterable[Code]:
    """``op.add_enum_value``."""
    yield page.directive(
        "add_enum_value",
        text(operation.name.name),
        text(operation.value),
        said("before", operation.before, page),
        said("after", operation.after, page),
        said("if_not_exists", operation.if_not_exists, page),
        schema_of(operation.name),
    )


@renderer
def remove_enum_value(operation: enums.RemoveEnumValue, page: Page) -> Iterable[Code]:
    """``op.remove_enum_value``, with its neighbour where that is known."""
    yield page.directive(
        "remove_enum_value",
        text(operation.name.name),
        text(operation.value),
        said("replacement", operation.replacement, page),
        said("after", operation.following, page),
        said("before", operation.leading, page),
        schema_of(operation.name),
    )


@renderer
def create_sequence(operation: sequences.CreateSequence, page: Page) -> Iterable[Code]:
    """``op.create_sequence``."""
    sequence = operation.sequence
    yield page.directive(
        "create_sequence",
        text(sequence.name.name),
        schema_of(sequence.name),
        *_facets(sequence, "", page),
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
    """``op.alter_sequence`` with all facets, before and after."""
    name = operation.after.name
    yield page.directive(
        "alter_sequence",
        text(name.name),
        schema_of(name),
        *_facets(operation.after, "", page),
        *_facets(operation.before, "existing_", page),
    )


@renderer
def rename_sequence(operation: sequences.RenameSequence, page: Page) -> Iterable[Code]:
    """``op.rename_sequence``."""
    yield page.directive(
        "rename_sequence", text(operation.name.name), text(operation.new_name), schema_of(operation.name)
    )


def _facets(sequence: Sequence, prefix: str, page: Page) -> Iterator[Code]:
    for argument, facet in SEQUENCE_FACETS.items():
        value = getattr(sequence, facet)
        if facet == "owned_by" and value is not None:
            table, column = value
            value = (table.schema, table.name, column) if table.schema else (table.name, column)
        code = said(f"{prefix}{argument}", value, page)
        if code is not None:
            yield code


@renderer
def rename_index(operation: renames.RenameIndex, page: Page) -> Iterable[Code]:
    """``op.rename_index``."""
    table = operation.table or (QualifiedName("", operation.schema) if operation.schema else None)
    yield page.directive(
        "rename_index",
        text(operation.name),
        text(operation.new_name),
        text(operation.table.name) if operation.table is not None else None,
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
