"""What calls and commands change, projected onto a snapshot: one pure function for each, declared with `@effect`.

An effect changes only what the call is certain to change. What only the running cluster can show (the counts of new
replicas, for example) is not invented: the answer that would hold it is marked as not observable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from readiness_kit.evidence.conditions.identity.pod_security import PSA
from readiness_kit.evidence.conditions.network.access import PROBE
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate import scraping
from readiness_kit.fixes.parameters.availability import REPLICAS
from readiness_kit.fixes.parameters.exposure import to_close
from readiness_kit.fixes.parameters.identity import surplus
from readiness_kit.fixes.parameters.monitoring import selected_labels, unselected
from readiness_kit.fixes.projection import not_observable, with_answer, with_objects
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.network import Service, ServiceStatus
from readiness_kit.kinds.weaviate import CollectionSchema, Meta, Nodes, Schema, ServerNode, ShardStatus
from readiness_kit.snapshot import Snapshot

Effect = Callable[[Snapshot, ClusterFacts], Snapshot]
EFFECTS: dict[str, Effect] = {}
SCHEMA, VERBOSE, META = "weaviate/schema", "weaviate/nodes_verbose", "weaviate/meta"


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register the function of one effect; it gets the snapshot to change and the facts before all changes."""

    def register(function: Effect) -> Effect:
        EFFECTS[name] = function
        return function

    return register


@effect("replication_factor_three")
def replication_factor_three(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """Every collection has an odd factor of at least three; its shards are on as many nodes.

    The nodes of the new replicas are certain only where there are no more nodes than replicas.
    """
    schema = snapshot.answer(SCHEMA)
    if not isinstance(schema, Schema):
        return snapshot
    raised = tuple(_raised(item) for item in schema.classes)
    snapshot = with_answer(snapshot, SCHEMA, replace(schema, classes=raised))
    nodes = snapshot.answer(VERBOSE)
    if not isinstance(nodes, Nodes) or nodes.sampled:
        return snapshot
    factors = {item.name: item.replication_config.factor for item in raised}
    return with_answer(snapshot, VERBOSE, replace(nodes, nodes=_replicated(nodes.nodes, factors)))


def _raised(item: CollectionSchema) -> CollectionSchema:
    config = item.replication_config
    factor = max(REPLICAS, config.factor + (config.factor + 1) % 2)
    return replace(item, replication_config=replace(config, factor=factor))


def _replicated(nodes: tuple[ServerNode, ...], factors: dict[str, int]) -> tuple[ServerNode, ...]:
    """Each shard on as many nodes as its factor, the first ones by name that do not have it yet."""
    holders: dict[tuple[str, str], list[str]] = {}
    for node in nodes:
        for shard in node.shards:
            holders.setdefault((shard.collection, shard.name), []).append(node.name)
    known = {(shard.collection, shard.name): shard for node in nodes for shard in node.shards}
    added: dict[str, list[tuple[str, str]]] = {}
    for key, names in holders.items():
        missing = factors.get(key[0], len(names)) - len(names)
        for name in [node.name for node in nodes if node.name not in names][: max(missing, 0)]:
            added.setdefault(name, []).append(key)
    changed = []
    for node in nodes:
        shards = [
            _counted(shard, factors) for shard in (*node.shards, *(known[key] for key in added.get(node.name, ())))
        ]
        changed.append(replace(node, shards=tuple(shards)))
    return tuple(changed)


def _counted(shard: ShardStatus, factors: Mapping[str, int]) -> ShardStatus:
    """The shard with the raised numbers, where the server returns them."""
    factor = factors.get(shard.collection, 0)
    return replace(
        shard,
        number_of_replicas=max(shard.number_of_replicas, factor) if shard.number_of_replicas else 0,
        replication_factor=max(shard.replication_factor, factor) if shard.replication_factor else 0,
    )


# --- security -------------------------------------------------------------------------------------


def _with(snapshot: Snapshot, key: str, items: Iterable[KubeObject]) -> Snapshot:
    return with_objects(snapshot, {**snapshot.kept, key: tuple(items)})


@effect("services_closed")
def services_closed(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The Services that no value of the chart sets have addresses inside of the cluster only."""
    closed = {(entry.service.metadata.namespace, entry.name) for entry in to_close(facts, by_values=False)}
    return _with(
        snapshot,
        "services",
        (
            _closed(each)
            if isinstance(each, Service) and (each.metadata.namespace, each.metadata.name) in closed
            else each
            for each in snapshot.kept.get("services", ())
        ),
    )


def _closed(service: Service) -> Service:
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
    return _with(
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
        snapshot = _with(snapshot, key, (each for each in snapshot.kept.get(key, ()) if each not in gone))
    return snapshot


@effect("namespace_standard")
def namespace_standard(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The namespace of the pods enforces the standard `baseline`."""
    return _with(
        snapshot,
        "namespaces",
        (
            _labelled(each, {PSA: "baseline"}) if each.metadata.name == facts.weaviate.namespace else each
            for each in snapshot.kept.get("namespaces", ())
        ),
    )


def _labelled(item: Any, labels: Mapping[str, str]) -> Any:
    return replace(item, metadata=replace(item.metadata, labels={**item.metadata.labels, **labels}))


# --- monitoring -----------------------------------------------------------------------------------


@effect("monitor_labels")
def monitor_labels(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The monitors of Weaviate have the labels by which a Prometheus selects them."""
    for monitor in unselected(facts):
        labels = selected_labels(facts, monitor)
        if isinstance(labels, dict):
            snapshot = _with(
                snapshot,
                monitor.key,
                (
                    _labelled(each, labels)
                    if (each.metadata.namespace, each.metadata.name) == (monitor.namespace, monitor.name)
                    else each
                    for each in snapshot.kept.get(monitor.key, ())
                ),
            )
    return snapshot


@effect("monitor_ports")
def monitor_ports(snapshot: Snapshot, facts: ClusterFacts) -> Snapshot:
    """The endpoints that asked for a port that no Service has lead to the metrics port of the pods."""
    for scrape, port in scraping.misdirected(facts):
        snapshot = _with(
            snapshot,
            scrape.key,
            (
                _redirected(each, port, scraping.metrics_port(facts))
                if (each.metadata.namespace, each.metadata.name) == (scrape.namespace, scrape.name)
                else each
                for each in snapshot.kept.get(scrape.key, ())
            ),
        )
    return snapshot


def _redirected(monitor: Any, wrong: str, port: int) -> Any:
    endpoints = tuple(
        replace(each, port="", target_port=port) if each.port == wrong else each for each in monitor.spec.endpoints
    )
    return replace(monitor, spec=replace(monitor.spec, endpoints=endpoints))
