"""A whole MetaData as a snapshot."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from flask_schema.snapshot.declarations import Objects
from flask_schema.snapshot.elements import Enum, QualifiedName, Sequence, Table
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation
from flask_schema.snapshot.repetitions import Repetitions
from flask_schema.snapshot.snapshot import Snapshot


def snapshot_of(
    metadatas: Iterable[sa.MetaData], translation: SqlalchemyTranslation, default_schema: str | None = None
) -> Snapshot:
    """The schema that the models describe, as this dialect would create it.

    A table or type in ``default_schema`` is named without it. Raises whatever SQLAlchemy's
    compilers raise for a construct that the dialect cannot express.
    """
    tables: dict[QualifiedName, Table] = {}
    enums: dict[QualifiedName, Enum] = {}
    sequences: dict[QualifiedName, Sequence] = {}
    objects = Objects(translation)
    repetitions = Repetitions(translation)
    for metadata in metadatas:
        objects.take(metadata)
        for table in metadata.tables.values():
            columns = repetitions.columns(table)
            translated = translation.table(table, columns)
            tables[translated.name] = translated
            for enum in repetitions.enums(table, columns):
                if enum.renamed_values or enum != enums.get(enum.name):
                    enums[enum.name] = enum
        if translation.dialect.supports_sequences:
            for sequence in metadata._sequences.values():
                translated_sequence = translation.sequence(sequence)
                sequences[translated_sequence.name] = translated_sequence
    names = (*tables, *enums, *sequences, *objects.names)
    return Snapshot(
        dialect=translation.dialect.name,
        tables=tables,
        enums=enums,
        sequences=sequences,
        views=objects.views,
        functions=objects.functions,
        triggers=objects.triggers,
        extensions=frozenset(objects.extensions),
        schemas=frozenset(name.schema for name in names if name.schema and name.schema != default_schema),
    )
