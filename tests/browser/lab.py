"""JupyterLab as `readiness lab` starts it, and a notebook as a person uses it."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

from readiness_kit.notebook.launcher import command, copy_notebooks, environment
from readiness_kit.workspace.folder import Folder

TALL = 2400
LONG = 90_000
"""Milliseconds; long enough for a kernel to start on a busy machine."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LabServer:
    """A JupyterLab on loopback; the files that Jupyter stores for a user are in `home`."""

    def __init__(
        self, folder: Folder, home: Path, *, presenter: bool = False, plain: bool = False, **variables: str
    ) -> None:
        """`plain`: without the kit's extension of JupyterLab, as for whoever has only the notebooks."""
        self.folder = folder
        self.plain = plain
        self.port = free_port()
        self.token = secrets.token_hex(12)
        copy_notebooks(folder)
        own = {
            name: str(home / name.lower())
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
                         "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")
        }  # fmt: skip
        self._environment = environment(folder, presenter=presenter) | own | variables
        extra = (f"--IdentityProvider.token={self.token}", "--ServerApp.port_retries=0",
                 "--LabApp.expose_app_in_browser=True")  # fmt: skip
        self._call = command(folder, browser=False, port=self.port, extra=extra)
        self.log = home / "lab.log"
        if plain:
            disabled = home / "jupyter_config_dir" / "labconfig" / "page_config.json"
            disabled.parent.mkdir(parents=True, exist_ok=True)
            disabled.write_text(json.dumps({"disabledExtensions": {"readiness-kit": True}}), "utf-8")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._call, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        ends = time.monotonic() + 60
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > ends:
                raise AssertionError(f"JupyterLab did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _answers(self) -> bool:
        try:
            return bool(self.ask("GET", "/api/status"))
        except (urllib.error.URLError, ConnectionError):
            return False

    def ask(self, method: str, path: str) -> Any:
        """The server's own API."""
        request = urllib.request.Request(
            f"{self.url}{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def end_kernels(self) -> None:
        for session in self.ask("GET", "/api/sessions"):
            self.ask("DELETE", f"/api/sessions/{session['id']}")


IDLE = "() => /\\| Idle/.test(document.querySelector('#jp-main-statusbar')?.innerText ?? '')"
# All code cells with text have run: their prompt holds a number.
ALL_RAN = """() => {
  const cells = [...document.querySelectorAll('.jp-CodeCell')];
  const prompts = cells.map(cell => cell.querySelector('.jp-InputPrompt')?.textContent ?? '');
  return cells.length > 0 && prompts.every(text => /\\[\\d+\\]/.test(text));
}"""


# No card waits for the front end any more.
LIVE = "() => document.querySelectorAll('.rk-card:not(.rk-live)').length === 0"


class Notebook:
    """A notebook in a page; `turn_to` replaces it without loading JupyterLab again."""

    def __init__(
        self, browser: Any, server: LabServer, name: str, *, dark: bool = False, zoom: float = 1, width: int = 1300,
        height: int = 1000,
    ) -> None:  # fmt: skip
        self.server = server
        self.name = name
        self.context = browser.new_context(
            viewport={"width": int(width / zoom), "height": int(height / zoom)},
            device_scale_factor=zoom,
            bypass_csp=True,
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(LONG)
        self.console: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda entry: self.console.append(entry.text) if entry.type == "error" else None)
        self.page.on("request", lambda request: self.asked.append(request.url))
        workspace = secrets.token_hex(4)
        # A new workspace, so that the layout of other tests is not restored.
        self.page.goto(f"{server.url}/lab/workspaces/{workspace}/tree/notebooks/{name}.ipynb?token={server.token}")
        self._shown()
        if dark:
            self.page.evaluate(
                "window.jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' })"
            )
            self.page.wait_for_selector("body[data-jp-theme-light='false']", state="attached")

    def _shown(self) -> None:
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell", state="attached")
        if not self.server.plain:
            self.ran_on_open()
        self.wait_idle()

    def ran_on_open(self) -> None:
        """Waits until the extension has run the notebook in front, or decided not to."""
        front = ".jp-NotebookPanel:not(.lm-mod-hidden)"
        self.page.wait_for_selector(f"{front}:is([data-rk-run=done],[data-rk-run=skipped])", state="attached")

    def command(self, name: str) -> None:
        """Executes a command of the kit's extension."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(`readiness-kit:${name}`)", name)

    @property
    def panel(self) -> Any:
        """The side panel of the kit, brought to the front."""
        self.command("show")
        return self.page.get_by_role("region", name="Readiness assessment")

    def turn_to(self, name: str) -> Self:
        """Saves and closes everything, then opens the notebook with this name in a new kernel."""
        self.name = name
        self.page.evaluate(
            """async () => {
              const { commands } = window.jupyterapp;
              await commands.execute('docmanager:save-all');
              await commands.execute('application:close-all');
            }"""
        )
        self.page.wait_for_function("document.querySelectorAll('.jp-Notebook').length === 0")
        self.server.end_kernels()
        path = f"notebooks/{name}.ipynb"
        self.page.evaluate("path => window.jupyterapp.commands.execute('docmanager:open', { path })", path)
        self._shown()
        return self

    def wait_idle(self) -> None:
        self.page.wait_for_function(IDLE)

    def menu(self, *path: str) -> None:
        """Chooses from the menu bar, as `menu("Run", "Run All Cells")`."""
        self.page.locator("#jp-MainMenu").get_by_role("menuitem", name=path[0], exact=True).click()
        for step in path[1:]:
            self.page.locator(".lm-Menu").get_by_role("menuitem", name=step, exact=True).first.click()

    def run_all(self) -> Self:
        self._mark()
        self.menu("Run", "Run All Cells")
        return self._ran()

    def restart_and_run_all(self) -> Self:
        self._mark()
        self.menu("Kernel", "Restart Kernel and Run All Cells…")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        return self._ran()

    def _mark(self) -> None:
        """Marks the outputs of the last run, to distinguish them from those of the next."""
        self.page.evaluate(
            "document.querySelectorAll('.jp-OutputArea-output').forEach(output => { output.dataset.old = 'yes' })"
        )

    def _ran(self) -> Self:
        self.page.wait_for_function("document.querySelectorAll('[data-old]').length === 0")
        self.page.wait_for_function(ALL_RAN)
        self.wait_idle()
        self.page.wait_for_function(LIVE)
        return self

    @property
    def errors(self) -> list[str]:
        """Errors and stderr of the cells, and widgets that could not be shown."""
        kinds = "[data-mime-type='application/vnd.jupyter.stderr'], [data-mime-type='application/vnd.jupyter.error']"
        found = self.page.locator(f".jp-OutputArea-output:is({kinds})").all_inner_texts()
        return [*found, *self.page.get_by_text("Error displaying widget").all_inner_texts()]

    def answer(self, number: str) -> Any:
        """The choices of a question."""
        return self.page.get_by_role("radiogroup", name=f"Answer to {number}", exact=True)

    def radio(self, number: str, label: str) -> Any:
        """One choice of a question."""
        return self.answer(number).get_by_role("radio", name=label, exact=True)

    def choose(self, number: str, label: str) -> Any:
        """Answers a question, unless that is its answer already, and waits until it is saved; returns its card."""
        if self.radio(number, label).is_checked():
            return self.page.locator(f"[data-rk-number={number}]")
        self.radio(number, label).check()
        return self.saved(number)

    def saved(self, number: str) -> Any:
        """Waits until the last entry on the card of a question is saved; returns the card."""
        card = self.page.locator(f"[data-rk-number={number}]")
        card.locator(".rk-save[data-s=saved]").get_by_text("Saved").wait_for()
        return card

    def unfold(self, card: Any, part: str) -> Any:
        """Opens a fold of a card and waits for its content, which it returns."""
        fold = card.locator(f"details[data-load={part}]")
        if fold.get_attribute("open") is None:
            fold.locator(":scope > summary").click()
        body = fold.locator(":scope > [data-body]")
        body.locator(":scope > *").first.wait_for()
        return body

    def chosen(self, number: str) -> str:
        """The value of the choice that is checked, empty without one."""
        return self.answer(number).evaluate("group => group.querySelector(':checked')?.value ?? ''")

    def card(self, anchor: str) -> Any:
        return self.page.locator(f"#{anchor}")

    @property
    def cells(self) -> list[str]:
        """Kind and id of each cell."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('.jp-Notebook .jp-Cell')].map(cell =>
                 (cell.classList.contains('jp-CodeCell') ? 'code ' : 'text ') + (cell.dataset.jupyterId ?? '') )"""
        )

    def shot(self, path: Path) -> None:
        """A screenshot of the notebook from its top, on a tall screen."""
        page = self.page
        size = page.viewport_size
        page.set_viewport_size({**size, "height": max(size["height"], TALL)})
        page.evaluate("document.querySelectorAll('.jp-WindowedPanel-outer').forEach(outer => { outer.scrollTop = 0 })")
        page.screenshot(path=path)
        page.set_viewport_size(size)

    def close(self) -> None:
        self.context.close()
        self.server.end_kernels()
