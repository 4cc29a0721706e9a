"""What a backup of Velero leaves out of Weaviate's volumes.

Sources: https://velero.io/docs/main/resource-filtering/ and https://velero.io/docs/main/file-system-backup/
"""

from __future__ import annotations

from readiness_kit.evidence.conditions.resources.storage import data_mount, disks
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.backups import BackupScope

EXCLUDES = "backup.velero.io/backup-volumes-excludes"
EXCLUDE_LABEL = "velero.io/exclude-from-backup"
CLAIMS = frozenset({"persistentvolumeclaims", "persistentvolumeclaim", "pvc", "pvcs"})
VOLUMES = frozenset({"persistentvolumes", "persistentvolume", "pv", "pvs"})
PODS = frozenset({"pods", "pod", "po"})


def left_out(facts: ClusterFacts, scope: BackupScope) -> str:
    """What is missing of the data, in words; empty where claims, volumes and their content are included."""
    missing = []
    if scope.label_selector is not None or scope.or_label_selectors:
        missing.append("objects without the labels of its selector")
    needed = {"PersistentVolumeClaims": CLAIMS, "PersistentVolumes": VOLUMES}
    if scope.default_volumes_to_fs_backup:
        needed["pods"] = PODS
    missing += [words for words, known in needed.items() if not _included(scope, known)]
    if scope.snapshot_volumes is not True and scope.default_volumes_to_fs_backup is not True:
        missing.append("the content of the volumes, unless a default of the server includes it")
    if labelled := _labelled(facts):
        missing.append(f"objects with the label {EXCLUDE_LABEL} ({names(labelled)})")
    if scope.default_volumes_to_fs_backup and _volume_excluded(facts):
        missing.append(f"the data volume, by the annotation {EXCLUDES}")
    return ", ".join(missing)


def _included(scope: BackupScope, known: frozenset[str]) -> bool:
    """Whether resources of one kind are in the scope, by the filters of all kinds and by those of a breadth."""
    if known == VOLUMES:
        own = (scope.included_cluster_scoped_resources, scope.excluded_cluster_scoped_resources)
    else:
        own = (scope.included_namespace_scoped_resources, scope.excluded_namespace_scoped_resources)
    for included, excluded in ((scope.included_resources, scope.excluded_resources), own):
        listed = {_plain(name) for name in included or ("*",)}
        refused = {_plain(name) for name in excluded or ()}
        # The volume of a claim that is included follows it, whatever the list of included kinds names.
        follows = known == VOLUMES and bool(listed & CLAIMS)
        if refused & {*known, "*"} or not (listed & {*known, "*"} or follows):
            return False
    return True


def _plain(name: str) -> str:
    """The resource without its group, in lower case."""
    return name.lower().partition(".")[0]


def _labelled(facts: ClusterFacts) -> list[str]:
    objects = [*(disk.claim for disk in disks(facts)), *facts.weaviate.pods]
    return [item.metadata.name for item in objects if item.metadata.labels.get(EXCLUDE_LABEL) == "true"]


def _volume_excluded(facts: ClusterFacts) -> bool:
    """Whether a pod excludes the volume of the data from the backup of its files."""
    data = data_mount(facts.weaviate)
    annotations = [facts.weaviate.pod_annotations, *(pod.metadata.annotations for pod in facts.weaviate.pods)]
    return any(data in [part.strip() for part in item.get(EXCLUDES, "").split(",")] for item in annotations)
