"""Build the demonstration's snapshot and answers: `python -m scripts.demo.make`.

The objects of `cluster.py` are decoded and redacted as in a collection. The same code gives the same bytes: a test
builds the files again and compares them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from readiness_kit import paths, redact
from readiness_kit._version import __version__
from readiness_kit.demo import SNAPSHOT
from readiness_kit.kinds import KINDS
from readiness_kit.model import SCHEMA_VERSION, Call, Read, Reason
from readiness_kit.snapshot import Manifest, Snapshot
from scripts.demo import cluster, history, rest
from scripts.demo.answers import ANSWERS, SETTINGS, WAIVERS
from scripts.demo.names import NAMESPACE, READ_AT

KUBERNETES = "v1.34.2-eks-113cf36"


def build() -> Snapshot:
    """The snapshot, as `readiness collect` would write it."""
    hasher = redact.LabelHasher(b"the demonstration has nothing to hide")
    raw = cluster.objects()
    kept: dict[str, tuple[Any, ...]] = {}
    reads, calls = [], [Call("kubernetes", "GET", "/version", 200, 0.021, 260)]
    for key in sorted(raw):
        kind = KINDS[key]
        kept[key] = tuple(redact.scrub(key, msgspec.convert(item, kind.struct), hasher) for item in raw[key])
        reads.append(Read(key, count=len(kept[key]), namespaces=_namespaces(key)))
        size = len(json.dumps(raw[key]))
        calls.append(Call("kubernetes", "GET", f"{kind.path()}?limit=500", 200, round(0.02 + size / 2e6, 3), size))
    for key in cluster.REFUSED:
        message = f'User "readiness" cannot list resource "{KINDS[key].plural}" in API group "{KINDS[key].group}"'
        reads.append(Read(key, reason=Reason.FORBIDDEN, namespaces=_namespaces(key), message=message))
        path = KINDS[key].path("".join(_namespaces(key)))
        calls.append(Call("kubernetes", "GET", f"{path}?limit=500", 403, 0.018, 310))
    for key in sorted(KINDS.keys() - raw.keys() - set(cluster.REFUSED)):
        reads.append(Read(key, reason=Reason.ABSENT, message=f"the API group {KINDS[key].group} is not installed"))
    groups = [Read("kubernetes/apis", count=len(cluster.GROUPS))]
    manifest = Manifest(
        schema=SCHEMA_VERSION,
        kit=__version__,
        taken_at=datetime.fromisoformat(READ_AT).astimezone(UTC),
        context="fjord-outfitters-prod-eu",
        server_version=KUBERNETES,
        weaviate_namespaces=(NAMESPACE,),
        reads=tuple(sorted([*reads, *groups, *rest.reads(), *history.reads()], key=lambda read: read.key)),
        source="the bundled demonstration",
    )
    answers = {"kubernetes/apis": cluster.GROUPS, **rest.answers(), **history.answers()}
    return Snapshot(manifest, kept, (*calls, *rest.calls(), *history.calls()), answers)


def _namespaces(key: str) -> tuple[str, ...]:
    breadth = KINDS[key].breadth
    if not KINDS[key].namespaced or breadth == "cluster":
        return ()
    return (NAMESPACE,) if breadth == "weaviate" else (breadth,)


def write(folder: Path) -> None:
    """Write the snapshot and the assessment files to `folder`."""
    build().save(folder / SNAPSHOT)
    home = folder / "assessment"
    home.mkdir(parents=True, exist_ok=True)
    _write_json(home / "answers.json", {"schema": SCHEMA_VERSION, "answers": ANSWERS})
    _write_json(home / "waivers.json", WAIVERS)
    (home / "readiness.yaml").write_text(SETTINGS, "utf-8")


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    write(paths.demo())
