"""Views, functions and triggers in one form, and the words of their definitions that name what they are made on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from flask_schema.dialects.postgresql.data_types import canonical_type, quoted
from flask_schema.dialects.postgresql.expressions import Token, tokens
from flask_schema.snapshot.elements import Function, Options, QualifiedName, Trigger, View
from flask_schema.snapshot.snapshot import Snapshot

_NAME = r'(?:"(?:[^"]|"")*"|[\w$]+)'
_FUNCTION = re.compile(
    rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(FUNCTION|PROCEDURE)\s+{_NAME}(?:\s*\.\s*{_NAME})?\s*(?=\()", re.IGNORECASE
)
_TYPE_MODIFIERS = re.compile(r"\s*\([^()]*\)")
_OR_REPLACE = re.compile(r"\A\s*CREATE\s+OR\s+REPLACE\b", re.IGNORECASE)


def canonical_programs(
    snapshot: Snapshot, name: Callable[[QualifiedName], QualifiedName], options: Callable[[Options], Options]
) -> Snapshot:
    """The snapshot with its views, functions and triggers named and spelled in the one way."""
    views = [replace(one, name=name(one.name), options=options(one.options)) for one in snapshot.views.values()]
    functions = [
        replace(one, name=name(one.name), arguments=canonical_arguments(one.arguments))
        for one in snapshot.functions.values()
    ]
    triggers = [replace(one, table=name(one.table)) for one in snapshot.triggers.values()]
    return replace(
        snapshot,
        views={one.name: one for one in views},
        functions={(one.name, one.arguments): one for one in functions},
        triggers={(one.table, one.name): one for one in triggers},
    )


def canonical_arguments(arguments: str) -> str:
    """Argument types without lengths, which take no part in telling overloads apart: ``integer, varchar``."""
    bare = _TYPE_MODIFIERS.sub("", arguments)
    spelled = ((one.strip(), canonical_type(one.strip())) for one in bare.split(",") if one.strip())
    return ", ".join(text if text == canonical else canonical.lower() for text, canonical in spelled)


def function_on(function: Function, place: str) -> str | None:
    """The CREATE FUNCTION with ``place`` (as SQL) for its name and without OR REPLACE; None where it is none."""
    found = _FUNCTION.match(function.definition)
    return f"CREATE {found[1]} {place} {function.definition[found.end() :]}" if found is not None else None


def trigger_on(trigger: Trigger, table: str) -> str:
    """The CREATE TRIGGER with ``table`` (as SQL) for the name of its table."""
    parts = tokens(_OR_REPLACE.sub("CREATE", trigger.definition))
    place = next((at for at, (kind, text) in enumerate(parts) if kind == "word" and text.upper() == "ON"), None)
    if place is None:
        return trigger.definition
    end = start = _next(parts, place + 1)
    while (dot := _next(parts, end + 1)) < len(parts) and parts[dot].text == ".":
        end = _next(parts, dot + 1)
    return "".join(one.text for one in parts[:start]) + table + "".join(one.text for one in parts[end + 1 :])


def function_body(definition: str) -> str:
    """A CREATE FUNCTION from its parameters on: what two functions of different names can have in common."""
    found = _FUNCTION.match(definition)
    return definition[found.end() :].strip() if found is not None else definition


def view_sql(view: View, place: str) -> str:
    """The CREATE VIEW at ``place`` (as SQL), of a materialized one too."""
    columns = dict(view.options).get("columns", ())
    listed = f" ({', '.join(map(quoted, columns))})" if columns else ""
    return f"CREATE VIEW {place}{listed} AS {view.definition}"


def _next(parts: Sequence[Token], place: int) -> int:
    """The first place from ``place`` on that holds no white space."""
    while place < len(parts) and parts[place].kind == "space":
        place += 1
    return place
