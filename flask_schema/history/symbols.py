"""The language in which commands name revisions: ``head``, ``ae10``, ``-1``, ``label@head``, ``rev+2``, ``a:b``.

A symbol is ``[branch@][name][+n or -n]``. The name is an id, the unique beginning of an id, a branch label, ``head``,
``heads``, ``base`` or ``current``; without a name, steps are counted from where the database stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from flask_schema.errors import MultipleHeads, RevisionAmbiguous, RevisionNotFound, RouteError, UsageError
from flask_schema.history.graph import Graph
from flask_schema.history.rows import check_rows, expand_for_rows
from flask_schema.values import dataclass

_SYMBOL = re.compile(r"(?:(?P<branch>.+?)@)?(?P<name>[^@+\-:]*?)(?P<steps>[+-]\d+)?", re.DOTALL)
_PARTIAL_ID_MIN_LENGTH = 4
_LISTED_CHOICES = 5


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol taken apart: ``branch`` before the @, ``name`` ("" if it has none), ``steps`` (0 if it has none)."""

    text: str
    branch: str | None
    name: str
    steps: int


def parse_symbol(graph: Graph, text: str) -> Symbol:
    """Return the parts of ``text``. Raises :class:`UsageError` when it is none of the language's forms."""
    stripped = text.strip()
    if stripped in graph or stripped in graph.labelled:
        return Symbol(stripped, None, stripped, 0)
    if "@" in stripped:
        branch, _, rest = stripped.partition("@")
        if branch and (rest in graph or rest in graph.labelled):
            return Symbol(stripped, branch, rest, 0)
    found = _SYMBOL.fullmatch(stripped)
    if found is None or not stripped or (not found["name"] and int(found["steps"] or 0) == 0):
        raise UsageError(
            f"{text!r} is not a revision",
            hint="write an id or its beginning, head, heads, base, +1, -1, id+1, label@head or label@base",
        )
    return Symbol(stripped, found["branch"], found["name"], int(found["steps"] or 0))


def resolve(
    graph: Graph, symbol: str, current: Collection[str] | None = None, *, stop_at_end: bool = False
) -> tuple[str, ...]:
    """Return the ids that ``symbol`` means; empty for ``base``, several only for ``heads`` and ``current``.

    ``current`` are the revisions at which the database stands; None when no database was asked, then ``-n`` counts
    from the heads and ``current`` is refused. Steps that go too far are an error unless ``stop_at_end``.
    Raises :class:`RevisionNotFound`, :class:`RevisionAmbiguous`, :class:`MultipleHeads`, :class:`RouteError`,
    :class:`DatabaseAhead` and :class:`UsageError`.
    """
    graph = expand_for_rows(graph, current or ())
    parsed = parse_symbol(graph, symbol)
    if not parsed.steps:
        return resolve_name(graph, parsed, current)
    starts: Sequence[str | None]
    if parsed.name:
        starts = [_only_start(parsed, resolve_name(graph, parsed, current))]
    elif parsed.steps > 0:
        starts = [step_up_start(graph, parsed, current or ())]
    elif current is not None:
        starts = [step_down_start(graph, parsed, current)]
    else:
        starts = _heads(graph, parsed)
    ends = (walk(graph, start, parsed, stop_at_end=stop_at_end) for start in starts)
    return tuple(dict.fromkeys(end for end in ends if end is not None))


def resolve_one(graph: Graph, symbol: str, current: Collection[str] | None = None) -> str | None:
    """As :func:`resolve`, for where one revision is needed; None for ``base``."""
    found = resolve(graph, symbol, current)
    if len(found) > 1:
        raise MultipleHeads(f"{symbol!r} means several revisions, and one is needed: {_described(graph, found)}")
    return found[0] if found else None


def resolve_range(
    graph: Graph, text: str, current: Collection[str] | None = None
) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """Return (lower, upper) of a history range ``a:b``, as :meth:`Graph.ordered_history` takes them.

    An end that is left out is the base or the heads. ``-n`` as the lower end counts down from the upper end, ``+n`` as
    the upper end counts up from the lower; both stop where the history ends. Raises what :func:`resolve` does.
    """
    lower_text, upper_text = split_range(text)
    if _is_steps(upper_text, "+"):
        lower = _resolve_end(graph, lower_text, current) if lower_text else ()
        return lower, _resolve_end(graph, upper_text, lower)
    upper = _resolve_end(graph, upper_text, current) if upper_text else None
    if not lower_text:
        return (), upper
    branch, _, name = lower_text.rpartition("@")
    if branch and name == "base":  # from the beginning of one branch: the others are not meant
        lineage = _lineage(graph, branch)
        return (), tuple(top for top in (graph.effective_heads if upper is None else upper) if top in lineage)
    if _is_steps(lower_text, "-"):
        parsed = parse_symbol(graph, lower_text)
        tops = graph.effective_heads if upper is None else upper
        ends = (walk(graph, top, parsed, stop_at_end=True) for top in tops)
        return tuple(dict.fromkeys(end for end in ends if end is not None)), upper
    return _resolve_end(graph, lower_text, current), upper


