"""Remedies that speak of this cluster, and of nothing that this cluster does not say."""

from __future__ import annotations

import re

import pytest
import yaml

from readiness_kit.advisories.settings import check_environment
from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.versions import Version
from readiness_kit.model import Finding, Observation, Outcome, Profile, Question, Ref, Remedy, Settings, Snippet
from readiness_kit.report.remedies import UNUSED, fitted, placeholders
from scripts.demo.make import build
from tests.support.answers import answered
from tests.support.cluster import cluster, of, weaviate

QUESTIONS = load_checklist(profile=Profile.EXTENDED).questions
BRACKETS = re.compile(r"<[A-Za-z][A-Za-z _-]*>")


def question(code: str, kind: str = "kubectl") -> Question:
    remedy = Remedy("Do it.", (Snippet(kind, code, "Look."),), risk="It may break.", rollback="Undo it.", effort="days")
    return Question(
        "ha.multi_az", "1", QUESTIONS[0].section, "?", "s", "w", QUESTIONS[0].severity, QUESTIONS[0].automation, remedy
    )


def filled(code: str, facts: ClusterFacts, finding: Finding | None = None, kind: str = "kubectl") -> str:
    return fitted(question(code, kind), finding, facts).snippets[0].code


def wrong(*refs: Ref) -> Finding:
    facts = tuple(Observation(ref, "x", "y", "z", False, "nodes") for ref in refs)
    return Finding("ha.multi_az", Outcome.NOT_MET, "No.", facts)


def test_names_of_this_cluster_stand_in_place_of_the_words() -> None:
    facts = cluster(weaviate(namespace="search", env={"BACKUP_S3_BUCKET": "weaviate-backups"}))
    assert filled("kubectl -n <namespace> get sts <statefulset>", facts) == "kubectl -n search get sts weaviate"
    assert filled("<storage-class> <region> <zone-a> <zone-c>", facts) == "fast eu-1 eu-1a eu-1c"
    assert filled("aws s3 ls s3://<bucket>/", facts) == "aws s3 ls s3://weaviate-backups/"


def test_the_release_is_the_one_that_helm_wrote_down() -> None:
    objects = weaviate()
    of(objects, "StatefulSet")[0]["metadata"]["annotations"] = {"meta.helm.sh/release-name": "vectors"}
    assert filled("helm upgrade <release>", cluster(objects)) == "helm upgrade vectors"
    assert filled("helm upgrade <release>", cluster(weaviate())) == "helm upgrade <release>"


def test_what_is_not_known_for_sure_stays_in_its_brackets() -> None:
    facts = cluster(weaviate(zones=("a", "b")))
    assert filled("<zone-a> <host> <user> <Collection>", facts) == "<zone-a> <host> <user> <Collection>"


def test_the_object_that_is_wrong_is_the_one_to_mend() -> None:
    facts = answered(cluster(weaviate()), {"weaviate/schema": {"classes": [{"class": "Books"}, {"class": "Notes"}]}})
    assert filled("<Collection> <node>", facts, wrong(Ref("Collection", "Notes"), Ref("Node", "n7"))) == "Notes n7"
    assert (
        filled("<class> <volume>", facts, wrong(Ref("StorageClass", "slow"), Ref("PersistentVolume", "pv-9")))
        == "slow pv-9"
    )
    assert filled("<Collection>", facts) == "<Collection>"


def test_everything_but_the_words_stays_as_it_is() -> None:
    before = question("kubectl -n <namespace> get pods").remedy
    after = fitted(question("kubectl -n <namespace> get pods"), None, cluster(weaviate()))
    assert (after.text, after.risk, after.rollback, after.effort) == (
        before.text,
        before.risk,
        before.rollback,
        before.effort,
    )
    assert after.snippets[0].note == "Look." and len(after.snippets) == 1


def test_without_a_cluster_the_remedy_is_the_checklists() -> None:
    assert fitted(QUESTIONS[0], None, None) is QUESTIONS[0].remedy


