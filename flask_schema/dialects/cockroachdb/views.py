"""Views as CockroachDB keeps them: the text as it was written, with every table's database and schema before it.

https://www.cockroachlabs.com/docs/stable/views. They are compared by that text; the server is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from flask_schema.dialects.cockroachdb.spelling import expression_key
from flask_schema.snapshot.elements import QualifiedName, View

VIEWS = """
    SELECT schemaname, viewname, definition, false, current_database() FROM pg_views WHERE schemaname IN ({schemas})
    UNION ALL
    SELECT schemaname, matviewname, definition, true, current_database() FROM pg_matviews
    WHERE schemaname IN ({schemas})
"""


def views_of(
    rows: Iterable[Any], name: Callable[[str | None, str], QualifiedName], default_schema: str
) -> dict[QualifiedName, View]:
    """The views in ``rows`` of the query; names in their texts carry neither the database nor the default schema."""
    found: dict[QualifiedName, View] = {}
    for schema, bare, definition, materialized, database in rows:
        text = _without(_without(definition.strip().rstrip(";"), database), default_schema)
        qualified = name(schema, bare)
        if qualified not in found or materialized:  # some versions list a materialized one in both
            found[qualified] = View(qualified, text, bool(materialized))
    return found


def settled_views(before: dict[QualifiedName, View], after: dict[QualifiedName, View]) -> dict[QualifiedName, View]:
    """``before`` with those of ``after`` whose texts say the same; indexes and column names are not shown by it."""
    return {name: _settled(view, after.get(name)) for name, view in before.items()}


def _settled(before: View, after: View | None) -> View:
    if after is None or before.materialized != after.materialized:
        return before
    same = expression_key(before.definition) == expression_key(after.definition)
    return after if same else replace(before, options=after.options, indexes=after.indexes)


def _without(text: str, qualifier: str) -> str:
    """``text`` without ``qualifier.`` before names, outside of literals."""
    pattern = re.compile(rf"""('(?:[^']|'')*')|(?<![\w".])"?{re.escape(qualifier)}"?\.(?=["\w])""")
    return pattern.sub(lambda found: found[1] or "", text)
