"""The cluster: kubeconfig, connection, clock, and each right that a collection needs."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from readiness_kit import evidence
from readiness_kit.checklist import load_checklist
from readiness_kit.collect import Connection, collect, connect, contexts, permissions
from readiness_kit.collect.kubernetes.impersonation import Impersonation
from readiness_kit.collect.kubernetes.kubeconfig import unverified_contexts
from readiness_kit.doctor.line import Line
from readiness_kit.errors import ReadinessError
from readiness_kit.labels import count
from readiness_kit.locate import WORKLOAD_READS
from readiness_kit.model import Read, Reason

UNVERIFIED = (
    "the certificate of the API server is not verified (insecure-skip-tls-verify): anyone on the network can read the"
    " credentials and change the answers"
)
MAX_SKEW = 300.0
"""Seconds; with a larger difference of the clocks, ages are not judged."""
SHOWN = 8


class Access(msgspec.Struct, frozen=True):
    """How to reach the cluster; empty for the defaults of kubectl."""

    kubeconfig: str = ""
    context: str = ""
    namespaces: tuple[str, ...] = ()
    impersonate: Impersonation | None = None
    timeout: float = 30.0


def cluster(access: Access, *, reach: bool) -> Iterator[Line]:
    """The kubeconfig; with `reach`, also the server, its clock, and the rights."""
    try:
        known = contexts(access.kubeconfig)
        more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
        yield Line(bool(known), f"kubeconfig with {count(len(known), 'context')}: {', '.join(known[:SHOWN])}{more}")
        for name in unverified_contexts(access.kubeconfig):
            yield Line(
                False if access.context in ("", name) else None,
                f"{name}: {UNVERIFIED}",
                "set certificate-authority-data in the kubeconfig and remove insecure-skip-tls-verify",
            )
    except ReadinessError as problem:
        yield Line(None, problem.what, problem.hint)
        return
    if not reach:
        yield Line(None, "the cluster was not contacted", "add --reach to test the connection and the permissions")
        return
    try:
        with connect(
            access.kubeconfig, access.context, timeout=access.timeout, impersonate=access.impersonate
        ) as connection:
            yield Line(True, f"{connection.context}: Kubernetes {connection.server_version or 'of an unknown version'}")
            yield _clock(connection)
            yield from _rights(connection, access.namespaces)
    except ReadinessError as problem:
        yield Line(False, problem.what, problem.hint, problem.exit_code)


def _clock(connection: Connection) -> Line:
    skew = connection.clock_skew
    if abs(skew) <= MAX_SKEW:
        return Line(True, f"the clocks of this machine and of the API server differ by {abs(skew):.0f} s")
    return Line(
        False,
        f"the clocks of this machine and of the API server differ by {abs(skew):.0f} s; ages cannot be judged",
        "set the clock of this machine: `timedatectl set-ntp true`",
    )


def _rights(connection: Connection, namespaces: tuple[str, ...]) -> Iterator[Line]:
    """The rights kind by kind, in the namespaces in which a collection would list each kind."""
    questions = load_checklist().questions
    reads = evidence.reads_for(questions)
    found = collect(connection, WORKLOAD_READS, namespaces=namespaces).manifest
    where = found.weaviate_namespaces
    yield Line(None, f"Weaviate in {', '.join(where) or 'no namespace that can be seen'}")
    refused = permissions(connection, reads, namespaces, weaviate=where or ("",))
    if not refused:
        yield Line(True, "all lists that the evidence needs are permitted")
    role = "".join(f" -n {namespace}" for namespace in namespaces)
    unknown: dict[str, list[str]] = {}
    for read in refused:
        if read.reason is Reason.ERROR:
            unknown.setdefault(read.message, []).append(read.key)
        else:
            command = f"readiness rbac{role} | kubectl apply -f -"
            yield _refused(read, evidence.questions_losing(read.key, questions), command)
    yield from (_unchecked(message, keys) for message, keys in unknown.items())


def _unchecked(message: str, keys: list[str]) -> Line:
    """One line for all kinds whose review failed alike: a server that does not answer reviews fails for each."""
    shown = ", ".join(keys[:SHOWN]) + (f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else "")
    return Line(None, f"{shown}: {message}", "run `readiness collect`, which lists each kind and names what is refused")


def _refused(read: Read, losing: tuple[str, ...], command: str) -> Line:
    affected = ", ".join(losing) or "no question of this checklist"
    return Line(
        False,
        f"no permission to list {read.key}; affected: {affected}",
        f"ask an administrator of the cluster for the role: `{command}`",
    )
