"""From a served cluster to evidence on screen: connection test, progress, and a collection that is stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.workspace.folder import Folder
from tests.browser.lab import LabServer, Notebook
from tests.support.served import Reply, Request, ServedCluster


class Gate:
    """Holds the requests for nodes until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, request: Request) -> Reply | None:
        if request.plural == "nodes" and request.method == "GET":
            self.reached.set()
            self.opened.wait(60)
        return None


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


@pytest.fixture(scope="module")
def lab(recordings: Path, gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    home = tmp_path_factory.mktemp("collecting")
    with ServedCluster(recordings / "good", fault=gate, forbidden={"poddisruptionbudgets"}) as cluster:
        config = cluster.kubeconfig(home, context="production")
        folder = Folder(home / "assessment").create()
        with LabServer(folder, home, KUBECONFIG=str(config)) as server:
            yield server
    assert cluster.violations == []


def test_from_the_start_page_to_evidence(browser: Any, lab: LabServer, gate: Gate, screenshots: Path) -> None:
    notebook = Notebook(browser, lab, "00_start", height=1400).run_all()
    page = notebook.page
    page.get_by_role("textbox", name="Customer").fill("Example Ltd")
    page.get_by_role("textbox", name="Customer").press("Tab")
    page.get_by_text("saved", exact=True).first.wait_for()
    assert page.get_by_label("Context", exact=True).input_value() == "production"

    page.get_by_role("button", name="Test the connections").click()
    page.get_by_text("No permission to list").wait_for()
    page.get_by_text("The ClusterRole that is needed").click()
    page.get_by_text("kind: ClusterRole").wait_for()
    notebook.shot(screenshots / "00_start-tested.png")

    collect, stop = page.get_by_role("button", name="Read the cluster"), page.get_by_role("button", name="Stop")
    collect.click()
    assert gate.reached.wait(60)
    page.get_by_text("kinds read").wait_for()
    notebook.shot(screenshots / "00_start-collecting.png")
    assert collect.is_disabled() and stop.is_enabled()
    stop.click()
    page.get_by_text("Stopping").wait_for()
    gate.opened.set()
    page.get_by_text("Nothing from this run was saved").wait_for()
    assert lab.folder.snapshots() == []

    collect.click()
    page.get_by_text("✓ Done").wait_for()
    bar = page.get_by_role("progressbar")
    assert bar.get_attribute("aria-valuenow") == bar.get_attribute("aria-valuemax") or bar.count() == 1
    page.get_by_text("Kubernetes v1.").first.wait_for()
    notebook.shot(screenshots / "00_start-collected.png")
    assert len(lab.folder.snapshots()) == 1 and notebook.errors == []
    settings = Folder(lab.folder.path).settings
    assert settings.customer == "Example Ltd"

    notebook.turn_to("03_security").run_all()
    card = notebook.card("rk-sec-tls")
    assert card.get_by_role("cell").count() > 0
    assert "Collect the evidence" not in card.text_content()
    notebook.close()
