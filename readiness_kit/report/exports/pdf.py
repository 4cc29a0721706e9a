"""The report as PDF, printed by a Chromium on this machine with the print rules of the style sheet."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from readiness_kit.errors import ConfigError, ReadinessError
from readiness_kit.files import write_errors

VARIABLE = "READINESS_CHROMIUM"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PAPERS = {"a4": "A4", "letter": "Letter"}
_FLAGS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT_SECONDS = 120
FULL, EXECUTIVE = "full", "executive"
VOLUMES = (EXECUTIVE, FULL)
_HEAD_CHARACTERS = 4096
"""How far into the document the author is looked for; the style sheet comes after it."""
_NOT_INSTALLED = "a PDF needs the extra `pdf`, which is not installed", "run `pip install 'readiness-kit[pdf]'`"


class Print(NamedTuple):
    """How a PDF is printed: the paper, and which volume of the report."""

    paper: str = "a4"
    volume: str = FULL


DEFAULT_PRINT = Print()


def to_pdf(source: Path, target: Path, paper: str = "a4") -> Path:
    """Prints the HTML file `source` to `target`, with page numbers, an outline and tags for screen readers.

    The browser is offline and runs no script. Raises ConfigError where Playwright (extra `pdf`) or a browser is
    missing, ReadinessError where printing fails; nothing is written then.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    with write_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Playwright refuses a thread with a running event loop, which every notebook has.
        with ThreadPoolExecutor(max_workers=1) as thread:
            problem = thread.submit(_print, source, temporary, paper).result()
        if problem:
            raise ReadinessError(f"{target} was not printed: {problem}", "open the HTML report and print it by hand")
        _describe(temporary, source)
        with write_errors(target):
            os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _print(source: Path, target: Path, paper: str) -> str:
    """The error in one line; empty on success."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise ConfigError(*_NOT_INSTALLED) from None
    flags = [*_FLAGS, *(["--no-sandbox"] if _is_root() else [])]
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=_browser(playwright.chromium.executable_path), args=flags
            )
            page = browser.new_context(offline=True, java_script_enabled=False).new_page()
            page.goto(source.resolve().as_uri(), timeout=TIMEOUT_SECONDS * 1000)
            page.pdf(
                path=target,
                format=PAPERS[paper],
                prefer_css_page_size=False,
                print_background=True,
                tagged=True,
                outline=True,
            )
            browser.close()
    except Error as problem:
        return str(problem).strip().splitlines()[0]
    return ""


class _Head(HTMLParser):
    """Finds the author of a document."""

    author = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and given.get("name") == "author":
            self.author = given.get("content") or ""


def _describe(printed: Path, source: Path) -> None:
    """Adds the author, and has viewers show the title in place of the file name, as PDF/UA asks for."""
    try:
        from pypdf import PdfWriter
        from pypdf.generic import BooleanObject, DictionaryObject, NameObject
    except ImportError:
        raise ConfigError(*_NOT_INSTALLED) from None
    writer = PdfWriter(clone_from=printed)
    head = _Head()
    head.feed(source.read_text(encoding="utf-8")[:_HEAD_CHARACTERS])
    writer.add_metadata({"/Author": head.author})
    shown = DictionaryObject({NameObject("/DisplayDocTitle"): BooleanObject(True)})
    writer.root_object[NameObject("/ViewerPreferences")] = shown
    writer.write(printed)


def _browser(bundled: str) -> str:
    """$READINESS_CHROMIUM, otherwise a browser in PATH, otherwise the one of Playwright."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return named
    in_path = next((found for name in BROWSERS if (found := shutil.which(name))), "")
    if in_path:
        return in_path
    if Path(bundled).exists():
        return bundled
    raise ConfigError(
        "there is no Chromium or Chrome to print with",
        f"install one, name it in ${VARIABLE}, or run `playwright install chromium`",
    )


def _is_root() -> bool:
    """As root, which containers often are, Chromium starts only without its sandbox."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