def test_a_workload_of_another_name_is_called_by_it() -> None:
    objects = weaviate()
    for one in of(objects, "StatefulSet"):
        one["metadata"]["name"] = "vectors"
    for one in of(objects, "Pod"):
        one["metadata"]["ownerReferences"][0]["name"] = "vectors"
    facts = cluster(objects)
    assert filled("kubectl rollout status statefulset/weaviate", facts) == "kubectl rollout status statefulset/vectors"
    assert filled("kubectl get sts weaviate", facts) == "kubectl get sts vectors"
    assert filled("kind: StatefulSet # statefulset/weaviate", facts, kind="helm").endswith("statefulset/weaviate")


@pytest.mark.parametrize("name", ["123", "true", "a b", "x;y", "$(id)", "'", "a\nb", "-x"])
def test_a_name_that_would_mean_something_else_is_not_filled_in(name: str) -> None:
    finding = wrong(Ref("Node", name))
    assert filled("kubectl drain <node>", cluster(weaviate()), finding) == "kubectl drain <node>"


# --- the whole checklist --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo() -> ClusterFacts:
    return ClusterFacts(build())


@pytest.mark.parametrize("one", QUESTIONS, ids=lambda one: one.id)
def test_filled_snippets_have_the_charts_keys_and_lose_nothing(one: Question, demo: ClusterFacts) -> None:
    finding = evaluate(demo, Settings(), [one])[one.id]
    remedy = fitted(one, finding, demo)
    known = set(placeholders(finding, demo))
    later = [snippet for snippet in one.remedy.snippets if snippet.since == "1.38.3"]  # the demonstration has 1.38.2
    kept = [snippet for snippet in one.remedy.snippets if snippet not in later]
    assert (remedy.risk, remedy.effort) == (one.remedy.risk, one.remedy.effort)
    assert remedy.text.startswith(one.remedy.text.replace("<running-version>", "1.38.2"))
    assert ("A step is left out: it needs Weaviate 1.38.3 or newer, and 1.38.2 runs." in remedy.text) is bool(later)
    for before, after in zip(kept, remedy.snippets, strict=True):
        assert not {word.strip("<>") for word in BRACKETS.findall(after.code)} & known
        if before.kind in ("helm", "manifest"):
            documents = list(yaml.safe_load_all(before.code))
            assert [_keys(document) for document in documents] == [_keys(d) for d in yaml.safe_load_all(after.code)]


@pytest.mark.parametrize(
    ("image", "tag"),
    [("1.38.2", "1.38.11"), ("1.36.4", "1.36.23"), ("9.9.9", "<newest-patch>"), ("main", "<newest-patch>")],
)
def test_the_newest_patch_of_the_running_minor_is_named_with_its_date(image: str, tag: str) -> None:
    one = question("image:\n  tag: <newest-patch>\n", "helm")
    (snippet,) = fitted(one, None, cluster(weaviate(image=f"semitechnologies/weaviate:{image}"))).snippets
    assert snippet.code == f"image:\n  tag: {tag}\n"
    assert ("known on 2026-" in snippet.note) is (tag != "<newest-patch>")


@pytest.mark.parametrize("one", QUESTIONS, ids=lambda one: one.id)
@pytest.mark.parametrize("image", ["1.27.8", "1.31.0", "1.36.4", "1.38.2", "1.40.2"])
def test_no_remedy_sets_what_the_running_release_does_not_use(one: Question, image: str) -> None:
    facts = cluster(weaviate(image=f"semitechnologies/weaviate:{image}"))
    release = facts.server_version
    assert release is not None
    for snippet in fitted(one, None, facts).snippets:
        if snippet.kind != "helm":
            continue
        values = yaml.safe_load(BRACKETS.sub("x", snippet.code)) or {}
        set_here = values.get("env", {}) if isinstance(values, dict) else {}
        assert [p.name for p in check_environment(set_here, release) if p.kind in UNUSED] == []
        assert not snippet.since or release >= Version.parse(snippet.since)


def _keys(value: object) -> object:
    if isinstance(value, dict):
        return {key: _keys(one) for key, one in value.items()}
    return [_keys(one) for one in value] if isinstance(value, list) else type(value).__name__
