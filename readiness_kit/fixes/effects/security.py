"""The effects of commands on access: Services, the accounts of the pods, and what the server answers."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from readiness_kit.evidence.conditions.identity.pod_security import PSA
from readiness_kit.evidence.conditions.network.access import PROBE
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.effects.registry import effect
from readiness_kit.fixes.parameters.security.exposure import to_close
from readiness_kit.fixes.parameters.security.identity import surplus
from readiness_kit.fixes.projection import labelled, not_observable, with_answer, with_kind
from readiness_kit.kinds.network import Service, ServiceStatus
from readiness_kit.kinds.weaviate import Meta
from readiness_kit.snapshot import Snapshot

META = "weaviate/meta"


@effect("services_closed")
def services_closed(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The Services that no value of the chart sets have addresses inside of the cluster only."""
    closed = {(entry.service.metadata.namespace, entry.name) for entry in to_close(facts, by_values=False)}
    return with_kind(
        snapshot,
        "services",
        (
            _closed(each)
            if isinstance(each, Service) and (each.metadata.namespace, each.metadata.name) in closed
            else each
            for each in snapshot.kept.get("services", ())
        ),
    )


def _closed(service: Any) -> Any:
    ports = tuple(replace(port, node_port=0) for port in service.spec.ports)
    spec = replace(
        service.spec,
        type="ClusterIP",
        ports=ports,
        external_ips=(),
        load_balancer_source_ranges=(),
        load_balancer_class="",
    )
    return replace(service, spec=spec, status=ServiceStatus())


@effect("anonymous_off")
def anonymous_off(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The answer to a request without credentials is not known before the running server is asked again."""
    answers = {key: value for key, value in snapshot.answers.items() if key != PROBE}
    return not_observable(replace(snapshot, answers=answers), PROBE, "the server was not asked after the change")


@effect("backup_ssl")
def backup_ssl(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The server reports that it connects to the backup storage with TLS."""
    meta = snapshot.answer(META)
    if not isinstance(meta, Meta) or "backup-s3" not in meta.modules:
        return snapshot
    modules = {**meta.modules, "backup-s3": replace(meta.modules["backup-s3"], use_ssl=True)}
    return with_answer(snapshot, META, replace(meta, modules=modules))


@effect("account_token")
def account_token(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The service account of the pods mounts no token."""
    named = (facts.weaviate.namespace, facts.weaviate.service_account)
    return with_kind(
        snapshot,
        "serviceaccounts",
        (
            replace(each, automount_service_account_token=False)
            if (each.metadata.namespace, each.metadata.name) == named
            else each
            for each in snapshot.kept.get("serviceaccounts", ())
        ),
    )


@effect("bindings_removed")
def bindings_removed(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The bindings of the service account of the pods are gone."""
    removed = surplus(facts)
    for key in ("rolebindings", "clusterrolebindings"):
        gone = [grant.binding for grant in removed if grant.key == key]
        snapshot = with_kind(snapshot, key, (each for each in snapshot.kept.get(key, ()) if each not in gone))
    return snapshot


@effect("namespace_standard")
def namespace_standard(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The namespace of the pods enforces the standard `baseline`."""
    return with_kind(
        snapshot,
        "namespaces",
        (
            labelled(each, {PSA: "baseline"}) if each.metadata.name == facts.weaviate.namespace else each
            for each in snapshot.kept.get("namespaces", ())
        ),
    )
