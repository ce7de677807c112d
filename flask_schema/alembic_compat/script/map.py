"""The map of revisions: Alembic's questions to a history, answered by the engine's graph."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask_schema.alembic_compat.script.nodes import Revision, several
from flask_schema.alembic_compat.script.resolution import (
    CycleDetected,
    DependencyCycleDetected,
    ResolutionError,
    RevisionError,
    cycle,
    multiple_heads,
    named,
    not_an_ancestor,
)
from flask_schema.errors import CycleError, RouteError
from flask_schema.history import Graph, downgrade_order, symbols


class RevisionMap:
    """Revisions by id, and the way from one to another.

    ``generator`` gives the revisions when they are needed for the first time, in an order that decides between equals.
    """

    def __init__(self, generator: Callable[[], Iterable[Revision]]) -> None:
        self._generator = generator
        self._given: Mapping[str, Revision] | None = None
        self._linked: Graph | None = None
        self._whole: tuple[Graph, dict[Any, Revision | None]] | None = None

    # -- loading ------------------------------------------------------------------------------

    @property
    def _nodes(self) -> Mapping[str, Revision]:
        """Every revision by its id; those that are asked for know the graph."""
        if self._given is None:
            found: dict[str, Revision] = {}
            for revision in self._generator():
                if revision.revision in found:
                    raise RevisionError(f"two revisions have the id {revision.revision}")
                found[revision.revision] = revision
            self._given = found
        return self._given

    @property
    def graph(self) -> Graph:
        """The engine's graph. Raises :class:`CycleDetected` and other errors of the history."""
        if self._linked is None:
            graph = _link(list(self._nodes.values()))
            for node in self._nodes.values():
                node._graph = graph
            self._linked = graph
        return self._linked

    @property
    def _revision_map(self) -> dict[Any, Revision | None]:
        graph = self.graph
        if self._whole is None or self._whole[0] is not graph:
            nodes = self._nodes
            found: dict[Any, Revision | None] = {revision: nodes[revision] for revision in graph}
            found.update({label: nodes[revision] for label, revision in graph.labelled.items()})
            self._whole = graph, {**found, None: None, (): None}
        return self._whole[1]

    def add_revision(self, revision: Revision, _replace: bool = False) -> None:
        """Add one revision. Raises :class:`RevisionError` where there is one of that id, unless it is replaced."""
        if _replace != (revision.revision in self._nodes):
            raise RevisionError(f"revision {revision.revision} is {'not' if _replace else 'already'} in the map")
        self._given = {**self._nodes, revision.revision: revision}
        self._linked = None

    # -- what there is ------------------------------------------------------------------------

    @property
    def heads(self) -> tuple[str, ...]:
        """The revisions that are no revision's parent."""
        return self.graph.heads

    @property
    def _real_heads(self) -> tuple[str, ...]:
        return self.graph.effective_heads

    @property
    def bases(self) -> tuple[str, ...]:
        """The revisions without a parent."""
        return self.graph.bases

    @property
    def _real_bases(self) -> tuple[str, ...]:
        return tuple(base for base in self.graph.bases if not self.graph.dependencies(base))

    def get_current_head(self, branch_label: str | None = None) -> str | None:
        """Return the one head (of a branch), None for an empty map. Raises :class:`MultipleHeads`."""
        heads = self.filter_for_lineage(self.heads, branch_label) if branch_label else self.heads
        if len(heads) > 1:
            raise multiple_heads(heads, f"{branch_label}@head" if branch_label else "head")
        return heads[0] if heads else None

    def _get_base_revisions(self, identifier: str) -> tuple[str, ...]:
        return self.filter_for_lineage(self.bases, identifier)

    # -- symbols ------------------------------------------------------------------------------

    def get_revisions(self, id_: Any) -> tuple[Any, ...]:
        """Return the revisions that a symbol means, or several symbols; empty for the base.

        Raises :class:`ResolutionError` and :class:`MultipleHeads`.
        """
        if isinstance(id_, (list, tuple, set, frozenset)):
            return tuple(revision for one in id_ for revision in self.get_revisions(one))
        return tuple(self._nodes[revision] for revision in self._resolve(id_))

    def get_revision(self, id_: Any) -> Revision | None:
        """Return the one revision that a symbol means, None for the base; raises as :meth:`get_revisions`."""
        if isinstance(id_, tuple) and len(id_) == 1 and isinstance(id_[0], str):
            id_ = id_[0]
        found = self._resolve(id_)
        if len(found) > 1:
            raise multiple_heads(found, id_)
        return self._nodes[found[0]] if found else None

    def _resolve(
        self, id_: Any, current: Collection[str] | None = None, *, stop_at_end: bool = False
    ) -> tuple[str, ...]:
        if id_ is None or id_ == ():
            return ()
        if isinstance(id_, Revision):
            return (id_.revision,)
        if not isinstance(id_, str):
            raise RevisionError(
                f"the revision {id_!r} is not a text", hint="a driver that gives bytes needs another setting"
            )
        branch, _, name = id_.rpartition("@")
        if name == "head":
            head = self.get_current_head(branch or None)
            return (head,) if head is not None else ()
        with named(id_):
            return symbols.resolve(self.graph, id_, current, stop_at_end=stop_at_end)

    def _resolve_revision_number(self, id_: Any) -> tuple[tuple[str, ...], str | None]:
        """Return the ids, an id as it was written, and the branch label before an @."""
        branch = id_.partition("@")[0] if isinstance(id_, str) and "@" in id_ else None
        if isinstance(id_, tuple) and all(isinstance(one, str) for one in id_):
            return id_, None
        symbolic = id_ is None or not isinstance(id_, str) or id_.rpartition("@")[2] in {"head", "heads", "base"}
        return (self._resolve(id_) if symbolic else (id_.rpartition("@")[2],)), branch

    def _resolve_rows(self, given: Any) -> tuple[str, ...]:
        """Return rows of the version table, or symbols in their place, as ids; an unknown id stays as it is."""
        found: list[str] = []
        for one in several(given):
            if isinstance(one, str) and (one in self.graph.set_aside or self.graph.canonical(one) in self.graph):
                found.append(one)
                continue
            try:
                found += self._resolve(one)
            except ResolutionError:
                found.append(one)
        return tuple(dict.fromkeys(found))

    def _resolve_each(self, given: Any, current: Collection[str], *, stop_at_end: bool) -> tuple[str, ...]:
        found = (one for symbol in several(given) for one in self._resolve(symbol, current, stop_at_end=stop_at_end))
        return tuple(dict.fromkeys(found))

    # -- lineage ------------------------------------------------------------------------------

    def filter_for_lineage(
        self, targets: Iterable[Any], check_against: str | None, include_dependencies: bool = False
    ) -> tuple[Any, ...]:
        """Return those of ``targets`` (revisions or ids) that share a line of descent with ``check_against``."""
        ids, branch = self._resolve_revision_number(check_against)
        marks = [mark for mark in (branch, *ids) if mark]
        if not marks:
            return tuple(targets)
        wanted: set[str] = set()
        for mark in marks:
            with named(check_against):
                start = symbols.find_revision(self.graph, mark)
            wanted |= self.graph.lineage(start, dependencies=include_dependencies)
        return tuple(target for target in targets if self._id_of(target) in wanted)

    def _id_of(self, target: Any) -> str | None:
        if isinstance(target, Revision):
            return target.revision
        found = self._resolve(target)
        return found[0] if found else None

    def _get_ancestor_nodes(
        self, targets: Iterable[Any], map_: Any = None, check: bool = False, include_dependencies: bool = True
    ) -> Iterator[Any]:
        return self._reached(targets, self.graph.ancestors, check, include_dependencies)

    def _get_descendant_nodes(
        self,
        targets: Iterable[Any],
        map_: Any = None,
        check: bool = False,
        omit_immediate_dependencies: bool = False,
        include_dependencies: bool = True,
    ) -> Iterator[Any]:
        return self._reached(targets, self.graph.descendants, check, include_dependencies)

    def _reached(self, targets: Iterable[Any], reach: Any, check: bool, dependencies: bool) -> Iterator[Any]:
        starts = [one.revision if isinstance(one, Revision) else one for one in targets]
        if check:
            self._refuse_overlap(starts)
        return (self._nodes[revision] for revision in reach(starts, dependencies=dependencies))

    def _refuse_overlap(self, revisions: Sequence[str], *, dependencies: bool = True) -> None:
        for revision in revisions:
            others = self.graph.ancestors([revision], dependencies=dependencies) & set(revisions) - {revision}
            if others:
                raise RevisionError(f"revision {revision} overlaps with {', '.join(sorted(others))}, which it contains")

    def _get_all_current(self, id_: Any) -> set[Any]:
        """Return the revisions at the top of what is applied, dependencies that other branches hold included."""
        applied = self.graph.ancestors([one.revision for one in self.get_revisions(id_)], dependencies=True)
        return {self._nodes[revision] for revision in self.graph.heads_of(applied, dependencies=False)}

    # -- ways ---------------------------------------------------------------------------------

    def iterate_revisions(
        self,
        upper: Any,
        lower: Any,
        implicit_base: bool = False,
        inclusive: bool = False,
        assert_relative_length: bool = True,
        select_for_downgrade: bool = False,
    ) -> Iterator[Any]:
        """Yield the revisions from ``upper`` down to ``lower``, each before its parents.

        ``lower`` itself only if ``inclusive``. ``implicit_base``: also what ``upper`` needs and does not descend from
        ``lower``. ``select_for_downgrade``: what has to go so that ``lower`` is the newest, from what is at ``upper``.
        Raises :class:`RangeNotAncestorError` and what :meth:`get_revisions` does.
        """
        if select_for_downgrade:
            ordered = self._downgrade(upper, lower, inclusive, implicit_base, assert_relative_length)
        else:
            ordered = self._upgrade(upper, lower, inclusive, implicit_base, assert_relative_length)
        for revision in ordered:
            yield self._nodes[revision]

    def _upgrade(self, upper: Any, lower: Any, inclusive: bool, whole: bool, strict: bool) -> list[str]:
        graph = self.graph
        below: tuple[str, ...]
        if _is_step_down(lower):
            tops = self._resolve_each(upper, (), stop_at_end=not strict)
            below = self._resolve_each(lower, tops, stop_at_end=not strict)
        else:
            below = self._resolve_each(lower, (), stop_at_end=not strict)
            tops = self._resolve_each(upper, below, stop_at_end=not strict)
        if isinstance(lower, str) and "@" in lower:
            branch = graph.lineage(symbols.find_branch(graph, lower.partition("@")[0]))
            tops = tuple(top for top in tops if top in branch)
        self._refuse_overlap(tops)
        needed = graph.ancestors(tops, dependencies=True)
        if not whole and not needed.issuperset(below):
            raise not_an_ancestor(lower, upper)
        self._refuse_overlap(below)
        wanted = needed - graph.ancestors(below, dependencies=True)
        if inclusive:
            wanted |= set(below)
        if below and not whole:
            wanted &= graph.descendants(below, dependencies=False)
        return graph.order_newest_first(wanted, [top for top in tops if top in wanted])

    def _downgrade(self, upper: Any, lower: Any, inclusive: bool, whole: bool, strict: bool) -> list[str]:
        rows = self._resolve_each(upper, (), stop_at_end=not strict)
        with named(lower):
            try:
                return downgrade_order(
                    self.graph, rows, lower or "base", inclusive=inclusive, other_branches=whole, stop_at_end=not strict
                )
            except RouteError as error:
                raise not_an_ancestor(lower, upper) from error

    def _topological_sort(self, revisions: Collection[Revision], heads: Iterable[Revision]) -> list[str]:
        return self.graph.order_newest_first([one.revision for one in revisions], [one.revision for one in heads])


def _is_step_down(symbol: Any) -> bool:
    """Whether ``symbol`` counts down from the other end of a range: ``-2`` or ``branch@-2``."""
    if not isinstance(symbol, str):
        return False
    steps = symbol.rpartition("@")[2]
    return steps[:1] == "-" and steps[1:].isdecimal()


def _link(revisions: Sequence[Revision]) -> Graph:
    """Return the graph of ``revisions``, circles refused under Alembic's names."""
    headers = [one.header() for one in revisions]
    try:
        return Graph(headers)
    except CycleError as error:
        try:
            Graph([header._replace(depends_on=()) for header in headers])
        except CycleError as plain:
            raise cycle(CycleDetected, plain.revisions) from plain
        raise cycle(DependencyCycleDetected, error.revisions) from error
