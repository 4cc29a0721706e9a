"""Pseudonyms: stable, under a key that stays, in every form and in every picture; the verdicts do not move."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from readiness_kit import demo
from readiness_kit.checklist import load_checklist
from readiness_kit.errors import UnreadableFileError
from readiness_kit.fixes.advise import failed_checks
from readiness_kit.kinds.weaviate import Nodes, ServerNode
from readiness_kit.model import Answer, Choice, Waiver
from readiness_kit.redact import secret_shapes
from readiness_kit.report.content import of_session, pseudonymise
from readiness_kit.report.exports import FORMS
from readiness_kit.report.exports.export import export
from readiness_kit.report.privacy import name_search, notes, pseudonyms, reverse_list, rules
from readiness_kit.report.privacy.pseudonyms import Pseudonyms
from readiness_kit.report.privacy.reverse_list import of_folder
from readiness_kit.report.rendering.document import document_of
from readiness_kit.report.rendering.page import ReportPage
from readiness_kit.report.rendering.render import Request
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder
from readiness_kit.workspace.session import Session
from tests.report import sample
from tests.support.served import ServedCluster

PEOPLE = ("Mirelle Vandoorne", "Search platform team", "Head of engineering")
KEY = bytes(range(32))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The demonstration, with names in every place where a person can write item."""
    made = demo.install(tmp_path_factory.mktemp("pseudonyms") / "assessment").create()
    node = Session(made).require_facts().snapshot.objects("nodes")[0].metadata.name
    made.answers.put(
        Answer(
            "sec.tls",
            Choice.NO,
            note=f"Ask Mirelle Vandoorne (mirelle@fjord-outfitters.example), node {node}, host 10.20.11.23.",
            link="https://wiki.fjord-outfitters.example/tls?space=search",
            owner="Mirelle Vandoorne",
            by="Mirelle Vandoorne",
        )
    )
    made.add_waiver(Waiver("sec.tls", "Mirelle Vandoorne decided.", "Mirelle Vandoorne", "Head", date(2027, 3, 1)))
    return made


def originals(folder: Folder) -> set[str]:
    """Every name of the assessment that no text of the kit has by itself."""
    snapshot = Session(folder).require_facts().snapshot
    names = {snapshot.manifest.context, folder.settings.customer, folder.settings.cluster_name, *PEOPLE}
    for key in ("nodes", "pods", "statefulsets", "deployments", "daemonsets", "services", "namespaces"):
        names |= {item.metadata.name for item in snapshot.objects(key)}
    names |= {"mirelle@fjord-outfitters.example", "wiki.fjord-outfitters.example", "10.20.11.23"}
    return {name for name in names if name and name.lower() not in rules.ORDINARY | rules.KUBERNETES_OWN}


