"""An extension of Jupyter Server: the state of the assessment for the side panel, without a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "readiness_kit.notebook.server"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    from readiness_kit.notebook.server.handler import add_handlers  # loads tornado, which only a server has

    add_handlers(server)
