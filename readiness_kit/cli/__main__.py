"""`python -m readiness_kit.cli`, which is `readiness`."""

from readiness_kit.cli import main

main()
