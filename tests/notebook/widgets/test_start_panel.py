"""The start panel: stored choices, connection tests, collecting and stopping."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness_kit import paths
from readiness_kit.notebook.kit import Kit
from readiness_kit.notebook.widgets.start_panel import CLUSTER, DEMO, FILE, StartPanel
from readiness_kit.workspace.folder import Folder
from tests.support.served import Reply, Request, ServedCluster
from tests.support.weaviate import FakeWeaviate, healthy

LONG = 60.0


@pytest.fixture
def kit(empty: Kit) -> Kit:
    return empty


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
def panel(kit: Kit, served_good: ServedCluster, tmp_path: Path) -> StartPanel:
    return kit.connect(kubeconfig=str(served_good.kubeconfig(tmp_path, more_contexts={"other": served_good.url})))


@pytest.fixture
def weaviate() -> Iterator[FakeWeaviate]:
    with FakeWeaviate(healthy(), key="s3cret-key") as server:
        yield server


def test_choices_are_stored_and_restored(kit: Kit, panel: StartPanel) -> None:
    assert panel._context.options == ("served", "other")
    panel._context.value = "other"
    panel._fields["namespaces"].value = "weaviate, kube-system"
    panel._fields["weaviate_url"].value = "http://127.0.0.1:8080"
    cluster = Folder(kit.folder.path).settings.cluster
    assert (cluster.context, cluster.namespaces) == ("other", ("weaviate", "kube-system"))
    assert cluster.weaviate_url == "http://127.0.0.1:8080"
    assert Kit(Folder(kit.folder.path)).connect()._fields["namespaces"].value == "weaviate, kube-system"


def test_address_with_password_is_refused_and_not_stored(kit: Kit, panel: StartPanel) -> None:
    for name in ("weaviate_url", "prometheus_url"):
        panel._fields[name].value = "https://me:hunter2@metrics.example.com"
        assert "Not saved: The address of" in panel._status.value and "hunter2" not in panel._status.value
        panel._fields[name].value = ""
    assert "hunter2" not in (kit.folder.path / "readiness.yaml").read_text("utf-8")


def test_key_leaves_its_field_and_is_in_no_file(kit: Kit, panel: StartPanel, weaviate: FakeWeaviate) -> None:
    panel._fields["weaviate_url"].value = weaviate.url
    panel._keys["weaviate_key"].value = "s3cret-key"
    panel.test()
    assert panel.wait(LONG)
    assert "✓ <b>Weaviate</b>: 1.38.2" in panel._status.value
    assert panel._keys["weaviate_key"].value == ""
    panel.start()
    assert panel.wait(LONG)
    assert "Weaviate</b>" in panel.static_html() and kit.folder.latest_snapshot() is not None
    assert weaviate.signed_in
    files = [path for path in kit.folder.path.rglob("*") if path.is_file()]
    assert not [path for path in files if b"s3cret-key" in path.read_bytes()]


def test_rejected_key_and_unreachable_server_are_distinguished(panel: StartPanel, weaviate: FakeWeaviate) -> None:
    panel._fields["weaviate_url"].value = weaviate.url
    panel._keys["weaviate_key"].value = "wrong"
    panel.test()
    assert panel.wait(LONG) and "rejects these credentials" in panel._status.value
    assert "wrong" not in panel._status.value.replace("api key [redacted]", "")
    panel._fields["weaviate_url"].value = "http://127.0.0.1:9"
    panel.test()
    assert panel.wait(LONG) and "could not be reached" in panel._status.value


def test_connection_test_lists_missing_permissions_and_the_role(recordings: Path, kit: Kit, tmp_path: Path) -> None:
    with ServedCluster(recordings / "good", forbidden={"nodes"}) as cluster:
        panel = kit.connect(kubeconfig=str(cluster.kubeconfig(tmp_path)))
        panel.test()
        assert panel.wait(LONG)
    status = panel._status.value
    assert "✓ <b>Cluster</b>: served, Kubernetes v1." in status
    assert "<b>No permission to list 7 kinds" in status and '<th scope="row">nodes</th><td>Q1, Q2, ' in status
    assert "The ClusterRole that is needed" in status and "kind: ClusterRole" in status
    assert not panel._test.disabled and not panel._collect.disabled


def test_collection_shows_progress_and_evidence(recordings: Path, kit: Kit, tmp_path: Path) -> None:
    gate = Gate("nodes")
    with ServedCluster(recordings / "good", fault=gate) as cluster:
        panel = kit.connect(kubeconfig=str(cluster.kubeconfig(tmp_path)))
        panel.start()
        assert gate.reached.wait(LONG)
        assert not panel._halt.disabled and panel._collect.disabled
        gate.opened.set()
        assert panel.wait(LONG)
    assert panel._bar.value == panel._bar.max > 20
    assert "✓ Done" in panel._status.value and "<b>Weaviate</b> StatefulSet" in panel.static_html()
    assert panel._halt.disabled and not panel._collect.disabled
    assert kit.facts.weaviate.name


def test_stopped_collection_saves_nothing(recordings: Path, kit: Kit, tmp_path: Path) -> None:
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


def test_unreachable_server_is_reported_and_can_be_retried(kit: Kit, tmp_path: Path) -> None:
    with ServedCluster({}) as gone:
        config = gone.kubeconfig(tmp_path)
    panel = kit.connect(kubeconfig=str(config))
    panel.start()
    assert panel.wait(LONG)
    assert 'class="flag"' in panel._status.value and not panel._collect.disabled


def test_without_kubeconfig_the_demonstration_is_offered(kit: Kit) -> None:
    panel = kit.connect()
    assert panel._collect.disabled and "No cluster is available yet" in panel._status.value
    assert "choose “Demonstration” above" in panel._status.value
    panel._source.value = DEMO
    assert not panel._collect.disabled and panel._collect.description == "Load the demonstration"


def test_stop_and_progress_are_shown_for_a_cluster_only(panel: StartPanel) -> None:
    assert panel._buttons.children == (panel._test, panel._collect, panel._halt) and panel._bar in panel._box.children
    for source in (FILE, DEMO):
        panel._source.value = source
        assert panel._buttons.children == (panel._collect,) and panel._bar not in panel._box.children
    panel._source.value = CLUSTER
    assert panel._halt in panel._buttons.children and panel._bar in panel._box.children


def test_missing_context_is_reported_and_not_overwritten(kit: Kit, served_good: ServedCluster, tmp_path: Path) -> None:
    kit.write_settings(**{"cluster.context": "production"})
    panel = kit.connect(kubeconfig=str(served_good.kubeconfig(tmp_path)))
    assert "no context “production” in this kubeconfig; “served” is selected instead" in panel._status.value
    assert kit.settings.cluster.context == "production"


def test_port_forward_command_is_shown_after_the_first_collection(panel: StartPanel) -> None:
    panel.test()
    assert panel.wait(LONG)
    assert "Weaviate</b>: no URL given" in panel._status.value and "After the first collection" in panel._status.value
    assert panel._port_forward not in panel._box.children
    panel.start()
    assert panel.wait(LONG) and panel._port_forward in panel._box.children
    command = "kubectl --context served -n weaviate port-forward --address 127.0.0.1 svc/weaviate 8080:"
    assert command in panel._port_forward.value and "<code>http://127.0.0.1:8080</code>" in panel._port_forward.value
    panel._fields["weaviate_url"].value = "http://127.0.0.1:9"
    assert panel._port_forward not in panel._box.children
    panel.test()
    assert panel.wait(LONG) and "could not be reached" in panel._status.value and command in panel._status.value


def test_demonstration_is_loaded_into_an_empty_folder_only(kit: Kit) -> None:
    welcome, about, panel, scope = kit.welcome(), kit.about(), kit.connect(), kit.show.scope()
    panel._source.value = DEMO
    panel.start()
    assert panel.wait(LONG) and "✓ Done" in panel._status.value
    assert kit.settings.customer == "Fjord Outfitters" and len(kit.folder.answers.all()) > 20
    # The page shows it without being run again.
    assert about._fields["customer"].value == "Fjord Outfitters"
    assert "31 of 34 questions answered" in repr(welcome) and "leases" in scope._repr_html_()
    panel.start()
    assert panel.wait(LONG) and "already contains evidence and answers" in panel._status.value


def test_demonstration_does_not_overwrite_what_was_entered(kit: Kit) -> None:
    kit.write_settings(customer="Harbour Bank")
    panel = kit.connect()
    panel._source.value = DEMO
    panel.start()
    assert panel.wait(LONG) and "details of another assessment" in panel._status.value
    assert kit.settings.customer == "Harbour Bank" and kit.folder.snapshots() == []


def test_snapshot_file_is_loaded_and_a_missing_one_named(kit: Kit, tmp_path: Path) -> None:
    panel = kit.connect()
    panel._source.value = FILE
    panel._path.value = str(paths.demo() / "cluster.zip")
    panel.start()
    assert panel.wait(LONG) and "✓ Done" in panel._status.value and len(kit.folder.snapshots()) == 1
    panel._path.value = str(tmp_path / "nowhere.zip")
    panel.start()
    assert panel.wait(LONG) and "nowhere.zip" in panel._status.value and len(kit.folder.snapshots()) == 1


def test_every_control_of_the_start_page_has_a_unique_label(kit: Kit) -> None:
    panel, about = kit.connect(), kit.about()
    controls = [*panel._fields.values(), *panel._keys.values(), panel._context, panel._path, panel._source, panel._bar]
    controls += [*panel._buttons.children, *about._fields.values()]
    names = [control.description for control in controls]
    assert all(name.strip() for name in names) and len(set(names)) == len(names)
