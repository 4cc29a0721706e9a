"""Whatever stands in a cluster, a snapshot, a bundle or a checklist: no crash, no secret, no markup, no way out."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness_kit import bundles, paths
from readiness_kit.checklist import load_checklist
from readiness_kit.collect.kubernetes import lists
from readiness_kit.demo import SNAPSHOT, install
from readiness_kit.errors import ReadinessError
from readiness_kit.evidence import evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.model import Outcome, Settings
from readiness_kit.redact import LabelHasher, scrub
from readiness_kit.report.rendering.page import ReportPage
from readiness_kit.snapshot import Snapshot, load
from readiness_kit.workspace.session import Session
from tests.trust.strategies import JSON, NAMES, TEXT, snapshots, struct

QUESTIONS = load_checklist().questions
HASHER = LabelHasher(b"key")
few = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
more = settings(few, max_examples=60)


@more
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_any_object_of_any_kind_survives_scrub_and_the_way_through_a_file(key: str, data: st.DataObject) -> None:
    made = data.draw(struct(KINDS[key].struct))
    once = scrub(key, made, HASHER)
    assert scrub(key, once, HASHER) == once
    assert msgspec.json.decode(msgspec.json.encode(once), type=KINDS[key].struct) == once


@more
@given(st.sampled_from(sorted(KINDS)), st.lists(JSON, max_size=4), st.dictionaries(TEXT, JSON, max_size=3))
def test_any_json_in_a_list_is_read_or_counted(key: str, items: list[Any], metadata: dict[str, Any]) -> None:
    kind = KINDS[key]
    body = json.dumps({"kind": f"{kind.kind}List", "metadata": metadata, "items": items}).encode()
    answers = [body]
    try:
        found, broken = lists.read(kind, "", lambda path, params: answers.pop(0), HASHER)
    except (ReadinessError, IndexError):
        return
    assert len(found) + broken.count == len(items)


@more
@given(st.one_of(st.binary(max_size=200), JSON.map(lambda value: json.dumps(value).encode())))
def test_any_bytes_as_a_list_raise_nothing_but_the_kits_own(body: bytes) -> None:
    answers = [body]
    try:
        lists.read(KINDS["pods"], "", lambda path, params: answers.pop(0), HASHER)
    except (ReadinessError, IndexError):
        return


def test_mutations_of_a_real_object_never_end_a_collection() -> None:
    original = json.loads(msgspec.json.encode(load(paths.demo() / SNAPSHOT).objects("statefulsets")[0]))

    @few
    @given(st.data())
    def one(data: st.DataObject) -> None:
        copy = json.loads(json.dumps(original))
        for _ in range(data.draw(st.integers(1, 4))):
            place: Any = copy
            while isinstance(place, dict) and place:
                name = data.draw(st.sampled_from(sorted(place)))
                if not isinstance(place[name], dict) or data.draw(st.booleans()):
                    place[name] = data.draw(JSON)
                    break
                place = place[name]
        body = json.dumps({"kind": "StatefulSetList", "items": [copy]}).encode()
        answers = [body]
        found, broken = lists.read(KINDS["statefulsets"], "", lambda path, params: answers.pop(0), HASHER)
        assert len(found) + broken.count == 1

    one()


@few
@given(snapshots())
def test_any_snapshot_goes_through_its_file_and_is_judged(made: Snapshot) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.zip"
        made.save(path)
        again = load(path)
    assert again.kept.keys() == made.kept.keys()
    try:
        facts = ClusterFacts(again)
    except ReadinessError:
        return
    findings = evaluate(facts, Settings(), QUESTIONS)
    assert findings.keys() == {question.id for question in QUESTIONS}


@few
@given(st.data())
def test_any_objects_around_a_real_weaviate_give_a_finding_for_each_question(data: st.DataObject) -> None:
    demo = load(paths.demo() / SNAPSHOT)
    kept = dict(demo.kept)
    for key in data.draw(st.sets(st.sampled_from(sorted(set(kept) - {"statefulsets"})), min_size=1, max_size=4)):
        added = data.draw(st.lists(struct(KINDS[key].struct), min_size=1, max_size=2))
        named = [
            msgspec.structs.replace(
                one, metadata=msgspec.structs.replace(one.metadata, namespace="search", name=data.draw(NAMES))
            )
            for one in added
        ]
        kept[key] = (*kept[key], *named)
    findings = evaluate(ClusterFacts(msgspec.structs.replace(demo, kept=kept)), Settings(), QUESTIONS)
    assert findings.keys() == {question.id for question in QUESTIONS}
    assert all(one.sentence for one in findings.values())


class Tags(HTMLParser):
    """What of a page is markup."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.found |= {f"@{name}" for name, _ in attrs if name.startswith("on")}
        self.found |= {"javascript:" for _, value in attrs if (value or "").strip().lower().startswith("javascript:")}


MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)><hostile-tag>'


