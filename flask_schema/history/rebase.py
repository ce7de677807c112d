"""Planning a rebase: the local revisions that are not applied yet move onto the other head, as if written after it."""

from __future__ import annotations

from collections.abc import Collection

from flask_schema.errors import MultipleHeads, RouteError
from flask_schema.history import symbols
from flask_schema.history.graph import Graph
from flask_schema.history.revision import Revision
from flask_schema.history.rows import check_rows
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class Move:
    """A revision that gets other parents; only this file is edited."""

    revision: Revision
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RebasePlan:
    """``local`` is the chain that moves, oldest first; ``onto`` the head it lands on; ``moves`` the files to edit."""

    local: tuple[Revision, ...]
    onto: str
    moves: tuple[Move, ...]


def plan_rebase(
    graph: Graph, *, branch: str | None = None, onto: str | None = None, current: Collection[str] | None = None
) -> RebasePlan:
    """Return how the chain that ends at ``branch`` moves onto ``onto``; both are symbols for heads.

    Either may be left out where there are two heads and only one of them can be meant: the local head is the one
    that is not applied in the database (``current``; None when none was asked).
    Raises :class:`MultipleHeads` when it is not clear which head moves, and :class:`RouteError` when a revision of the
    chain is applied, is a merge, or the chain already contains ``onto``.
    """
    applied = graph.ancestors(check_rows(graph, current or ()), dependencies=True)
    local_head, target = _choose_heads(graph, branch, onto, applied if current is not None else None)
    shared = graph.ancestors([target], dependencies=True)
    chain = graph.ancestors([local_head], dependencies=False) - shared
    order = [revision for revision in graph.topological() if revision in chain]
    if not order or target in graph.ancestors([local_head], dependencies=True):
        newer, older = (local_head, target) if order else (target, local_head)
        raise RouteError(
            f"nothing to rebase: {newer} already contains {older}", hint="run 'flask db heads' to see the heads"
        )
    _refuse_chain(graph, order, applied)
    first = order[0]
    return RebasePlan(
        tuple(graph.revisions[revision] for revision in order),
        target,
        (Move(graph.revisions[first], graph.parents(first), (target,)),),
    )


def _choose_heads(
    graph: Graph, branch: str | None, onto: str | None, applied: Collection[str] | None
) -> tuple[str, str]:
    """Return (head that moves, revision it lands on)."""
    local = _one(graph, branch) if branch else None
    target = _one(graph, onto) if onto else None
    others = [head for head in graph.heads if head not in {local, target}]
    if local is None and target is None and applied is not None and len(others) == 2:
        pending = [head for head in others if head not in applied]
        if len(pending) == 1:
            local = pending[0]
            others.remove(local)
    if local is None and target is not None and len(others) == 1:
        local = others[0]
    elif target is None and local is not None and len(others) == 1:
        target = others[0]
    if len(graph.heads) < 2 and (local is None or target is None):
        raise RouteError("nothing to rebase: there are not two heads", hint="run 'flask db heads' to see the heads")
    if local is None or target is None:
        raise MultipleHeads(
            f"it is not clear which head moves onto which: {', '.join(graph.heads)}",
            hint="name both: flask db rebase <local head> --onto <other head>",
        )
    return local, target


def _one(graph: Graph, symbol: str) -> str:
    found = symbols.resolve_one(graph, symbol)
    if found is None:
        raise RouteError(f"{symbol!r} is the base, and a rebase needs a revision", hint="name a head")
    return found


def _refuse_chain(graph: Graph, order: list[str], applied: Collection[str]) -> None:
    done = [revision for revision in order if revision in applied]
    if done:
        raise RouteError(
            f"revision {done[-1]} is applied in this database, so it cannot move",
            hint="downgrade it first, or run 'flask db merge heads' instead",
            revision=done[-1],
        )
    for place, newer in enumerate(order):
        parents = graph.parents(newer)
        if len(parents) > 1 or (place and parents != (order[place - 1],)):
            raise RouteError(
                f"the local revisions are not one line: revision {newer} follows {', '.join(parents) or 'the base'}",
                hint="run 'flask db merge heads' instead",
                revision=newer,
            )
