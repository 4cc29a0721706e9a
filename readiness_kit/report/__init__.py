"""The document a customer keeps: fragments of HTML from one assessment, and the notebook that binds them.

`fragments` are pure functions; `page` puts them behind the methods that 90_report.ipynb calls; `exporting` is
the step inside nbconvert that lets nothing but them (and a writer's Markdown) into the file; `render` runs all.
"""

from __future__ import annotations

from readiness_kit.report.page import Fragment, ReportPage

__all__ = ["Fragment", "ReportPage"]
