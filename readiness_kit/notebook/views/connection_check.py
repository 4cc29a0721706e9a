"""Tests of the connections: what answers, what may not be read, what that costs, and the role to ask for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from readiness_kit.decoding import UNDECODABLE
from readiness_kit.errors import ReadinessError
from readiness_kit.labels import REASON_WORDS, count
from readiness_kit.markup import esc, plain_table
from readiness_kit.model import Question, Read, Reason
from readiness_kit.notebook.views.view import scrolled, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readiness_kit.collect import Sources

LOCAL = "http://127.0.0.1:8080"
TIMEOUT = 10.0
"""Seconds: somebody waits."""


def cluster_html(kubeconfig: str, context: str, namespaces: tuple[str, ...], questions: Sequence[Question]) -> str:
    """Whether the API server answers, and which lists it would refuse."""
    from readiness_kit import evidence
    from readiness_kit.collect import connect, permissions

    reads = evidence.reads_for(questions)
    try:
        with connect(kubeconfig, context, timeout=TIMEOUT) as connection:
            version = connection.server_version or "of no version"
            line = f"{connection.context or 'in the cluster'}, Kubernetes {version}"
            refused = permissions(connection, reads, namespaces)
    except ReadinessError as problem:
        return f"<p>✗ <b>Cluster</b>: {told(problem)}</p>"
    return f"<p>✓ <b>Cluster</b>: {esc(line)}</p>" + refused_html(refused, reads, namespaces, questions)


def refused_html(
    refused: Sequence[Read], reads: Sequence[str], namespaces: tuple[str, ...], questions: Sequence[Question]
) -> str:
    """What may not be listed, which questions lose by it, and the role that would permit it."""
    from readiness_kit.collect import cluster_role

    if not refused:
        return "<p>✓ Everything that the evidence needs may be read.</p>"
    rows = [[esc(read.key), esc(affected_questions(read.key, questions)), esc(read.message, 200)] for read in refused]
    refusals = plain_table(("Kind", "Questions that lose by it", "The server says"), rows)
    role = "Role" if namespaces else "ClusterRole"
    text = cluster_role(reads, namespaces=namespaces)
    return (
        f"<p>✗ <b>{count(len(refused), 'kind')} may not be read</b>; what needs them stays unknown.</p>"
        "<details open><summary>What is not permitted</summary>"
        f"{scrolled(refusals, 'what is not permitted')}"
        f"</details><details><summary>The {role} to ask for (list only, no Secrets)</summary>"
        f'<pre tabindex="0">{esc(text)}</pre>'
        f"<p class='quiet'>One click selects it all.</p></details>"
    )


def affected_questions(key: str, questions: Sequence[Question]) -> str:
    """The numbers of the questions that need a kind."""
    from readiness_kit import evidence

    ids = evidence.questions_losing(key, questions)
    numbers = [question.number for question in questions if question.id in ids]
    return ", ".join(numbers) or "only details"


def port_forward_html(command: str) -> str:
    """How a person opens the way to Weaviate: the kit itself opens none."""
    return (
        f"<p>To have Weaviate itself asked, run this in a terminal and leave it running; then give "
        f'<code>{LOCAL}</code> as the Weaviate URL:</p><pre tabindex="0">{esc(command)}</pre>'
    )


def weaviate_html(sources: Sources, command: str = "") -> str:
    """Whether Weaviate answers, in which version, and whether it takes the key; else the command that leads to it."""
    from readiness_kit.collect.http.certificates import authorities
    from readiness_kit.collect.weaviate.client import Client

    way = port_forward_html(command) if command else ""
    if not sources.weaviate_url:
        later = way or "<p class='quiet'>After the first collection the command that leads to it stands here.</p>"
        return f"<p>? <b>Weaviate</b>: no URL is given, so it is not asked.</p>{later}"
    try:
        ca = authorities(sources.weaviate_ca, "Weaviate")
        client = Client(sources.weaviate_url, sources.weaviate_key or sources.weaviate_token, ca_file=ca)
    except ReadinessError as problem:
        return f"<p>✗ <b>Weaviate</b>: {told(problem)}</p>"
    try:
        meta = client.json("/v1/meta", timeout=TIMEOUT, attempts=1)
    except (ReadinessError, *UNDECODABLE) as problem:
        reason, words = client.why(problem)
        # An answer, even a refusal, shows that the way is open.
        way = "" if reason is Reason.FORBIDDEN else way
        what = "it answers, but not to these credentials" if reason is Reason.FORBIDDEN else REASON_WORDS[reason]
        return f"<p>✗ <b>Weaviate</b>: {what} ({esc(words, 200)})</p>{way}"
    finally:
        client.close()
    version = meta.get("version", "") if isinstance(meta, dict) else ""
    return f"<p>✓ <b>Weaviate</b>: {esc(version or 'no version given', 40)} at {esc(client.server)}</p>"


def prometheus_html(sources: Sources) -> str:
    """Whether the metrics server answers, and what it is."""
    from readiness_kit.collect.http.certificates import authorities
    from readiness_kit.collect.prometheus.client import Server, log_in
    from readiness_kit.collect.prometheus.metadata import build
    from readiness_kit.collect.prometheus.reader import Absent

    if not sources.prometheus_url:
        return "<p>? <b>Prometheus</b>: no URL is given, so it is not asked.</p>"
    try:
        ca = authorities(sources.prometheus_ca, "Prometheus")
        login = log_in(sources.prometheus_url, sources.prometheus_token, tenant=sources.prometheus_tenant, ca=ca)
        server = Server(login, threading.Event(), TIMEOUT)
    except ReadinessError as problem:
        return f"<p>✗ <b>Prometheus</b>: {told(problem)}</p>"
    try:
        built = build(server)
    except ReadinessError as problem:
        return f"<p>✗ <b>Prometheus</b>: {told(problem)}</p>"
    except Absent as problem:
        return f"<p>? <b>Prometheus</b>: it answers, but does not say what it is ({esc(problem, 200)})</p>"
    finally:
        server.close()
    return f"<p>✓ <b>Prometheus</b>: {esc(built.flavour)} {esc(built.version)} at {esc(login.shown)}</p>"


def reads_html(reads: Sequence[Read]) -> str:
    """How many kinds were read, and a fold-out table of those that were not."""
    missing = [read for read in reads if read.reason not in (None, Reason.ABSENT)]
    text = f"<p>{count(len(reads) - len(missing), 'list')} and answers read"
    if not missing:
        return text + ", nothing refused.</p>"
    rows = [[esc(read.key), REASON_WORDS[read.reason], esc(read.message, 200)] for read in missing if read.reason]
    return (
        f"{text}, <b>{len(missing)} could not be read</b>.</p><details><summary>What could not be read</summary>"
        f"{scrolled(plain_table(('What', 'Why', 'Message'), rows), 'what could not be read')}"
        '<p class="quiet">The connection test above shows the role to ask for; so does '
        "<code>readiness rbac</code>.</p></details>"
    )
