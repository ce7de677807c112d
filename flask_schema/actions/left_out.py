"""What the models say and the comparison leaves out: said aloud."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from flask_schema.dialects.dialect import Dialect
from flask_schema.snapshot.known_constraints import is_known_class, is_known_constraint


def left_out(metadatas: Iterable[sa.MetaData], dialect: Dialect) -> Iterator[str]:
    """A sentence for each constraint of a class of somebody's own, of which nobody knows what it says."""
    tables = [table for metadata in metadatas for table in metadata.tables.values()]
    kinds = {type(one) for table in tables for one in table.constraints}
    if not all(map(is_known_class, kinds)):
        for table in tables:
            for one in table.constraints:
                if not is_known_constraint(one):
                    name = dialect.translation.constraint_name(one)
                    yield (
                        f"constraint {name or '(unnamed)'} of {table.fullname} is of the class {type(one).__name__}, "
                        "which is not known here: it is left out; write it into the revision with op.execute()"
                    )
