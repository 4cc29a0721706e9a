"""Several assessments side by side."""
