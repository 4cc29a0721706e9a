"""`readiness doctor`: the kit's environment checked line by line, with the next step for each problem."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from readiness_kit.doctor.assessment import assessment
from readiness_kit.doctor.cluster import Access, cluster
from readiness_kit.doctor.installation import installation
from readiness_kit.doctor.line import Line

__all__ = ["Access", "Line", "examine"]


def examine(access: Access = Access(), folder: Path | None = None, *, reach: bool = False) -> Iterator[Line]:  # noqa: B008 - immutable
    """Check Python, packages, the kit's files, the assessment folder and the kubeconfig; with `reach`, the cluster."""
    yield from installation()
    yield from assessment(folder)
    yield from cluster(access, reach=reach)
