"""Whatever of the kit is used, what leaves the machine is a read, and the call log of the snapshot says all of it."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from readiness_kit import Kit, evidence
from readiness_kit.checklist import load_checklist
from readiness_kit.cli import main
from readiness_kit.collect import Sources, collect, collect_all, connect, permissions
from readiness_kit.collect.http.guards import METADATA, QUERIES, REVIEWS
from readiness_kit.collect.http.transport import Transport
from readiness_kit.collect.prometheus.collector import with_prometheus
from readiness_kit.collect.weaviate.collector import with_weaviate
from readiness_kit.demo import install
from readiness_kit.errors import ForbiddenRequestError
from readiness_kit.model import Settings
from readiness_kit.snapshot import load
from readiness_kit.workspace.folder import Folder
from tests.trust.outside import Outside, outside

READS = evidence.reads_for(load_checklist().questions)
ALLOWED = (
    re.compile(r"kubernetes GET /(version|apis?(/.*)?)"),
    *(re.compile(f"kubernetes POST {re.escape(path)}") for path in REVIEWS),
    re.compile(
        r"weaviate GET /v1/(\.well-known/(live|ready|openid-configuration)|meta|schema|cluster/statistics|tasks)"
    ),
    re.compile(r"weaviate GET /v1/(users/(db|own-info)|authz/roles(/[^/]+/user-assignments)?|nodes(/[^/]+)?)"),
    re.compile(r"weaviate GET /v1/backups/[^/]+(/[^/]+/restore)?"),
    *(re.compile(f"prometheus POST {re.escape(path)}") for path in QUERIES),
    *(re.compile(f"prometheus GET {re.escape(path)}") for path in METADATA),
)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    monkeypatch.setattr(Transport, "wait", lambda self, seconds: None)
    monkeypatch.setenv("READINESS_DIR", str(install(tmp_path / "home").path))
    with outside(tmp_path) as found:
        yield found
    assert found.cluster.violations == []


def cli(*words: object) -> None:
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code in (0, 1, 7), done.output


def _collect(world: Outside, folder: Path) -> None:
    cli("collect", "-q", "--kubeconfig", world.kubeconfig, "-o", f"snapshot={folder / 'live.zip'}", *servers(world))


def servers(world: Outside) -> tuple[str, ...]:
    return ("--weaviate-url", world.weaviate.url, "--prometheus-url", world.prometheus.url)


def _assess_live(world: Outside, folder: Path) -> None:
    cli("assess", "-q", "--kubeconfig", world.kubeconfig, *servers(world))


def _doctor(world: Outside, folder: Path) -> None:
    CliRunner().invoke(main, ["doctor", "--reach", "--kubeconfig", str(world.kubeconfig)])


def _permissions(world: Outside, folder: Path) -> None:
    with connect(str(world.kubeconfig)) as connection:
        permissions(connection, READS)
        permissions(connection, READS, ["search"])


def _collect_in_python(world: Outside, folder: Path) -> None:
    with connect(str(world.kubeconfig)) as connection:
        found = collect_all(connection, READS, Sources(world.weaviate.url, world.prometheus.url), Settings())
        collect(connection, READS, namespaces=["search"])
    with_prometheus(with_weaviate(found, world.weaviate.url), world.prometheus.url)


def _kit(world: Outside, folder: Path) -> Kit:
    kit = Kit(Folder(folder / "home"))
    kit.write_settings(cluster={"weaviate_url": world.weaviate.url, "prometheus_url": world.prometheus.url})
    return kit


def _notebook(world: Outside, folder: Path) -> None:
    kit = _kit(world, folder)
    panel = kit.connect(kubeconfig=str(world.kubeconfig))
    panel.start()
    assert panel.wait(60)
    kit.collect(kubeconfig=str(world.kubeconfig))


def _test_button(world: Outside, folder: Path) -> None:
    """The button that tests the connection to each server."""
    panel = _kit(world, folder).connect(kubeconfig=str(world.kubeconfig))
    panel.test()
    assert panel.wait(60)
    assert {line.partition(" ")[0] for line in world.asked} == {"kubernetes", "weaviate", "prometheus"}


def _namespace_only(world: Outside, folder: Path) -> None:
    where = ("--kubeconfig", world.kubeconfig, "-n", "search", *servers(world))
    cli("collect", "-q", "-o", f"snapshot={folder / 'narrow.zip'}", *where)
    cli("assess", "-q", "--live", *where)


def _extended(world: Outside, folder: Path) -> None:
    Folder(folder / "home").write_settings(profile="extended")
    cli("assess", "-q", "--live", "--kubeconfig", world.kubeconfig, *servers(world))


ENTRIES: list[Callable[[Outside, Path], None]] = [
    _collect,
    _assess_live,
    _doctor,
    _permissions,
    _collect_in_python,
    _notebook,
    _test_button,
    _namespace_only,
    _extended,
]
CONNECTING = {"collect", "assess", "doctor"}
"""The commands that may open a connection."""


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__.strip("_"))
def test_every_entry_point_only_reads(world: Outside, tmp_path: Path, entry: Callable[[Outside, Path], None]) -> None:
    entry(world, tmp_path)
    assert world.asked
    strange = [line for line in world.asked if not any(allowed.fullmatch(line) for allowed in ALLOWED)]
    assert strange == []
    assert not [line for line in world.asked if re.search(r"/secrets(/|$)|/(exec|attach|portforward|proxy)(/|$)", line)]


def test_the_call_log_of_the_snapshot_says_all_that_was_asked(world: Outside, tmp_path: Path) -> None:
    _collect(world, tmp_path)
    calls = load(tmp_path / "live.zip").calls
    logged = Counter(f"{call.source} {call.method} {call.path.partition('?')[0]}" for call in calls)
    assert logged == Counter(world.asked)


OFFLINE = [
    ["assess"],
    ["assess", "SNAPSHOT"],
    ["report", "-o", "json"],
    ["report", "-o", "html=r.html"],
    ["milestone", "kick-off"],
    ["compare", "SNAPSHOT", "-o", "json"],
    ["fleet", "HOME", "-o", "html=fleet.html"],
    ["answers", "export"],
    ["waive"],
    ["rbac"],
    ["rbac", "-n", "db"],
    ["checklist", "--evidence"],
    ["explain", "Q15"],
    ["fix", "--prove"],
    ["advisories", "--for", "1.38.2", "--to", "1.40.2"],
    ["collect", "--script"],
    ["collect", "--prometheus-dry-run"],
    ["doctor"],
    ["demo", "-d", "demo"],
    ["lab", "-d", "lab", "--prepare-only"],
    ["clean", "-y"],
]
SERVING = {"app", "serve"}
"""Only listen, on loopback: tests/serve and tests/notebook/test_launcher.py are about them."""


def test_every_command_is_looked_at() -> None:
    assert {words[0] for words in OFFLINE} | CONNECTING | SERVING == set(main.commands)


@pytest.mark.parametrize("words", OFFLINE, ids=" ".join)
def test_what_needs_no_server_opens_no_socket(
    world: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("KUBECONFIG", str(world.kubeconfig))
    Folder(home).write_settings(cluster={"weaviate_url": world.weaviate.url, "prometheus_url": world.prometheus.url})
    monkeypatch.chdir(tmp_path)
    given = {"SNAPSHOT": str(next((home / "snapshots").glob("*.zip"))), "HOME": str(home)}

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    done = CliRunner().invoke(main, [given.get(word, word) for word in words])
    assert not isinstance(done.exception, AssertionError) and done.exit_code in (0, 1, 3, 7), done.output
    assert world.asked == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "get"])
@pytest.mark.parametrize("source", ["kubernetes", "weaviate", "prometheus"])
def test_another_method_raises_before_a_socket_opens(
    world: Outside, monkeypatch: pytest.MonkeyPatch, method: str, source: str
) -> None:
    from readiness_kit.collect.http import guards

    checks = {
        "kubernetes": guards.check_kubernetes,
        "weaviate": guards.check_weaviate,
        "prometheus": guards.check_prometheus,
    }

    class Pool:
        def request(self, *_: object, **__: object) -> None:
            raise AssertionError("a request was sent")

    transport = Transport(source, "http://127.0.0.1:9", Pool(), checks[source], dict)
    for path in ("/api/v1/namespaces/a/pods", "/v1/schema", "/api/v1/admin/tsdb/delete_series", "/api/v1/secrets"):
        with pytest.raises(ForbiddenRequestError):
            transport._send(method, path, {}, b"{}")
    assert transport.calls == ()


def test_one_place_opens_connections() -> None:
    """Nothing in the package but these modules names a library that opens sockets."""
    package = Path(evidence.__file__).parents[1]
    opens = re.compile(
        r"^\s*(?:import|from)\s+(?:urllib3|requests|http\.client|socket|urllib\.request|httpx|aiohttp)\b", re.M
    )
    found = {
        file.relative_to(package).as_posix() for file in package.rglob("*.py") if opens.search(file.read_text("utf-8"))
    }
    assert found <= {
        "collect/http/deadline.py",
        "collect/http/transport.py",
        "collect/http/pools.py",
        "notebook/launcher.py",
    }
