"""Linking headers into a graph: ids resolved, and duplicates, missing parents and cycles refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from flask_schema.errors import CycleError, DuplicateRevision, HistoryError, ParentMissing
from flask_schema.history.revision import Header
from flask_schema.values import dataclass

_PARTIAL_ID_MIN_LENGTH = 4


@dataclass()
class Links:
    """Who follows whom. ``children``, ``dependencies`` and ``dependents`` hold only revisions that have any."""

    headers: dict[str, Header]
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    dependencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    dependents: dict[str, list[str]] = field(default_factory=dict)
    labelled: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    """Ids that mean another revision: the last of a squashed range means the revision that replaces the range."""
    inside: dict[str, str] = field(default_factory=dict)
    """Ids in the middle of a squashed range, with the revision that replaces the range."""
    aside: dict[str, Header] = field(default_factory=dict)
    """Revisions that have files and are no part of the graph."""

    @cached_property
    def position(self) -> dict[str, int]:
        """The place of every revision in the order of the files."""
        return {revision: place for place, revision in enumerate(self.headers)}

    @cached_property
    def steps_down(self) -> Mapping[str, tuple[str, ...]]:
        """Parents, then those dependencies that no ancestor by parents has already."""
        if not self.dependencies:
            return self.parents
        steps = dict(self.parents)
        for revision, needed in self.dependencies.items():
            new = [other for other in needed if not self._is_inherited(revision, other)]
            steps[revision] = tuple(dict.fromkeys((*self.parents[revision], *new)))
        return steps

    def _is_inherited(self, revision: str, needed: str) -> bool:
        others = set(self.dependents[needed]) - {revision}
        if not others:
            return False
        seen: set[str] = set()
        todo = list(self.parents[revision])
        while todo:
            ancestor = todo.pop()
            if ancestor in others:
                return True
            if ancestor not in seen:
                seen.add(ancestor)
                todo += self.parents[ancestor]
        return False

    def steps_up(self, revision: str) -> Sequence[str]:
        """Return the children and dependents of ``revision``."""
        children = self.children.get(revision, ())
        dependents = self.dependents.get(revision)
        return (*children, *dependents) if dependents else children


def link(headers: Iterable[Header], expanded: Collection[str] = ()) -> Links:
    """Return the links between ``headers``; see :class:`Graph` for the errors.

    A revision that replaces others takes their place, and they are set aside; for those in ``expanded`` it is the other
    way round.
    """
    by_id: dict[str, Header] = {}
    squashes: list[Header] = []
    for header in headers:
        other = by_id.setdefault(header[0], header)
        if other is not header:
            raise _duplicate_revision(other, header)
        if header[4]:
            squashes.append(header)
    links = Links(by_id)
    if squashes:
        set_squashed_aside(links, squashes, expanded)
    _collect_labels(links)
    _link_parents(links)
    _link_dependencies(links)
    _refuse_cycles(links)
    return links


def _duplicate_revision(first: Header, second: Header) -> DuplicateRevision:
    return DuplicateRevision(
        f"two files have the revision id {first.revision}: {first.path} and {second.path}",
        hint="delete one of the files, or give one a new id and name that id in the files that follow it",
        file=second.path,
        revision=first.revision,
    )


def set_squashed_aside(links: Links, squashes: Iterable[Header], expanded: Collection[str]) -> None:
    """Take out of ``links.headers`` the revisions that another one replaces, or that one if it is expanded."""
    for header in squashes:
        if header.revision in expanded:
            links.aliases[header.revision] = header.replaces[-1]
            links.aside[header.revision] = links.headers.pop(header.revision)
            continue
        for name in header.replaces:
            other = links.inside.setdefault(name, header.revision)
            if other != header.revision:
                raise DuplicateRevision(
                    f"revision {name} is replaced by {other} and by {header.revision}",
                    hint="let the later squash replace the earlier one instead of its parts",
                    file=header.path,
                    revision=header.revision,
                )
        last = header.replaces[-1]
        links.aliases[last] = links.inside.pop(last)
    for name in (*links.inside, *links.aliases):
        if name in links.headers:
            links.aside[name] = links.headers.pop(name)
    for name in links.aliases:
        meant = links.aliases[name]
        while meant in links.aliases:
            meant = links.aliases[meant]
        links.aliases[name] = meant


def _collect_labels(links: Links) -> None:
    for revision, header in links.headers.items():
        for label in header[3]:
            other = links.labelled.get(label) or (label if label in links.headers else None)
            if other is not None:
                raise DuplicateRevision(
                    f"the branch label {label!r} of revision {revision} is already used by revision {other}",
                    hint="write a label in one revision of its branch only (it applies to all of it), or rename one",
                    file=header.path,
                    revision=revision,
                )
            links.labelled[label] = revision


def _link_parents(links: Links) -> None:
    headers, parents, children = links.headers, links.parents, links.children
    for revision, header in headers.items():
        written = header[1]
        for parent in written:
            if parent not in headers:
                written = tuple(dict.fromkeys(_resolve(links, header, name, "parent") for name in written))
                break
        parents[revision] = written
        for parent in written:
            if parent in children:
                children[parent].append(revision)
            else:
                children[parent] = [revision]


def _link_dependencies(links: Links) -> None:
    for revision, header in links.headers.items():
        if header[2]:
            needed = tuple(dict.fromkeys(_resolve(links, header, name, "dependency") for name in header[2]))
            links.dependencies[revision] = needed
            for other in needed:
                links.dependents.setdefault(other, []).append(revision)


def _resolve(links: Links, header: Header, name: str, role: str) -> str:
    """Return the id that ``name`` in a file means: an id, the unique beginning of one, or a label of a dependency."""
    meant = links.aliases.get(name, name)
    if meant in links.headers:
        return meant
    if name in links.inside and role == "dependency":
        return links.inside[name]
    if name in links.inside:
        raise HistoryError(
            f"revision {header.revision} follows {name}, which is in the middle of what {links.inside[name]} replaces",
            hint=f"let it follow {links.inside[name]}, or squash a range that ends at {name}",
            file=header.path,
            revision=header.revision,
        )
    if role == "dependency" and name in links.labelled:
        return links.labelled[name]
    fitting = [other for other in links.headers if other.startswith(name) and len(name) >= _PARTIAL_ID_MIN_LENGTH]
    if len(fitting) == 1:
        return fitting[0]
    from difflib import get_close_matches

    close = fitting or get_close_matches(name, links.headers, n=3, cutoff=0.7)
    guess = f"; did you mean {' or '.join(close)}?" if close else ""
    raise ParentMissing(
        f"revision {header.revision} names {name} as its {role}, but no file has that id",
        hint=f"bring the file of {name} back (git log --all --oneline -- '*{name}*'), or correct the id{guess}",
        file=header.path,
        revision=header.revision,
    )


def _refuse_cycles(links: Links) -> None:
    """Take away revisions whose parents are gone until none is left; what is left holds a cycle."""
    children, dependents = links.children, links.dependents
    waiting = {revision: len(parents) for revision, parents in links.parents.items() if parents}
    for revision, needed in links.dependencies.items():
        waiting[revision] = waiting.get(revision, 0) + len(needed)
    free = [revision for revision in links.headers if revision not in waiting]
    for revision in free:
        for follower in children.get(revision, ()):
            count = waiting[follower] - 1
            if count:
                waiting[follower] = count
            else:
                del waiting[follower]
                free.append(follower)
        for follower in dependents.get(revision, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                del waiting[follower]
                free.append(follower)
    if waiting:
        raise _cycle_error(links, waiting)


def _cycle_error(links: Links, waiting: Mapping[str, int]) -> CycleError:
    revision = min(waiting, key=links.position.__getitem__)
    path: dict[str, None] = {}
    while revision not in path:
        path[revision] = None
        below = (*links.parents[revision], *links.dependencies.get(revision, ()))
        revision = next(other for other in below if other in waiting)
    cycle = list(path)
    cycle = [*cycle[cycle.index(revision) :], revision]
    error = CycleError(
        f"revisions follow from one another in a circle: {' -> '.join(cycle)}",
        hint="correct down_revision or depends_on in one of these files",
        file=links.headers[cycle[0]].path,
        revision=cycle[0],
    )
    error.revisions = tuple(cycle[:-1])
    return error
