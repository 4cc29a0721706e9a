"""`doctor`: what is wrong with the installation, the folder or the connection, and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from readiness_kit.cli.folder import open_folder
from readiness_kit.cli.forms import Output, output_option, write_output, write_styled
from readiness_kit.cli.options import FOLDER, ConnectionOptions, connection_options
from readiness_kit.collect.kubernetes.impersonation import Impersonation
from readiness_kit.doctor import Access, examine
from readiness_kit.doctor import Line as Check
from readiness_kit.errors import ReadinessError
from readiness_kit.model import Cluster
from readiness_kit.report.exports.terminal import BAD, FAINT, GOOD, STRONG, Line


@click.command()
@FOLDER
@connection_options
@click.option("--reach", is_flag=True, help="Also connect to the cluster and check the permissions.")
@output_option("text", "json")
def doctor(folder: Path | None, connection: ConnectionOptions, reach: bool, outputs: Output) -> None:
    """Check the installation, the folder and the connection.

    Each line that fails is followed by the next step. The exit code is that of the most serious failure.
    """
    chosen = connection.over(_settings(folder))
    impersonate = Impersonation(chosen.user, chosen.groups) if chosen.user else None
    access = Access(chosen.kubeconfig, chosen.context, chosen.namespaces, impersonate, chosen.timeout)
    lines = list(examine(access, folder, reach=reach))
    if outputs.form == "json":
        checks = [{"ok": row.ok, "text": row.text, "next": row.hint} for row in lines]
        write_output(outputs, json.dumps({"checks": checks}, indent=2, ensure_ascii=False))
    else:
        write_styled(outputs, [shown for row in lines for shown in _doctor_lines(row)])
    if codes := {row.exit_code for row in lines if row.ok is False}:
        raise SystemExit(max(codes))


def _settings(folder: Path | None) -> Cluster:
    """The cluster settings of the folder; the defaults where there is none that can be read, which a line reports."""
    try:
        return open_folder(folder).settings.cluster
    except ReadinessError:
        return Cluster()


def _doctor_lines(row: Check) -> Iterator[Line]:
    style = {True: GOOD, False: BAD, None: FAINT}[row.ok]
    yield Line(((f"{row.sign} ", style), (row.text, "")), hang=2)
    if row.hint:
        yield Line((("Next: ", STRONG), (row.hint, "")), indent=4, hang=6)