def _is_steps(text: str, sign: str) -> bool:
    return text[:1] == sign and text[1:].isdecimal()


def _resolve_end(graph: Graph, text: str, current: Collection[str] | None) -> tuple[str, ...]:
    return resolve(graph, text, current, stop_at_end=True)


def split_range(text: str) -> tuple[str, str]:
    """Return both ends of ``a:b`` as text. Raises :class:`UsageError` unless there is exactly one colon."""
    ends = [end.strip() for end in text.split(":")]
    if len(ends) != 2:
        raise UsageError(f"{text!r} is not a range", hint="write it as older:newer, older: or :newer")
    return ends[0], ends[1]


# -- names ------------------------------------------------------------------------------------


def resolve_name(graph: Graph, symbol: Symbol, current: Collection[str] | None) -> tuple[str, ...]:
    """Return the ids that the symbol means without its steps."""
    if symbol.name == "heads":
        return _heads(graph, symbol)
    if symbol.name == "head":
        heads = _heads(graph, symbol) if symbol.branch else graph.heads
        if len(heads) > 1:
            raise MultipleHeads(f"{symbol.text!r} means one head, and there are several: {_described(graph, heads)}")
        return heads
    if symbol.name == "base":
        if symbol.branch:
            find_branch(graph, symbol.branch)
        return ()
    if symbol.name == "current" and "current" not in graph:
        if current is None:
            raise UsageError(
                "'current' needs a database to ask, and this command does not open one",
                hint="run 'flask db current', and name the revision",
            )
        rows = check_rows(graph, current)
        return tuple(row for row in rows if not symbol.branch or row in _lineage(graph, symbol.branch))
    return (find_revision(graph, symbol.name, symbol.branch),)


def find_revision(graph: Graph, name: str, branch: str | None = None) -> str:
    """Return the id that ``name`` (an id, its unique beginning, or a label) means, within ``branch`` if given."""
    lineage = _lineage(graph, branch) if branch else None
    name = graph.canonical(name)
    squash = graph.replaced_by(name)
    if squash is not None:
        raise RevisionNotFound(
            f"revision {name} is one of those that {squash} replaces", hint=f"name {squash}, or a revision before it"
        )
    if name in graph:
        found = [name]
    elif name in graph.labelled:
        found = [graph.labelled[name]]
    else:
        fitting = [other for other in graph if len(other) >= _PARTIAL_ID_MIN_LENGTH and other.startswith(name)]
        labelled = [revision for label, revision in graph.labelled.items() if label.startswith(name) and len(label) > 3]
        found = [other for other in dict.fromkeys((*fitting, *labelled)) if lineage is None or other in lineage]
    if not found:
        raise _not_found(graph, name, branch)
    if len(found) > 1:
        raise RevisionAmbiguous(
            f"{name!r} is the beginning of several revisions: {_listed(found)}", hint="write more of the id"
        )
    if lineage is not None and found[0] not in lineage:
        raise RevisionNotFound(
            f"revision {found[0]} is not in the branch {branch!r}",
            hint=f"leave out '{branch}@', or run 'flask db history -v' to see which branch it is in",
        )
    return found[0]


def find_branch(graph: Graph, branch: str) -> str:
    """Return the revision that a branch is named by: the one that carries the label, or the one with this id."""
    try:
        return find_revision(graph, branch)
    except RevisionNotFound as error:
        names = ", ".join(sorted(graph.labelled)) or "none"
        raise RevisionNotFound(
            f"there is no branch {branch!r}", hint=f"branch labels of this history: {names}"
        ) from error


def _heads(graph: Graph, symbol: Symbol) -> tuple[str, ...]:
    if not symbol.branch:
        return graph.effective_heads
    lineage = _lineage(graph, symbol.branch)
    return tuple(head for head in graph.heads if head in lineage)


def _lineage(graph: Graph, branch: str) -> set[str]:
    return graph.lineage(find_branch(graph, branch))


# -- steps ------------------------------------------------------------------------------------


