"""The history of a project: its revision files' headers, their graph, the symbols of the graph, and routes through it.

No SQLAlchemy, no Flask, and no revision file is run unless its header is computed.
"""

from flask_schema.history.folder import scan
from flask_schema.history.graph import Graph
from flask_schema.history.header import read_header
from flask_schema.history.heads_file import compare_heads, format_heads, parse_heads
from flask_schema.history.history import History
from flask_schema.history.rebase import Move, RebasePlan, plan_rebase
from flask_schema.history.revision import Header, Revision
from flask_schema.history.rewrite import replace_parents, rewrite_parents
from flask_schema.history.routes import Stamp, Step, downgrade_order, downgrade_route, stamp_route, upgrade_route
from flask_schema.history.rows import check_rows, expand_for_rows
from flask_schema.history.squash import SquashPlan, plan_squash
from flask_schema.history.symbols import resolve, resolve_one, resolve_range, split_range

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
