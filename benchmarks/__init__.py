"""Measures what the project promises about speed and size, beside other ways to the same; `make bench` runs it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
