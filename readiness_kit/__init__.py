"""A guided production-readiness assessment for self-managed Weaviate clusters on Kubernetes.

In a notebook: ``from readiness_kit import open_assessment; kit = open_assessment()``. The returned object offers
everything else. Names are loaded when first used, so that importing this package loads no heavy library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

from readiness_kit._version import __version__

if TYPE_CHECKING:
    from readiness_kit.errors import ReadinessError
    from readiness_kit.notebook.kit import Kit, open_assessment

__all__ = ["Kit", "ReadinessError", "__version__", "open_assessment"]

__getattr__, _, _ = lazy_loader.attach(
    __name__, submod_attrs={"errors": ["ReadinessError"], "notebook.kit": ["Kit", "open_assessment"]}
)


def __dir__() -> list[str]:
    return sorted(__all__)
