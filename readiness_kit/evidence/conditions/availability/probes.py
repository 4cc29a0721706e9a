"""Probes that leave a start enough time and ask the right thing.

Kubernetes restarts a container when the startup probe fails `failureThreshold` times; without one, the liveness probe
decides from the beginning. Source: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

from __future__ import annotations

from datetime import datetime

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.network.tls import native_tls
from readiness_kit.evidence.wording import duration, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import auth, exposure
from readiness_kit.facts.weaviate.running import is_ready
from readiness_kit.kinds.pods import Pod, Probe
from readiness_kit.model import Check, Outcome, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
LIVE, READY, PUBLIC = "/v1/.well-known/live", "/v1/.well-known/ready", "/v1/.well-known/"
MAX_MEASURED_SECONDS = 6 * 3600
"""A pod that became ready later than this after its start was ready before, so it measures no start."""


def window(probe: Probe) -> int:
    """Seconds from the start of a container until a probe that always fails restarts it."""
    return probe.initial_delay_seconds + (probe.period_seconds or 10) * (probe.failure_threshold or 3)


def windows(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """The time that the probes allow for a start, against the measured or the expected one."""
    container, on = facts.weaviate.container, weaviate_subject(facts)
    startup, liveness = container.startup_probe, container.liveness_probe
    probe, name = (startup, "startupProbe") if startup is not None else (liveness, "livenessProbe")
    if probe is None:
        return []
    allowed, least = window(probe), settings.thresholds.start_seconds_minimum
    measured = start_seconds(facts)
    checks = []
    if measured is not None:
        checks.append(weaviate_subject(facts, "pods").info("measured start, quickest pod", duration(measured)))
    needed = max(least, measured or 0)
    field, expected = f"{name}, time allowed for a start", f"{duration(needed)} or more"
    what = f"a start took {duration(measured)}" if measured and measured > least else "loading data may take longer"
    message = (
        f"The {name} restarts Weaviate {duration(allowed)} after its start, but {what}: it may never become ready."
    )
    outcome = NOT_MET if measured is not None and measured > allowed else PARTLY
    seen, ok, fix = duration(allowed), allowed >= needed, "probes.startup"
    checks.append(on.check(field, seen, expected, ok, message=message, on_failure=outcome, fix=fix))
    if startup is not None and liveness is not None:
        checks.append(on.info("livenessProbe, time to a restart of a hung server", duration(_hung(liveness))))
    return checks


def _hung(probe: Probe) -> int:
    return (probe.period_seconds or 10) * (probe.failure_threshold or 3)


def start_seconds(facts: ClusterFacts) -> int | None:
    """Seconds from the start of the server to its readiness, of the quickest pod; None where it is not known."""
    found = [
        seconds
        for pod in facts.weaviate.pods
        if (started := _started(pod, facts.weaviate.container.name)) is not None
        for condition in pod.status.conditions
        if condition.type == "Ready" and condition.status == "True" and condition.last_transition_time is not None
        if 0 < (seconds := int((condition.last_transition_time - started).total_seconds())) <= MAX_MEASURED_SECONDS
    ]
    # A pod that lost its readiness later seems to have started slowly: of several, the quickest is certain.
    return min(found, default=None)


def _started(pod: Pod, container: str) -> datetime | None:
    for status in pod.status.container_statuses:
        if status.name == container and status.state.running is not None:
            return status.state.running.started_at
    return None


# --- what the probes ask --------------------------------------------------------------------------


def asked(facts: ClusterFacts) -> list[Check]:
    """Liveness does not depend on other pods, readiness on more than an open port, and no probe needs credentials."""
    container, checks = facts.weaviate.container, []
    for name, probe in (
        ("startupProbe", container.startup_probe),
        ("livenessProbe", container.liveness_probe),
        ("readinessProbe", container.readiness_probe),
    ):
        if probe is not None:
            checks += [*_port(facts, name, probe), *_scheme(facts, name, probe), *_path(facts, name, probe)]
    return checks


def _path(facts: ClusterFacts, name: str, probe: Probe) -> list[Check]:
    on, field, path = weaviate_subject(facts), f"{name}.httpGet.path", probe.http_get.path if probe.http_get else ""
    if probe.tcp_socket is not None:
        if name == "startupProbe":
            return []
        effect = "a server that hangs is not restarted" if name == "livenessProbe" else "it is sent requests too early"
        message = f"The {name} only opens a connection, which does not show that Weaviate answers: {effect}."
        return [_wrong(on, f"{name}.tcpSocket", "open port", READY, message)]
    if not path:
        return []
    if not path.startswith(PUBLIC) and auth.anonymous(facts.weaviate) is False:
        ready = any(map(is_ready, facts.weaviate.pods))
        effect = "it depends on an API key" if ready else "without an API key the answer is 401, so it always fails"
        message = f"The {name} asks {path}, which needs authentication: {effect}. Use {PUBLIC}…"
        outcome = PARTLY if ready else NOT_MET
        return [_wrong(on, field, path, f"{PUBLIC}…", message, outcome)]
    if name == "livenessProbe" and path.startswith(READY):
        message = f"The livenessProbe asks {READY}: a pod that only waits for other pods is restarted. Use {LIVE}."
        return [_wrong(on, field, path, LIVE, message)]
    if name == "readinessProbe" and path.startswith(LIVE):
        message = f"The readinessProbe asks {LIVE}: the pod receives requests before it is ready. Use {READY}."
        return [_wrong(on, field, path, READY, message)]
    return []


def _wrong(on: Subject, field: str, seen: str, expected: str, message: str, outcome: Outcome = PARTLY) -> Check:
    """A probe that asks the wrong thing, with the fix of that probe; `field` begins with its name."""
    fix = "probes.liveness" if field.startswith("livenessProbe") else "probes.readiness"
    if field.startswith("startupProbe"):
        fix = "probes.startup_path"
    return on.check(field, seen, expected, False, message=message, on_failure=outcome, fix=fix)


def _port(facts: ClusterFacts, name: str, probe: Probe) -> list[Check]:
    """A port by name must be a port of the container, a number one on which a container of the pod listens."""
    handler, container = probe.http_get or probe.tcp_socket, facts.weaviate.container
    if handler is None or handler.host:
        return []
    port, field = handler.port, f"{name}.port"
    if isinstance(port, str) and not port.isdigit():
        if any(declared.name == port for declared in container.ports):
            return []
        message = f"The {name} asks port {port}, which the container does not have: it always fails."
        return [_wrong(weaviate_subject(facts), field, port, "a port of the container", message, NOT_MET)]
    known = exposure.listening_ports(facts.weaviate)
    if int(port) in known:
        return []
    message = f"The {name} asks port {port}, on which no container of the pod is known to listen"
    return [_never_answers(facts, field, str(port), f"one of {names(map(str, sorted(known)), most=9)}", message)]


def _scheme(facts: ClusterFacts, name: str, probe: Probe) -> list[Check]:
    """The REST port answers HTTPS where the server has a certificate, and HTTP elsewhere."""
    handler, (rest, _) = probe.http_get, exposure.api_ports(facts.weaviate)
    if handler is None or exposure.container_port(handler.port, facts.weaviate.spec) != rest:
        return []
    asked, served = handler.scheme or "HTTP", "HTTPS" if native_tls(facts.weaviate, "REST") else "HTTP"
    if asked == served:
        return []
    message = f"The {name} asks by {asked}, but Weaviate serves {served} on port {rest}"
    return [_never_answers(facts, f"{name}.httpGet.scheme", asked, served, message)]


def _never_answers(facts: ClusterFacts, field: str, seen: str, expected: str, message: str) -> Check:
    """A failed check of a probe that always fails; partly where pods are ready, which proves the opposite for now."""
    ready = any(map(is_ready, facts.weaviate.pods))
    effect = "although pods are ready now, check it before the next restart" if ready else "it always fails"
    outcome = PARTLY if ready else NOT_MET
    return _wrong(weaviate_subject(facts), field, seen, expected, f"{message}: {effect}.", outcome)
