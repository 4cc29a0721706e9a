"""Fixtures of the whole suite. The helpers behind them are in tests/support/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.demo import install
from tests.support.parts import CHROMIUM_FLAGS, find_chromium, find_program, need
from tests.support.served import ServedCluster

ROOT = Path(__file__).resolve().parent.parent
RECORDINGS = ROOT.parent / "shared" / "recordings"
# Each of these loads a core by itself: together on one worker they never starve one another into a time-out.
HEAVY = frozenset({"browser", "live", "notebooks", "packaging"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        room = item.path.relative_to(ROOT / "tests").parts
        group = "heavy" if room[0] in HEAVY else "/".join(room)
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(autouse=True)
def _no_ambient_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test may reach the cluster or the assessment of whoever runs it."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-kubeconfig"))
    for name in ("READINESS_DIR", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The recorded clusters, which stand beside the checkout and are no part of it."""
    if not RECORDINGS.is_dir():
        pytest.skip("the recorded clusters are not beside the checkout (../shared/recordings)")
    return RECORDINGS


@pytest.fixture
def served_good(recordings: Path) -> Iterator[ServedCluster]:
    """The hardened three-zone cluster, served; ends with a look that nothing forbidden was asked of it."""
    with ServedCluster(recordings / "good") as cluster:
        yield cluster
    assert cluster.violations == []


@pytest.fixture
def served_default(recordings: Path) -> Iterator[ServedCluster]:
    """The cluster with the chart's defaults, served; ends with a look that nothing forbidden was asked of it."""
    with ServedCluster(recordings / "default") as cluster:
        yield cluster
    assert cluster.violations == []


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A Chromium or Chrome to drive; run it with tests.support.parts.CHROMIUM_FLAGS."""
    return need(find_chromium(), "Chromium (install chromium or Google Chrome)")


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Any]:
    """That Chromium, started. Closed with each module: while it is open, an event loop runs in the tests' thread."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(chromium), args=list(CHROMIUM_FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def prometheus() -> Path:
    """A Prometheus server; promtool stands beside it."""
    need(find_program("promtool"), "promtool (install prometheus)")
    return need(find_program("prometheus"), "Prometheus (install prometheus)")


@pytest.fixture
def tmp_assessment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty assessment folder that the kit takes for the present one."""
    folder = tmp_path / "assessment"
    folder.mkdir()
    monkeypatch.setenv("READINESS_DIR", str(folder))
    return folder


@pytest.fixture
def demo_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demonstration assessment, found by `$READINESS_DIR`."""
    folder = install(tmp_path / "demo").path
    monkeypatch.setenv("READINESS_DIR", str(folder))
    return folder
