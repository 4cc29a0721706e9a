"""Fixes, patch and proof in a cluster of ten thousand pods, as processor time; prints a JSON line for `run`.

The demonstration with 10,000 pods of other applications: what is judged again reads them all.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from msgspec.structs import replace

from readiness_kit.demo import SNAPSHOT
from readiness_kit.fixes.proof import prove
from readiness_kit.fixes.writing.bundle import chosen_fixes, files
from readiness_kit.kinds.meta import OwnerReference, PodMeta
from readiness_kit.kinds.pods import Container, Pod, PodSpec, PodStatus
from readiness_kit.paths import demo
from readiness_kit.snapshot import Snapshot, load
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session

PODS = 10_000


def crowded(snapshot: Snapshot) -> Snapshot:
    """The snapshot with pods of other applications on its nodes."""
    nodes = [node.metadata.name for node in snapshot.objects("nodes")]
    container = Container("server", "registry.example.com/shop/web:1")
    others = (
        Pod(
            PodMeta(
                f"web-{number}",
                f"shop-{number % 50}",
                labels={"app": "web"},
                owner_references=(OwnerReference("ReplicaSet", f"web-{number // 5}", controller=True),),
            ),
            PodSpec(nodes[number % len(nodes)], (container,)),
            PodStatus("Running"),
        )
        for number in range(PODS)
    )
    return replace(snapshot, kept={**snapshot.kept, "pods": (*snapshot.objects("pods"), *others)})


def main(folder: Path) -> None:
    """Plans and proves the fixes of the crowded demonstration in `folder`."""
    path = folder / "crowded.zip"
    crowded(load(demo() / SNAPSHOT)).save(path)
    session = Session(Folder(folder).create(), path)
    assessment, facts = session.assessment(), session.require_facts()
    began = time.process_time()
    plan = session.plan(project=False)
    chosen = chosen_fixes(plan)
    files(plan, chosen, facts)
    planned = time.process_time()
    prove(assessment, facts, chosen, session.settings)
    print(json.dumps({"fixes": len(chosen), "plan": planned - began, "all": time.process_time() - began}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
