"""Which cluster and which Weaviate were read, and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence

from readiness_kit.assessment.score import running_bound
from readiness_kit.labels import REASON_WORDS, count, running_lines
from readiness_kit.markup import esc, limited, table
from readiness_kit.model import Read, Reason, RunningState
from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.view import error_html, flag_html

NO_EVIDENCE = "<p>Nothing has been collected yet.</p>"


def evidence_html(controller: Controller) -> str:
    """The cluster and the Weaviate workload of the newest snapshot, and what could not be read."""
    session = controller.session
    if session.snapshot is None:
        return NO_EVIDENCE
    manifest = session.snapshot.manifest
    collected = manifest.taken_at.strftime("%Y-%m-%d %H:%M UTC")
    cluster = f"{manifest.context or 'without a name'}, Kubernetes {manifest.server_version or 'version unknown'}"
    html = f"<p><b>Cluster</b> {esc(cluster)}, collected on {esc(collected)}</p>"
    if manifest.tls_unverified:
        html += flag_html(
            "The certificate of the API server was not verified (<code>insecure-skip-tls-verify</code>); the data may"
            " not be authentic."
        )
    if session.facts is not None:
        weaviate = session.facts.weaviate
        version = str(weaviate.version) if weaviate.version else "version unknown"
        workload = f"{weaviate.kind} {weaviate.namespace}/{weaviate.name}"
        html += f"<p><b>Weaviate</b> {esc(workload)}, {esc(version)}, {count(weaviate.replicas, 'replica')}</p>"
        html = running_html(session.facts.running) + html
    elif session.problem is not None:
        html += flag_html(error_html(session.problem))
    html = "".join(flag_html(esc(warning)) for warning in session.warnings()) + html
    return html + reads_html(manifest.reads)


def running_html(running: RunningState | None) -> str:
    """Whether Weaviate was running in the snapshot, a warning where it was not; empty where nothing is to show."""
    title, lines = running_lines(running)
    if running is None or not lines:
        return ""
    items = "".join(f"<li>{esc(line)}</li>" for line in lines)
    if running_bound(running) is not None:
        return flag_html(f"<b>{esc(title)}.</b><ul>{items}</ul>")
    return f"<details><summary>{esc(title)}</summary><ul>{items}</ul></details>"


def reads_html(reads: Sequence[Read]) -> str:
    """The number of lists and API responses that were read, and a table of those that could not be read."""
    missing = [read for read in reads if read.reason not in (None, Reason.ABSENT)]
    text = f"{len(reads) - len(missing)} lists and API responses read"
    if not missing:
        return f"<p>{text}, none refused.</p>"
    rows = [(read.key, REASON_WORDS[read.reason], limited(read.message, 200)) for read in missing if read.reason]
    return (
        f"<p>{text}, <b>{len(missing)} could not be read</b>.</p><details><summary>What could not be read</summary>"
        f"{table(('Source', 'Reason', 'Message'), rows, caption='Sources that could not be read')}"
        '<p class="quiet">The connection test above shows the role that is needed; so does '
        "<code>readiness rbac</code>.</p></details>"
    )