def walk(graph: Graph, start: str | None, symbol: Symbol, *, stop_at_end: bool = False) -> str | None:
    """Return the revision that is the symbol's steps away from ``start``; None stands for the base.

    Raises :class:`RevisionAmbiguous` where the way forks, and :class:`RouteError` where it ends too early, unless
    ``stop_at_end``: then the last revision on the way is the answer.
    """
    place = start
    lineage = _lineage(graph, symbol.branch) if symbol.branch else None
    for taken in range(abs(symbol.steps)):
        ways = _ways_up(graph, place, lineage) if symbol.steps > 0 else _ways_down(graph, place, lineage)
        if not ways and stop_at_end:
            return place
        if not ways and symbol.steps < 0 and place is not None:
            place = None
            continue
        if not ways:
            raise RouteError(
                f"{symbol.text!r} goes {_counted(abs(symbol.steps))}, but only {_counted(taken)} can be taken",
                hint=f"write {'head' if symbol.steps > 0 else 'base'} to go all the way",
            )
        if len(ways) > 1:
            raise _fork(symbol, place, ways)
        place = ways[0]
    return place


def _ways_up(graph: Graph, place: str | None, lineage: Collection[str] | None) -> tuple[str, ...]:
    ways = graph.bases if place is None else graph.children(place)
    return ways if lineage is None else tuple(way for way in ways if way in lineage)


def _ways_down(graph: Graph, place: str | None, lineage: Collection[str] | None) -> tuple[str, ...]:
    ways = () if place is None else graph.parents(place)
    if lineage is None or len(ways) < 2:
        return ways
    return tuple(way for way in ways if way in lineage) or ways


def _fork(symbol: Symbol, place: str | None, ways: Sequence[str]) -> RevisionAmbiguous:
    return RevisionAmbiguous(
        f"{symbol.text!r} is ambiguous: from {place or 'the base'} there are several ways: {_listed(ways)}",
        hint=f"name the revision, or its branch: {ways[0]}@{symbol.steps:+d}"
        if symbol.steps > 0
        else "name the revision",
    )


def _only_start(symbol: Symbol, starts: Sequence[str]) -> str | None:
    if len(starts) > 1:
        raise RevisionAmbiguous(
            f"{symbol.text!r} counts from several revisions: {_listed(starts)}", hint="name the one to count from"
        )
    return starts[0] if starts else None


def step_up_start(graph: Graph, symbol: Symbol, current: Collection[str]) -> str | None:
    """Return the revision from which ``+n`` or ``branch@+n`` counts; None for the base."""
    rows = check_rows(graph, current)
    if symbol.branch:
        lineage = _lineage(graph, symbol.branch)
        on_branch = tuple(row for row in rows if row in lineage)
        # No row is on the branch: count from the applied revisions that are, or from the base.
        rows = on_branch or graph.heads_of(graph.ancestors(rows, dependencies=True) & lineage)
    return _only_row(symbol, rows)


def step_down_start(graph: Graph, symbol: Symbol, current: Collection[str]) -> str | None:
    """Return the revision from which ``-n`` or ``branch@-n`` counts; None for the base."""
    rows = check_rows(graph, current)
    if symbol.branch:
        lineage = _lineage(graph, symbol.branch)
        on_branch = tuple(row for row in rows if row in lineage)
        if not on_branch:
            applied = graph.ancestors(rows, dependencies=True)
            on_branch = tuple(row for row in graph.heads_of(applied, dependencies=False) if row in lineage)
        rows = on_branch
    return _only_row(symbol, rows)


def _only_row(symbol: Symbol, rows: Sequence[str]) -> str | None:
    if len(rows) > 1:
        raise RevisionAmbiguous(
            f"{symbol.text!r} is ambiguous: the database stands at several revisions: {_listed(rows)}",
            hint=f"name the branch: {rows[0]}@{symbol.steps:+d}, or name the target revision",
        )
    return rows[0] if rows else None


def _counted(steps: int) -> str:
    return "1 step" if steps == 1 else f"{steps} steps"


def _listed(revisions: Collection[str]) -> str:
    shown = list(revisions)[:_LISTED_CHOICES]
    more = len(revisions) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _described(graph: Graph, revisions: Collection[str]) -> str:
    """Return the ids with their messages, so that people see whose they are."""
    known = [(revision, graph.revisions[revision].message if revision in graph else "") for revision in revisions]
    return ", ".join(f"{revision} ({message})" if message else revision for revision, message in known)


def _not_found(graph: Graph, name: str, branch: str | None = None) -> RevisionNotFound:
    names = [*graph, *graph.labelled, "head", "heads", "base", "current"]
    from difflib import get_close_matches

    close = get_close_matches(name, names, n=3, cutoff=0.6)
    hint = f"did you mean {' or '.join(close)}? 'flask db history' lists them all" if close else None
    where = f" in the branch {branch!r}" if branch else ""
    return RevisionNotFound(f"there is no revision {name!r}{where}", hint=hint)
