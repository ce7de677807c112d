"""Which views, functions, triggers and extensions take part in a comparison, and what is said of the others."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any, TypeVar

import sqlalchemy as sa

from flask_schema.dialects.dialect import Dialect
from flask_schema.history.history import History
from flask_schema.operations.operation import Operation
from flask_schema.operations.views import CreateView, DropView
from flask_schema.snapshot.declarations import declared
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

Owned = Callable[[], frozenset[tuple[str, str]]]
"""Gives kind and bare name of each thing that a revision file of the project creates."""

_Element = TypeVar("_Element")
_KINDS = {"create_view": "view", "create_function": "function", "create_trigger": "trigger"}
_KINDS |= {"create_extension": "extension"}
_SHOWN = 5


def uses_declarations(metadatas: Iterable[sa.MetaData]) -> bool:
    """Whether ``declare`` was called for one of them."""
    return any(declared(one) is not None for one in metadatas)


def without_objects(snapshot: Snapshot) -> Snapshot:
    """The snapshot without what ``declare`` is for."""
    return replace(snapshot, views={}, functions={}, triggers={}, extensions=frozenset())


def declarable(after: Snapshot, dialect: Dialect, notes: list[str]) -> Snapshot:
    """The models without what this database does not have, or cannot be compared there; each is noted."""
    has = dialect.capabilities.declares
    said: list[str] = []

    def kept(elements: Mapping[Any, _Element], kind: Callable[[_Element], str]) -> dict[Any, _Element]:
        said.extend(f"{kind(one)} {_name(one)}" for one in elements.values() if kind(one) not in has)
        return {key: one for key, one in elements.items() if kind(one) in has}

    views = kept(after.views, lambda one: "materialized view" if one.materialized else "view")
    functions = kept(after.functions, lambda _: "function")
    triggers = kept(after.triggers, lambda _: "trigger")
    extensions = after.extensions if "extension" in has else frozenset()
    said += [f"extension {one}" for one in sorted(after.extensions - extensions)]
    if said:
        notes.append(
            f"{', '.join(said)}: declared, and not compared on {dialect.name}; "
            "a dictionary of definitions by database says where an object belongs"
        )
    return replace(after, views=views, functions=functions, triggers=triggers, extensions=extensions)


def _name(element: Any) -> str:
    return f"{element.name} on {element.table}" if hasattr(element, "table") else str(element.name)


@dataclass(slots=True)
class _Sorting:
    """Parts what takes part from what is a stranger to the models and to the revision files."""

    owned: frozenset[tuple[str, str]]
    strangers: list[str] = field(default_factory=list)

    def kept(self, kind: str, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> dict[Any, Any]:
        found = {}
        for key, one in before.items():
            bare = one.name if isinstance(one.name, str) and kind == "trigger" else one.name.name
            if key in after or (kind, bare) in self.owned:
                found[key] = one
            else:
                self.strangers.append(f"{kind} {_name(one)}")
        return found


def own_objects(before: Snapshot, after: Snapshot, owned: Owned | None, notes: list[str]) -> Snapshot:
    """The database without what neither the models declare nor a revision file creates; that is noted."""
    parts = ("views", "functions", "triggers")
    unknown = any(getattr(before, part).keys() - getattr(after, part).keys() for part in parts)
    unknown = unknown or bool(before.extensions - after.extensions)
    sorting = _Sorting(owned() if owned is not None and unknown else frozenset())
    kept: dict[str, Any] = {
        part: sorting.kept(part.removesuffix("s"), getattr(before, part), getattr(after, part)) for part in parts
    }
    extensions = frozenset(
        one for one in before.extensions if one in after.extensions or ("extension", one) in sorting.owned
    )
    if sorting.strangers:
        shown = sorted(sorting.strangers)
        more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
        notes.append(
            f"{', '.join(shown[:_SHOWN])}{more}: in the database, but neither declared nor made by a revision file; "
            "left alone"
        )
    return replace(before, **kept, extensions=extensions)


def made_anew(operations: Iterable[Operation]) -> Iterator[str]:
    """A sentence on the views that are dropped and created: what was granted on them goes."""
    listed = list(operations)
    created = {one.view.name for one in listed if isinstance(one, CreateView)}
    views = [str(one.name) for one in listed if isinstance(one, DropView) and one.name in created]
    if views:
        yield f"view {', '.join(views)}: dropped and created anew; what was granted on it has to be granted again"


def created_by_files(history: History) -> frozenset[tuple[str, str]]:
    """Kind and bare name of each view, function, trigger and extension that a revision file creates by ``op``."""
    found: set[tuple[str, str]] = set()
    for revision in history.graph.revisions.values():
        path = revision.path
        text = path.read_text(encoding="utf-8", errors="replace") if path is not None and path.suffix == ".py" else ""
        if any(one in text for one in _KINDS):
            found |= set(_created(text))
    return frozenset(found)


def _created(text: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _KINDS:
            given = [*node.args[:1], *(one.value for one in node.keywords if one.arg and one.arg.endswith("_name"))]
            if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str):
                yield _KINDS[node.func.attr], given[0].value
