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
SLOW = frozenset({"trust/test_canaries.py", "report/test_browser.py", "report/rendering/test_render.py"})
"""Further modules that start browsers or kernels: on a busy machine, they may take longer than the usual limit."""
LONG = frozenset(
    {
        "report/privacy/test_pseudonyms.py",
        "report/test_document.py",
        "test_acceptance.py",
        "trust/test_linear_patterns.py",
        "trust/test_read_only.py",
    }
)
"""Modules of up to a minute of computation, which start before the short ones."""
HEAVY_TIMEOUT = 900
UNMEASURED = frozenset({"test_acceptance.py", "trust/test_endless.py", "trust/test_faults.py", "trust/test_hostile.py"})
"""Modules that run the same code hundreds of times: other tests cover it, and measuring would slow these down."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        module = item.path.relative_to(ROOT / "tests")
        heavy = module.parts[0] in HEAVY
        item.add_marker(pytest.mark.xdist_group("heavy" if heavy else module.as_posix()))
        if heavy or module.as_posix() in SLOW:
            item.add_marker(pytest.mark.timeout(HEAVY_TIMEOUT))
        if module.as_posix() in UNMEASURED:
            item.add_marker(pytest.mark.no_cover)
    # pytest-xdist hands the groups out in this order. A long group that starts last would leave one worker alone.
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    """0 for the group of heavy tests, 1 for other slow modules, 2 for the rest."""
    module = item.path.relative_to(ROOT / "tests")
    if module.parts[0] in HEAVY:
        return 0
    return 1 if module.as_posix() in SLOW | LONG else 2


@pytest.fixture(scope="session")
def no_kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A path without a file: one for all tests, because most of them need no folder."""
    return str(tmp_path_factory.mktemp("none") / "no-kubeconfig")


@pytest.fixture(autouse=True)
def _no_ambient_cluster(monkeypatch: pytest.MonkeyPatch, no_kubeconfig: str) -> None:
    """No test may reach the cluster or the assessment of whoever runs it."""
    monkeypatch.setenv("KUBECONFIG", no_kubeconfig)
    for name in ("READINESS_DIR", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "COLUMNS"):
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
