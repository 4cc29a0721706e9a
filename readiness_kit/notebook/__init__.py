"""The kit inside a notebook: one object, one call a cell."""

from readiness_kit.notebook.kit import Kit, open_assessment

__all__ = ["Kit", "open_assessment"]
