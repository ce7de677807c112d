"""How the documentation is built; `make docs` runs it with warnings as errors."""

from importlib.metadata import version as find_version

project = "Flask-Schema"
author = "The Flask-Schema authors"
project_copyright = "2026, The Flask-Schema authors"
release = version = find_version("Flask-Schema")

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = "Flask-Schema"
