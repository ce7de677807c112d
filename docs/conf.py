"""How the documentation is built; `make docs` runs it with warnings as errors."""

import re
from pathlib import Path

project = "Flask-Schema"
author = "The Flask-Schema authors"
project_copyright = "2026, The Flask-Schema authors"

_source = (Path(__file__).parents[1] / "flask_schema" / "__init__.py").read_text(encoding="utf-8")
_found = re.search(r'^__version__ = "(.+)"$', _source, re.MULTILINE)
assert _found is not None
release = version = _found[1]  # read from the source, so that nothing has to be installed

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = "Flask-Schema"
