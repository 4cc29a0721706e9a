"""RBAC objects and admission webhooks."""

from __future__ import annotations

import msgspec

from readiness_kit.kinds.meta import KubeObject, KubeStruct, LabelSelector


class PolicyRule(KubeStruct, frozen=True, gc=False):
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    non_resource_urls: tuple[str, ...] = msgspec.field(default=(), name="nonResourceURLs")


class Role(KubeObject, frozen=True, gc=False):
    """Serves Role and ClusterRole."""

    rules: tuple[PolicyRule, ...] = ()


class Subject(KubeStruct, frozen=True, gc=False):
    kind: str = ""
    name: str = ""
    namespace: str = ""


class RoleRef(KubeStruct, frozen=True, gc=False):
    kind: str = ""
    name: str = ""


class RoleBinding(KubeObject, frozen=True, gc=False):
    """Serves RoleBinding and ClusterRoleBinding."""

    subjects: tuple[Subject, ...] = ()
    role_ref: RoleRef = RoleRef()


class WebhookRule(KubeStruct, frozen=True, gc=False):
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()


class Webhook(KubeStruct, frozen=True, gc=False):
    name: str = ""
    failure_policy: str = "Fail"
    namespace_selector: LabelSelector | None = None
    object_selector: LabelSelector | None = None
    rules: tuple[WebhookRule, ...] = ()


class WebhookConfiguration(KubeObject, frozen=True, gc=False):
    """Serves MutatingWebhookConfiguration and ValidatingWebhookConfiguration."""

    webhooks: tuple[Webhook, ...] = ()
