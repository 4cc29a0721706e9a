"""Values of security and monitoring fixes against what the chart renders for them, and the default chart as a whole."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from readiness_kit import bundles
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.advise import prepare
from readiness_kit.fixes.applying import with_values
from readiness_kit.fixes.changes import changes
from readiness_kit.fixes.fragments import merged
from readiness_kit.fixes.loading import catalogue
from readiness_kit.fixes.merging import Objects
from readiness_kit.model import Settings
from tests.support.chart import SHARED, by_name, rendered
from tests.support.faults import faulty, template
from tests.support.fixes import due, proved

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the rendered manifests are not beside the checkout (../shared/chart)"
)
SECTIONS = ("sec.", "mon.")


@cache
def default() -> ClusterFacts:
    return ClusterFacts(bundles.load(SHARED / "default" / "manifests.yaml"), "weaviate/weaviate")


def values(*fixes: str) -> dict[str, Any]:
    found = [prepare(catalogue()[fix], default(), Settings()) for fix in fixes]
    return merged((fix.id, fix.values) for fix in found)


def fields(after: Objects) -> dict[tuple[str, str, str], Any]:
    """What differs from the default installation: (kind, name, path) -> value."""
    found = changes(default().snapshot.kept, after)
    return {(change.kind, change.name, change.path): _without_defaults(change.after) for change in found}


def _without_defaults(value: Any) -> Any:
    """A port without its protocol, where that is the default of Kubernetes."""
    return (
        {key: part for key, part in value.items() if (key, part) != ("protocol", "TCP")}
        if isinstance(value, dict)
        else value
    )


@pytest.mark.parametrize(
    ("fixes", "folder"),
    [
        (("exposure.internal",), "sec.tls"),
        (("access.authenticate", "access.rbac"), "sec.rbac"),
    ],
)
def test_the_objects_are_those_that_the_chart_renders(fixes: tuple[str, ...], folder: str) -> None:
    assert by_name(with_values(default(), values(*fixes))) == by_name(rendered(SHARED / folder))


def test_the_service_account_is_the_one_that_the_chart_renders() -> None:
    """Manifests hold no accounts, so the values are those of a cluster whose accounts were read."""
    facts = faulty(template(lambda pod, _: pod.update(serviceAccountName="default")))
    found = due(facts)["identity.account"].values
    assert by_name(with_values(default(), found)) == by_name(rendered(SHARED / "sec.least_privilege"))


@pytest.mark.parametrize(
    ("fix", "folder"),
    [
        ("access.debug", "sec.access_limited"),
        ("logging.level", "mon.logging"),
        ("logging.format", "mon.logging"),
        ("metrics.enabled", "mon.metrics"),
    ],
)
def test_the_fields_are_those_that_the_chart_renders(fix: str, folder: str) -> None:
    own, whole = fields(with_values(default(), values(fix))), fields(rendered(SHARED / folder))
    assert own
    assert {path: whole.get(path) for path in own} == own


def test_hardened_containers_have_the_settings_of_the_rendered_ones_on_the_container() -> None:
    """The user is set on the container, so that init containers keep theirs; the rest is as the chart renders it."""
    own = fields(with_values(default(), values("containers.hardened")))
    whole = fields(rendered(SHARED / "sec.container_defaults"))
    differing = {
        path: value for (_, _, path), value in own.items() if whole.get(("StatefulSet", "weaviate", path)) != value
    }
    prefix = "spec.template.spec.containers[weaviate].securityContext"
    assert differing == {f"{prefix}.runAsNonRoot": True, f"{prefix}.runAsUser": 1000, f"{prefix}.runAsGroup": 1000}
    assert len(own) > len(differing)


def test_what_is_left_of_the_default_chart_needs_a_person() -> None:
    proof = proved(default(), *(id for id in due(default())))
    fixes = due(default())
    left = [
        check
        for step in proof.steps
        if step.id.startswith(SECTIONS) and step.after.finding is not None
        for check in step.after.finding.facts
        if check.outcome is not None and check.outcome.value in ("partly", "not_met")
    ]
    assert left
    for check in left:
        fix = fixes.get(check.fix)
        assert check.fix and (fix is None or not fix.applicable), check.message


def test_the_folders_of_these_remedies_exist() -> None:
    used = {"sec.tls", "sec.least_privilege", "sec.rbac", "sec.access_limited", "mon.logging", "mon.metrics"}
    assert all((Path(SHARED) / name).is_dir() for name in used)
