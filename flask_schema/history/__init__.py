"""The history of a project: its revision files' headers, their graph, the symbols of the graph, and routes through it.

No SQLAlchemy, no Flask, and no revision file is run unless its header is computed.
"""

from flask_schema.history.folder import scan
from flask_schema.history.graph import Graph
from flask_schema.history.header import read_header
from flask_schema.history.history import History
from flask_schema.history.revision import Header, Revision
from flask_schema.history.routes import Stamp, Step, downgrade_route, stamp_route, upgrade_route
from flask_schema.history.symbols import resolve, resolve_one, resolve_range, split_range

__all__ = [
    "Graph",
    "Header",
    "History",
    "Revision",
    "Stamp",
    "Step",
    "downgrade_route",
    "read_header",
    "resolve",
    "resolve_one",
    "resolve_range",
    "scan",
    "split_range",
    "stamp_route",
    "upgrade_route",
]
