"""Whether a snapshot belongs to the cluster that an assessment folder is about."""

from __future__ import annotations

from readiness_kit import snapshot
from readiness_kit.errors import UnreadableFileError, UsageError
from readiness_kit.snapshot import Snapshot
from readiness_kit.workspace.folder import Folder


def require_same_cluster(folder: Folder, collected: Snapshot) -> None:
    """Raises UsageError if the newest snapshot with a known cluster is of another one.

    Clusters are compared by the uid of their namespace kube-system. Where it is not known, nothing is refused.
    """
    if not collected.manifest.cluster:
        return
    for path in reversed(folder.snapshots()):
        try:
            known = snapshot.load(path).manifest
        except UnreadableFileError:
            continue
        if known.cluster:
            if known.cluster != collected.manifest.cluster:
                raise UsageError(
                    f"{folder.path} is the assessment of another cluster: {path.name} was read in the context "
                    f"{known.context!r}, and the uid of kube-system in {collected.manifest.context!r} differs",
                    "use one folder for each cluster (-d DIR), or add --another-cluster",
                )
            return
