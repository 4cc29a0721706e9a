"""Work on a separate thread."""

from __future__ import annotations

import threading

from readiness_kit.notebook.widgets.background import BackgroundTask


def test_task_is_running_until_its_work_ends() -> None:
    task, release = BackgroundTask("example"), threading.Event()
    assert not task.running and task.wait(0)
    task.start(lambda: bool(release.wait(30)))
    assert task.running and not task.wait(0.01)
    release.set()
    assert task.wait(30) and not task.running
