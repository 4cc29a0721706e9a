"""`readiness collect --script`: the same lists by kubectl alone, where nothing else may run near the cluster.

The script lists and nothing more: no Secrets, no exec, no writes. kubectl prints complete objects, so the output may
hold secrets of environment variables and ConfigMaps; they are removed when the kit reads it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from readiness_kit.collect.kubernetes.scope import KUBE_SYSTEM, Scope, check_namespaces, kinds_for
from readiness_kit.kinds import Kind

_HEAD = r"""#!/bin/sh
# Lists what a readiness assessment of Weaviate needs, with kubectl alone.
#
#     sh readiness.sh [FOLDER]          KUBECTL="kubectl --context NAME" sh readiness.sh
#
# It only lists (`kubectl get`). It reads no Secret and changes nothing. Check FOLDER before you send it: it holds
# complete objects, with the values of their environment variables and ConfigMaps.
# Then, where the kit is installed:  readiness assess FOLDER.tar.gz

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
  echo "No Weaviate was found. Give its namespaces: WEAVIATE_NAMESPACES=\"a b\" sh $0" >&2
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
    check_namespaces(namespaces)
    where, scope = _FIND, Scope(weaviate=("$where",))
    if namespaces:
        note = "# In these namespaces only, nothing of the cluster as a whole."
        where, scope = f"\n{note}\nwhere={shlex.quote(' '.join(namespaces))}\n", Scope(tuple(namespaces))
    lines = [_line(kind, scope) for kind in kinds_for(reads)]
    return _HEAD + where + "\n" + "\n".join(filter(None, lines)) + "\n" + _TAIL


def _line(kind: Kind, scope: Scope) -> str:
    """The call that lists a kind, by the name that kubectl uses (`statefulsets.apps`); "" where it is not read."""
    places = scope.places(kind)
    call = f"{kind.key} {kind.plural}" + (f".{kind.group}" if kind.group else "")
    if not places:
        return ""
    chosen = f" -l {kind.label}" if kind.label else f" --field-selector metadata.name={kind.only}" if kind.only else ""
    if places == ("",):
        return f"list {call}" + (" -A" if kind.namespaced else "") + chosen
    if kind.only and places == (KUBE_SYSTEM,):
        return f"list {call} -n {KUBE_SYSTEM}{chosen}"
    return f"list_in {call} {KUBE_SYSTEM if kind.breadth == KUBE_SYSTEM else '$where'}"
