"""Interactive widgets: forms, the start and report panels. Each is loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from readiness_kit.notebook.widgets.assessment_form import AssessmentForm as AssessmentForm
    from readiness_kit.notebook.widgets.live import LiveView as LiveView
    from readiness_kit.notebook.widgets.plan_form import PlanForm as PlanForm
    from readiness_kit.notebook.widgets.report_panel import ReportButton as ReportButton
    from readiness_kit.notebook.widgets.start_panel import StartPanel as StartPanel
    from readiness_kit.notebook.widgets.what_if import WhatIf as WhatIf
    from readiness_kit.notebook.widgets.workshop_form import WorkshopForm as WorkshopForm

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "assessment_form": ["AssessmentForm"],
        "live": ["LiveView"],
        "plan_form": ["PlanForm"],
        "report_panel": ["ReportButton"],
        "start_panel": ["StartPanel"],
        "what_if": ["WhatIf"],
        "workshop_form": ["WorkshopForm"],
    },
)