def leaks(text: str, names: set[str]) -> list[str]:
    pictures = "".join(
        base64.b64decode(data).decode() for data in re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", text)
    )
    whole = html.unescape(re.sub(r"data:image/[^\"]*", "", text)) + html.unescape(pictures)
    return sorted(name for name in names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", whole, re.IGNORECASE))


# Names that are words of the checklist, the detectors and the images of public software as well.
ALSO_WORDS = {"search", "observability", "ingress", "alloy", "loki", "cluster-autoscaler", "aws-node"}


def words_of_the_checklist(names: set[str]) -> set[str]:
    """The names that the remedies use as examples; the document shows those texts, the other forms do not."""
    return set(leaks(msgspec.json.encode(load_checklist().questions).decode(), names))


@pytest.mark.parametrize("form", FORMS)
def test_no_name_is_left_in_any_form(form: str, folder: Folder) -> None:
    plain = FORMS[form].write(of_session(Session(folder)))
    renamed = FORMS[form].write(of_session(Session(folder), pseudonymised=True))
    names = originals(folder) - ALSO_WORDS
    assert len(names) > 25
    assert len(leaks(plain, names)) >= 2
    assert leaks(renamed, names) == []


def test_no_name_is_left_in_the_document_and_its_pictures(folder: Folder) -> None:
    page = ReportPage.of(of_session(Session(folder), pseudonymised=True))
    document = document_of(sample.chapters(page))
    assert document.count("<img") >= 4
    names = originals(folder) - ALSO_WORDS
    assert leaks(document, names - words_of_the_checklist(names)) == []


def test_a_name_that_is_also_a_word_goes_wherever_the_cluster_said_it(folder: Folder) -> None:
    """The namespace of the demonstration is called `search`."""
    body = json.loads(FORMS["json"].write(of_session(Session(folder), pseudonymised=True)))
    found = [item["finding"] for item in body["questions"] if item["finding"]]
    namespaces = {fact["ref"].get("namespace") for finding in found for fact in finding["facts"]}
    assert "search" not in namespaces
    seen = " ".join(fact["seen"] + " " + finding["sentence"] for finding in found for fact in finding["facts"])
    assert not re.search(r"(?<![\w-])search(?![\w-])", seen)


def test_checks_keep_their_fixes(folder: Folder) -> None:
    plain = of_session(Session(folder))
    renamed, _ = pseudonymise(plain, folder)
    fixes = [
        [check.fix for row in each.assessment.verdicts for check in failed_checks(row)] for each in (plain, renamed)
    ]
    assert fixes[0] == fixes[1] and any(fixes[0])


def test_labels_are_renamed_whatever_their_keys(folder: Folder) -> None:
    _, known = pseudonymise(of_session(Session(folder)), folder)
    labels = dict.fromkeys(("fix", "question", "pseudonym"), PEOPLE[0])
    renamed = known.apply({"labels": labels}, dict)["labels"]
    assert renamed.keys() == labels.keys() and PEOPLE[0] not in renamed.values()


def test_the_verdicts_are_those_of_the_real_names(folder: Folder) -> None:
    plain = of_session(Session(folder))
    renamed, _ = pseudonymise(plain, folder)
    assert [item.state for item in renamed.assessment.verdicts] == [item.state for item in plain.assessment.verdicts]
    assert renamed.assessment.total == plain.assessment.total
    assert [item.question for item in renamed.assessment.verdicts] == [
        item.question for item in plain.assessment.verdicts
    ]


def test_the_same_folder_gives_the_same_pseudonyms(folder: Folder) -> None:
    once, again = (FORMS["json"].write(of_session(Session(folder), pseudonymised=True)) for _ in range(2))
    assert once == again
    assert re.fullmatch(r"cluster-\d+", json.loads(once)["cluster"])


def test_key_and_mapping_stay_in_the_folder_for_its_owner_alone(folder: Folder) -> None:
    _, names = pseudonymise(of_session(Session(folder)), folder)
    key, mapping = folder.private / "pseudonyms.key", folder.private / "pseudonyms.json"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (key, mapping)} == {0o600}
    assert stat.S_IMODE(folder.private.stat().st_mode) == 0o700
    assert len(bytes.fromhex(key.read_text().strip())) * 8 >= 128
    back = json.loads(mapping.read_text(encoding="utf-8"))
    assert back[names.names["search"]] == "search" and "Mirelle Vandoorne" in back.values()


def test_a_spoilt_key_is_named_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "pseudonyms.key").write_text("abc\n")
    with pytest.raises(UnreadableFileError, match=r"pseudonyms\.key"):
        of_folder(tmp_path)
    assert (tmp_path / "pseudonyms.key").read_text() == "abc\n"


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="128 bits"):
        Pseudonyms(b"x" * 15)


@pytest.fixture
def known() -> Pseudonyms:
    made = Pseudonyms(KEY)
    for sort, name in (
        ("namespace", "vectors"),
        ("node", "ip-10-0-1-7.ec2.internal"),
        ("workload", "orders-db"),
        ("namespace", "weaviate"),
    ):
        made.learn(sort, name)
    made._namespaces |= {"vectors", "weaviate"}
    made.learn("workload", "weaviate")
    made._learn_pod("orders-db-0")
    made.learn_phrase("person", "Mirelle Vandoorne")
    made.learn_host("db.acme.example")
    return made


def test_pods_keep_their_ordinal(known: Pseudonyms) -> None:
    assert known.text("orders-db-0") == f"{known.names['orders-db']}-0"


