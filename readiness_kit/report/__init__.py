"""The document a customer keeps: fragments of HTML from one assessment, and the notebook that binds them.

`fragments` are pure functions; `page` puts them behind the methods that 90_report.ipynb calls; `exporting` is
the step inside nbconvert that lets nothing but them (and a writer's Markdown) into the file; `render` runs all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readiness_kit.report.rendering.fragment import Fragment
    from readiness_kit.report.rendering.page import ReportPage

__all__ = ["Fragment", "ReportPage"]


def __getattr__(name: str) -> Any:
    """Loaded when asked for: the exporter needs no pandas, which the chapters do."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from readiness_kit.report.rendering import fragment, page

    return getattr(fragment if name == "Fragment" else page, name)
