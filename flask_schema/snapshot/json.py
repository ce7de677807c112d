"""A snapshot as JSON text and back: stable, so that it can be kept under version control and compared.

What no database can be asked about (SQLAlchemy types, Python-side defaults) is left out.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from flask_schema.errors import SchemaError
from flask_schema.snapshot import elements
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.normal import sorted_snapshot
from flask_schema.snapshot.snapshot import Snapshot

FORMAT = 1
"""The version of the format, the first thing in the text."""

_LEFT_OUT = {"python", "python_default", "renamed_from", "renamed_values", "sequence", "interface"}
_KINDS: dict[str, type] = {
    "tables": elements.Table,
    "enums": elements.Enum,
    "sequences": elements.Sequence,
    "views": elements.View,
    "functions": elements.Function,
    "triggers": elements.Trigger,
}


def snapshot_to_json(snapshot: Snapshot) -> str:
    """The snapshot as indented JSON ending with a newline; equal snapshots give equal text."""
    ordered = sorted_snapshot(snapshot)
    document: dict[str, Any] = {"format": FORMAT, "dialect": snapshot.dialect}
    for kind in _KINDS:
        found = [_encoded(element) for element in getattr(ordered, kind).values()]
        if found:
            document[kind] = found
    for kind in ("schemas", "extensions"):
        if getattr(snapshot, kind):
            document[kind] = sorted(getattr(snapshot, kind))
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def snapshot_from_json(text: str) -> Snapshot:
    """The snapshot that :func:`snapshot_to_json` wrote. Raises SchemaError for any other text."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise SchemaError(
                f"the snapshot has format {document['format']!r}, and this version reads format {FORMAT}",
                hint="write it again with this version",
            )
        found = {kind: [_decoded(cls, one) for one in document.get(kind, ())] for kind, cls in _KINDS.items()}
        return Snapshot(
            dialect=document["dialect"],
            tables={one.name: one for one in found["tables"]},
            enums={one.name: one for one in found["enums"]},
            sequences={one.name: one for one in found["sequences"]},
            views={one.name: one for one in found["views"]},
            functions={(one.name, one.arguments): one for one in found["functions"]},
            triggers={(one.table, one.name): one for one in found["triggers"]},
            schemas=frozenset(document.get("schemas", ())),
            extensions=frozenset(document.get("extensions", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SchemaError(
            f"this is not a snapshot: {type(error).__name__}: {error}", hint="write it again with 'snapshot_to_json'"
        ) from error


def _encoded(value: Any) -> Any:
    if isinstance(value, QualifiedName):
        return {"name": value.name, "schema": value.schema} if value.schema else value.name
    if is_dataclass(value):
        return {
            field.name: _encoded(getattr(value, field.name))
            for field in fields(value)
            if field.name not in _LEFT_OUT and (field.default is MISSING or getattr(value, field.name) != field.default)
        }
    if isinstance(value, (tuple, list)):
        return [_encoded(one) for one in value]
    return value


def _decoded(hint: Any, value: Any) -> Any:
    """``value`` as what the annotation ``hint`` asks for. Raises TypeError, KeyError."""
    origin = get_origin(hint)
    if value is None:
        return None
    if origin in (Union, types.UnionType):
        return _decoded(next(one for one in get_args(hint) if one is not type(None)), value)
    if origin is tuple:
        inner = get_args(hint)
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_decoded(kind, one) for kind, one in zip(kinds, value, strict=True))
    if hint is QualifiedName:
        return QualifiedName(value) if isinstance(value, str) else QualifiedName(value["name"], value["schema"])
    if isinstance(hint, type) and is_dataclass(hint):
        hints = _hints(hint)
        return hint(**{name: _decoded(hints[name], one) for name, one in value.items()})
    return _frozen(value)


@cache
def _hints(cls: type) -> Mapping[str, Any]:
    return get_type_hints(cls, localns={"TypeEngine": type})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
