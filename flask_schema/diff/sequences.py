"""Sequences that belong to no column."""

from __future__ import annotations

from collections.abc import Iterator

from flask_schema.operations.operation import Operation
from flask_schema.operations.sequences import AlterSequence, CreateSequence, DropSequence
from flask_schema.snapshot.snapshot import Snapshot


def compare_sequences(before: Snapshot, after: Snapshot) -> Iterator[Operation]:
    """Operations on sequences."""
    for name, sequence in after.sequences.items():
        old = before.sequences.get(name)
        if old is None:
            yield CreateSequence(sequence)
        elif old != sequence:
            yield AlterSequence(old, sequence)
    for name, sequence in before.sequences.items():
        if name not in after.sequences:
            yield DropSequence(name, before=sequence)