@pytest.mark.parametrize(
    "text",
    [
        "Pod vectors/orders-db-0 on ip-10-0-1-7.ec2.internal.",
        "orders-db-0.orders-db.vectors.svc.cluster.local",
        "data-orders-db-0",
        "asked mirelle  vandoorne",
        "https://db.acme.example:8080/v1, other.acme.example",
        "me@acme.example",
        "https://[redacted]@db.acme.example/x?token=[redacted] and [https://db.acme.example]",
        "https://[redacted]@[2001:db8:7:8::99]:8080/v1",
        "from 192.0.2.17 and 2001:db8:7:8::99",
        "weaviate/weaviate",
    ],
)
def test_running_text(known: Pseudonyms, text: str) -> None:
    shown = known.text(text)
    for name in (
        "vectors",
        "orders-db",
        "ip-10-0",
        "mirelle",
        "vandoorne",
        "acme",
        "192.0.2.17",
        "7:8::99",
        "weaviate/",
    ):
        assert name not in shown.lower()


def test_a_url_whose_password_was_taken_out_stays_one_that_has_none(known: Pseudonyms) -> None:
    shown = known.text("Get https://[redacted]@db.acme.example/x?key=[redacted]: refused")
    assert re.fullmatch(r"Get https://host-\d+\.invalid refused", shown)
    assert secret_shapes(shown) == []


@pytest.mark.parametrize(
    "text",
    [
        "Weaviate 1.38.2 in the StatefulSet weaviate, namespace kube-system",
        "spec.template.spec.containers[0].env ENABLE_MODULES",
        "topology.kubernetes.io/zone eu-west-1a",
        "https://docs.weaviate.io/deploy and https://kubernetes.io/docs",
        "cr.weaviate.io/semitechnologies/weaviate:1.38.2",
        "127.0.0.1, 0.0.0.0, 10.0.0.0/8",
        "http://[::]:8080 and http://[::1]/x",
        "",
    ],
)
def test_what_belongs_to_the_software_stays(known: Pseudonyms, text: str) -> None:
    assert known.text(text) == text


@pytest.mark.parametrize("which", ["good", "default"])
def test_recorded_clusters_keep_verdicts_and_charts(which: str, recordings: Path, tmp_path: Path) -> None:
    from readiness_kit import evidence
    from readiness_kit.collect import collect, connect

    home = Folder(tmp_path / "a").create()
    with ServedCluster(recordings / which) as cluster, connect(str(cluster.kubeconfig(tmp_path))) as connection:
        home.add_snapshot(collect(connection, evidence.reads_for(load_checklist().questions)))
    plain = of_session(Session(home))
    renamed, _ = pseudonymise(plain, home)
    assert [item.state for item in renamed.assessment.verdicts] == [item.state for item in plain.assessment.verdicts]
    drawn = [document_of(sample.chapters(ReportPage.of(item))).count("<img") for item in (plain, renamed)]
    assert drawn[0] == drawn[1] > 1
    names = {item.metadata.name for key in ("nodes", "pods") for item in plain.snapshot.objects(key)}  # type: ignore[union-attr]
    names -= words_of_the_checklist(names)
    assert names and leaks(document_of(sample.chapters(ReportPage.of(renamed))), names) == []


def test_a_rendered_report_has_no_name_either_in_commentary(folder: Folder, tmp_path: Path) -> None:
    from readiness_kit import paths
    from readiness_kit.report.rendering.render import NOTEBOOK

    nb = json.loads((paths.notebooks() / NOTEBOOK).read_text(encoding="utf-8"))
    note = {
        "cell_type": "markdown",
        "id": "note",
        "metadata": {},
        "source": ["# Thanks\n", "\n", "To Mirelle Vandoorne."],
    }
    nb["cells"].append(note)
    own = folder.notebooks / NOTEBOOK
    own.write_text(json.dumps(nb), encoding="utf-8")
    try:
        removed = export(folder, "html", tmp_path / "removed.html", Request(pseudonymised=True)).read_text(
            encoding="utf-8"
        )
        out = export(folder, "html", tmp_path / "report.html", Request(pseudonymised=True, keep_notes=True))
    finally:
        own.unlink()
    document = out.read_text(encoding="utf-8")
    names = originals(folder) - ALSO_WORDS
    assert "To person-" not in removed and notes.NO_NOTE in removed
    assert "To person-" in document and leaks(document, names - words_of_the_checklist(names)) == []
    assert pseudonyms.VARIABLE not in os.environ


