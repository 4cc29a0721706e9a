"""The roles that a collection needs, as manifests: `list` on the kinds that are read, and nothing else.

`get` is not needed: the only single object that is read is a namespace that looks empty, where a refusal does no
harm. Discovery and the version are open to every authenticated user by the ClusterRole system:discovery.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from readiness_kit.collect.kubernetes.scope import Scope, check_namespaces, kinds_for
from readiness_kit.errors import UsageError
from readiness_kit.kinds import Kind

NAME = "readiness-kit-reader"
_API = "rbac.authorization.k8s.io"


def cluster_role(
    reads: Iterable[str],
    *,
    namespaces: Sequence[str] = (),
    service_account: str = "",
    user: str = "",
    group: str = "",
) -> str:
    """YAML of a ClusterRole for `reads` (keys of `kinds.KINDS`), or of a Role in each of `namespaces`.

    service_account: `namespace/name` to bind the role to; `user` and `group` are bound as well where given.
    Raises UsageError for an unknown kind, an impossible namespace, or a service account without one.
    """
    check_namespaces(namespaces)
    kinds = kinds_for(reads)
    subjects = _subjects(service_account, user, group)
    documents: list[dict[str, Any]] = []
    for namespace in namespaces or ("",):
        listed = [kind for kind in kinds if not namespace or Scope((namespace,)).places(kind)]
        documents.append(_role(listed, namespace))
        if subjects:
            documents.append(_binding(subjects, namespace))
    text: str = yaml.safe_dump_all(documents, sort_keys=False, default_flow_style=False, width=120)
    return text


def _rules(kinds: Iterable[Kind]) -> list[dict[str, Any]]:
    groups: dict[str, list[str]] = {}
    for kind in kinds:
        groups.setdefault(kind.group, []).append(kind.plural)
    return [
        {"apiGroups": [name], "resources": sorted(set(plurals)), "verbs": ["list"]}
        for name, plurals in sorted(groups.items())
    ]


def _metadata(namespace: str) -> dict[str, Any]:
    return {"name": NAME, "namespace": namespace} if namespace else {"name": NAME}


def _role(kinds: Iterable[Kind], namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": f"{_API}/v1",
        "kind": "Role" if namespace else "ClusterRole",
        "metadata": _metadata(namespace),
        "rules": _rules(kinds),
    }


def _binding(subjects: list[dict[str, str]], namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": f"{_API}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": _metadata(namespace),
        "roleRef": {"apiGroup": _API, "kind": "Role" if namespace else "ClusterRole", "name": NAME},
        "subjects": subjects,
    }


def _subjects(service_account: str, user: str, group: str) -> list[dict[str, str]]:
    found = []
    if service_account:
        namespace, sign, name = service_account.partition("/")
        if not sign or not namespace or not name:
            raise UsageError(f"the service account {service_account!r} has no namespace", "give it as namespace/name")
        found.append({"kind": "ServiceAccount", "name": name, "namespace": namespace})
    if user:
        found.append({"apiGroup": _API, "kind": "User", "name": user})
    if group:
        found.append({"apiGroup": _API, "kind": "Group", "name": group})
    return found
