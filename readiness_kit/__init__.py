"""A guided production-readiness assessment for self-managed Weaviate clusters on Kubernetes.

In a notebook: ``from readiness_kit import open_assessment; kit = open_assessment()``. Everything else hangs
on the object it returns. Names are loaded when first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from readiness_kit._version import __version__

if TYPE_CHECKING:
    from readiness_kit.errors import ReadinessError
    from readiness_kit.notebook import Kit, open_assessment

__all__ = ["Kit", "ReadinessError", "__version__", "open_assessment"]

_HOME = {
    "Kit": "readiness_kit.notebook",
    "ReadinessError": "readiness_kit.errors",
    "open_assessment": "readiness_kit.notebook",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
