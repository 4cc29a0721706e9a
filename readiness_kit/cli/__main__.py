"""Runs the `readiness` command with `python -m readiness_kit.cli`."""

from readiness_kit.cli import main

main()