@pytest.mark.parametrize(
    "text",
    [
        "vandoorne's decision", "Vandoornes decision", "mirelle.vandoorne", "Vandoorne, Mirelle", "MIRELLE_VANDOORNE",
        "Mirelle's", "MirelleVandoorne",
    ],
)  # fmt: skip
def test_people_are_found_in_every_spelling(known: Pseudonyms, text: str) -> None:
    assert re.search(r"mirelle|vandoorne", known.text(text), re.IGNORECASE) is None
    assert "person-1" in known.text(text)


@pytest.mark.parametrize(
    "text", ["Jörg Müller", "JORG MULLER", "joerg.mueller", "Muller's", "Søren Åkesson", "Soren Akesson"]
)
def test_accents_do_not_hide_a_person(text: str) -> None:
    names = Pseudonyms(KEY)
    for person in ("Jörg Müller", "Søren Åkesson"):
        names.learn_phrase("person", person)
    assert re.fullmatch(r"person-[12](?: person-[12])?", names.text(text))


@pytest.mark.parametrize(
    "text", ["Kontorbank ASA", "kontorbank", "KONTORBANK", "s3://kontorbank-backups", "kontorbankprod", "kontorbank_x"]
)
def test_the_short_name_of_the_customer_is_found_within_other_names(text: str) -> None:
    names = Pseudonyms(KEY)
    names.learn_phrase("customer", "Kontorbank ASA")
    assert "kontorbank" not in names.text(text).lower() and "customer-a" in names.text(text)


def test_teams_and_roles_are_replaced_as_a_whole_only() -> None:
    names = Pseudonyms(KEY)
    names.learn_phrase("person", "Search platform team")
    assert names.text("search platform team") == "person-1"
    assert names.text("the search platform and its team") == "the search platform and its team"


def test_zones_regions_buckets_classes_and_collections_get_pseudonyms(folder: Folder) -> None:
    snapshot = Session(folder).require_facts().snapshot
    with reverse_list.learned(folder.private, [snapshot], folder.settings) as names:
        text = msgspec.json.encode(names.snapshot(snapshot)).decode()
    sorts = {pseudonym.rpartition("-")[0] for pseudonym in names.names.values()}
    assert {"zone", "region", "bucket", "storageclass", "collection"} <= sorts
    for name, pseudonym in names.names.items():
        if pseudonym.rpartition("-")[0] in ("zone", "region", "bucket", "collection"):
            assert not re.search(rf'"{re.escape(name)}"', text), pseudonym


def test_pseudonyms_of_earlier_exports_stay_and_never_equal_a_real_name(tmp_path: Path) -> None:
    first = of_folder(tmp_path)
    with reverse_list.changed(tmp_path, first):
        first.learn("node", "a-first-node")
        first.learn("node", "a-second-node")
    second = of_folder(tmp_path)
    second._taken.add("node-3")
    second.learn("node", "a-new-node")
    second.learn("node", "a-second-node")
    assert second.names == {"a-new-node": "node-4", "a-second-node": "node-2"}


def test_free_text_is_removed_unless_it_is_kept(folder: Folder) -> None:
    removed, kept = (
        of_session(Session(folder), pseudonymised=True, keep_notes=keep).assessment for keep in (False, True)
    )
    texts = [msgspec.json.encode(assessment).decode() for assessment in (removed, kept)]
    for words in ("person-\\d+ decided", "Ask person-\\d+"):
        assert [bool(re.search(words, text)) for text in texts] == [False, True]
    assert notes.NO_NOTE in texts[0] and notes.NO_NOTE not in texts[1]


