"""Connection tests: which servers answer, which lists are forbidden, the effect, and the role that is needed."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from readiness_kit import evidence
from readiness_kit.collect import Sources, cluster_role, connect, permissions
from readiness_kit.collect.http.certificates import authorities
from readiness_kit.collect.prometheus.client import Server, log_in
from readiness_kit.collect.prometheus.metadata import build
from readiness_kit.collect.prometheus.reader import Absent
from readiness_kit.collect.weaviate.client import Client
from readiness_kit.decoding import UNDECODABLE
from readiness_kit.errors import ReadinessError
from readiness_kit.labels import REASON_WORDS, count
from readiness_kit.markup import esc, limited, table
from readiness_kit.model import Question, Read, Reason
from readiness_kit.notebook.views.view import error_html

LOCAL = "http://127.0.0.1:8080"
TIMEOUT = 10.0
"""Seconds; short, because a person waits for the result."""
OK, FAILED, SKIPPED = "✓", "✗", "?"


def cluster_html(kubeconfig: str, context: str, namespaces: tuple[str, ...], questions: Sequence[Question]) -> str:
    """Whether the API server answers, and which lists it would refuse."""
    reads = evidence.reads_for(questions)
    try:
        with connect(kubeconfig, context, timeout=TIMEOUT) as connection:
            version = connection.server_version or "version unknown"
            line = f"{connection.context or 'in-cluster'}, Kubernetes {version}"
            refused = permissions(connection, reads, namespaces)
    except ReadinessError as problem:
        return _line(FAILED, "Cluster", error_html(problem))
    return _line(OK, "Cluster", esc(line)) + refused_html(refused, reads, namespaces, questions)


def _line(sign: str, server: str, html: str) -> str:
    return f"<p>{sign} <b>{server}</b>: {html}</p>"


def refused_html(
    refused: Sequence[Read], reads: Sequence[str], namespaces: tuple[str, ...], questions: Sequence[Question]
) -> str:
    """Which kinds cannot be listed, which questions that affects, and the role that would permit it."""
    if not refused:
        return f"<p>{OK} All lists that the evidence needs are permitted.</p>"
    rows = [(read.key, affected_questions(read.key, questions), limited(read.message, 200)) for read in refused]
    refusals = table(("Kind", "Affected questions", "Message of the server"), rows, caption="Kinds without permission")
    role = "Role" if namespaces else "ClusterRole"
    return (
        f"<p>{FAILED} <b>No permission to list {count(len(refused), 'kind')}</b>; "
        "evidence that needs them is unknown.</p>"
        f"<details open><summary>Missing permissions</summary>{refusals}</details>"
        f"<details><summary>The {role} that is needed (list only, no Secrets)</summary>"
        f'<pre tabindex="0">{esc(cluster_role(reads, namespaces=namespaces))}</pre>'
        '<p class="quiet">Click the text to select all of it.</p></details>'
    )


def affected_questions(key: str, questions: Sequence[Question]) -> str:
    """The numbers of the questions that need a kind."""
    ids = evidence.questions_losing(key, questions)
    numbers = [question.number for question in questions if question.id in ids]
    return ", ".join(numbers) or "details only"


def port_forward_html(command: str) -> str:
    """How to open a connection to Weaviate; the kit itself opens none. Empty without a command."""
    if not command:
        return ""
    return (
        "<p>To include evidence from the Weaviate API, run this command in a terminal, keep it running, and enter "
        f'<code>{LOCAL}</code> as the Weaviate URL:</p><pre tabindex="0">{esc(command)}</pre>'
    )


def weaviate_html(sources: Sources, command: str = "") -> str:
    """Whether Weaviate answers and accepts the credentials, with its version; otherwise the port-forward command."""
    port_forward = port_forward_html(command)
    if not sources.weaviate_url:
        later = '<p class="quiet">After the first collection, the port-forward command is shown here.</p>'
        return _line(SKIPPED, "Weaviate", "no URL given, not tested.") + (port_forward or later)
    try:
        ca = authorities(sources.weaviate_ca, "Weaviate")
        client = Client(sources.weaviate_url, sources.weaviate_key or sources.weaviate_token, ca_file=ca)
    except ReadinessError as problem:
        return _line(FAILED, "Weaviate", error_html(problem))
    try:
        meta = client.json("/v1/meta", timeout=TIMEOUT, attempts=1)
    except (ReadinessError, *UNDECODABLE) as problem:
        reason, message = client.why(problem)
        if reason is Reason.FORBIDDEN:
            # Even a refusal shows that the connection works: no port-forward is needed.
            return _line(FAILED, "Weaviate", f"it answers, but rejects these credentials ({esc(message, 200)})")
        return _line(FAILED, "Weaviate", f"{REASON_WORDS[reason]} ({esc(message, 200)})") + port_forward
    finally:
        client.close()
    version = meta.get("version", "") if isinstance(meta, dict) else ""
    return _line(OK, "Weaviate", f"{esc(version or 'version unknown', 40)} at {esc(client.server)}")


def prometheus_html(sources: Sources) -> str:
    """Whether the metrics server answers, with its product and version."""
    if not sources.prometheus_url:
        return _line(SKIPPED, "Prometheus", "no URL given, not tested.")
    try:
        ca = authorities(sources.prometheus_ca, "Prometheus")
        login = log_in(sources.prometheus_url, sources.prometheus_token, tenant=sources.prometheus_tenant, ca=ca)
        server = Server(login, threading.Event(), TIMEOUT)
    except ReadinessError as problem:
        return _line(FAILED, "Prometheus", error_html(problem))
    try:
        built = build(server)
    except ReadinessError as problem:
        return _line(FAILED, "Prometheus", error_html(problem))
    except Absent as problem:
        return _line(SKIPPED, "Prometheus", f"it answers, but does not report its version ({esc(problem, 200)})")
    finally:
        server.close()
    return _line(OK, "Prometheus", f"{esc(built.flavour)} {esc(built.version)} at {esc(login.shown)}")
