"""Which CHECK of a table a script means by one that was given no name."""

from __future__ import annotations

import re

from flask_schema.dialects.mysql.expressions import canonical_expression, tokens
from flask_schema.snapshot.elements import CheckConstraint, Table

_GENERATED = re.compile(r"CONSTRAINT_\d+\Z|.*_chk_\d+\Z")


def find_unnamed_check(table: Table, meant: CheckConstraint) -> CheckConstraint | None:
    """The check of ``table`` that says what ``meant`` says, its parentheses aside; else the only one without a
    name of its own; else None.

    The server prints an expression with other parentheses, and some functions under another name, than it was given.
    """
    unnamed = [one for one in table.checks if one.name is None or _GENERATED.match(one.name)]
    alike = [one for one in unnamed if _flat(one.expression) == _flat(meant.expression)]
    chosen = alike if alike else unnamed
    return chosen[0] if len(chosen) == 1 or alike else None


def _flat(expression: str) -> list[str]:
    return [token for _, token in tokens(canonical_expression(expression)) if token not in ("(", ")")]