def test_an_export_with_a_real_name_left_is_not_written(folder: Folder, tmp_path: Path) -> None:
    names = {"Kontor-Quellen": "customer-a", "search": "namespace-1", "loki": "namespace-2", "svg-name-7": "node-7"}
    picture = base64.b64encode(b"<svg><text>svg-name-7</text></svg>").decode()
    for text in (
        "of Kontor-Quellen.", "of KONTOR-QUELLEN", "kontor%2Dquellen", "kontor&#45;quellen", '"kontor\\u002dquellen"',
        f'<img src="data:image/svg+xml;base64,{picture}">',
    ):  # fmt: skip
        with pytest.raises(name_search.NameFoundError) as raised:
            name_search.check(text, names, tmp_path / "x.html")
        assert "quellen" not in str(raised.value).lower() and "svg-name" not in str(raised.value)
    name_search.check("full-text search, loki, xkontor-quellen", names, tmp_path / "x.html")


@pytest.mark.parametrize(
    "text",
    [
        "Vandoorne's cluster", "VANDOORNE'S", "Vandoornes", "mirelle.vandoorne@kontorbank.no", "m.vandoorne",
        "mvandoorne", "vandoorne_m", "Vandoorne, Mirelle", "JUERGEN MUELLER", "Juergen Mueller-Luedenscheidt",
        "Luedenscheidt", "Lüdenscheidts", "Jurgen Muller", "jürgen_müller", "O'Brien's", "OBrien", "o’brien",
        "sean.obrien", "kontorbankprod", "KONTORBANK", "Kontor-Bank", "kontor_bank", "kontor bank", "KontorBank ASA's",
        "https://grafana.kontorbank.no/d/x", "s3://weaviate-kontor-backups/x", "weaviate_kontor_backups",
        "WEAVIATE-KONTOR-BACKUPS", "kontor_fast_ssd", "contractdocs", "Contract_Docs", "contract-docs",
        "ContractDocs_abc", "orders_search", "ORDERS_SEARCH-7f", "<text>kontor-prod-eu</text>", "kontor_prod_eu",
        "kontorprodeu", "Müller & Söhne", "Mueller und Soehne", "mueller-soehne", "Mueller & Soehne's",
    ],
)  # fmt: skip
def test_further_spellings_of_people_customers_and_objects(text: str) -> None:
    known = Pseudonyms(KEY)
    for customer in ("Kontorbank ASA", "Müller & Söhne GmbH"):
        known.learn_phrase("customer", customer)
    for person in ("Jürgen Müller-Lüdenscheidt", "Mirelle Vandoorne", "Sean O'Brien"):
        known.learn_phrase("person", person)
    known.learn_phrase("cluster", "kontor-prod-eu")
    for sort, name in (
        ("bucket", "weaviate-kontor-backups"),
        ("collection", "ContractDocs"),
        ("namespace", "orders-search"),
        ("storageclass", "kontor-fast-ssd"),
    ):
        known.learn(sort, name)
    left = "vandoorne|mirelle|j(ü|ue|u)rgen|m(ü|ue|u)ller|l(ü|ue|u)denscheidt|brien|kontor|contract|orders|s(ö|oe|o)hne"
    assert not re.search(left, known.text(text), re.IGNORECASE), known.text(text)


@pytest.mark.parametrize(
    "text", ["the bank is in order", "Products and products", "contract documents", "a contour bank"]
)
def test_words_like_a_name_stay(text: str) -> None:
    known = Pseudonyms(KEY)
    known.learn_phrase("customer", "Kontorbank ASA")
    known.learn("collection", "Products")
    known.learn("collection", "ContractDocs")
    assert known.text(text).lower().replace("collection-1", "products") == text.lower()


@pytest.mark.parametrize("names", [["the assessor"], ["endoflife.date"], ["search"]])
def test_names_that_the_texts_of_the_kit_have_do_not_stop_an_export(names: list[str]) -> None:
    assert name_search.remaining(f"before {names[0]} after", names) == []


def test_list_of_pseudonyms_with_other_than_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pseudonyms.json").write_text('{"node-1": 3}')
    with pytest.raises(UnreadableFileError, match="list of pseudonyms"):
        of_folder(tmp_path)


FOREIGN = ("kontor-vector-0", "kontor-vector-1")


