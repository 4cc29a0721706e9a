"""One module a chapter of the report: pure functions from the assessment to escaped HTML."""
