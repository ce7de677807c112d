"""Tables in schemas that the models have left: known from the revision files that created them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from flask_schema.dialects.dialect import Scope
from flask_schema.history.history import History
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.snapshot.snapshot import Snapshot

OwnTables = Callable[[frozenset[str]], frozenset[QualifiedName]]
"""Gives the tables that revision files create in schemas other than the given ones."""

_SCHEMA = re.compile(r"""\bschema\s*=\s*["']([^"'\n]+)["']""")


def tables_of_files(history: History, known: frozenset[str]) -> frozenset[QualifiedName]:
    """The tables that revision files create by ``op.create_table`` in schemas that are not among ``known``."""
    found: set[QualifiedName] = set()
    for revision in history.graph.revisions.values():
        path = revision.path
        text = path.read_text(encoding="utf-8", errors="replace") if path is not None and path.suffix == ".py" else ""
        if not known.issuperset(_SCHEMA.findall(text)) and "create_table" in text:
            found |= {one for one in _created(text) if one.schema not in known}
    return frozenset(found)


def _created(text: str) -> Iterator[QualifiedName]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "create_table":
            schemas = [one.value for one in node.keywords if one.arg == "schema"]
            given = [*node.args[:1], *schemas]
            values = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if schemas and len(values) == len(given) == 2:
                yield QualifiedName(values[0], values[1])


def with_own(scope: Scope, own: Iterable[QualifiedName]) -> Scope:
    """The scope with the schemas of ``own`` looked at too, for nothing but these tables."""
    names = frozenset(own)
    wanted, schemas = scope.include_table, {one.schema for one in names}

    def include(schema: str | None, name: str) -> bool:
        if schema in schemas and QualifiedName(name, schema) not in names:
            return False
        return wanted is None or wanted(schema, name)

    return replace(scope, schemas=(*scope.schemas, *sorted(one for one in schemas if one)), include_table=include)


def without_strangers(before: Snapshot, own: Iterable[QualifiedName]) -> Snapshot:
    """The database without the types and sequences of the schemas of ``own`` that none of these tables uses."""
    schemas = {one.schema for one in own}
    if not schemas:
        return before
    used = {column.type.enum for table in before.tables.values() for column in table.columns}
    return replace(
        before,
        enums={key: one for key, one in before.enums.items() if key.schema not in schemas or key in used},
        sequences={key: one for key, one in before.sequences.items() if key.schema not in schemas},
        schemas=frozenset(before.schemas - schemas),
    )
