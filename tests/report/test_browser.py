"""The document as a browser shows it: it asks for nothing, fits a small screen, and is open to everybody."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="module")
def files(
    tmp_path_factory: pytest.TempPathFactory, plain: str, hostile: str, empty: str, drawn: str, side_by_side: str
) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("documents")
    made = {"plain": plain, "hostile": hostile, "empty": empty, "drawn": drawn, "fleet": side_by_side}
    for name, document in made.items():
        (folder / f"{name}.html").write_text(document, encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in made}


WHICH = pytest.mark.parametrize("which", ["plain", "hostile", "empty", "drawn", "fleet"])


@WHICH
def test_document_requests_nothing_and_logs_nothing(browser: Any, files: dict[str, str], which: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("dialog", lambda dialog: messages.append(dialog.message))
    page.goto(files[which])
    assert [url for url in asked if not url.startswith("data:")] == [files[which]]
    assert messages == []
    page.close()


@WHICH
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_document_never_scrolls_sideways(browser: Any, files: dict[str, str], which: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(files[which])
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["plain", "empty", "drawn", "fleet"])
def test_axe_finds_no_violation(browser: Any, files: dict[str, str], which: str, scheme: str) -> None:
    """Contrast, names, headings, landmarks and keyboard, with every fold-out open."""
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_context(color_scheme=scheme, bypass_csp=True).new_page()
    page.goto(files[which])
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
    page.context.close()


def test_print_opens_the_fold_outs(browser: Any, files: dict[str, str]) -> None:
    page = browser.new_page()
    page.goto(files["plain"])
    # Facts that are all as expected, and the numbers behind charts, are in the HTML report only.
    folds = "details:not(.rk-facts-met):not(.rk-chart details) > div"
    shut = f"[...document.querySelectorAll('{folds}')].filter(inner => !inner.checkVisibility()).length"
    assert page.evaluate(shut) > 0
    page.emulate_media(media="print")
    assert page.evaluate(shut) == 0
    page.close()


def test_skip_link_is_first_in_the_tab_order(browser: Any, files: dict[str, str]) -> None:
    page = browser.new_page()
    page.goto(files["plain"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the contents"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contents"
    page.close()
