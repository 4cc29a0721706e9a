"""`readiness collect --script`: the same lists by kubectl alone, for those who run nothing else near their cluster.

The script lists and nothing more: no Secrets, no exec, no writes. What kubectl prints is complete objects, so its
output may hold secrets that stand in them (env values, ConfigMaps): it is scrubbed when the kit reads it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence

from readiness_kit.collect.kubernetes.scope import KUBE_SYSTEM
from readiness_kit.errors import UsageError
from readiness_kit.kinds import KINDS, Kind
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.locate import WORKLOAD_READS

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

_HEAD = r"""#!/bin/sh
# Lists what a readiness assessment of Weaviate needs, with kubectl and nothing else.
#
#     sh readiness.sh [FOLDER]          KUBECTL="kubectl --context NAME" sh readiness.sh
#
# It only lists (`kubectl get`). It asks for no Secret and changes nothing. Read FOLDER before you send it: whole
# objects are in it, with whatever stands in their environment variables and ConfigMaps.
# Afterwards, where the kit is:  readiness assess FOLDER.tar.gz

set -u
umask 077
kubectl=${KUBECTL:-kubectl}
out=${1:-readiness-$(date -u +%Y-%m-%dT%H_%M_%SZ)}
mkdir -p "$out/lists" "$out/errors" || exit 1
date -u +%Y-%m-%dT%H:%M:%SZ >"$out/taken_at"

# keep FILE ERRORS COMMAND...: the output of a command, or what went wrong with it.
keep() {
  file=$1
  errors=$2
  shift 2
  if "$@" >"$file.part" 2>"$errors.part" </dev/null; then
    mv "$file.part" "$file"
    rm -f "$errors.part"
  else
    rm -f "$file.part"
    mv "$errors.part" "$errors"
    echo "  not read: $(basename "$errors" .txt)" >&2
  fi
}

# list KEY RESOURCE SCOPE...: SCOPE is -A or nothing
list() {
  key=$1
  resource=$2
  shift 2
  keep "$out/lists/$key.json" "$out/errors/$key.txt" $kubectl get "$resource" "$@" -o json
}

# list_in KEY RESOURCE NAMESPACES...
list_in() {
  key=$1
  resource=$2
  shift 2
  mkdir -p "$out/lists/$key"
  for namespace in "$@"; do
    keep "$out/lists/$key/$namespace.json" "$out/errors/$key.txt" $kubectl get "$resource" -n "$namespace" -o json
  done
}

echo "Listing into $out" >&2
keep "$out/version.json" "$out/errors/version.txt" $kubectl get --raw /version
keep "$out/apis.json" "$out/errors/apis.txt" $kubectl get --raw /apis
"""

_FIND = r"""
# The namespaces of Weaviate: given, or those with a workload whose image is named after it.
where=${WEAVIATE_NAMESPACES:-}
columns='{range .items[*]}{.metadata.namespace}{" "}{.spec.template.spec.containers[*].image}{"\n"}{end}'
if [ -z "$where" ]; then
  where=$($kubectl get statefulsets.apps,deployments.apps -A -o "jsonpath=$columns" 2>/dev/null </dev/null |
    grep -i weaviate | cut -d' ' -f1 | sort -u)
fi
if [ -z "$where" ]; then
  echo "No Weaviate was found. Name its namespaces: WEAVIATE_NAMESPACES=\"a b\" sh $0" >&2
  exit 1
fi
"""

_TAIL = r"""
rmdir "$out/errors" 2>/dev/null
if command -v tar >/dev/null 2>&1; then
  tar -czf "$out.tar.gz" "$out" && echo "Written: $out.tar.gz (and the folder $out)" >&2
else
  echo "Written: $out" >&2
fi
"""


def script(reads: Iterable[str], namespaces: Sequence[str] = ()) -> str:
    """A POSIX shell script that lists `reads`; in `namespaces` only, where given.

    Raises UsageError for an unknown kind or an impossible namespace.
    """
    wanted = {*WORKLOAD_READS, *reads} - SOURCES.keys()
    if unknown := sorted(wanted - set(KINDS)):
        raise UsageError(f"there is no kind named {', '.join(unknown)}", f"known are: {', '.join(KINDS)}")
    for namespace in namespaces:
        if not _NAMESPACE.fullmatch(namespace):
            raise UsageError(f"{namespace!r} cannot be the name of a namespace", "give its name as kubectl shows it")
    kinds = [kind for key, kind in KINDS.items() if key in wanted]
    if namespaces:
        note = "# In these namespaces only, nothing of the cluster as a whole."
        where = f"\n{note}\nwhere={shlex.quote(' '.join(namespaces))}\n"
        lines = [_confined(kind, namespaces) for kind in kinds]
    else:
        where = _FIND
        lines = [_line(kind) for kind in kinds]
    return _HEAD + where + "\n" + "\n".join(filter(None, lines)) + "\n" + _TAIL


def _resource(kind: Kind) -> str:
    """As kubectl wants it: `pods`, `statefulsets.apps`; the version is the server's preferred one."""
    return f"{kind.plural}.{kind.group}" if kind.group else kind.plural


def _line(kind: Kind) -> str:
    call = f"{kind.key} {_resource(kind)}"
    if not kind.namespaced:
        return f"list {call}"
    if kind.breadth == KUBE_SYSTEM:
        return f"list_in {call} {KUBE_SYSTEM}"
    return f"list {call} -A" if kind.breadth == "cluster" else f"list_in {call} $where"


def _confined(kind: Kind, namespaces: Sequence[str]) -> str:
    if not kind.namespaced:
        return ""
    if kind.breadth == KUBE_SYSTEM:
        return f"list_in {kind.key} {_resource(kind)} {KUBE_SYSTEM}" if KUBE_SYSTEM in namespaces else ""
    return f"list_in {kind.key} {_resource(kind)} $where"
