"""The graph of a history. Building it and every question to it takes time linear in the number of revisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType

from flask_schema.errors import RouteError
from flask_schema.history import labels as branch_labels
from flask_schema.history.links import Links, link
from flask_schema.history.order import order_newest_first
from flask_schema.history.revision import Header, Revision, describe_revision


class Graph:
    """All revisions of a history and how they follow from one another.

    ``headers`` may come in any order; that order (by file name, as :func:`scan` gives it) decides between equals.
    Raises :class:`DuplicateRevision` (an id or a label in two files), :class:`ParentMissing` and :class:`CycleError`.
    """

    def __init__(self, headers: Iterable[Header], *, expanded: Collection[str] = ()) -> None:
        self._headers = tuple(headers)
        self._expanded = frozenset(expanded)
        self._links: Links = link(self._headers, self._expanded)

    # -- revisions ----------------------------------------------------------------------------

    @cached_property
    def revisions(self) -> Mapping[str, Revision]:
        """Every revision by its id, in the order of the files."""
        return _Revisions(self._links)

    def __len__(self) -> int:
        return len(self._links.headers)

    def __contains__(self, revision: object) -> bool:
        return revision in self._links.headers

    def __iter__(self) -> Iterator[str]:
        return iter(self._links.headers)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Revisions that are no revision's parent, in the order of the files."""
        children = self._links.children
        return tuple([revision for revision in self._links.headers if revision not in children])

    @cached_property
    def effective_heads(self) -> tuple[str, ...]:
        """Heads that no revision depends on either: the rows of the version table after upgrading everything."""
        return tuple(head for head in self.heads if head not in self._links.dependents)

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Revisions without a parent, in the order of the files."""
        return tuple(revision for revision, parents in self._links.parents.items() if not parents)

    @cached_property
    def branch_points(self) -> tuple[str, ...]:
        """Revisions that are the parent of more than one, in the order of the files."""
        return tuple(revision for revision in self if len(self.children(revision)) > 1)

    @cached_property
    def merge_points(self) -> tuple[str, ...]:
        """Revisions with more than one parent, in the order of the files."""
        return tuple(revision for revision, parents in self._links.parents.items() if len(parents) > 1)

    # -- squashed revisions -------------------------------------------------------------------

    @property
    def set_aside(self) -> Mapping[str, Header]:
        """Revisions that have a file but have been replaced by a squash: needed only by databases in the middle."""
        return MappingProxyType(self._links.aside)

    def canonical(self, revision: str) -> str:
        """Return the revision that ``revision`` means: for the last of a squashed range the one that replaces it."""
        return self._links.aliases.get(revision, revision)

    def replaced_by(self, revision: str) -> str | None:
        """Return the revision in whose squashed range ``revision`` is, but not as the last; None elsewhere."""
        return self._links.inside.get(revision)

    def standing_at(self, rows: Iterable[str]) -> Graph:
        """Return the graph for a database at ``rows``.

        It is this one, unless a row is in the middle of a squashed range: then the range's own revisions take the place
        of the one that replaces them, so that the database can go on.
        """
        graph = self
        for row in rows:
            while (squash := graph.replaced_by(graph.canonical(row))) is not None:
                expanded = set(graph._expanded)
                while squash is not None and squash not in expanded:
                    expanded.add(squash)  # and what replaces the squash itself
                    squash = graph._links.inside.get(squash) or graph._links.aliases.get(squash)
                graph = Graph(self._headers, expanded=expanded)
        return graph

    @property
    def expanded_ranges(self) -> Mapping[str, str]:
        """The revisions that are expanded (see :meth:`standing_at`), each with the last of the range it replaces."""
        return {squash: self._links.aside[squash].replaces[-1] for squash in self._expanded}

    # -- neighbours ---------------------------------------------------------------------------

    def parents(self, revision: str) -> tuple[str, ...]:
        """Return the parents (``down_revision``) of ``revision``, in the order written."""
        return self._links.parents[revision]

    def dependencies(self, revision: str) -> tuple[str, ...]:
        """Return the revisions that ``revision`` depends on beside its parents, in the order written."""
        return self._links.dependencies.get(revision, ())

    def steps_down(self, revision: str) -> tuple[str, ...]:
        """Return the parents of ``revision``, then those dependencies that no ancestor by parents has already."""
        return self._links.steps_down[revision]

    def children(self, revision: str) -> tuple[str, ...]:
        """Return the revisions whose parent is ``revision``, in the order of the files."""
        return tuple(self._links.children.get(revision, ()))

    def dependents(self, revision: str) -> tuple[str, ...]:
        """Return the revisions that depend on ``revision``, in the order of the files."""
        return tuple(self._links.dependents.get(revision, ()))

    def ancestors(self, revisions: Iterable[str], *, dependencies: bool) -> set[str]:
        """Return ``revisions`` and everything below them, with ``dependencies`` also what those depend on."""
        extra = self._links.dependencies if dependencies else {}
        return _reach(revisions, self._links.parents, extra)

    def descendants(self, revisions: Iterable[str], *, dependencies: bool) -> set[str]:
        """Return ``revisions`` and everything above them, with ``dependencies`` also what depends on those."""
        extra = self._links.dependents if dependencies else {}
        return _reach(revisions, self._links.children, extra)

    def lineage(self, revision: str, *, dependencies: bool = False) -> set[str]:
        """Return ``revision``, its ancestors and its descendants: what ``revision@...`` can mean."""
        return self.ancestors([revision], dependencies=dependencies) | self.descendants(
            [revision], dependencies=dependencies
        )

    def heads_of(self, applied: Collection[str], *, dependencies: bool = True) -> tuple[str, ...]:
        """Return the members of ``applied`` that no other member follows, in the order of the files.

        With ``dependencies`` (the rows of the version table) a member that another depends on is left out too.
        """
        members = set(applied)
        followed = {parent for member in members for parent in self._links.parents[member]}
        if dependencies:
            followed.update(needed for member in members for needed in self.dependencies(member))
        return tuple(sorted(members - followed, key=self._links.position.__getitem__))

    # -- labels -------------------------------------------------------------------------------

    @property
    def labelled(self) -> Mapping[str, str]:
        """The revision in whose file each branch label is written."""
        return MappingProxyType(self._links.labelled)

    @cached_property
    def labels(self) -> Mapping[str, frozenset[str]]:
        """The revisions that belong to each branch label's branch."""
        return MappingProxyType(branch_labels.spread_labels(self._links))

    @cached_property
    def _labels_of(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for label in sorted(self.labels):
            for revision in self.labels[label]:
                found[revision] = (*found.get(revision, ()), label)
        return found

    def labels_of(self, revision: str) -> tuple[str, ...]:
        """Return the branch labels that apply to ``revision``, sorted."""
        return self._labels_of.get(revision, ())

    # -- order --------------------------------------------------------------------------------

    def order_newest_first(self, wanted: Collection[str], starts: Iterable[str]) -> list[str]:
        """Return ``wanted`` with every revision before its ancestors; the walk begins at ``starts``, in file order."""
        position = self._links.position
        links = self._links
        return order_newest_first(
            sorted(wanted, key=position.__getitem__),
            sorted(starts, key=position.__getitem__),
            links.steps_down.__getitem__,
            links.steps_up,
        )

    @cached_property
    def _newest_first(self) -> tuple[str, ...]:
        return tuple(self.order_newest_first(self._links.headers, self.effective_heads))

    def topological(self) -> tuple[str, ...]:
        """Return all revisions, each after its parents and dependencies: the order in which an upgrade runs them."""
        return self._newest_first[::-1]

    def ordered_history(self, lower: Collection[str] = (), upper: Collection[str] | None = None) -> tuple[str, ...]:
        """Return the revisions from ``upper`` down to ``lower``, both included, newest first.

        ``upper`` None means all heads; ``lower`` empty means the bases. With ``lower``, only what descends from it
        is listed. Raises :class:`RouteError` when a member of ``lower`` is no ancestor of ``upper``.
        """
        if not lower and upper is None:
            return self._newest_first
        tops = self.effective_heads if upper is None else tuple(upper)
        wanted = self.ancestors(tops, dependencies=True)
        strangers = sorted(set(lower) - wanted)
        if strangers:
            raise RouteError(
                f"revision {strangers[0]} is not an ancestor of {', '.join(tops) or 'base'}",
                hint="a range goes from an older to a newer revision of one branch; see 'flask db history'",
            )
        if lower:
            below = self.ancestors(lower, dependencies=True) - set(lower)
            wanted = (wanted - below) & self.descendants(lower, dependencies=False)
        return tuple(self.order_newest_first(wanted, tops))


class _Revisions(Mapping[str, Revision]):
    """Makes a :class:`Revision` when it is asked for: most commands need a handful of thousands."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._made: dict[str, Revision] = {}

    def __getitem__(self, revision: str) -> Revision:
        found = self._made.get(revision)
        if found is None:
            links = self._links
            header = links.headers[revision]
            found = describe_revision(header, links.parents[revision], links.dependencies.get(revision, ()))
            self._made[revision] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._links.headers)

    def __len__(self) -> int:
        return len(self._links.headers)

    def __contains__(self, revision: object) -> bool:
        return revision in self._links.headers


def _reach(
    starts: Iterable[str], steps: Mapping[str, Collection[str]], extra: Mapping[str, Collection[str]]
) -> set[str]:
    """Return ``starts`` and all that can be reached from them."""
    reached = set(starts)
    todo = list(reached)
    while todo:
        revision = todo.pop()
        for follower in steps.get(revision, ()):
            if follower not in reached:
                reached.add(follower)
                todo.append(follower)
        if extra:
            for follower in extra.get(revision, ()):
                if follower not in reached:
                    reached.add(follower)
                    todo.append(follower)
    return reached