def test_markup_in_every_string_of_the_cluster_stays_text(tmp_path: Path) -> None:
    demo = load(paths.demo() / SNAPSHOT)
    kept = {}
    for key, objects in demo.kept.items():
        changed = []
        for one in objects:
            raw = json.loads(msgspec.json.encode(one))
            meta = raw.get("metadata", {})
            if key not in ("statefulsets", "namespaces") and "name" in meta:
                meta["name"] += MARKUP
            meta["labels"] = {**meta.get("labels", {}), f"l{MARKUP}": MARKUP}
            for name in ("image", "reason", "provisioner", "driver", "type", "storageClassName"):
                _append(raw, name)
            try:
                changed.append(msgspec.convert(raw, KINDS[key].struct))
            except msgspec.ValidationError:
                changed.append(one)
        kept[key] = tuple(changed)
    reads = tuple(msgspec.structs.replace(read, message=f"{read.message}{MARKUP}") for read in demo.manifest.reads)
    manifest = msgspec.structs.replace(demo.manifest, context=MARKUP, server_version=MARKUP, reads=reads)
    hostile = msgspec.structs.replace(demo, kept=kept, manifest=manifest)
    folder = install(tmp_path / "home")
    for path in folder.snapshots():
        path.unlink()
    folder.add_snapshot(hostile)
    session = Session(folder)
    page = ReportPage(session.assessment(), session.settings, session.snapshot, session.facts, folder=folder.path)
    names = [name for name in dir(page) if not name.startswith("_")]
    shown = ""
    for name in names:
        part = getattr(page, name)
        if callable(part):
            try:
                part = part()
            except TypeError:
                continue
        render = getattr(part, "_repr_html_", None)
        shown += render() if render else ""
    assert "hostile-tag" in shown and len(shown) > 20_000
    tags = Tags()
    tags.feed(shown)
    assert not tags.found & {"script", "hostile-tag", "javascript:", "iframe", "object", "embed"}
    assert not [one for one in tags.found if one.startswith("@")]


def _append(value: Any, name: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name and isinstance(inner, str) and "weaviate" not in inner:
                value[key] = inner + MARKUP
            else:
                _append(inner, name)
    elif isinstance(value, list):
        for inner in value:
            _append(inner, name)


def told(use: Callable[[], object], name: str) -> bool:
    """Whether it works, or fails by an error of the kit that names the file. Any other error goes through."""
    try:
        use()
    except ReadinessError as problem:
        return name in str(problem)
    return True


# --- files ----------------------------------------------------------------------------------------


@more
@given(st.dictionaries(st.sampled_from(("schema", "section", "questions", "id", "x")), JSON, max_size=5))
def test_any_checklist_file_is_read_or_refused_by_name(content: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "own.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        assert told(lambda: load_checklist([path]), "own.yaml")


@more
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=120))
def test_any_text_as_a_checklist_file(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "own.yaml"
        path.write_text(text, encoding="utf-8")
        assert told(lambda: load_checklist([path]), "own.yaml")


YAML_BOMBS = {
    "aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)),
    "many aliases": "a: &a 1\nb: [" + "*a, " * 100_000 + "]\n",
    "depth": "[" * 20_000,
    "depth that ends a process": "[" * 100_000,
    "merges of merges": "a0: &a0 {x: 1}\n"
    + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 40)),
    "itself": "a: &a [*a]\n",
    "a mapping as key": "? {a: b}\n: c\n",
    "a list as key": "? [[a], b]\n: c\n",
    "a thirteenth month": "a: 2026-13-45\n",
    "a 99th hour": "a: 2026-01-01T99:99:99Z\n",
    "a zone beyond the day": "a: 2026-01-01 00:00:00 +99:99\n",
    "a number that is none": "a: !!int x\n",
    "an empty number": "a: !!int ''\n",
    "a number of ten thousand digits": "a: " + "9" * 10_000 + "\n",
    "a float that is none": "a: !!float y\n",
    "a time that is none": "a: !!timestamp q\n",
    "a truth that is none": "a: !!bool q\n",
    "no base64": "a: !!binary '%%%'\n",
    "a merge of a number": "<<: 3\n",
    "a set that is a list": "a: !!set [b]\n",
    "a null character": "a: \x00\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "a python object": "a: !!python/object/apply:os.system ['true']\n",
}


@pytest.mark.parametrize("text", YAML_BOMBS.values(), ids=YAML_BOMBS)
def test_yaml_that_explodes_is_refused_in_time(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    began = datetime.now(UTC)
    with pytest.raises(ReadinessError):
        load_checklist([path])
    assert (datetime.now(UTC) - began).total_seconds() < 5


@few
@given(
    st.binary(max_size=400),
    st.sampled_from(("objects/pods.json", "manifest.json", "calls.json", "answers/weaviate/meta.json")),
)
def test_any_bytes_in_a_member_of_a_snapshot(body: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        good, bad = Path(folder) / "good.zip", Path(folder) / "bad.zip"
        load(paths.demo() / SNAPSHOT).save(good)
        with zipfile.ZipFile(good) as archive, zipfile.ZipFile(bad, "w") as out:
            for member in archive.namelist():
                if member != name:
                    out.writestr(member, archive.read(member))
            out.writestr(name, body)
        assert told(lambda: bundles.load(bad), "bad.zip")


@more
@given(st.dictionaries(TEXT.filter(lambda name: "\x00" not in name), st.binary(max_size=100), max_size=4), JSON)
def test_any_archive_as_a_bundle(members: dict[str, bytes], content: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "b.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, body in members.items():
                archive.writestr(name or "x", body)
            archive.writestr("cluster-resources/pods.json", json.dumps(content))
            archive.writestr("../../../up/nodes.json", json.dumps({"kind": "NodeList", "items": [content]}))
        try:
            found = bundles.load(path)
        except ReadinessError:
            return
        assert set(found.kept) <= set(KINDS)
        assert [one.name for one in Path(folder).iterdir()] == ["b.zip"]


def test_the_demonstration_is_judged_at_all() -> None:
    """The tests above would pass on a kit that raises: this one says that the ground they stand on is there."""
    findings = evaluate(ClusterFacts(load(paths.demo() / SNAPSHOT)), Settings(), QUESTIONS)
    assert sum(one.outcome is Outcome.MET for one in findings.values()) >= 5
