"""Sphinx configuration: MyST Markdown, the furo theme, and the reference generated from the code."""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS / "_ext"), str(DOCS.parent)]

from readiness_kit import __version__  # noqa: E402 - the checkout must be on the path first

project = "Weaviate readiness kit"
author = "the readiness kit authors"
copyright = author
version = release = __version__
language = "en-GB"

extensions = ["myst_parser", "readiness_reference"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_ext"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["readiness.css"]
html_title = f"{project} {release}"
html_copy_source = False
html_show_sourcelink = False
# Nothing in the pages depends on the day of the build: the same sources give the same bytes.
html_last_updated_fmt = None
