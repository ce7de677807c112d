"""Index keys that a script or a model wrote as text."""

from __future__ import annotations

import re

from flask_schema.snapshot.elements import IndexElement

_INDEX_KEY = re.compile(
    r"^(?P<key>.*?)(?:\s+(?P<order>asc|desc))?(?:\s+nulls\s+(?P<nulls>first|last))?$", re.IGNORECASE | re.DOTALL
)
_PLAIN_NAME = re.compile(r"^[A-Za-z_]\w*$")
_CALL = re.compile(r"^(\w+\s*)?\([^()]*(\([^()]*\)[^()]*)*\)$")


def index_element_of_text(text: str) -> IndexElement:
    """An index key that a script wrote as text: ``lower(name) DESC NULLS LAST``, ``name text_pattern_ops``."""
    found = _INDEX_KEY.match(text.strip())
    assert found is not None
    key = found["key"]
    descending = (found["order"] or "").lower() == "desc"
    nulls = found["nulls"].lower() if found["nulls"] else None
    if nulls == ("first" if descending else "last"):
        nulls = None
    plain = _PLAIN_NAME.match(key) is not None
    verbatim = not plain and _CALL.match(key) is None
    return IndexElement(key, plain, descending, nulls, verbatim=verbatim)
