"""Revisions, their map, and what can be wrong about them."""

from flask_schema.alembic_compat.script.map import RevisionMap
from flask_schema.alembic_compat.script.nodes import Revision
from flask_schema.alembic_compat.script.nodes import scalar as tuple_rev_as_scalar
from flask_schema.alembic_compat.script.resolution import (
    CycleDetected,
    DependencyCycleDetected,
    DependencyLoopDetected,
    LoopDetected,
    MultipleHeads,
    RangeNotAncestorError,
    ResolutionError,
    RevisionError,
)

__all__ = [
    "CycleDetected",
    "DependencyCycleDetected",
    "DependencyLoopDetected",
    "LoopDetected",
    "MultipleHeads",
    "RangeNotAncestorError",
    "ResolutionError",
    "Revision",
    "RevisionError",
    "RevisionMap",
    "tuple_rev_as_scalar",
]
