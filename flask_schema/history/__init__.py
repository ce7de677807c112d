"""The history of a project: its revision files' headers, their graph, the symbols of the graph, and routes through it.

No SQLAlchemy, no Flask, and no revision file is run unless its header is computed. The names below are loaded when they
are first used: ``flask db heads`` needs a graph, and neither routes nor what joins branches.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask_schema.history.folder import scan as scan
    from flask_schema.history.graph import Graph as Graph
    from flask_schema.history.header import read_header as read_header
    from flask_schema.history.heads_file import compare_heads as compare_heads
    from flask_schema.history.heads_file import format_heads as format_heads
    from flask_schema.history.heads_file import parse_heads as parse_heads
    from flask_schema.history.history import History as History
    from flask_schema.history.rebase import Move as Move
    from flask_schema.history.rebase import RebasePlan as RebasePlan
    from flask_schema.history.rebase import plan_rebase as plan_rebase
    from flask_schema.history.revision import Header as Header
    from flask_schema.history.revision import Revision as Revision
    from flask_schema.history.rewrite import replace_parents as replace_parents
    from flask_schema.history.rewrite import rewrite_parents as rewrite_parents
    from flask_schema.history.routes import Stamp as Stamp
    from flask_schema.history.routes import Step as Step
    from flask_schema.history.routes import downgrade_order as downgrade_order
    from flask_schema.history.routes import downgrade_route as downgrade_route
    from flask_schema.history.routes import stamp_route as stamp_route
    from flask_schema.history.routes import upgrade_route as upgrade_route
    from flask_schema.history.rows import check_rows as check_rows
    from flask_schema.history.rows import expand_for_rows as expand_for_rows
    from flask_schema.history.squash import SquashPlan as SquashPlan
    from flask_schema.history.squash import plan_squash as plan_squash
    from flask_schema.history.symbols import resolve as resolve
    from flask_schema.history.symbols import resolve_one as resolve_one
    from flask_schema.history.symbols import resolve_range as resolve_range
    from flask_schema.history.symbols import split_range as split_range

_PLACES = {
    "scan": "folder",
    "Graph": "graph",
    "read_header": "header",
    "compare_heads": "heads_file",
    "format_heads": "heads_file",
    "parse_heads": "heads_file",
    "History": "history",
    "Move": "rebase",
    "RebasePlan": "rebase",
    "plan_rebase": "rebase",
    "Header": "revision",
    "Revision": "revision",
    "replace_parents": "rewrite",
    "rewrite_parents": "rewrite",
    "Stamp": "routes",
    "Step": "routes",
    "downgrade_order": "routes",
    "downgrade_route": "routes",
    "stamp_route": "routes",
    "upgrade_route": "routes",
    "check_rows": "rows",
    "expand_for_rows": "rows",
    "SquashPlan": "squash",
    "plan_squash": "squash",
    "resolve": "symbols",
    "resolve_one": "symbols",
    "resolve_range": "symbols",
    "split_range": "symbols",
}

__all__ = [
    "Graph",
    "Header",
    "History",
    "Move",
    "RebasePlan",
    "Revision",
    "SquashPlan",
    "Stamp",
    "Step",
    "check_rows",
    "compare_heads",
    "downgrade_order",
    "downgrade_route",
    "expand_for_rows",
    "format_heads",
    "parse_heads",
    "plan_rebase",
    "plan_squash",
    "read_header",
    "replace_parents",
    "resolve",
    "resolve_one",
    "resolve_range",
    "rewrite_parents",
    "scan",
    "split_range",
    "stamp_route",
    "upgrade_route",
]


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{place}"), name)
    globals()[name] = found
    return found
