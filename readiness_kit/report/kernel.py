"""How a kernel that runs a notebook unattended is reached: through files that nobody else can read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

_LONGEST_SOCKET_PATH = 90


def private_transport(private: Path) -> Any:
    """The configuration that keeps a kernel's sockets and keys in a private folder; no port is opened then.

    Given to nbclient as configuration and not as a kernel manager, because it stops only the kernels of its own.
    """
    from traitlets.config import Config

    kernel = {"connection_file": str(private / "kernel.json")}
    if os.name == "posix" and len(str(private)) < _LONGEST_SOCKET_PATH:
        kernel |= {"transport": "ipc", "ip": str(private / "kernel")}
    return Config({"ConnectionFileMixin": kernel})
