"""How the documentation is built; `make docs` runs it with warnings as errors."""

import tomllib
from pathlib import Path

project = "Flask-Schema"
author = "The Flask-Schema authors"
project_copyright = "2026, The Flask-Schema authors"
release = version = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]["version"]

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = "Flask-Schema"
