"""Errors of the revision map under Alembic's names; each is also the engine's own error of that kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask_schema import errors
from flask_schema.errors import HistoryError, SchemaError

RevisionError = HistoryError
"""The root of what can be wrong about revisions."""


class ResolutionError(HistoryError):
    """A symbol means no revision, or several; ``argument`` is the symbol."""

    argument: str | None = None


class NoSuchRevision(ResolutionError, errors.RevisionNotFound):
    """A symbol that means no revision."""


class AmbiguousRevision(ResolutionError, errors.RevisionAmbiguous):
    """A symbol that means several revisions."""


class MultipleHeads(errors.MultipleHeads):
    """One revision was needed; ``heads`` are those that ``argument`` means."""

    heads: Sequence[str] = ()
    argument: str | None = None


class RangeNotAncestorError(errors.RouteError):
    """A range whose ``lower`` end is not below its ``upper`` end."""

    lower: Any = None
    upper: Any = None


class CycleDetected(errors.CycleError):
    """Revisions that follow from one another in a circle: ``revisions``."""

    kind = "Cycle"


class DependencyCycleDetected(CycleDetected):
    """A circle that dependencies close."""

    kind = "Dependency cycle"


class LoopDetected(CycleDetected):
    """A revision that is its own parent."""

    kind = "Self-loop"


class DependencyLoopDetected(DependencyCycleDetected, LoopDetected):
    """A revision that depends on itself."""

    kind = "Dependency self-loop"


def multiple_heads(heads: Sequence[str], argument: str | None) -> MultipleHeads:
    """Return the error for ``argument``, which means several heads where one is needed."""
    error = MultipleHeads(f"{argument!r} means one revision, and there are several: {', '.join(heads)}")
    error.heads, error.argument = tuple(heads), argument
    return error


def not_an_ancestor(lower: Any, upper: Any) -> RangeNotAncestorError:
    """Return the error for a range that does not go up one branch."""
    ends = [", ".join(end) if isinstance(end, (tuple, list)) else end for end in (lower, upper)]
    error = RangeNotAncestorError(f"revision {ends[0] or 'base'} is not an ancestor of revision {ends[1] or 'base'}")
    error.lower, error.upper = lower, upper
    return error


def cycle(kind: type[CycleDetected], revisions: Sequence[str]) -> CycleDetected:
    """Return the error for a circle of that kind."""
    error = kind(f"revisions follow from one another in a circle: {', '.join(revisions)}")
    error.revisions = tuple(revisions)
    return error


@contextmanager
def named(argument: Any) -> Iterator[None]:
    """Raise what :mod:`symbols` raises under Alembic's names."""
    try:
        yield
    except (ResolutionError, MultipleHeads):
        raise
    except errors.RevisionNotFound as error:
        raise _renamed(NoSuchRevision, error, argument) from error
    except (errors.RevisionAmbiguous, errors.UsageError) as error:
        kind = AmbiguousRevision if isinstance(error, errors.RevisionAmbiguous) else ResolutionError
        raise _renamed(kind, error, argument) from error
    except errors.MultipleHeads as error:
        renamed = MultipleHeads(error.message, hint=error.hint)
        renamed.argument = argument
        raise renamed from error


def _renamed(kind: type[ResolutionError], error: SchemaError, argument: Any) -> ResolutionError:
    renamed = kind(error.message, hint=error.hint)
    renamed.argument = argument
    return renamed