@pytest.fixture
def of_another_cluster(tmp_path: Path) -> Folder:
    """The demonstration, with the answers of another cluster's Weaviate and Prometheus."""
    made = demo.install(tmp_path / "elsewhere").create()
    whole = load(made.snapshots()[-1])
    members = Nodes(tuple(ServerNode(name, "HEALTHY") for name in FOREIGN))
    labels = msgspec.structs.replace(whole.answer("prometheus/labels"), placed=(("kontor-db-7", "kontor-node-3"),))
    answers = {**whole.answers, "weaviate/nodes": members, "prometheus/labels": labels}
    later = msgspec.structs.replace(whole.manifest, taken_at=whole.manifest.taken_at + timedelta(hours=1))
    made.add_snapshot(msgspec.structs.replace(whole, manifest=later, answers=answers))
    return made


@pytest.mark.parametrize("form", ["html", "json", "markdown"])
def test_warnings_do_not_name_the_nodes_and_pods_of_another_cluster(of_another_cluster: Folder, form: str) -> None:
    session = Session(of_another_cluster)
    warnings = " ".join(session.warnings())
    assert all(name in warnings for name in (*FOREIGN, "kontor-db-7"))
    whole, known = pseudonymise(of_session(session), of_another_cluster)
    assert len(whole.warnings) == 2 and "node-" in whole.warnings[0]
    page = ReportPage.of(whole)
    text = document_of((page.cover(), page.sections(), page.scope())) if form == "html" else FORMS[form].write(whole)
    assert "kontor" not in text and not leaks(text, {*FOREIGN, "kontor-db-7", "kontor-node-3"})
    assert {*FOREIGN, "kontor-db-7", "kontor-node-3"} <= known.names.keys()


def test_two_exports_at_once_never_give_one_pseudonym_to_two_names(tmp_path: Path) -> None:
    """Both have read the list before either of them saves it."""
    first, second = of_folder(tmp_path), of_folder(tmp_path)
    with reverse_list.changed(tmp_path, first):
        first.learn("node", "of-the-first")
    with reverse_list.changed(tmp_path, second):
        second.learn("node", "of-the-second")
        second.learn("node", "of-the-first")
    assert (first.names["of-the-first"], second.names["of-the-second"]) == ("node-1", "node-2")
    assert second.names["of-the-first"] == "node-1"
    assert json.loads((tmp_path / "pseudonyms.json").read_text()) == {
        "node-1": "of-the-first",
        "node-2": "of-the-second",
    }


def test_names_found_in_two_exports_at_once_have_pseudonyms_of_their_own(tmp_path: Path) -> None:
    barrier = threading.Barrier(4)

    def exported(number: int) -> dict[str, str]:
        known = of_folder(tmp_path)
        barrier.wait(60)
        with reverse_list.changed(tmp_path, known):
            known.text(f"write to person-{number}@fjord.example, see https://host-{number}.fjord.example/x")
        return known.names

    with ThreadPoolExecutor(4) as pool:
        names = {name: pseudonym for made in pool.map(exported, range(4)) for name, pseudonym in made.items()}
    assert len(names) == len(set(names.values())) == 8
    assert json.loads((tmp_path / "pseudonyms.json").read_text()) == {value: key for key, value in names.items()}


@pytest.mark.parametrize(
    "text",
    [
        "OrdersSearch", "ordersSearch", "orders_search", "ORDERS_SEARCH", "Orders-Search", "orders.search",
        "orderssearch",
        "OrdersSearchBackup", "ORDERS_SEARCH_URL", "my-orders-search-0", "Orders_Search", "kubectl -n OrdersSearch get",
    ],
)  # fmt: skip
def test_names_with_separators_are_found_in_every_case(text: str) -> None:
    known = Pseudonyms(KEY)
    known.learn("workload", "orders-search")
    known.learn("namespace", "search")
    replaced = known.text(text)
    assert "workload-1" in replaced and "rders" not in replaced.lower()


@pytest.mark.parametrize(
    "text", ["OrderSearch", "orders and search", "StatefulSet", "PersistentVolumeClaim", "InService"]
)
def test_words_in_camel_case_stay(text: str) -> None:
    known = Pseudonyms(KEY)
    known.learn("workload", "orders-search")
    known.learn("namespace", "volume")
    assert known.text(text) == text
