"""All that a report is made from: every form of the report (HTML, JSON, CSV …) reads this one value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from readiness_kit._version import __version__
from readiness_kit.assessment.comparison import Comparison, Milestone
from readiness_kit.model import Assessment, Detection, Settings
from readiness_kit.report.subject import Subject
from readiness_kit.snapshot import Snapshot

if TYPE_CHECKING:
    from readiness_kit.facts import Facts


class Since(msgspec.Struct, frozen=True):
    """What the comparison is with: a milestone's name, or `the snapshot of …`, and the comparison itself."""

    name: str
    previous: Milestone
    comparison: Comparison


class Content(msgspec.Struct, frozen=True):
    """`folder` is where relative logo paths count from; `since` None where there is nothing to compare with."""

    assessment: Assessment
    settings: Settings
    subject: Subject
    snapshot: Snapshot | None = None
    facts: Facts | None = None
    detections: tuple[Detection, ...] = ()
    since: Since | None = None
    folder: Path | None = None
    kit: str = __version__
