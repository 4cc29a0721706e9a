"""The start panel: what it remembers and what not, the test of connections, collecting, stopping."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_kit import paths
from readiness_kit.collect import Event
from readiness_kit.demo import install
from readiness_kit.model import Profile
from readiness_kit.notebook import Kit
from readiness_kit.notebook.collection import ProgressEstimator
from readiness_kit.notebook.widgets.start_panel import CLUSTER, DEMO, FILE, StartPanel
from readiness_kit.workspace.folder import Folder
from tests.support.served import Reply, Request, ServedCluster
from tests.support.weaviate import FakeWeaviate, healthy

LONG = 60.0


class Gate:
    """Holds the requests for one kind until it is opened."""

    def __init__(self, plural: str) -> None:
        self.plural = plural
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, request: Request) -> Reply | None:
        if request.plural == self.plural:
            self.reached.set()
            self.opened.wait(LONG)
        return None


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(Folder(tmp_path / "new").create())


@pytest.fixture
def panel(kit: Kit, served_good: ServedCluster, tmp_path: Path) -> StartPanel:
    return kit.connect(kubeconfig=str(served_good.kubeconfig(tmp_path, more_contexts={"other": served_good.url})))


@pytest.fixture
def weaviate() -> Iterator[FakeWeaviate]:
    with FakeWeaviate(healthy(), key="s3cret-key") as server:
        yield server


def test_choices_are_remembered_and_come_back(kit: Kit, panel: StartPanel) -> None:
    assert panel._context.options == ("served", "other")
    panel._context.value = "other"
    panel._fields["namespaces"].value = "weaviate, kube-system"
    panel._fields["weaviate_url"].value = "http://127.0.0.1:8080"
    cluster = Folder(kit.folder.path).settings.cluster
    assert (cluster.context, cluster.namespaces) == ("other", ("weaviate", "kube-system"))
    assert cluster.weaviate_url == "http://127.0.0.1:8080"
    assert Kit(Folder(kit.folder.path)).connect()._fields["namespaces"].value == "weaviate, kube-system"


def test_an_address_with_a_password_is_refused_and_not_stored(kit: Kit, panel: StartPanel) -> None:
    for name in ("weaviate_url", "prometheus_url"):
        panel._fields[name].value = "https://me:hunter2@metrics.example.com"
        assert "Not saved: The address of" in panel._status.value and "hunter2" not in panel._status.value
        panel._fields[name].value = ""
    assert "hunter2" not in (kit.folder.path / "readiness.yaml").read_text("utf-8")


def test_a_key_leaves_its_field_and_reaches_no_file(kit: Kit, panel: StartPanel, weaviate: FakeWeaviate) -> None:
    panel._fields["weaviate_url"].value = weaviate.url
    panel._keys["weaviate_key"].value = "s3cret-key"
    panel.test()
    assert panel.wait(LONG)
    assert "✓ <b>Weaviate</b>: 1.38.2" in panel._status.value
    assert panel._keys["weaviate_key"].value == ""
    panel.start()
    assert panel.wait(LONG)
    assert "Weaviate</b>" in panel._known.value and kit.folder.latest_snapshot() is not None
    assert weaviate.signed_in
    files = [path for path in kit.folder.path.rglob("*") if path.is_file()]
    assert not [path for path in files if b"s3cret-key" in path.read_bytes()]


def test_a_wrong_key_is_told_from_a_server_that_is_not_there(panel: StartPanel, weaviate: FakeWeaviate) -> None:
    panel._fields["weaviate_url"].value = weaviate.url
    panel._keys["weaviate_key"].value = "wrong"
    panel.test()
    assert panel.wait(LONG) and "not to these credentials" in panel._status.value
    assert "wrong" not in panel._status.value.replace("api key [redacted]", "")
    panel._fields["weaviate_url"].value = "http://127.0.0.1:9"
    panel.test()
    assert panel.wait(LONG) and "could not be reached" in panel._status.value


def test_the_test_says_what_is_not_permitted_what_it_costs_and_which_role_to_ask_for(
    recordings: Path, kit: Kit, tmp_path: Path
) -> None:
    with ServedCluster(recordings / "good", forbidden={"nodes"}) as cluster:
        panel = kit.connect(kubeconfig=str(cluster.kubeconfig(tmp_path)))
        panel.test()
        assert panel.wait(LONG)
    said = panel._status.value
    assert "✓ <b>Cluster</b>: served, Kubernetes v1." in said
    assert "kinds may not be read" in said and "<td>nodes</td><td>Q1, Q2, " in said
    assert "ClusterRole to ask for" in said and "kind: ClusterRole" in said
    assert not panel._test.disabled and not panel._collect.disabled


def test_a_collection_shows_its_progress_and_its_evidence(recordings: Path, kit: Kit, tmp_path: Path) -> None:
    gate = Gate("nodes")
    with ServedCluster(recordings / "good", fault=gate) as cluster:
        panel = kit.connect(kubeconfig=str(cluster.kubeconfig(tmp_path)))
        panel.start()
        assert gate.reached.wait(LONG)
        assert not panel._halt.disabled and panel._collect.disabled
        gate.opened.set()
        assert panel.wait(LONG)
    assert panel._bar.value == panel._bar.max > 20
    assert "✓ Done" in panel._status.value and "<b>Weaviate</b> StatefulSet" in panel._known.value
    assert panel._halt.disabled and not panel._collect.disabled
    assert kit.facts.weaviate.name


def test_a_stop_ends_it_and_keeps_nothing(recordings: Path, kit: Kit, tmp_path: Path) -> None:
    gate = Gate("nodes")
    with ServedCluster(recordings / "good", fault=gate) as cluster:
        panel = kit.connect(kubeconfig=str(cluster.kubeconfig(tmp_path)))
        panel.start()
        assert gate.reached.wait(LONG)
        panel._halt.click()
        gate.opened.set()
        assert panel.wait(LONG)
        asked = len(cluster.requests)
    assert "Stopped" in panel._status.value and kit.folder.snapshots() == []
    assert asked == len(cluster.requests)
    assert not panel._collect.disabled


def test_a_server_that_is_not_there_is_said_and_one_can_try_again(kit: Kit, tmp_path: Path) -> None:
    with ServedCluster({}) as gone:
        config = gone.kubeconfig(tmp_path)
    panel = kit.connect(kubeconfig=str(config))
    panel.start()
    assert panel.wait(LONG)
    assert 'class="flag"' in panel._status.value and not panel._collect.disabled


def test_without_a_kubeconfig_the_panel_says_so_and_offers_the_rest(kit: Kit) -> None:
    panel = kit.connect()
    assert panel._collect.disabled and "No cluster can be asked yet" in panel._status.value
    assert "choose “The demonstration” above" in panel._status.value
    panel._source.value = DEMO
    assert not panel._collect.disabled and panel._collect.description == "Lay out the demonstration"


def test_what_only_a_cluster_needs_is_shown_for_a_cluster_only(panel: StartPanel) -> None:
    assert panel._buttons.children == (panel._test, panel._collect, panel._halt) and panel._bar in panel._box.children
    for source in (FILE, DEMO):
        panel._source.value = source
        assert panel._buttons.children == (panel._collect,) and panel._bar not in panel._box.children
    panel._source.value = CLUSTER
    assert panel._halt in panel._buttons.children and panel._bar in panel._box.children


def test_another_context_than_the_one_remembered_is_never_taken_in_silence(
    kit: Kit, served_good: ServedCluster, tmp_path: Path
) -> None:
    kit.write_settings(**{"cluster.context": "production"})
    panel = kit.connect(kubeconfig=str(served_good.kubeconfig(tmp_path)))
    assert "no context “production” in this kubeconfig; “served” is chosen instead" in panel._status.value
    assert kit.settings.cluster.context == "production"


def test_the_way_to_weaviate_is_shown_as_a_command_once_it_is_known(panel: StartPanel) -> None:
    panel.test()
    assert panel.wait(LONG)
    assert (
        "Weaviate</b>: no URL is given" in panel._status.value and "After the first collection" in panel._status.value
    )
    assert panel._way not in panel._fold.children
    panel.start()
    assert panel.wait(LONG) and panel._way in panel._fold.children
    command = "kubectl --context served -n weaviate port-forward --address 127.0.0.1 svc/weaviate 8080:"
    assert command in panel._way.value and "<code>http://127.0.0.1:8080</code>" in panel._way.value
    panel._fields["weaviate_url"].value = "http://127.0.0.1:9"
    assert panel._way not in panel._fold.children
    panel.test()
    assert panel.wait(LONG) and "could not be reached" in panel._status.value and command in panel._status.value


def test_the_demonstration_goes_into_an_empty_folder_only(kit: Kit) -> None:
    welcome, about, panel, scope = kit.welcome(), kit.about(), kit.connect(), kit.show.scope()
    panel._source.value = DEMO
    panel.start()
    assert panel.wait(LONG) and "✓ Done" in panel._status.value
    assert kit.settings.customer == "Fjord Outfitters" and len(kit.folder.answers.all()) > 20
    # The page shows it without being run again.
    assert about._boxes["customer"].value == "Fjord Outfitters"
    assert "31 of 34 questions answered" in repr(welcome) and "leases" in scope._repr_html_()
    panel.start()
    assert panel.wait(LONG) and "already holds evidence or answers" in panel._status.value


def test_a_snapshot_file_is_taken_and_a_wrong_one_named(kit: Kit, tmp_path: Path) -> None:
    panel = kit.connect()
    panel._source.value = FILE
    panel._path.value = str(paths.demo() / "cluster.zip")
    panel.start()
    assert panel.wait(LONG) and "✓ Done" in panel._status.value and len(kit.folder.snapshots()) == 1
    panel._path.value = str(tmp_path / "nowhere.zip")
    panel.start()
    assert panel.wait(LONG) and "nowhere.zip" in panel._status.value and len(kit.folder.snapshots()) == 1


def test_time_left_is_said_once_it_can_be_guessed() -> None:
    now = [0.0]
    pace = ProgressEstimator(lambda: now[0])
    assert pace.text(Event("pods", 2, 20, 40, "page")) == "2 of 20 kinds read, 40 objects; now pods"
    now[0] = 4.0
    assert pace.text(Event("pods", 10, 20, 60, "page")).endswith("; now pods, about 4 s left")
    assert pace.text(Event("nodes", 20, 20, 3, "done")) == "20 of 20 kinds read, 63 objects"


def test_every_control_of_the_start_page_has_a_label_of_its_own(kit: Kit) -> None:
    panel, about = kit.connect(), kit.about()
    controls = [*panel._fields.values(), *panel._keys.values(), panel._context, panel._path, panel._source, panel._bar]
    controls += [*panel._buttons.children, *about._boxes.values(), about._date, about._profile]
    names = [control.description for control in controls]
    assert all(name.strip() for name in names) and len(set(names)) == len(names)


def test_what_is_written_into_the_form_is_in_the_settings_and_in_the_file(tmp_path: Path) -> None:
    kit = Kit(install(tmp_path / "demo"))
    about = kit.about()
    about._boxes["participants"].value = "Ops, Search"
    about._boxes["branding.primary"].value = "#123456"
    assert kit.settings.participants == ("Ops", "Search") and kit.settings.branding.primary == "#123456"
    about._boxes["branding.primary"].value = "blue"
    assert "“blue” is no colour" in about._status.value and about._boxes["branding.primary"].value == "blue"
    assert kit.settings.branding.primary == "#123456"
    kit.write_settings(assessor="Somebody else")
    assert about._boxes["assessor"].value == "Somebody else" and about._boxes["branding.primary"].value == "blue"
    about._profile.value = Profile.EXTENDED
    assert Folder(kit.folder.path).settings.profile is Profile.EXTENDED
