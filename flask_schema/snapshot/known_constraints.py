"""Which classes of constraints are understood."""

from __future__ import annotations

import sqlalchemy as sa

_CLASSES = (sa.CheckConstraint, sa.ForeignKeyConstraint, sa.PrimaryKeyConstraint, sa.UniqueConstraint)


def is_known_class(kind: type[sa.Constraint]) -> bool:
    """Whether all constraints of a class are known; of a class that is not, some may be."""
    return issubclass(kind, _CLASSES)


def is_known_constraint(constraint: sa.Constraint) -> bool:
    """Whether a constraint is of a class of SQLAlchemy's; of one of somebody's own nobody knows what it says."""
    return isinstance(constraint, _CLASSES) or hasattr(constraint, "_render_exprs")  # EXCLUDE
