"""One revision as programs written for Alembic know it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from flask_schema.alembic_compat.script.resolution import (
    DependencyLoopDetected,
    LoopDetected,
    RevisionError,
    cycle,
)
from flask_schema.history import Graph, Header

_T = TypeVar("_T")
_FORBIDDEN = re.compile(r"[@\-+:]")


def several(value: Any) -> tuple[Any, ...]:
    """Return one value, several or None as a tuple."""
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Iterable):
        return (value,)
    return tuple(value)


def scalar(values: Sequence[_T] | None) -> _T | Sequence[_T] | None:
    """Return none of ``values`` as None, one as itself, several as they are."""
    if not values:
        return None
    return values[0] if len(values) == 1 else values


class Revision:
    """A revision and, once a map has it, its place in the history.

    ``down_revision`` and ``dependencies`` are one id, a tuple of several, or None, as written.
    """

    revision: str
    down_revision: Any = None
    dependencies: Any = None
    _graph: Graph | None = None

    def __init__(self, revision: str, down_revision: Any, dependencies: Any = None, branch_labels: Any = None) -> None:
        """Raises :class:`LoopDetected` and :class:`RevisionError` for an id that is not allowed."""
        if revision in several(down_revision):
            raise cycle(LoopDetected, [revision])
        if revision in several(dependencies):
            raise cycle(DependencyLoopDetected, [revision])
        self.verify_rev_id(revision)
        self.revision = revision
        self.down_revision = scalar(several(down_revision))
        self.dependencies = scalar(several(dependencies))
        self._own_labels = several(branch_labels)

    @classmethod
    def verify_rev_id(cls, revision: str) -> None:
        """Raise :class:`RevisionError` unless ``revision`` may be an id."""
        found = sorted(set(_FORBIDDEN.findall(revision)))
        if found:
            raise RevisionError(
                f"the revision id {revision!r} contains {', '.join(found)}, which targets need",
                hint="choose an id of letters, digits and underscores",
            )

    def __repr__(self) -> str:
        parts = [repr(self.revision), repr(self.down_revision)]
        if self.dependencies:
            parts.append(f"dependencies={self.dependencies!r}")
        if self.branch_labels:
            parts.append(f"branch_labels={self.branch_labels!r}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def header(self) -> Header:
        """Return what the graph needs to know of it."""
        return Header(self.revision, several(self.down_revision), several(self.dependencies), self._own_labels)

    # -- its place ----------------------------------------------------------------------------

    @property
    def branch_labels(self) -> set[str]:
        """The labels that apply to it: its own, and those of its branch."""
        graph = self._graph
        return {*self._own_labels, *(graph.labels_of(self.revision) if graph and self.revision in graph else ())}

    @property
    def _orig_branch_labels(self) -> tuple[str, ...]:
        return tuple(self._own_labels)

    @property
    def nextrev(self) -> frozenset[str]:
        """The revisions whose parent it is."""
        return frozenset(self._graph.children(self.revision)) if self._graph else frozenset()

    @property
    def _all_nextrev(self) -> frozenset[str]:
        return self.nextrev | frozenset(self._graph.dependents(self.revision) if self._graph else ())

    @property
    def _versioned_down_revisions(self) -> tuple[str, ...]:
        if self._graph and self.revision in self._graph:
            return self._graph.parents(self.revision)
        return several(self.down_revision)

    @property
    def _resolved_dependencies(self) -> tuple[str, ...]:
        if self._graph and self.revision in self._graph:
            return self._graph.dependencies(self.revision)
        return several(self.dependencies)

    @property
    def _normalized_resolved_dependencies(self) -> tuple[str, ...]:
        parents = self._versioned_down_revisions
        return tuple(one for one in self._normalized_down_revisions if one not in parents)

    @property
    def _all_down_revisions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._versioned_down_revisions, *self._resolved_dependencies)))

    @property
    def _normalized_down_revisions(self) -> tuple[str, ...]:
        if self._graph and self.revision in self._graph:
            return self._graph.steps_down(self.revision)
        return self._all_down_revisions

    @property
    def is_head(self) -> bool:
        """Whether no revision follows it as a child."""
        return not self.nextrev

    @property
    def _is_real_head(self) -> bool:
        return not self._all_nextrev

    @property
    def is_base(self) -> bool:
        """Whether it has no parent."""
        return self.down_revision is None

    @property
    def _is_real_base(self) -> bool:
        return self.down_revision is None and self.dependencies is None

    @property
    def is_branch_point(self) -> bool:
        """Whether it is the parent of several."""
        return len(self.nextrev) > 1

    @property
    def _is_real_branch_point(self) -> bool:
        return len(self._all_nextrev) > 1

    @property
    def is_merge_point(self) -> bool:
        """Whether it has several parents."""
        return len(self._versioned_down_revisions) > 1
