"""Every notebook of the demonstration, from top to bottom in JupyterLab, as a customer sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness_kit import paths
from tests.browser.lab import LabServer, Notebook

NAMES = [path.stem for path in sorted(paths.notebooks().glob("*.ipynb"))]
ROLES = {"combobox", "textbox", "searchbox", "spinbutton", "checkbox", "button", "progressbar", "slider", "Date"}
# Only outputs: editors and headings belong to JupyterLab.
OURS = "function() { return this.closest('.jp-OutputArea') ? this.outerHTML.slice(0, 200) : '' }"
AXE_WITHIN = {"include": [[".jp-OutputArea"]]}


def serious(notebook: Notebook) -> list[tuple[str, str]]:
    """Violations that axe-core rates serious or critical in the outputs of a notebook, with all details open."""
    from axe_playwright_python.sync_playwright import Axe

    notebook.page.evaluate("document.querySelectorAll('.jp-OutputArea details').forEach(fold => { fold.open = true })")
    # The folds of the cards get their content from the kernel.
    notebook.page.wait_for_function(
        "[...document.querySelectorAll('.rk-card [data-body]')].every(body => body.firstElementChild)"
    )
    found = Axe().run(notebook.page, context=AXE_WITHIN).response["violations"]
    return [
        (rule["id"], node["html"][:160])
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def nameless(notebook: Notebook) -> list[str]:
    """Controls without a name in the accessibility tree."""
    session = notebook.context.new_cdp_session(notebook.page)
    tree = session.send("Accessibility.getFullAXTree")["nodes"]
    controls = [node for node in tree if not node["ignored"] and node["role"]["value"] in ROLES]
    assert len(controls) > 10
    found = []
    for node in controls:
        if not node.get("name", {}).get("value", "").strip():
            handle = session.send("DOM.resolveNode", {"backendNodeId": node["backendDOMNodeId"]})["object"]["objectId"]
            result = session.send(
                "Runtime.callFunctionOn",
                {"objectId": handle, "functionDeclaration": OURS, "returnByValue": True},
            )
            found += filter(None, [result["result"].get("value")])
    return found


@pytest.fixture(scope="module")
def page(browser: Any, demo_lab: LabServer) -> Iterator[Notebook]:
    notebook = Notebook(browser, demo_lab, NAMES[0])
    yield notebook
    notebook.close()


@pytest.fixture(scope="module")
def dark_page(browser: Any, demo_lab: LabServer) -> Iterator[Notebook]:
    notebook = Notebook(browser, demo_lab, NAMES[0], dark=True)
    yield notebook
    notebook.close()


@pytest.mark.parametrize("name", NAMES)
def test_notebook_runs_without_errors_and_is_accessible(
    name: str, demo_lab: LabServer, page: Notebook, screenshots: Path
) -> None:
    notebook = page.turn_to(name).run_all()
    assert notebook.errors == []
    assert [url for url in notebook.asked if not url.startswith((demo_lab.url, "data:", "blob:", "ws:"))] == []
    assert notebook.page.locator(".jp-toastContainer, .Toastify__toast").count() == 0
    notebook.shot(screenshots / f"{name}.png")
    assert nameless(notebook) == []
    assert serious(notebook) == []


@pytest.mark.parametrize("name", ["00_start", "03_security"])
def test_dark_theme_is_accessible(name: str, dark_page: Notebook, screenshots: Path) -> None:
    notebook = dark_page.turn_to(name).run_all()
    notebook.shot(screenshots / f"{name}-dark.png")
    assert notebook.errors == []
    assert serious(notebook) == []


def test_at_200_percent_zoom_nothing_is_cut_off(
    demo_lab: LabServer, open_notebook: Callable[..., Notebook], screenshots: Path
) -> None:
    notebook = open_notebook(demo_lab, "03_security", zoom=2, width=1600).run_all()
    notebook.shot(screenshots / "03_security-200.png")
    wide: list[Any] = notebook.page.evaluate(
        """() => [...document.querySelectorAll('.jp-OutputArea :is(.rk, .rk p, .rk-card, .rk-card :is(p, table))')]
             .filter(element => element.getBoundingClientRect().right
                            > element.closest('.jp-OutputArea-output').getBoundingClientRect().right + 1)
             .map(element => element.textContent.slice(0, 80))"""
    )
    assert wide == []
    assert notebook.answer("Q22").is_visible()
    card = notebook.card("rk-sec-tls")
    for part in ("form", "facts", "commands", "remedy"):
        notebook.unfold(card, part)
    assert card.evaluate("card => card.scrollWidth <= card.clientWidth + 1")


def test_links_lead_to_cards_in_this_and_other_notebooks(
    demo_lab: LabServer, open_notebook: Callable[..., Notebook]
) -> None:
    notebook = open_notebook(demo_lab, "03_security").run_all()
    page = notebook.page
    page.get_by_role("link", name="Q28 Secure storage of secrets").first.click()
    page.wait_for_function("document.querySelector('#rk-sec-secrets').getBoundingClientRect().top < 400")
    page.get_by_role("link", name="Monitoring and observability").last.click()
    page.get_by_role("heading", name="Monitoring and observability").first.wait_for()


def test_presenter_layout_enlarges_the_cards_until_it_is_unchecked(
    browser: Any, demo_lab: LabServer, open_notebook: Callable[..., Notebook], screenshots: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    with LabServer(demo_lab.folder, tmp_path_factory.mktemp("presenter"), presenter=True) as server:
        notebook = Notebook(browser, server, "03_security").run_all()
        code = notebook.page.locator(".jp-CodeCell .jp-InputArea-editor").first
        assert code.is_hidden() and notebook.card("rk-sec-tls").is_visible()
        size = "parseFloat(getComputedStyle(document.querySelector('.rk-asked')).fontSize)"
        assert notebook.page.evaluate(f"{size} * document.querySelector('.rk-card').currentCSSZoom") >= 18
        notebook.shot(screenshots / "03_security-presenter.png")
        notebook.page.get_by_label("Presenter layout").uncheck()
        notebook.page.wait_for_function("document.querySelector('.rk-card').currentCSSZoom === 1")
        notebook.close()
