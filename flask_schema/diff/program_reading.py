"""What a view, a function or a trigger reads, as far as its text tells; and their order by that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from flask_schema.snapshot.elements import Function, QualifiedName, Table, Trigger, View
from flask_schema.snapshot.identifiers import names_in
from flask_schema.snapshot.normal import name_order
from flask_schema.snapshot.snapshot import Snapshot

Kind = Literal["view", "function", "trigger"]
Key = tuple[Kind, QualifiedName, str]
"""Kind, name (of a trigger the table's) and, for a function its argument types, for a trigger its name."""
Program = View | Function | Trigger

_STAR = re.compile(r"(?:\b(?:SELECT|DISTINCT|ALL)\b|,|\.)\s*\*", re.IGNORECASE)
_BODY = re.compile(r"\bAS\b|\bBEGIN\b(?!\s+ATOMIC\b)|\$", re.IGNORECASE)


def programs_of(snapshot: Snapshot) -> dict[Key, Program]:
    """All views, functions and triggers, by kind and name."""
    found: dict[Key, Program] = {("view", name, ""): view for name, view in snapshot.views.items()}
    found.update((("function", name, arguments), one) for (name, arguments), one in snapshot.functions.items())
    found.update((("trigger", table, name), one) for (table, name), one in snapshot.triggers.items())
    return found


def key_order(key: Key) -> tuple[tuple[str, str], str, str]:
    """A sort key for keys."""
    return (name_order(key[1]), key[2], key[0])


def words(program: Program) -> frozenset[str]:
    """All names in its text, in lower case; of a function those in its body too."""
    return names_in(program.definition, inside_texts=not isinstance(program, View))


def bound_words(program: Program) -> frozenset[str]:
    """The names by which a database holds it to what it reads: of most functions those before the body only."""
    if isinstance(program, Function) and "ATOMIC" not in program.definition.upper():
        return names_in(_BODY.split(program.definition, maxsplit=1)[0])
    return words(program)


def selects_star(program: Program) -> bool:
    """Whether it is a view of all columns, whichever there are when it is created."""
    return isinstance(program, View) and _STAR.search(program.definition) is not None


def expression_words(tables: Iterable[Table]) -> frozenset[str]:
    """The names in all defaults, checks, computed columns and index expressions."""
    texts: list[str] = []
    for table in tables:
        for column in table.columns:
            texts += [column.default] if column.default is not None else []
            texts += [column.computed.expression] if column.computed is not None else []
        texts += [one.expression for one in table.checks]
        texts += [expression for one in table.excludes for expression, _ in one.elements]
        texts += [element.expression for one in table.indexes for element in one.elements if not element.is_column]
        texts += [one.where for one in table.indexes if one.where is not None]
    return frozenset[str]().union(*map(names_in, texts))


def in_reading_order(programs: Mapping[Key, Program]) -> list[Key]:
    """Each after those that it reads, triggers last; ties and circles by name.

    A circle that goes through the body of a function is broken there: databases look into bodies when they run.
    """
    order: list[Key] = []
    entered: set[Key] = set()
    by_name: dict[str, list[Key]] = {}
    for key in sorted(programs, key=key_order):
        if key[0] != "trigger":
            by_name.setdefault(key[1].name.lower(), []).append(key)
    read = {key: _named(words(one), by_name) for key, one in programs.items()}
    bound = {key: set(_named(bound_words(one), by_name)) for key, one in programs.items()}

    def enter(key: Key) -> None:
        entered.add(key)
        for other in read[key]:
            if other not in entered and (other in bound[key] or not _leads(other, key, read)):
                enter(other)
        order.append(key)

    for trigger in (False, True):
        for key in sorted(programs, key=key_order):
            if (key[0] == "trigger") is trigger and key not in entered:
                enter(key)
    return order


def _named(texts: frozenset[str], by_name: Mapping[str, Sequence[Key]]) -> list[Key]:
    return [key for name in sorted(texts & by_name.keys()) for key in by_name[name]]


def _leads(start: Key, end: Key, read: Mapping[Key, Sequence[Key]]) -> bool:
    """Whether what ``start`` reads, directly or not, is ``end``."""
    seen, waiting = {start}, [start]
    while waiting:
        for other in read[waiting.pop()]:
            if other == end:
                return True
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return False


def reached(start: set[Key], programs: Mapping[Key, Program], *, through_views: bool) -> set[Key]:
    """``start`` and all that hangs on it; with ``through_views`` what reads a view or calls a function too."""
    found = set(start)
    waiting: Sequence[Key] = sorted(start, key=key_order)
    while waiting:
        gone = {key[1].name.lower() for key in waiting if key[0] != "trigger"}
        owners = {key[1] for key in waiting if key[0] == "view"}
        waiting = [
            key
            for key in sorted(programs.keys() - found, key=key_order)
            if (key[0] == "trigger" and key[1] in owners)
            or (through_views and not gone.isdisjoint(bound_words(programs[key])))
        ]
        found.update(waiting)
    return found
