"""Work that takes time, on a separate thread, one piece at a time; its callbacks only set widget values."""

from __future__ import annotations

import threading
from collections.abc import Callable


class BackgroundTask:
    """At most one thread at a time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, work: Callable[[], None]) -> None:
        """Starts the work. The caller checks `running` first."""
        self._thread = threading.Thread(target=work, name=self._name, daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Waits for the work to end; returns whether it ended in time."""
        if self._thread is not None:
            self._thread.join(seconds)
        return not self.running
