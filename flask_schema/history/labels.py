"""Branch labels: written in one revision, they name its whole branch."""

from __future__ import annotations

from flask_schema.history.links import Links


def spread_labels(links: Links) -> dict[str, frozenset[str]]:
    """Return the revisions of every label's branch.

    A label applies to the revision that carries it, to all that descend from it, and, where its branch goes on in one
    line (no branch or merge above or at it), to the ancestors above the nearest branch or merge point.
    """
    return {label: frozenset(_branch_of(links, revision)) for label, revision in links.labelled.items()}


def _branch_of(links: Links, revision: str) -> set[str]:
    branch = {revision}
    todo = [revision]
    is_line = True
    while todo:
        member = todo.pop()
        is_line = is_line and not _is_junction(links, member)
        for child in links.children.get(member, ()):
            if child not in branch:
                branch.add(child)
                todo.append(child)
    below = links.parents[revision]
    while is_line and below and not _is_junction(links, below[0]):
        branch.add(below[0])
        below = links.parents[below[0]]
    return branch


def _is_junction(links: Links, revision: str) -> bool:
    """Whether ``revision`` is a merge point, or more than one revision follows it as a child or by dependency."""
    followers = {*links.children.get(revision, ()), *links.dependents.get(revision, ())}
    return len(links.parents[revision]) > 1 or len(followers) > 1
