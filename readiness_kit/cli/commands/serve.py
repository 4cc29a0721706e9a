"""`serve`: a snapshot as a read-only Kubernetes API on this machine."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import click

from readiness_kit.bundles import load
from readiness_kit.cli.folder import newest_snapshot
from readiness_kit.cli.inputs import piped
from readiness_kit.cli.options import FOLDER, SNAPSHOT
from readiness_kit.cli.output import write_line
from readiness_kit.serve import ServedSnapshot


@click.command()
@SNAPSHOT
@FOLDER
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port on 127.0.0.1. Default: a free one.")
def serve(snapshot: Path | None, folder: Path | None, port: int) -> None:
    """Serve a snapshot to kubectl as a read-only API.

    The API is reachable from this machine only, until Ctrl-C.
    """
    with piped(snapshot) as file:
        taken = load(file or newest_snapshot(folder))
    with tempfile.TemporaryDirectory(prefix="readiness-") as private, ServedSnapshot(taken, port) as served:
        try:
            write_line(f"export KUBECONFIG={served.kubeconfig(Path(private))}")
            write_line("Read-only, on this machine only. Try: kubectl get pods -A. Stop with Ctrl-C.", err=True)
            threading.Event().wait()
        except KeyboardInterrupt:
            write_line("Stopped.", err=True)
