"""`GET readiness-kit/state?path=notebooks/03_security.ipynb`: the state of the assessment of a notebook.

The path is relative to the root of the server and never leaves it. The answer has an ETag made of the marks of the
files, so that following a folder costs a few calls of stat. Only signed-in users get one, as for all of the server.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from readiness_kit.errors import ConfigError, ReadinessError
from readiness_kit.notebook.server.state import Panels
from readiness_kit.workspace.folder import Folder

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

ROUTE = "readiness-kit/state"


class StateHandler(APIHandler):
    """Answers with the state, with 304 where it has not changed, and with `{"assessment": false}` without a folder."""

    def initialize(self, root: Path, panels: Panels) -> None:
        """Receives the root folder of the server and the assessments that it keeps open."""
        self._root = root
        self._panels = panels

    @web.authenticated
    async def get(self) -> None:
        """The state of the assessment that the notebook at `path` opens."""
        self.set_header("Cache-Control", "no-cache")
        try:
            folder = Folder.find(self._start())
        except ConfigError:
            self.finish(json.dumps({"assessment": False}))
            return
        try:
            mark, state = await asyncio.to_thread(self._panels.state, folder, self._root)
        except ReadinessError as problem:
            self.finish(json.dumps({"assessment": True, "problem": str(problem)}))
            return
        self.set_header("Etag", f'"{mark}"')
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
        else:
            self.finish(state)

    def _start(self) -> Path:
        """The folder of the notebook. Raises HTTPError for a path outside of the root."""
        path = (self._root / self.get_query_argument("path", "")).resolve()
        if not path.is_relative_to(self._root):
            raise web.HTTPError(400, "the path is outside of the folder that is served")
        return path if path.is_dir() else path.parent

    def compute_etag(self) -> None:
        """The mark of the files is the ETag, not a hash of the body."""


def add_handlers(server: ServerApp) -> None:
    """Registers the address."""
    root = Path(server.root_dir).expanduser().resolve()
    address = url_path_join(server.web_app.settings["base_url"], ROUTE)
    server.web_app.add_handlers(  # type: ignore[no-untyped-call]  # tornado has no annotation for it
        ".*$", [(address, StateHandler, {"root": root, "panels": Panels()})]
    )
