"""The answers of the demonstration's team in the workshop, some correct, some too optimistic.

Two questions are deliberately open, and one gap has a waiver, so that every state occurs.
"""

from __future__ import annotations

from typing import Any

BY = "Search platform team"
AT = "2026-11-20T10:05:00Z"


def _answer(value: str | None, **details: Any) -> dict[str, Any]:
    answer = {"value": value, "by": BY, "at": AT, "revision": 1, **details}
    return {key: item for key, item in answer.items() if item is not None}


_BY_ID: dict[str, dict[str, Any]] = {
    "ha.multi_az": _answer("yes", note="One Weaviate node group in each of the three zones."),
    "ha.replicas_across_nodes": _answer("yes", note="Each replica sits on its own dedicated node."),
    "ha.control_plane": _answer("yes", note="EKS runs it.", link="https://docs.aws.amazon.com/eks/"),
    "ha.no_control_plane": _answer("dont_know", owner="Platform team"),
    "ha.workers_across_zones": _answer("yes"),
    "ha.node_repair": _answer("partly", note="Nodes are replaced by hand after an alert.", owner="Platform team"),
    "ha.failover_tested": _answer("yes", every=180, last_done="2026-06-11", note="Node drain in the June game day."),
    "ha.weaviate_backups": _answer("yes", note="Nightly to S3 by the CronJob weaviate-backup."),
    "ha.backup_test_frequency": _answer("no", owner="Search team", due="2026-12-18"),
    "ha.recovery_tested": _answer("no", owner="Search team", due="2027-01-29"),
    "ha.rolling_updates": _answer("yes", note="Upgrades go through Helm, one minor version at a time."),
    "ha.canary": _answer("no", note="Not planned before the spring release.", owner="Search team"),
    "res.consumption_patterns": _answer("yes", note="Mostly reads; a catalogue import every night."),
    "res.memory_sized": _answer("partly", note="Sized in March, before the French catalogue.", owner="Search team"),
    "res.storage_compute_sized": _answer("yes"),
    "res.delete_process": _answer("no", owner="Search team", due="2027-02-26"),
    "res.read_replicas": _answer("yes"),
    "res.storage_class": _answer("yes", note="gp3, encrypted."),
    "res.volume_expansion": _answer("yes"),
    "res.data_backed_up": _answer("partly", note="Weaviate backups, no volume snapshots."),
    "sec.tls": _answer("yes", note="Certificates by cert-manager at the ingress."),
    "sec.least_privilege": _answer("partly"),
    "sec.container_defaults": _answer("yes", note="Hardened in the March review."),
    "sec.access_limited": _answer("yes", note="Only through the ingress."),
    "sec.rbac": _answer("yes"),
    "sec.network_policies": _answer("yes", note="Only the storefront namespace may talk to Weaviate."),
    "sec.secrets": _answer("yes", note="All keys are in Kubernetes Secrets."),
    "sec.secret_process": _answer("no", owner="Security office", due="2027-01-15"),
    "mon.logging": _answer("yes"),
    "mon.logs_central": _answer("yes", note="Alloy to Loki, 30 days."),
    "mon.metrics": _answer("yes", note="kube-prometheus-stack with a ServiceMonitor."),
}

ANSWERS = {question: {"question": question, **answer} for question, answer in _BY_ID.items()}

WAIVERS: list[dict[str, str]] = [
    {
        "question": "ha.canary",
        "reason": "Releases are rehearsed on the staging cluster; a canary waits for the second search cluster.",
        "owner": "Search team",
        "approver": "Head of engineering",
        "expires": "2027-03-31",
        "control": "Every release runs for a week on staging with mirrored queries.",
    }
]

SETTINGS = """\
# The assessment of the bundled demonstration cluster: invented, from the customer's name to the last pod.
customer: Fjord Outfitters
cluster_name: fjord-outfitters-prod-eu
assessor: Solutions engineering
participants: [Search platform team, Security office]
contact: Talk to your Weaviate solutions engineer.
profile: core
read_heavy: true
"""
