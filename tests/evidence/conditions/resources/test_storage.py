"""Storage classes, drivers, disk types and expansion as truth tables."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.evidence.conditions.resources.storage import grade
from readiness_kit.model import Outcome, Reason
from tests.support.asked import ask, bad
from tests.support.cluster import cluster, merged, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN


def stored(
    *,
    storage_class: dict[str, Any] | None = None,
    volume: dict[str, Any] | None = None,
    claim: dict[str, Any] | None = None,
    without: tuple[str, ...] = (),
    **more: Any,
) -> list[dict[str, Any]]:
    """A well stored Weaviate, changed: class, every volume's spec, every claim's spec; kinds left out."""
    good = {"reclaimPolicy": "Retain", "parameters": {"type": "gp3", "encrypted": "true"}}
    objects = [item for item in weaviate(**more) if item["kind"] not in without]
    for index, item in enumerate(objects):
        if item["kind"] == "StorageClass":
            objects[index] = merged(merged(item, good), storage_class)
        elif item["kind"] == "PersistentVolume":
            objects[index] = merged(item, {"spec": volume or {}})
        elif item["kind"] == "PersistentVolumeClaim":
            objects[index] = merged(item, {"spec": claim or {}})
    return objects


def csi(driver: str) -> dict[str, Any]:
    return {"csi": {"driver": driver}}


@pytest.mark.parametrize(
    ("change", "outcome", "wrong"),
    [
        ({}, MET, []),
        ({"volume": {"persistentVolumeReclaimPolicy": "Delete"}}, PARTLY, ["persistentVolumeReclaimPolicy"]),
        ({"storage_class": {"volumeBindingMode": "Immediate"}}, PARTLY, ["volumeBindingMode"]),
        ({"storage_class": {"parameters": {"encrypted": None}}}, PARTLY, ["parameters.encrypted"]),
        ({"storage_class": {"parameters": {"type": "st1"}}}, PARTLY, ["disk type"]),
        ({"storage_class": {"parameters": {"type": "gp2"}}}, PARTLY, ["disk type"]),
        ({"storage_class": {"parameters": {"type": None}}}, MET, []),
        ({"claim": {"resources": {"requests": {"storage": "32Gi"}}}}, PARTLY, ["requests.storage"]),
        ({"volume": csi("efs.csi.aws.com")}, PARTLY, ["driver"]),
        ({"volume": csi("nfs.csi.k8s.io")}, NOT_MET, ["driver"]),
        ({"volume": csi("file.csi.azure.com")}, NOT_MET, ["driver"]),
        ({"volume": {"csi": None, "nfs": {}}}, NOT_MET, ["driver"]),
        ({"volume": {"csi": None, "hostPath": {"path": "/data"}}}, NOT_MET, ["driver"]),
        ({"volume": {"csi": None, "local": {"path": "/data"}}}, PARTLY, ["driver"]),
        ({"volume": csi("driver.longhorn.io")}, MET, []),
        ({"volume": csi("csi.example.org")}, UNKNOWN, []),
    ],
)
def test_storage_class(change: dict[str, Any], outcome: Outcome, wrong: list[str]) -> None:
    finding = ask("res.storage_class", cluster(stored(**change)))
    assert (finding.outcome, bad(finding)) == (outcome, wrong)


@pytest.mark.parametrize(
    ("driver", "parameters", "outcome"),
    [
        ("pd.csi.storage.gke.io", {"type": "pd-balanced"}, MET),
        ("pd.csi.storage.gke.io", {"type": "hyperdisk-balanced"}, MET),
        ("pd.csi.storage.gke.io", {"type": "pd-standard"}, PARTLY),
        ("pd.csi.storage.gke.io", {}, PARTLY),
        ("disk.csi.azure.com", {"skuName": "PremiumV2_LRS"}, MET),
        ("disk.csi.azure.com", {"skuname": "Premium_ZRS"}, MET),
        ("disk.csi.azure.com", {"skuName": "Standard_LRS"}, PARTLY),
        ("disk.csi.azure.com", {}, PARTLY),
        ("ebs.csi.aws.com", {"type": "io2", "encrypted": "true"}, MET),
    ],
)
def test_disk_types_of_the_clouds(driver: str, parameters: dict[str, str], outcome: Outcome) -> None:
    named = {"provisioner": driver, "parameters": {"type": None, "encrypted": None, **parameters}}
    assert ask("res.storage_class", cluster(stored(storage_class=named, volume=csi(driver)))).outcome is outcome


@pytest.mark.parametrize(
    ("driver", "expected"),
    [
        ("rook-ceph.rbd.csi.ceph.com", "block"),
        ("rook-ceph.cephfs.csi.ceph.com", "refused"),
        ("filestore.csi.storage.gke.io", "refused"),
        ("cluster.local/nfs-subdir-external-provisioner", "refused"),
        ("smb.csi.k8s.io", "refused"),
        ("efs.csi.aws.com", "tolerated"),
        ("rancher.io/local-path", "node"),
        ("local.csi.openebs.io", "node"),
        ("openebs.io/local", "node"),
        ("zfs.csi.openebs.io", "node"),
        ("rawfile.csi.openebs.io", "node"),
        ("io.openebs.csi-mayastor", "block"),
        ("cstor.csi.openebs.io", "block"),
        ("jiva.csi.openebs.io", "block"),
        ("openebs.io/nfsrwx", "refused"),
        ("topolvm.io", "node"),
        ("something.else", "unknown"),
    ],
)
def test_drivers(driver: str, expected: str) -> None:
    assert grade(driver) == expected


@pytest.mark.parametrize(
    ("volume", "phrase"), [({"emptyDir": {}}, "an emptyDir"), ({"hostPath": {"path": "/x"}}, "a hostPath")]
)
def test_data_that_is_lost_with_the_pod_fails(volume: dict[str, Any], phrase: str) -> None:
    mounts = [{"name": "weaviate-data", "mountPath": "/var/lib/weaviate"}]
    objects = weaviate(
        conf=None, container={"volumeMounts": mounts}, pod={"volumes": [{"name": "weaviate-data", **volume}]}
    )
    for id in ("res.storage_class", "res.volume_expansion"):
        finding = ask(id, cluster(objects))
        assert finding.outcome is NOT_MET and phrase in finding.sentence


def test_data_on_the_containers_own_disk_fails() -> None:
    facts = cluster(weaviate(env={"PERSISTENCE_DATA_PATH": "/data"}))
    finding = ask("res.storage_class", facts)
    assert finding.outcome is NOT_MET and "/data is on the container's own disk" in finding.sentence


def test_a_good_class_asks_for_a_check_of_its_iops() -> None:
    assert "Check that its IOPS are sufficient" in ask("res.storage_class", cluster(stored())).sentence


def test_trap_the_volume_is_judged_not_the_current_class() -> None:
    changed = {"provisioner": "nfs.csi.k8s.io", "reclaimPolicy": "Delete"}
    finding = ask("res.storage_class", cluster(stored(storage_class=changed)))
    assert finding.outcome is MET
    gone = ask("res.storage_class", cluster(stored(without=("StorageClass",))))
    assert (gone.outcome, gone.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert "The StorageClass fast is not in the cluster" in gone.sentence


def test_trap_local_path_makes_hostpath_volumes_that_are_bound_to_a_node() -> None:
    volume = {"csi": None, "hostPath": {"path": "/opt/local-path"}}
    objects = stored(storage_class={"provisioner": "rancher.io/local-path"}, volume=volume)
    assert ask("res.storage_class", cluster(objects)).outcome is PARTLY
    assert ask("res.storage_class", cluster(objects, forbidden=("storageclasses",))).outcome is UNKNOWN


def test_checks_that_repeat_for_every_claim_are_listed_once() -> None:
    finding = ask("res.storage_class", cluster(stored()))
    assert [check.field for check in finding.facts].count("volumeBindingMode") == 1


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, MET),
        ({"storage_class": {"allowVolumeExpansion": False}}, NOT_MET),
        ({"storage_class": {"allowVolumeExpansion": None}}, NOT_MET),
        ({"without": ("StorageClass",)}, PARTLY),
    ],
)
def test_volume_expansion(change: dict[str, Any], outcome: Outcome) -> None:
    assert ask("res.volume_expansion", cluster(stored(**change))).outcome is outcome


def test_trap_an_empty_class_name_is_static_binding_and_none_is_the_default() -> None:
    pending = {"volumeName": None}
    static = stored(claim={"storageClassName": "", **pending}, without=("PersistentVolume",))
    finding = ask("res.volume_expansion", cluster(static))
    assert finding.outcome is PARTLY and "bound to a volume without a class" in finding.sentence
    default = stored(claim={"storageClassName": None, **pending}, without=("PersistentVolume",))
    assert ask("res.volume_expansion", cluster(default)).outcome is MET


def test_trap_a_claim_without_a_class_name_has_the_default_of_its_time() -> None:
    objects = stored(claim={"storageClassName": None}, volume={"storageClassName": "old"})
    old = {"kind": "StorageClass", "metadata": {"name": "old"}, "provisioner": "ebs.csi.aws.com"}
    assert ask("res.volume_expansion", cluster(objects, old)).outcome is NOT_MET
    assert ask("res.volume_expansion", cluster(objects, old, forbidden=("persistentvolumes",))).outcome is UNKNOWN


def test_trap_the_claim_is_judged_not_the_template_it_came_from() -> None:
    small = {"kind": "StorageClass", "metadata": {"name": "rigid"}, "provisioner": "ebs.csi.aws.com"}
    template = [{"metadata": {"name": "weaviate-data"}, "spec": {"storageClassName": "rigid"}}]
    assert ask("res.volume_expansion", cluster(stored(spec={"volumeClaimTemplates": template}), small)).outcome is MET


def test_one_claim_that_cannot_be_expanded_fails_the_question() -> None:
    objects = stored()
    of(objects, "PersistentVolumeClaim")[1]["spec"]["storageClassName"] = "rigid"
    of(objects, "PersistentVolume")[1]["spec"]["storageClassName"] = "rigid"
    small = {"kind": "StorageClass", "metadata": {"name": "rigid"}, "provisioner": "ebs.csi.aws.com"}
    finding = ask("res.volume_expansion", cluster(objects, small))
    assert (finding.outcome, finding.sentence) == (NOT_MET, "The StorageClass rigid does not allow volume expansion.")


def test_no_claim_at_all_is_unknown() -> None:
    finding = ask("res.volume_expansion", cluster(stored(without=("PersistentVolumeClaim",))))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)


def unbound(**claim: Any) -> list[dict[str, Any]]:
    """Claims without a volume, in a cluster whose only class is no default."""
    objects = [item for item in weaviate() if item["kind"] != "PersistentVolume"]
    of(objects, "StorageClass")[0]["metadata"] = {"name": "fast"}
    for item in of(objects, "PersistentVolumeClaim"):
        item["spec"] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "50Gi"}}, **claim}
        item["status"] = {"phase": "Pending"}
    return objects


@pytest.mark.parametrize("question", ["res.storage_class", "res.volume_expansion"])
@pytest.mark.parametrize(
    ("claim", "words"),
    [({}, "names no StorageClass, and the cluster has no default class"), ({"storageClassName": "gone"}, "gone")],
)
def test_claims_that_no_class_serves_stay_pending(question: str, claim: dict[str, Any], words: str) -> None:
    finding = ask(question, cluster(unbound(**claim)))
    assert finding.outcome is NOT_MET and words in finding.sentence
    assert "it stays Pending, and its pod does not start" in finding.sentence


def test_an_unbound_volume_of_the_named_class_serves_a_claim() -> None:
    volume = {"kind": "PersistentVolume", "metadata": {"name": "pv"}, "spec": {"storageClassName": "gone"}}
    finding = ask("res.storage_class", cluster(unbound(storageClassName="gone"), volume))
    assert "stays Pending" not in finding.sentence


def test_without_the_classes_no_claim_is_called_pending_for_ever() -> None:
    finding = ask("res.storage_class", cluster(unbound(), forbidden=("storageclasses",)))
    assert finding.outcome is PARTLY and finding.at_best and "stays Pending" not in finding.sentence


@pytest.mark.parametrize(
    ("zones", "volume", "outcome"),
    [
        (("a", "b", "c"), {}, PARTLY),
        (("",), {}, MET),
        (("a",), {}, MET),
        (("a", "b", "c"), {"nodeAffinity": None, **csi("driver.longhorn.io")}, MET),
    ],
)
def test_immediate_binding_is_harmless_where_no_volume_can_be_in_another_zone(
    zones: tuple[str, ...], volume: dict[str, Any], outcome: Outcome
) -> None:
    objects = stored(storage_class={"volumeBindingMode": "Immediate"}, volume=volume, zones=zones)
    assert ask("res.storage_class", cluster(objects)).outcome is outcome


@pytest.mark.parametrize(
    ("driver", "parameters", "outcome", "text"),
    [
        ("zfs.csi.openebs.io", {}, PARTLY, "single nodes: OpenEBS LocalPV ZFS (zfs.csi.openebs.io)"),
        ("local.csi.openebs.io", {}, PARTLY, "single nodes: OpenEBS LocalPV LVM (local.csi.openebs.io)"),
        ("io.openebs.csi-mayastor", {"repl": "3"}, MET, ""),
        ("io.openebs.csi-mayastor", {"repl": "1"}, PARTLY, "keeps one copy of each volume (OpenEBS Mayastor"),
        ("io.openebs.csi-mayastor", {}, PARTLY, "keeps one copy of each volume"),
        ("driver.longhorn.io", {"numberOfReplicas": "1"}, PARTLY, "keeps one copy of each volume"),
        ("driver.longhorn.io", {"numberOfReplicas": "2"}, MET, ""),
        ("driver.longhorn.io", {}, MET, ""),
        ("jiva.csi.openebs.io", {}, MET, ""),
    ],
)
def test_replicating_and_local_engines_are_named_as_what_they_are(
    driver: str, parameters: dict[str, str], outcome: Outcome, text: str
) -> None:
    change = {"provisioner": driver, "parameters": {"type": None, "encrypted": None, **parameters}}
    finding = ask("res.storage_class", cluster(stored(storage_class=change, volume=csi(driver))))
    assert finding.outcome is outcome and text in finding.sentence, finding.sentence


def test_a_local_volume_of_openebs_is_named_after_its_engine() -> None:
    made = stored(storage_class={"provisioner": "openebs.io/local"}, volume={"csi": None, "local": {"path": "/data"}})
    assert "OpenEBS LocalPV hostpath (openebs.io/local)" in ask("res.storage_class", cluster(made)).sentence
