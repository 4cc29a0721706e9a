"""The real programs that tests drive: where they are, and what to say when one is not there.

`python -m tests.support.parts chromium` prints the browser's path, and exits 1 when there is none.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

# As root and in containers Chromium runs only without its sandbox; the rest keeps it from calling home.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> Path | None:
    """$READINESS_CHROMIUM, else one in PATH, else Google Chrome of a Mac, else Playwright's own."""
    named = os.environ.get("READINESS_CHROMIUM")
    if named:
        return Path(named)
    for name in BROWSERS:
        found = shutil.which(name)
        # Ubuntu's is a snap, which needs a login session that tests do not have.
        if found and "/snap/" not in os.path.realpath(found):
            return Path(found)
    if MAC_CHROME.exists():
        return MAC_CHROME
    return _playwrights_own()


def _playwrights_own() -> Path | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def find_program(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


def need(part: Path | None, what: str) -> Path:
    """The part itself; without it, the test is skipped on a laptop and fails under READINESS_REQUIRE_PARTS."""
    if part is not None and part.exists():
        return part
    if os.environ.get("READINESS_REQUIRE_PARTS"):
        pytest.fail(f"missing part: {what}", pytrace=False)
    pytest.skip(f"missing part: {what}")


if __name__ == "__main__":
    where = find_chromium() if sys.argv[1:] == ["chromium"] else find_program(" ".join(sys.argv[1:]))
    if where is None:
        sys.exit(1)
    print(where)
